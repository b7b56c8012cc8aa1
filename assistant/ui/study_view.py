"""What the study pages share: cited text whose passages open beside the page, a question for the chat, the price of a call."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from assistant.answers.citations import Citation
from assistant.errors import NotFound
from assistant.knowledge.kinds import document_kind
from assistant.money.budget import exceeded
from assistant.money.cost import Forecast
from assistant.ui import panels
from assistant.ui.citation_links import Remark, citation_anchors, citation_clicks
from assistant.ui.composer import Asked
from assistant.ui.money_text import standing_words
from assistant.ui.note_text import place_in
from assistant.ui.passage_panel import draw_passage
from assistant.ui.render import draw, plain, visible
from assistant.ui.session import (
    OpenPassage,
    assistant,
    language,
    open_conversation,
    open_passage,
    recall,
    remember,
    say,
    show_passage,
)

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_SHOWN_QUOTES = 3


def beside_passage() -> DeltaGenerator:
    """Draw the open passage at the side, if there is one, and return where the page itself goes."""
    passage = open_passage()
    if passage is None:
        return st.container()
    centre, side = st.columns([4, 3], gap="medium")
    with side.container(border=True, key="evidence"), panels.errors():
        draw_passage(passage)
    return centre


def draw_cited(text: str, citations: Iterable[Citation], name: str) -> None:
    """Draw a text whose markers are links; ``name`` tells it from the others of the page."""
    draw(text, citations=citation_anchors(name, {one.marker for one in citations}), language=language())


def follow_markers(cited: Mapping[str, Iterable[Citation]]) -> None:
    """Let the markers of all cited texts of a page, by their names, show their quotation and open their passage.

    Call it once, when they are drawn.
    """
    remarks: dict[str, Remark] = {}
    places: dict[str, Citation] = {}
    for name, citations in cited.items():
        for one in citations:
            marker = f"{name}-{one.marker}"
            places[marker] = one
            remark = remarks.setdefault(marker, {"where": _place(one), "said": [], "together": []})
            remark["said"].append(say("sources.quote", words=visible(one.quote)))
    for remark in remarks.values():
        remark["together"] = list(dict.fromkeys(remark["said"]))[:_SHOWN_QUOTES]
    click = citation_clicks(remarks, key="study-markers")
    chosen = places.get(f"{click.answer}-{click.number}") if click else None
    if chosen is not None:
        open_lines(chosen.note, chosen.lines, chosen.heading)


def source_chips(citations: Iterable[Citation], *, key: str) -> None:
    """Draw a chip for each cited passage in the order of their numbers; a click opens it."""
    with st.container(horizontal=True, key=f"sources-{key}"):
        for marker, one in sorted({one.marker: one for one in citations}.items()):
            passage_link(one.note, one.lines, key=f"{key}-{marker}", heading=one.heading, marker=marker)


def passage_link(
    note: str, lines: tuple[int, int], *, key: str, heading: tuple[str, ...] = (), marker: int | None = None
) -> None:
    """Offer a click to the lines of a note that something comes from; with a marker as a chip that bears it."""
    where = _where(note, lines)
    place = plain(f"{note}{where}")
    chip = f"[{marker}] {plain((heading[-1] if heading else note) + where)}"
    if st.button(
        place if marker is None else chip,
        key=key,
        icon="📄" if marker is None else None,
        type="tertiary" if marker is None else "secondary",
    ):
        open_lines(note, lines, heading)


def open_lines(note: str, lines: tuple[int, int], heading: tuple[str, ...] = ()) -> None:
    """Open these lines beside the page, or say that their note is gone."""
    try:
        show_passage(passage_at(note, lines, heading))
    except NotFound as error:
        panels.show_error(error)
    else:
        st.rerun()


def passage_at(note: str, lines: tuple[int, int], heading: tuple[str, ...] = ()) -> OpenPassage:
    """Return these lines of a note as they were read last, with the page that they stand on where it has pages."""
    *_, text, page_starts = assistant().store.note_text(note)
    first, last, start, said = _stretch(text, lines)
    title, kind = next(
        ((one.title, one.kind) for one in assistant().store.notes() if one.place.path == note), (note, "")
    )
    page = bisect_right(page_starts, start) if page_starts else None
    return OpenPassage(note, title, heading, page, (first, last), (start, start + len(said)), said, kind)


def _stretch(text: str, lines: tuple[int, int]) -> tuple[int, int, int, str]:
    """Return first and last line of those that exist, where they begin, and their words."""
    rows = text.split("\n")
    first, last = max(1, lines[0]), min(len(rows), lines[1])
    return first, last, sum(len(row) + 1 for row in rows[: first - 1]), "\n".join(rows[first - 1 : last])


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


def _place(one: Citation) -> str:
    place = " › ".join([one.note, *one.heading[-1:]])
    return say("sources.marker", number=one.marker, place=visible(place))


def _where(note: str, lines: tuple[int, int]) -> str:
    """Say after a note's name where in it; lines of a PDF or a presentation mean nothing to a reader, its pages do."""
    kind = "pdf" if note.casefold().endswith(".pdf") else document_kind(note) or ""
    page = None
    if kind:
        with suppress(NotFound):
            *_, text, page_starts = assistant().store.note_text(note)
            page = bisect_right(page_starts, _stretch(text, lines)[2]) if page_starts else None
    where = place_in(kind, page, lines)
    return f" · {where}" if where else ""
