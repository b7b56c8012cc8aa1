"""A button that saves a drawing of ours as a PNG: the browser draws it, which has the fonts for Chinese that Python lacks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.ui.session import say

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


def picture_button(svg: str, name: str, *, key: str) -> None:
    """Draw the button; the drawing stays data until it is a picture, in which nothing can run."""
    data = {"svg": svg, "name": name, "label": f"⬇️ {say('study.export_png')}", "failed": f"⚠️ {say('study.no_png')}"}
    _component()(key=key, data=data, width="content")


@cache
def _component() -> ComponentRenderer:
    import streamlit as st

    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("study_assistant.picture_button", js=script)
