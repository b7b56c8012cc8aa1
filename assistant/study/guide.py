"""Writes a planned study guide or summary part by part, resumably: nothing that is finished is paid for again.

Without a model the parts are extracts, word for word. Knows no screen and no vendor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from assistant.answers.booking import answered
from assistant.answers.citations import MARKER, Citation, cite, in_prose
from assistant.answers.draft import Draft
from assistant.errors import Cancelled, Language, ModelError
from assistant.money.cost import NOTHING_PAID, Paid
from assistant.money.ledger import Ledger
from assistant.money.metering import together
from assistant.study.guide_parts import GuideParts
from assistant.study.guide_plan import Part, Plan
from assistant.study.guide_words import Form

OnWait = Callable[[ModelError, float], None]

PURPOSE = "guide"
_OVERVIEW: dict[Language, str] = {"zh": "总览", "en": "Overview"}
_PART: dict[Language, str] = {"zh": "（第 {} 部分）", "en": " (part {})"}


@dataclass(frozen=True, slots=True)
class Written:
    """A finished part: its text with its own markers, and the passages that they point to."""

    number: int
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


class _Run:
    """What one run has paid so far; a call that is kept, by this run or meanwhile by another, is not made."""

    def __init__(self, ledger: Ledger, known: GuideParts, cancelled: Callable[[], bool], on_wait: OnWait) -> None:
        self.paid: Paid | None = NOTHING_PAID
        self.calls = 0
        self._ledger, self._known, self._cancelled, self._on_wait = ledger, known, cancelled, on_wait

    def text(self, key: str, write: Callable[[], Draft]) -> str:
        kept = self._known.known([key]).get(key)
        if kept is not None:
            return kept
        if self._cancelled():
            raise Cancelled
        answer = answered(write(), self._ledger, PURPOSE, self._cancelled, self._on_wait)
        self._known.keep(key, answer.text)
        self.paid, self.calls = together(self.paid, answer.receipt.cost), self.calls + 1
        return answer.text


def carry_out(
    made: Plan,
    ledger: Ledger,
    known: GuideParts,
    on_part: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
    on_wait: OnWait = lambda error, seconds: None,
) -> Guide:
    """Write what is missing; each part is kept as soon as it is there, so that a guide that failed goes on where it stopped.

    ``Cancelled`` is raised where the learner stops it, the refusal of a plan that does not fit before anything is sent.
    """
    if made.refusal is not None:
        raise made.refusal
    if not made.connection.quotes:
        known.keep_layout(made.subject, [len(part.matches) for part in made.parts])
    run = _Run(ledger, known, cancelled, on_wait)
    texts: list[str] = []
    for number, part in enumerate(made.parts):
        on_part(number, made.total)
        texts.append(part.kept if part.kept is not None else run.text(part.key, lambda part=part: part.draft))  # type: ignore[misc]
    overview = ""
    if made.has_overview:
        on_part(len(made.parts), made.total)
        overview = run.text(made.overview_key(texts), lambda: made.overview(texts))
    on_part(made.total, made.total)
    written = tuple(
        _written(number, part, text) for number, (part, text) in enumerate(zip(made.parts, texts, strict=True), 1)
    )
    return Guide(made.form, overview, written, run.paid, run.calls)


def finished(made: Plan, known: GuideParts) -> Guide | None:
    """Return a guide all of which is there, and None where something is missing; sends nothing whatever happens meanwhile."""
    overview = made.kept_overview(known) if made.has_overview else ""
    return None if made.pending or overview is None else Guide(made.form, overview, so_far(made), NOTHING_PAID, 0)


def so_far(made: Plan) -> tuple[Written, ...]:
    """Return the parts of an unfinished guide that are there already, each with its number."""
    return tuple(
        _written(number, part, part.kept) for number, part in enumerate(made.parts, start=1) if part.kept is not None
    )


def put_in_place(made: Plan, known: GuideParts) -> None:
    """Let a second writing that is finished take the place of the first, whose parts and overview go."""
    old, new = (
        _all_keys(made, keys, place)
        for keys, place in ((made.keys_by(known.layout(made.subject)), known), (made.keys, known.anew))
    )
    known.replace(made.subject, new, old - new)


def _all_keys(made: Plan, keys: Sequence[str], place: GuideParts) -> set[str]:
    texts = place.known(keys)
    return {*keys, *([made.overview_key([texts[key] for key in keys])] if set(keys) == set(texts) else [])}


def _written(number: int, part: Part, text: str) -> Written:
    return Written(number, part.title, *cite(text, part.matches)[:2])


def as_markdown(guide: Guide, language: Language) -> str:
    """Return the whole guide as one Markdown text, its markers numbered through, with the list of its sources at the end."""
    blocks, sources = [], []
    if guide.overview:
        said = in_prose(lambda prose: MARKER.sub(lambda mark: _PART[language].format(mark[1]), prose), guide.overview)
        blocks.append(f"## {_OVERVIEW[language]}\n\n{said}")
    for part, shift in _shifted(guide):
        text = in_prose(partial(_renumbered, shift), part.text)
        blocks.append(f"## {part.number}. {part.title}\n\n{text}")
        known = {citation.marker: citation for citation in part.citations}
        sources += [f"[{marker + shift}] {_place(known[marker])}" for marker in sorted(known)]
    return "\n\n".join([*blocks, "\n".join(f"- {source}" for source in sources)] if sources else blocks) + "\n"


def citations_json(guide: Guide) -> list[dict[str, Any]]:
    """Return the citations of all parts with the markers that ``as_markdown`` writes."""
    return [
        citation.as_json() | {"marker": citation.marker + shift, "part": part.number}
        for part, shift in _shifted(guide)
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
