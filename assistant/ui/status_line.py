"""The line above an answer: what was found, how large the prompt is, whether it is answered yet; folded when it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from assistant.answers.export import was_sent
from assistant.ui.money_text import grouped
from assistant.ui.render import plain
from assistant.ui.session import say


def steps_of(record: Mapping[str, Any]) -> list[str]:
    """Say what was done for an answer so far: searched, fitted, and with which model it is answered."""
    found = record.get("matches") or record.get("nearest") or []
    notes = len({match["note"] for match in found})
    seconds = record.get("search_seconds")
    took = "" if seconds is None else f" · {1_000 * seconds:.0f} ms"
    weak = not record.get("relevant")
    if not found:
        steps = [say("status.found_none") + took]
    else:
        steps = [say("status.found_weak" if weak else "status.found", chunks=len(found), notes=notes) + took]
    preview = record.get("preview") or {}
    if not preview or not was_sent(record):
        return steps
    fit = say("status.prompt", tokens=grouped(preview["prompt_tokens"]))
    if preview.get("parts", {}).get("pictures", 0) is None:
        fit += say("status.and_pictures")
    if record.get("left_out"):
        fit += " · " + say("status.left_out", turns=record["left_out"])
    model = plain(f"{preview['provider']} / {preview['model']}")
    return [*steps, fit, say("status.model", model=model)]


def draw_status(record: Mapping[str, Any], *, running: bool) -> None:
    """Draw the line, open while the answer runs and folded behind its sum afterwards."""
    steps = steps_of(record)
    label = " → ".join([*steps[:2], say("status.answering") if running else say("status.answered")])
    # A finished line is a plain fold: st.status sleeps 50 ms each time it is drawn, and a conversation has many.
    with st.status(label, expanded=True) if running else st.expander(label, icon=":material/check:"):
        for step in steps:
            st.caption(f"- {step}")
        scope = record.get("scope") or {}
        if scope.get("notes") is not None:
            st.caption("- " + say("status.scope", notes=scope["notes"]))
        if scope.get("pinned"):
            st.caption("- " + say("status.pinned", names=plain("、".join(scope["pinned"]))))
