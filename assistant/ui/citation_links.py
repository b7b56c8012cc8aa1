"""Makes the markers of citations answer: [2] under the pointer shows its quotation, a click opens its passage.

The script beside this file works in the page. What it shows of notes reaches it as data and is set as text, never as
markup; what it marks is coloured by the browser without changing the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_ANSWER_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_MARKER = re.compile(r"(?P<answer>[A-Za-z0-9_-]{1,80})-(?P<number>\d{1,3})(?:\.(?P<occurrence>\d{1,3}))?")
_LINK = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)|\[(?P<label>[^\]\n]*)\]\([^)\n]*\)")


class Remark(TypedDict):
    """What a marker says: where its passage stands, the words for each time it is set, and those for all together."""

    where: str
    said: list[str]
    together: list[str]


@dataclass(frozen=True, slots=True)
class MarkerClick:
    """Marker ``number`` of an answer was clicked; ``occurrence`` counts from 0 where it is known which of several."""

    answer: str
    number: int
    occurrence: int | None


def citation_anchors(answer_id: str, numbers: Collection[int]) -> Callable[[int], str | None]:
    """Return the ``citations`` of ``safe_markdown`` for one answer: only these numbers become links."""
    if not _ANSWER_ID.fullmatch(answer_id):
        raise ValueError(f"an answer id may hold letters, digits, - and _ only: {answer_id!r}")
    known = frozenset(numbers)
    return lambda number: f"#cite-{answer_id}-{number}" if number in known else None


def citation_clicks(remarks: Mapping[str, Remark] | None = None, *, key: str = "citation_clicks") -> MarkerClick | None:
    """Return the click on a marker in the one run that follows it, and None in every other.

    ``remarks`` goes by answer id and number, as in ``7-2``. Call it once per page, outside fragments and before what
    the click should change.
    """
    data = {"listen": True, "remarks": dict(remarks or {})}
    clicked = _component()(key=key, data=data, height=1, on_clicked_change=_ignore).clicked
    marker = _MARKER.fullmatch(clicked) if isinstance(clicked, str) else None
    if marker is None:
        return None
    occurrence = marker["occurrence"]
    return MarkerClick(marker["answer"], int(marker["number"]), None if occurrence is None else int(occurrence))


def scroll_into_view(element_key: str, occasion: str, *, key: str = "scroll_into_view") -> None:
    """Scroll the container with this ``key`` into sight, once per ``occasion`` (any text that changes each time)."""
    data = {"scroll_to": f"st-key-{element_key}", "occasion": occasion}
    _component()(key=key, data=data, height=1, on_clicked_change=_ignore)


def mark_quotes(element_key: str, quotes: Sequence[str], *, key: str = "mark_quotes") -> None:
    """Colour these stretches of a note's text strongly in the container with this ``key``, as long as it is drawn."""
    shown = [_LINK.sub(lambda link: link["label"] or "", quote) for quote in quotes]
    data = {"mark_in": f"st-key-{element_key}", "quotes": shown}
    _component()(key=key, data=data, height=1, on_clicked_change=_ignore)


def _ignore() -> None:
    """Stand in for a callback: Streamlit reports a trigger only to a component that has one."""


@cache
def _component() -> ComponentRenderer:
    import streamlit as st

    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("study_assistant.citation_links", js=script)
