"""The pieces of a note and where they stand. Knows no file, database or model, so that every room may import it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a note's text: ``text == note_text[chars[0]:chars[1]]``, always.

    ``lines`` count from 1 with both ends included, ``chars`` from 0 with the end excluded; ``page`` is None
    where the format has no pages. ``heading`` is the path of headings above it, without the note's title.
    ``lead`` is what the piece needs to be understood but does not contain: the header of a table that was
    split, or the first lines of the list items it hangs under. Shown, embedded and sent with it. ``label`` is the
    file's own count of where it is (a cell, rows, a time): shown, but never embedded, because it shifts.
    """

    text: str
    heading: tuple[str, ...]
    page: int | None
    lines: tuple[int, int]
    chars: tuple[int, int]
    tokens: int
    lead: str = ""
    label: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        """All that leads to it: the headings, then its label."""
        return (*self.heading, self.label) if self.label else self.heading


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored piece: knows its note by path and title, and whether OCR read it. Ids are never reused."""

    id: int
    note_id: int
    note: str
    title: str
    kind: str
    piece: Piece
    ocr: bool = False

    @property
    def text(self) -> str:
        """The very text of the file."""
        return self.piece.text

    @property
    def place(self) -> str:
        """Where it stands, for people: headings and page."""
        parts = [*self.piece.path]
        if self.piece.page is not None:
            page = f"{'slide' if self.kind == 'slides' else 'p.'} {self.piece.page}"
            parts.append(page + (" (OCR)" if self.ocr else ""))
        return " › ".join(parts)


@dataclass(frozen=True, slots=True)
class Scores:
    """How a chunk was found, each 0 to 1, higher is better; None where that leg did not see it.

    ``rerank`` is what a reranking model thought of it, None where none was asked.
    """

    keyword: float | None
    vector: float | None
    rerank: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A chunk with its fused score (0 to 1, higher is better); ``also`` are copies of it that stand elsewhere."""

    chunk: Chunk
    score: float
    scores: Scores
    also: tuple[Chunk, ...] = ()
