"""What the tables of the store hold, as values: places, stored notes, chunks. Knows rows, but runs no SQL."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from assistant.errors import NeedsOcr, NoteError
from assistant.knowledge.chunks import Chunk, Piece
from assistant.knowledge.notes import KINDS, NOTICES, Note, Problem
from assistant.language.wiki import WikiLink, spoken

UPLOADS = ""  # the root of notes that live in the data folder
PROGRAM = "llama-index"  # the root of documents that somebody's LlamaIndex code added; no folder is called so: roots are absolute


@dataclass(frozen=True, slots=True)
class Place:
    """Where a note's file is: the folder, the path inside it, and the unique path that the learner sees."""

    root: str
    file: str
    path: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A note as the database knows it, without its text; ``error`` says why a file could not be read."""

    id: int
    place: Place
    title: str
    kind: str
    content_hash: str
    size: int
    encoding: str
    pages: int
    problems: tuple[Problem, ...]
    error: NoteError | None
    chunks: int
    tokens: int
    synced_at: str
    tags: tuple[str, ...] = ()
    modified_at: str = ""  # the file's own time as a date in the learner's zone; '' where nobody knows it
    aliases: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """ready, partly (some pages missing), needs_ocr (a picture) or failed."""
        if self.error is not None:
            return "needs_ocr" if isinstance(self.error, NeedsOcr) else "failed"
        return "partly" if any(problem.reason not in NOTICES for problem in self.problems) else "ready"

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What its reader should know of it, though all of it was read."""
        return tuple(problem for problem in self.problems if problem.reason in NOTICES)


@lru_cache(maxsize=1_024)  # asked before a piece is embedded, and again when it is stored
def embedding_text(title: str, path: str, piece: Piece) -> str:
    """Return what is embedded for a piece: its headings, then itself.

    A title that is only the file's name stays out, so that renaming a file changes no vector.
    """
    titles = [] if title == PurePosixPath(path).stem else [title]
    head = " › ".join([*titles, *piece.heading])
    return said(path, "\n".join(part for part in (head, piece.lead, piece.text) if part))


def said(path: str, text: str) -> str:
    """Return what the text of a note says, without the signs that Obsidian and Logseq put into Markdown."""
    return spoken(text) if KINDS.get(PurePosixPath(path).suffix.lower()) == "markdown" else text


def keyword_texts(path: str, title: str, heading: Iterable[str], lead: str, text: str) -> tuple[str, str]:
    """Return what is searched by keywords for a chunk: its titles, and its words with what they need to be understood."""
    return said(path, "\n".join([title, *heading])), said(path, f"{lead}\n{text}" if lead else text)


def text_hash(text: str) -> str:
    """Name a text by its content; vectors are kept under this name."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _problems(stored: str) -> Iterator[Problem]:
    for problem in json.loads(stored):
        yield Problem(reason=problem["reason"], pages=tuple(problem["pages"]))


def _error(stored: str | None) -> NoteError | None:
    if stored is None:
        return None
    failure: dict[str, Any] = json.loads(stored)
    kinds = {kind.kind: kind for kind in NoteError.__subclasses__()}
    return kinds.get(failure["kind"], NoteError)(**failure["details"])


NOTE_COLUMNS = (
    "root, file, path, title, kind, content_hash, size, encoding, text, page_starts, problems, synced_at, tags, aliases, links,"
    " qualities"
)


def note_values(place: Place, note: Note, size: int) -> tuple[object, ...]:
    """Return a note as a row of ``NOTE_COLUMNS``."""
    return (
        place.root, place.file, place.path, note.title, note.kind, note.content_hash, size, note.encoding, note.text,
        json.dumps(note.page_starts), json.dumps([asdict(problem) for problem in note.problems]),
        datetime.now(UTC).isoformat(timespec="seconds"), json.dumps(note.tags, ensure_ascii=False),
        json.dumps(note.aliases, ensure_ascii=False), json.dumps([astuple(link) for link in note.links], ensure_ascii=False),
        json.dumps(note.qualities) if note.qualities else None,
    )  # fmt: skip


CHUNK_COLUMNS = (
    "note_id, ordinal, text_hash, heading, lead, page, line_first, line_last, char_start, char_end, tokens, text, label"
)


def chunk_values(note_id: int, ordinal: int, key: str, piece: Piece) -> tuple[object, ...]:
    """Return a piece as a row of ``CHUNK_COLUMNS``."""
    return (
        note_id, ordinal, key, json.dumps(piece.heading, ensure_ascii=False), piece.lead, piece.page,
        *piece.lines, *piece.chars, piece.tokens, piece.text, piece.label,
    )  # fmt: skip


def links_of_row(kept: str | None) -> tuple[WikiLink, ...]:
    """Read the kept links of a note."""
    return tuple(WikiLink(*link) for link in json.loads(kept or "[]"))


def stored_of(row: sqlite3.Row) -> Stored:
    """Read a row of notes, joined with the number and tokens of its chunks."""
    return Stored(
        id=row["id"],
        place=Place(row["root"], row["file"], row["path"]),
        title=row["title"],
        kind=row["kind"],
        content_hash=row["content_hash"],
        size=row["size"],
        encoding=row["encoding"],
        pages=len(json.loads(row["page_starts"])),
        problems=tuple(_problems(row["problems"])),
        error=_error(row["failure"]),
        chunks=row["chunks"],
        tokens=row["tokens"],
        synced_at=row["synced_at"],
        tags=tuple(json.loads(row["tags"] or "[]")),
        modified_at=row["modified_at"] or "",
        aliases=tuple(json.loads(row["aliases"] or "[]")),
    )


def chunk_of(row: sqlite3.Row) -> Chunk:
    """Read a row of chunks, joined with path, title and kind of its note."""
    piece = Piece(
        text=row["text"],
        heading=tuple(json.loads(row["heading"])),
        page=row["page"],
        lines=(row["line_first"], row["line_last"]),
        chars=(row["char_start"], row["char_end"]),
        tokens=row["tokens"],
        lead=row["lead"],
        label=row["label"],
    )
    return Chunk(
        id=row["id"],
        note_id=row["note_id"],
        note=row["path"],
        title=row["title"],
        kind=row["kind"],
        piece=piece,
        ocr=bool(row["ocr"]),
    )
