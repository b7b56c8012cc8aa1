"""复习: one card, the passage beside it when it is asked for; what to do when nothing is left."""

import streamlit as st

from assistant.ui import panels
from assistant.ui.passage_panel import draw_passage
from assistant.ui.review_keys import review_keys
from assistant.ui.review_view import draw_review, undo_button
from assistant.ui.session import assistant, now, open_passage, say


def nothing_left() -> None:
    """Say that it is done for now, or that there are no cards yet, and where to go on."""
    deck = assistant().cards.find(limit=1)[1]
    if deck:
        st.success(say("review.done"), icon="🎉")
    else:
        st.info(say("review.none"), icon="🌱")
    undo_button()
    waiting = assistant().cards.waiting()
    if waiting:
        st.caption(say("review.proposed", count=waiting))
    st.page_link("assistant/ui/pages/cards.py", label=say("review.to_cards"), icon="🗃️")


with panels.errors():
    st.header(say("app.review"))
    panels.notices()
    assistant().refresh_cards()
    review_keys()
    card = assistant().reviews.next(now())
    passage = open_passage()
    centre, side = st.columns([4, 3], gap="medium") if passage else (st.container(), None)
    with centre:
        if card:
            draw_review(card, assistant().reviews.due(now()))
        else:
            nothing_left()
    if passage and side:
        with side.container(border=True, key="evidence"):
            draw_passage(passage)
