"""Makes the markers of citations clickable: [2] in an answer tells Python that the passage is wanted, in the same tab.

The script beside this file listens in the page; nothing of a note or an answer ever becomes part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_ANSWER_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_MARKER = re.compile(r"(?P<answer>[A-Za-z0-9_-]{1,80})-(?P<number>\d{1,3})")


def citation_anchors(answer_id: str, numbers: Collection[int]) -> Callable[[int], str | None]:
    """Return the ``citations`` of ``safe_markdown`` for one answer: only these numbers become links."""
    if not _ANSWER_ID.fullmatch(answer_id):
        raise ValueError(f"an answer id may hold letters, digits, - and _ only: {answer_id!r}")
    known = frozenset(numbers)
    return lambda number: f"#cite-{answer_id}-{number}" if number in known else None


def citation_clicks(*, key: str = "citation_clicks") -> tuple[str, int] | None:
    """Return (answer id, number) in the one run that follows a click on a marker, and None in every other.

    Call it once per page, outside fragments and before what the click should change.
    """
    clicked = _component()(key=key, data={"listen": True}, height=1, on_clicked_change=_ignore).clicked
    marker = _MARKER.fullmatch(clicked) if isinstance(clicked, str) else None
    return (marker["answer"], int(marker["number"])) if marker else None


def scroll_into_view(element_key: str, occasion: str, *, key: str = "scroll_into_view") -> None:
    """Scroll the container with this ``key`` into sight, once per ``occasion`` (any text that changes each time)."""
    data = {"scroll_to": f"st-key-{element_key}", "occasion": occasion}
    _component()(key=key, data=data, height=1, on_clicked_change=_ignore)


def _ignore() -> None:
    """Stand in for a callback: Streamlit reports a trigger only to a component that has one."""


@cache
def _component() -> ComponentRenderer:
    import streamlit as st

    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("study_assistant.citation_links", js=script)
