"""卡片: where cards come from, the new ones to look over, the deck."""

import streamlit as st

from assistant.ui import panels
from assistant.ui.card_files import draw_options
from assistant.ui.card_list import draw_deck, draw_new
from assistant.ui.card_make import draw_make
from assistant.ui.passage_panel import draw_passage
from assistant.ui.session import assistant, open_passage, say

with panels.errors():
    st.header(say("app.cards"))
    panels.notices()
    assistant().refresh_cards()
    passage = open_passage()
    centre, side = st.columns([4, 3], gap="medium") if passage else (st.container(), None)
    with centre:
        draw_make()
        draw_new()
        draw_deck()
        draw_options()
    if passage and side:
        with side.container(border=True, key="evidence"):
            draw_passage(passage)
