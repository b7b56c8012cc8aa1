"""A study guide of chosen notes before it is written: cut into parts that fit the model, all of them counted and priced.

Each part is a Draft like any question's; an overview is made of the parts. Sends nothing; knows no screen and no vendor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import accumulate, groupby

from assistant.answers.citations import MARKER, in_prose
from assistant.answers.connection import Connection
from assistant.answers.draft import Draft
from assistant.answers.prompt import new_fence
from assistant.errors import Language, ModelError
from assistant.knowledge.chunks import Chunk, Match
from assistant.money.cost import NOWHERE, Forecast, forecast
from assistant.study.extract import extract
from assistant.study.guide_call import CITED, as_match, call, key_of, shortened, subject_of, title_of
from assistant.study.guide_parts import GuideParts
from assistant.study.guide_words import PART, WHOLE, Form

MOST_TOKENS = 6_000  # of the passages of one part, however large the window: longer prompts are read less well
_FRAME = 600  # tokens of instructions around the passages, allowed for before the exact count
_TITLE = 30  # of a passage's title and fence


@dataclass(frozen=True)
class Part:
    """One call of the plan; ``kept`` is its text where it was written before."""

    key: str
    title: str
    draft: Draft
    kept: str | None

    @property
    def matches(self) -> tuple[Match, ...]:
        """The passages by their numbers."""
        return self.draft.found


@dataclass(frozen=True)
class Plan:
    """All that a guide will take, known before anything is sent."""

    subject: str  # names passages, form, language and model, however they are cut into parts
    form: Form
    language: Language
    connection: Connection
    parts: tuple[Part, ...]
    fence: str = field(
        default_factory=new_fence
    )  # of the overview: what the parts may know of theirs opens nothing there

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of its parts, by which their texts are kept."""
        return tuple(part.key for part in self.parts)

    @property
    def chunks(self) -> list[Chunk]:
        """All passages in their order."""
        return [match.chunk for part in self.parts for match in part.matches]

    def keys_by(self, layout: Sequence[int]) -> list[str]:
        """Name the parts that the same passages make when they are cut in another way."""
        return [subject_of(some, self.form, self.language, self.connection) for some in _cut(self.chunks, layout)]

    @property
    def notes(self) -> dict[str, str]:
        """The paths of the notes it is about, in their order, each with its title."""
        return {chunk.note: chunk.title for chunk in self.chunks}

    @property
    def total(self) -> int:
        """How many texts it is made of, the overview among them."""
        return len(self.parts) + self.has_overview

    @property
    def refusal(self) -> ModelError | None:
        """Why it cannot be carried out: a passage by itself is more than the model reads."""
        return next((part.draft.refusal for part in self.pending if part.draft.refusal), None)

    @property
    def pending(self) -> tuple[Part, ...]:
        """The parts that still have to be written."""
        return tuple(part for part in self.parts if part.kept is None)

    @property
    def has_overview(self) -> bool:
        """Whether an overview is written of the parts: by a model, of two or more."""
        return len(self.parts) > 1 and not self.connection.quotes

    def cost(self, known: GuideParts) -> Forecast | None:
        """Add up what is still to be paid: each pending part by its exact messages, the overview by how long parts are."""
        forecasts = [part.draft.preview.cost for part in self.pending]
        if self.has_overview:
            forecasts.append(self._overview_cost(known))
        return _sum(forecasts, self.connection)

    def prompt_tokens(self, known: GuideParts) -> int:
        """Add up what is still to be sent: each pending part as it is counted, the overview by how long parts usually are."""
        parts = sum(part.draft.preview.prompt_tokens for part in self.pending)
        if not self.has_overview:
            return parts
        if self.pending:
            return parts + self._overview_sizes()[1]
        return 0 if self.kept_overview(known) is not None else self.overview(self._kept).preview.prompt_tokens

    def calls(self, known: GuideParts) -> int:
        """Count the requests that are still to be sent; none offline."""
        if self.connection.quotes:
            return 0
        overview = self.has_overview and (bool(self.pending) or self.kept_overview(known) is None)
        return len(self.pending) + overview

    def kept_by(self, known: GuideParts) -> Plan:
        """Return the same calls with the texts that are kept by now."""
        texts = known.known(self.keys)
        return replace(self, parts=tuple(replace(part, kept=texts.get(part.key)) for part in self.parts))

    def overview(self, texts: Sequence[str]) -> Draft:
        """Write the messages that make one text of the parts; each part brings as much as an equal share of the window holds."""
        share = _room(self.connection) // len(texts) - _TITLE
        shown = [
            shortened(in_prose(lambda prose: MARKER.sub("", prose), text), share, self.connection) for text in texts
        ]
        matches = [
            as_match(number, part.title, text)
            for number, (part, text) in enumerate(zip(self.parts, shown, strict=True), start=1)
        ]
        return call(WHOLE[self.form][self.language], matches, self.language, self.connection, self.fence)

    def kept_overview(self, known: GuideParts) -> str | None:
        """Return the overview of the parts that are there, if it was written."""
        key = self.overview_key(self._kept)
        return known.known([key]).get(key)

    def overview_key(self, texts: Sequence[str]) -> str:
        """Name the overview of these texts."""
        return key_of(self.connection, WHOLE[self.form][self.language], texts)

    def _overview_cost(self, known: GuideParts) -> Forecast | None:
        connection = self.connection
        if not self.pending:
            written = self.kept_overview(known) is not None
            return _nothing(connection) if written else self.overview(self._kept).preview.cost
        low, typical, high = (
            forecast(connection.entry, size, connection.output_tokens, connection.thinking, size)
            for size in self._overview_sizes()
        )
        if low is None or typical is None or high is None:
            return None
        return Forecast(low.currency, low.low, typical.typical, high.high)

    def _overview_sizes(self) -> list[int]:
        """Say how many tokens the overview's prompt will have where the missing parts are short, as usual, and at their longest."""
        written = sum(self.connection.counter.text(text) for text in self._kept)
        room, missing = _room(self.connection), len(self.pending)
        return [_FRAME + min(room, written + missing * (size + _TITLE)) for size in self.connection.output_tokens]

    @property
    def _kept(self) -> list[str]:
        return [part.kept for part in self.parts if part.kept is not None]


def plan(chunks: Sequence[Chunk], form: Form, language: Language, connection: Connection, known: GuideParts) -> Plan:
    """Cut the passages into parts that fit, and write and count the messages of each; nothing is sent."""
    subject = subject_of(chunks, form, language, connection)
    parts = [
        part
        for group in _groups(chunks, connection, known.layout(subject))
        for part in _fitting(group, form, language, connection, known)
    ]
    return Plan(subject, form, language, connection, tuple(parts))


def _groups(chunks: Sequence[Chunk], connection: Connection, layout: Sequence[int]) -> Iterator[Sequence[Chunk]]:
    """Pack passages in their order, as they were packed before if they were; without a model each note is a part of its own.

    What is written once is found again, even when the window is another one now, or its server does not tell it.
    """
    if connection.quotes:
        yield from (list(group) for _, group in groupby(chunks, key=lambda chunk: chunk.note_id))
        return
    if sum(layout) == len(chunks):
        yield from _cut(chunks, layout)
        return
    room = _room(connection)
    group: list[Chunk] = []
    size = 0
    for chunk in chunks:
        needed = chunk.piece.tokens + _TITLE
        if group and size + needed > room:
            yield group
            group, size = [], 0
        group.append(chunk)
        size += needed
    if group:
        yield group


def _cut(chunks: Sequence[Chunk], layout: Sequence[int]) -> Iterator[Sequence[Chunk]]:
    yield from (chunks[end - size : end] for size, end in zip(layout, accumulate(layout), strict=True))


def _room(connection: Connection) -> int:
    """Say how many tokens of passages one call may hold beside instructions and the longest answer."""
    if connection.window is None:
        return MOST_TOKENS
    return max(1, min(MOST_TOKENS, (connection.window - connection.output_tokens[2] - _FRAME) * 9 // 10))


def _fitting(
    chunks: Sequence[Chunk], form: Form, language: Language, connection: Connection, known: GuideParts
) -> Iterator[Part]:
    """Halve what the exact count finds too long for the model; a single passage that is stays, and is refused.

    What is written already stays whole, because bills change how we count.
    """
    instruction = PART[form][language]
    draft = call(instruction, [Match(chunk, 1.0, CITED) for chunk in chunks], language, connection, new_fence())
    key = subject_of(chunks, form, language, connection)
    kept = extract(draft.found, form) if connection.quotes else known.known([key]).get(key)
    if kept is not None or draft.refusal is None or len(chunks) == 1:
        yield Part(key, title_of(draft.found), draft, kept)
    else:
        half = len(chunks) // 2
        yield from _fitting(chunks[:half], form, language, connection, known)
        yield from _fitting(chunks[half:], form, language, connection, known)


def _nothing(connection: Connection) -> Forecast:
    return Forecast(connection.entry.currency or NOWHERE, Decimal(0), Decimal(0), Decimal(0))


def _sum(forecasts: Sequence[Forecast | None], connection: Connection) -> Forecast | None:
    """Add forecasts of one model; None as soon as one is unknown."""
    total = _nothing(connection)
    for one in forecasts:
        if one is None:
            return None
        total = Forecast(
            one.currency if one.high else total.currency or one.currency,
            total.low + one.low, total.typical + one.typical, total.high + one.high,
        )  # fmt: skip
    return total
