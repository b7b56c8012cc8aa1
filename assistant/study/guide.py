"""Writes a planned study guide or summary part by part, resumably: nothing that is finished is paid for again.

Without a model the parts are extracts, word for word. Knows no screen and no vendor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from assistant.answers.booking import answered
from assistant.answers.citations import MARKER, Citation, cite, in_prose
from assistant.answers.draft import Draft
from assistant.errors import Language
from assistant.money.cost import NOTHING_PAID, Paid
from assistant.money.ledger import Ledger
from assistant.money.metering import together
from assistant.study.guide_parts import GuideParts
from assistant.study.guide_plan import Plan
from assistant.study.guide_words import Form

PURPOSE = "guide"
_OVERVIEW: dict[Language, str] = {"zh": "总览", "en": "Overview"}
_PART: dict[Language, str] = {"zh": "（第 {} 部分）", "en": " (part {})"}


@dataclass(frozen=True, slots=True)
class Written:
    """A finished part: its text with its own markers, and the passages that they point to."""

    title: str
    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """A finished guide; markers of the ``overview`` point to parts by their number. ``paid``: None is unknown."""

    form: Form
    overview: str
    parts: tuple[Written, ...]
    paid: Paid | None
    calls: int


def carry_out(
    made: Plan, ledger: Ledger, known: GuideParts, on_part: Callable[[int, int], None] = lambda done, total: None
) -> Guide:
    """Write what is missing; each part is kept as soon as it is there, so that a guide that failed goes on where it stopped."""
    paid: Paid | None = NOTHING_PAID
    texts: list[str] = []
    calls = 0
    total = len(made.parts) + made.has_overview
    for number, part in enumerate(made.parts):
        on_part(number, total)
        text = part.kept
        if text is None:
            text, cost = _ask(part.draft, part.key, ledger, known)
            paid, calls = together(paid, cost), calls + 1
        texts.append(text)
    overview = ""
    if made.has_overview:
        on_part(len(made.parts), total)
        key = made.overview_key(texts)
        kept = known.known([key]).get(key)
        if kept is None:
            kept, cost = _ask(made.overview(texts), key, ledger, known)
            paid, calls = together(paid, cost), calls + 1
        overview = kept
    on_part(total, total)
    written = tuple(
        Written(part.title, *cite(text, part.matches)[:2]) for part, text in zip(made.parts, texts, strict=True)
    )
    return Guide(made.form, overview, written, paid, calls)


def _ask(draft: Draft, key: str, ledger: Ledger, known: GuideParts) -> tuple[str, Paid | None]:
    answer = answered(draft, ledger, PURPOSE)
    known.keep(key, answer.text)
    return answer.text, answer.receipt.cost


def as_markdown(guide: Guide, language: Language) -> str:
    """Return the whole guide as one Markdown text, its markers numbered through, with the list of its sources at the end."""
    blocks, sources = [], []
    if guide.overview:
        said = in_prose(lambda prose: MARKER.sub(lambda mark: _PART[language].format(mark[1]), prose), guide.overview)
        blocks.append(f"## {_OVERVIEW[language]}\n\n{said}")
    for number, (part, shift) in enumerate(_shifted(guide), start=1):
        text = in_prose(partial(_renumbered, shift), part.text)
        blocks.append(f"## {number}. {part.title}\n\n{text}")
        known = {citation.marker: citation for citation in part.citations}
        sources += [f"[{marker + shift}] {_place(known[marker])}" for marker in sorted(known)]
    return "\n\n".join([*blocks, "\n".join(f"- {source}" for source in sources)] if sources else blocks) + "\n"


def citations_json(guide: Guide) -> list[dict[str, Any]]:
    """Return the citations of all parts with the markers that ``as_markdown`` writes."""
    return [
        citation.as_json() | {"marker": citation.marker + shift, "part": number}
        for number, (part, shift) in enumerate(_shifted(guide), start=1)
        for citation in part.citations
    ]


def _shifted(guide: Guide) -> Iterator[tuple[Written, int]]:
    """Yield each part with what is added to its markers, so that they are numbered through."""
    shift = 0
    for part in guide.parts:
        yield part, shift
        shift += max((citation.marker for citation in part.citations), default=0)


def _renumbered(shift: int, prose: str) -> str:
    return MARKER.sub(lambda mark: f"[{int(mark[1]) + shift}]", prose)


def _place(citation: Citation) -> str:
    where = f"p. {citation.page}" if citation.page is not None else f"{citation.lines[0]}–{citation.lines[1]}"
    return " › ".join([citation.note, *citation.heading, where])
