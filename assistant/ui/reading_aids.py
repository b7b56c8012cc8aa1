"""What a page owes to screen readers and the keyboard: its language, a way to what scrolls, which link is the open page's.

Streamlit does not give it: the script beside this file does, in the browser. Nothing of a note or an answer ever becomes part of it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import Language

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}


def reading_aids(language: Language) -> None:
    """Name the language of the page and its links, and let Tab reach wide code, tables and formulas; call it once per page."""
    _component()(key="reading_aids", data={"language": _TAGS[language]}, height=1)


@cache
def _component() -> ComponentRenderer:
    import streamlit as st

    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("study_assistant.reading_aids", js=script)
