"""Where cards come from: the notes, a form, a file. Each way ends in the list of new cards."""

from __future__ import annotations

import streamlit as st

from assistant.errors import AssistantError
from assistant.study.flashcards import by_hand, from_notes
from assistant.ui import panels
from assistant.ui.card_files import draw_files, report
from assistant.ui.card_model import draw_by_model, draw_job
from assistant.ui.render import visible
from assistant.ui.session import add_notice, assistant, recall, remember, say


def draw_make() -> None:
    """Draw the ways to new cards: at once from all notes, or as the learner chooses."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            say("cards.notes"), _paths(), key="card-notes", placeholder=say("cards.all_notes"), format_func=visible
        )
        if st.button(say("cards.find"), key="cards-find", type="primary", icon="✨", help=say("cards.find_help")):
            report(assistant().cards.propose(from_notes(assistant().store, chosen or None)))
            st.rerun()
    with st.container():  # there always, or what comes and goes in it would close the folded parts below
        draw_job()
    with st.expander(say("cards.by_model"), icon="🤖"):
        draw_by_model(chosen)
    with st.expander(say("cards.by_hand"), icon="✍️"):
        _by_hand()
    with st.expander(say("cards.files"), icon="📦"):
        draw_files()


def _paths() -> list[str]:
    return [note.place.path for note in assistant().store.notes() if note.error is None]


def _by_hand() -> None:
    """Take a card that the learner writes straight into the deck; what hides words makes one for each."""
    turn = recall("cards written") or 0
    with st.form(f"by-hand-{turn}", border=False):
        front = st.text_area(say("cards.front"), key=f"hand-front-{turn}", help=say("cards.cloze_help"))
        back = st.text_area(say("cards.back"), key=f"hand-back-{turn}")
        saved = st.form_submit_button(say("cards.add"), type="primary")
    if not saved:
        return
    try:
        for card in by_hand(front, back):
            assistant().cards.add(card)
    except AssistantError as error:
        panels.show_error(error)
        return
    remember("cards written", turn + 1)
    add_notice("success", say("cards.added"))
    st.rerun()
