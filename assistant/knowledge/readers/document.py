"""The small protocol between a format and the library: bytes in, a Document out. Imports nothing heavy.

Other packages may register a reader under the entry-point group ``study_assistant.readers``, named after the suffix
it reads. It runs in a child process without keys, with limits of time and memory, and what it raises costs one file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assistant.knowledge.notes import Problem
from assistant.knowledge.parts import Form, Mark, Part

MAX_CHARACTERS = 5_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader makes of a file: its text, how that is divided, and what of it could not be used.

    ``form`` tells how text without parts is read. ``encoding`` is that of the file, or the name of its format.
    """

    text: str
    title: str = ""
    parts: tuple[Part, ...] = ()
    marks: tuple[Mark, ...] = ()
    encoding: str = "utf-8"
    form: Form = "markdown"
    problems: tuple[Problem, ...] = ()


class Reader(Protocol):
    """Reads one kind of file from its bytes; ``path`` is what the learner sees and is only for errors."""

    def __call__(self, data: bytes, path: str) -> Document:
        """Return the document, or raise a ``NoteError``; anything else counts as a damaged file."""
        ...


@dataclass(slots=True)
class Writing:
    """A document in the making: text is added, and parts and marks remember where they begin."""

    room: int = MAX_CHARACTERS
    full: bool = False
    parts: list[Part] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    length: int = 0

    def part(self, heading: Sequence[str] = (), page: int | None = None, form: Form = "markdown") -> None:
        """Begin a part here."""
        part = Part(self.length, tuple(heading), page, form)
        if self.parts and self.parts[-1].start == self.length:
            self.parts.pop()  # nothing was said in the one before
        self.parts.append(part)

    def mark(self, first: str, last: str = "", *, start: int | None = None) -> None:
        """Remember what the file calls the place that is reached, or that was reached at ``start``."""
        self.marks.append(Mark(self.length if start is None else start, first, last))

    def add(self, text: str) -> None:
        """Add text as it is; what is beyond the limit is left out, and the document says so."""
        if len(text) > self.room:
            text, self.full = text[: max(self.room, 0)], True
        self.room -= len(text)
        self._texts.append(text)
        self.length += len(text)

    def block(self, text: str) -> None:
        """Add a block of Markdown with the empty line that ends it."""
        if text := text.strip("\n"):
            self.add(text + "\n\n")

    @property
    def empty(self) -> bool:
        """Whether nothing with a meaning was written."""
        return not any(text.strip() for text in self._texts)

    def document(self, *, title: str = "", encoding: str, problems: Sequence[Problem] = ()) -> Document:
        """Return what was written."""
        cut = (Problem("character_limit"),) if self.full else ()
        return Document(
            text="".join(self._texts),
            title=title,
            parts=tuple(part for part in self.parts if part.start < self.length),
            marks=tuple(mark for mark in self.marks if mark.start < self.length),
            encoding=encoding,
            problems=(*problems, *cut),
        )


def one_line(text: str, limit: int = 200) -> str:
    """Make one short printable line of a title or a cell."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Write rows as a Markdown table, the first of them its head."""
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    head, *body = (row_line([*row, *[""] * (width - len(row))]) for row in rows)
    return "\n".join([head, "|" + " --- |" * width, *body])


def row_line(cells: Sequence[str]) -> str:
    """Write one row of a Markdown table; a cell cannot end its line or the cell."""
    return "| " + " | ".join(" ".join(cell.split()).replace("\\|", "|").replace("|", "\\|") for cell in cells) + " |"


def fenced(code: str, language: str) -> str:
    """Write a block of code between fences that it cannot end by itself."""
    longest = run = 0
    for character in code:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"
