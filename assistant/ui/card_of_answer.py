"""Cards of what is on the screen: an answer, the wrong answers of a quiz, an open point. All but the last wait among the new ones."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.answers.conversations import SavedTurn
from assistant.errors import AssistantError
from assistant.study.card import NewCard
from assistant.study.flashcards import from_answer
from assistant.ui import panels
from assistant.ui.session import add_notice, assistant, recall, remember, say

_OPEN = "card being written"


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


def write_button(name: str) -> None:
    """Open the form of a card that the learner finishes, or close it."""
    st.button(say("turn.card"), key=f"card-{name}", icon="🗃️", on_click=_toggle, args=(name,))


def draw_writing(card: NewCard, name: str) -> None:
    """Draw the form where it was opened; what is saved was read by the learner and goes straight into the deck."""
    if recall(_OPEN) != name:
        return
    with st.form(f"card-form-{name}"):
        front = st.text_area(say("cards.front"), card.front, key=f"card-front-{name}")
        back = st.text_area(say("cards.back"), card.back, key=f"card-back-{name}")
        saved = st.form_submit_button(say("cards.add"), type="primary")
    if not saved:
        return
    try:
        assistant().cards.add(NewCard(front.strip(), back.strip(), card.origin, card.source))
    except AssistantError as error:
        panels.show_error(error)
        return
    remember(_OPEN, None)
    add_notice("success", say("cards.added"))
    st.rerun()


def _toggle(name: str) -> None:
    remember(_OPEN, None if recall(_OPEN) == name else name)


def _make(turn: SavedTurn) -> None:
    made = assistant().cards.propose([from_answer(turn.question, turn.answer, turn.record)])
    add_notice("success" if made.ids else "info", say("turn.card_made" if made.ids else "turn.card_known"))
