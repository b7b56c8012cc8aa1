"""What the study pages share: a passage opened beside the page, a question handed over to the chat, the price before a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from assistant.errors import NotFound
from assistant.money.budget import exceeded
from assistant.money.cost import Forecast
from assistant.ui import panels
from assistant.ui.composer import Asked
from assistant.ui.money_text import standing_words
from assistant.ui.passage_panel import draw_passage
from assistant.ui.render import plain
from assistant.ui.session import (
    OpenPassage,
    assistant,
    open_conversation,
    open_passage,
    recall,
    remember,
    say,
    show_passage,
)

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def beside_passage() -> DeltaGenerator:
    """Draw the open passage at the side, if there is one, and return where the page itself goes."""
    passage = open_passage()
    if passage is None:
        return st.container()
    centre, side = st.columns([4, 3], gap="medium")
    with side.container(border=True, key="evidence"), panels.errors():
        draw_passage(passage)
    return centre


def passage_link(note: str, lines: tuple[int, int], *, key: str, heading: tuple[str, ...] = ()) -> None:
    """Offer a click to the lines of a note that something comes from."""
    if st.button(plain(f"{note} · {_lines(lines)}"), key=key, icon="📄", type="tertiary"):
        try:
            show_passage(passage_at(note, lines, heading))
        except NotFound as error:
            panels.show_error(error)
        else:
            st.rerun()


def passage_at(note: str, lines: tuple[int, int], heading: tuple[str, ...] = ()) -> OpenPassage:
    """Return these lines of a note as they were read last."""
    *_, text, _ = assistant().store.note_text(note)
    rows = text.split("\n")
    first, last = max(1, lines[0]), min(len(rows), lines[1])
    start = sum(len(row) + 1 for row in rows[: first - 1])
    said = "\n".join(rows[first - 1 : last])
    title = next((one.title for one in assistant().store.notes() if one.place.path == note), note)
    return OpenPassage(note, title, heading, None, (first, last), (start, start + len(said)), said)


def ask_in_chat(question: str) -> None:
    """Go to the chat, where a new conversation begins with this question."""
    remember("handed over", question)
    open_conversation(None)
    st.switch_page("assistant/ui/pages/chat.py")


def handed_over() -> Asked | None:
    """Return the question that another page has sent the learner here with, once."""
    question = recall("handed over")
    remember("handed over", None)
    return Asked(question) if question else None


def warn_of_budgets(cost: Forecast | None) -> None:
    """Say which budgets a cost may break."""
    for standing in exceeded(assistant().budgets, cost):
        st.warning(
            say("draft.budget_gone" if standing.gone else "draft.over_budget", **standing_words(standing)), icon="💰"
        )


def _lines(lines: tuple[int, int]) -> str:
    first, last = lines
    return say("passage.line", first=first) if first == last else say("passage.lines", first=first, last=last)
