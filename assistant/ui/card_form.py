"""The form of a card, two fields saved together: one of the deck is edited, an offered one is finished and taken into it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from assistant.errors import AssistantError
from assistant.study.card import Card, NewCard
from assistant.ui import panels
from assistant.ui.session import add_notice, assistant, recall, remember, say

_OPEN = "card form"  # the one that is open: an id, or a name for a card that has none yet


def edit_button(card: Card, key: str) -> None:
    """Open the form of a card, or close it."""
    st.button(say("cards.edit"), key=f"edit-{key}", icon="✏️", type="tertiary", on_click=_toggle, args=(card.id,))


def draw_form(card: Card, key: str) -> None:
    """Draw the form where it was opened; what is of no use says why and stays."""

    def save(front: str, back: str) -> None:
        assistant().cards.edit(card.id, front, back, was=card)

    if recall(_OPEN) == card.id and _saved(card, key, say("cards.save"), save):
        st.rerun()


def write_button(name: str) -> None:
    """Open the form of a card that the learner finishes, or close it."""
    st.button(say("turn.card"), key=f"card-{name}", icon="🗃️", on_click=_toggle, args=(name,))


def draw_writing(card: NewCard, name: str) -> None:
    """Draw the form where it was opened; what is saved was read by the learner and goes straight into the deck."""

    def save(front: str, back: str) -> None:
        assistant().cards.add(NewCard(front, back, card.origin, card.source))

    if recall(_OPEN) == name and _saved(card, f"card-{name}", say("cards.add"), save):
        add_notice("success", say("cards.added"))
        st.rerun()


def _saved(card: Card | NewCard, key: str, label: str, save: Callable[[str, str], None]) -> bool:
    """Draw the fields; return whether they were saved just now, which closes the form."""
    with st.form(f"form-{key}"):
        front = st.text_area(say("cards.front"), card.front, key=f"front-{key}")
        back = st.text_area(say("cards.back"), card.back, key=f"back-{key}")
        pressed = st.form_submit_button(label, type="primary")
    if not pressed:
        return False
    try:
        save(front, back)
    except AssistantError as error:
        panels.show_error(error)
        return False
    remember(_OPEN, None)
    return True


def _toggle(form: int | str) -> None:
    remember(_OPEN, None if recall(_OPEN) == form else form)
