"""Says what the check of an answer came to: one quiet line, the doubtful places, and what a note really says.

Reads the turn's record; knows nothing of how an answer is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from assistant.ui.remarks import Remark, end_of_words
from assistant.ui.render import plain
from assistant.ui.session import say

_MOST = 5


def remarks_of(answer: str, record: Mapping[str, Any]) -> dict[int, Remark]:
    """Return where in an answer a mark belongs; the missing source tells more than a doubt at the same place."""
    checked = record.get("verification") or {}
    doubted: dict[int, Remark] = {_place(answer, one): "doubted" for one in checked.get("suspicious", [])}
    return doubted | {_place(answer, one): "unsourced" for one in checked.get("unsupported", [])}


def _place(answer: str, one: Mapping[str, Any]) -> int:
    return end_of_words(answer, *one["chars"])


def verdict_line(record: Mapping[str, Any]) -> str:
    """Say in one line how many statements have a source and how many quotations are true; '' where nothing was checked."""
    checked = record.get("verification") or {}
    if not checked.get("statements"):
        return ""
    said = [say("chat.statements", count=checked["statements"], sourced=checked["with_source"])]
    if checked["quotes"]:
        said.append(say("chat.quotes", verified=checked["quotes_verified"], count=checked["quotes"]))
    if checked["unsupported"]:
        said.append(say("chat.unsourced"))
    if checked["suspicious"]:
        said.append(say("chat.doubted"))
    return " · ".join(said)


def draw_doubts(record: Mapping[str, Any]) -> None:
    """Show each altered quotation beside the note's own words, and why a statement should be looked at."""
    checked = record.get("verification") or {}
    lines = [_quote(kind, one) for kind in ("altered", "elsewhere", "missing") for one in checked.get(kind, [])]
    lines += [_doubt(one) for one in checked.get("suspicious", [])]
    if lines:
        st.caption("\n".join(f"- {line}" for line in lines[:_MOST]))


def _quote(kind: str, one: Mapping[str, Any]) -> str:
    return say(
        f"chat.quote_{kind}", quote=plain(one["quote"]), says=plain(one["note_says"]), marker=one["marker"] or "?"
    )


def _doubt(one: Mapping[str, Any]) -> str:
    markers = "".join(f"\\[{int(number)}\\]" for number in one["markers"])
    return say(f"chat.doubt_{one['reason']}", text=plain(one["text"]), detail=plain(one["detail"]), markers=markers)
