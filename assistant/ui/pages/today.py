"""今天: what to do next."""

import streamlit as st

from assistant.study.schedule import study_day
from assistant.ui import panels
from assistant.ui.session import assistant, now, say
from assistant.ui.study_view import beside_passage
from assistant.ui.today_view import SECTIONS

with panels.errors(), beside_passage():
    st.header(say("app.today"))
    panels.notices()
    assistant().refresh_cards()
    today = study_day(now(), assistant().reviews.day_starts)
    drawn = [draw(today) for draw in SECTIONS]
    if not any(drawn):
        st.info(say("study.today_nothing"), icon="🎉")
