"""Below an answer: make a card of it, which then waits among the new ones."""

from __future__ import annotations

import streamlit as st

from assistant.answers.conversations import SavedTurn
from assistant.study.flashcards import from_answer
from assistant.ui.session import add_notice, assistant, say


def card_button(turn: SavedTurn) -> None:
    """Draw the button; the question becomes the front, the answer the back, the first cited passage the source."""
    st.button(say("turn.card"), key=f"card-{turn.id}", type="tertiary", icon="🗃️", on_click=_make, args=(turn,))


def _make(turn: SavedTurn) -> None:
    made = assistant().cards.propose([from_answer(turn.question, turn.answer, turn.record)])
    add_notice("success" if made.ids else "info", say("turn.card_made" if made.ids else "turn.card_known"))
