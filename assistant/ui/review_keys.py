"""The keys of the review page: space turns the card, 1 to 4 grade it, U takes the latest grade back.

The script beside this file listens in the page; it tells Python nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


def review_keys() -> None:
    """Listen to the keys of the review page; once per page."""
    _component()(key="review_keys", height=1)


@cache
def _component() -> ComponentRenderer:
    import streamlit as st

    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("study_assistant.review_keys", js=script)
