"""Editing a card where it stands: two fields, saved together."""

from __future__ import annotations

import streamlit as st

from assistant.errors import AssistantError
from assistant.study.card import Card
from assistant.ui import panels
from assistant.ui.session import assistant, recall, remember, say

_OPEN = "card being edited"


def edit_button(card: Card, key: str) -> None:
    """Open the form of a card, or close it."""
    st.button(say("cards.edit"), key=f"edit-{key}", icon="✏️", type="tertiary", on_click=_toggle, args=(card.id,))


def draw_form(card: Card, key: str) -> None:
    """Draw the form where it was opened; what is of no use says why and stays."""
    if recall(_OPEN) != card.id:
        return
    with st.form(f"form-{key}"):
        front = st.text_area(say("cards.front"), card.front, key=f"front-{key}")
        back = st.text_area(say("cards.back"), card.back, key=f"back-{key}")
        saved = st.form_submit_button(say("cards.save"), type="primary")
    if not saved:
        return
    try:
        assistant().cards.edit(card.id, front, back, was=card)
    except AssistantError as error:
        panels.show_error(error)
        return
    remember(_OPEN, None)
    st.rerun()


def _toggle(id_: int) -> None:
    remember(_OPEN, None if recall(_OPEN) == id_ else id_)
