"""A quiz question, its passage, and whether an answer to it is right. Knows no model, no database and no screen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast, get_args

from assistant.errors import Language
from assistant.knowledge.chunks import Chunk
from assistant.language.folding import fold
from assistant.language.words import terms

Kind = Literal["single", "multiple", "true_false", "cloze", "short"]
Maker = Literal["notes", "model"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CHOSEN: tuple[Kind, ...] = ("single", "multiple", "true_false")  # answered by choosing, not by writing
BLANK = "＿＿＿＿"
TRUE_FALSE: dict[Language, tuple[str, str]] = {"zh": ("对", "错"), "en": ("True", "False")}


@dataclass(frozen=True, slots=True)
class Source:
    """The passage that a question rests on, as it was then: it can be shown even when the note has changed since."""

    note: str
    title: str
    heading: tuple[str, ...]
    page: int | None
    lines: tuple[int, int]
    chars: tuple[int, int]
    text: str

    @property
    def topic(self) -> str:
        """What results are summed up by: the note and its uppermost heading."""
        return topic_in(self.title, *self.heading[:1])


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``prompt``, ``options`` and ``quote`` are Markdown of the notes' kind.

    ``key`` are the places of the right options. ``accepted`` are what a blank may be filled with, or for a short answer
    the answer to hold one's own against. ``quote`` stands in the passage word for word.
    """

    kind: Kind
    prompt: str
    options: tuple[str, ...]
    key: tuple[int, ...]
    accepted: tuple[str, ...]
    quote: str
    explanation: str
    source: Source
    language: Language
    made_by: Maker = "notes"

    @property
    def fingerprint(self) -> str:
        """Name what is asked, whatever the order of its options, so that one thrown out stays out."""
        said = (self.kind, fold(self.prompt).text, *sorted(fold(one).text for one in (*self.options, *self.accepted)))
        return hashlib.sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def answer(self) -> str:
        """The right answer in words."""
        if self.kind in CHOSEN:
            return "\n".join(self.options[place] for place in self.key)
        return self.accepted[0] if self.accepted else ""

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Given:
    """What a learner answered: the places of options, or words."""

    choices: tuple[int, ...] = ()
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {"choices": list(self.choices), "text": self.text}


def topic_in(title: str, heading: str | None = None) -> str:
    """Name what results are summed up by: a note and its uppermost heading, which may be called as the note is."""
    return f"{title} › {heading}" if heading is not None and heading != title else title


def source_of(chunk: Chunk, quote: str = "") -> Source:
    """Take down where a chunk stands, its lines narrowed down to those of the quotation."""
    piece = chunk.piece
    lines = _lines_of(piece.text, piece.lines[0], quote) or piece.lines
    return Source(chunk.note, chunk.title, piece.heading, piece.page, lines, piece.chars, piece.text)


def _lines_of(text: str, first: int, quote: str) -> tuple[int, int] | None:
    folded, wanted = fold(text), fold(quote).text
    at = folded.text.find(wanted) if wanted else -1
    if at < 0:
        return None
    start, end = folded.span(at, at + len(wanted))
    return first + text.count("\n", 0, start), first + text.count("\n", 0, end)


def quoted_rows(question: Question) -> str:
    """Return the rows of the passage that hold the quotation; the whole passage where it is not found."""
    text = question.source.text
    folded, wanted = fold(text), fold(question.quote).text
    at = folded.text.find(wanted) if wanted else -1
    if at < 0:
        return text
    start, end = folded.span(at, at + len(wanted))
    last = text.find("\n", end)
    return text[text.rfind("\n", 0, start) + 1 : last if last >= 0 else len(text)].strip()


def is_right(question: Question, given: Given) -> bool | None:
    """Tell whether an answer is right; None for a short answer, which words alone cannot tell."""
    if question.kind in CHOSEN:
        return set(given.choices) == set(question.key)
    if question.kind == "cloze":
        return any(same_words(given.text, one) for one in question.accepted)
    return None


def same_words(given: str, wanted: str) -> bool:
    """Compare what was written with what was wanted: width, case, spacing, marks and an English plural do not count."""
    one, other = fold(given).text, fold(wanted).text
    if not one:
        return False
    return one == other or (bool(said := terms(given)) and said == terms(wanted))


def question_of(kept: Mapping[str, Any]) -> Question:
    """Read a kept question."""
    source = kept["source"]
    return Question(
        kind=cast("Kind", kept["kind"]),
        prompt=kept["prompt"],
        options=tuple(kept["options"]),
        key=tuple(kept["key"]),
        accepted=tuple(kept["accepted"]),
        quote=kept["quote"],
        explanation=kept["explanation"],
        source=Source(
            source["note"], source["title"], tuple(source["heading"]), source["page"],
            _pair(source["lines"]), _pair(source["chars"]), source["text"],
        ),
        language=kept["language"],
        made_by=kept["made_by"],
    )  # fmt: skip


def given_of(kept: Mapping[str, Any]) -> Given:
    """Read a kept answer."""
    return Given(tuple(kept["choices"]), kept["text"])


def _pair(values: Sequence[int]) -> tuple[int, int]:
    return values[0], values[1]
