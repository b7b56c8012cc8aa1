"""A button that copies a text by itself, without asking the server: what is copied is data and never markup."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.ui.session import say

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


def copy_button(text: str, *, key: str) -> None:
    """Draw the button; it says for a moment whether copying worked."""
    data = {
        "text": text,
        "label": f"📋 {say('turn.copy')}",
        "done": f"✅ {say('turn.copied')}",
        "failed": f"⚠️ {say('turn.not_copied')}",
    }
    _component()(key=key, data=data, width="content")


@cache
def _component() -> ComponentRenderer:
    import streamlit as st

    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("study_assistant.copy_button", js=script)
