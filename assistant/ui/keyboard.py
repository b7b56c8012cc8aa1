"""The keys of the chat page: / for the question, Esc to stop, no sending while a Chinese word is being chosen.

The script beside this file listens in the page; it tells Python nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


def chat_keys() -> None:
    """Listen to the keys of the chat; once per page."""
    _component()(key="chat_keys", height=1)


@cache
def _component() -> ComponentRenderer:
    import streamlit as st

    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("study_assistant.chat_keys", js=script)
