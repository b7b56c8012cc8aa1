"""Cards of what is on the screen: an answer, the wrong answers of a quiz. They wait among the new ones."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.answers.conversations import SavedTurn
from assistant.study.card import NewCard
from assistant.study.flashcards import from_answer
from assistant.ui.session import add_notice, assistant, recall, remember, say


def card_button(turn: SavedTurn) -> None:
    """Draw the button; the question becomes the front, the answer the back, the first cited passage the source."""
    st.button(say("turn.card"), key=f"card-{turn.id}", type="tertiary", icon="🗃️", on_click=_make, args=(turn,))


def cards_button(cards: Sequence[NewCard], label: str, key: str) -> None:
    """Offer cards that are made already; once they are proposed, the way to them."""
    if recall(key) == (sides := [card.front for card in cards]):
        st.page_link("assistant/ui/pages/cards.py", label=say("review.to_cards"), icon="🗃️")
    elif st.button(label, key=key, icon="🗃️"):
        proposed = assistant().cards.propose(cards)
        found = say("cards.found", count=len(proposed.ids), known=proposed.known)
        add_notice("success" if proposed.ids else "info", found)
        remember(key, sides)
        st.rerun()


def _make(turn: SavedTurn) -> None:
    made = assistant().cards.propose([from_answer(turn.question, turn.answer, turn.record)])
    add_notice("success" if made.ids else "info", say("turn.card_made" if made.ids else "turn.card_known"))
