"""今天: what to do next."""

from datetime import datetime

import streamlit as st

from assistant.ui import panels
from assistant.ui.session import say
from assistant.ui.study_view import beside_passage
from assistant.ui.today_view import SECTIONS

with panels.errors(), beside_passage():
    st.header(say("app.today"))
    today = datetime.now().astimezone().date()
    drawn = [draw(today) for draw in SECTIONS]
    if not any(drawn):
        st.info(say("study.today_nothing"), icon="🎉")
