"""Keeps the text of pages that was recognised from their pictures, under the hash of their file. Owns its table.

Puts it into a note in the place of what could not be read; knows neither pictures nor models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

from assistant.database import Database
from assistant.errors import NeedsOcr, NoTextLayer
from assistant.knowledge.notes import NEEDS_OCR, Found, Note, Problem, Quality
from assistant.knowledge.readers import OnPage, read
from assistant.knowledge.readers.ocr import Recognised
from assistant.knowledge.readers.pdf import paged
from assistant.knowledge.stored import Stored


class OcrPages:
    """The recognised pages of one data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, content_hash: str) -> dict[int, str]:
        """Return the texts of a file's recognised pages by their numbers."""
        rows = self._database.connection.execute(
            "SELECT page, text FROM ocr_pages WHERE content_hash = ?", (content_hash,)
        )
        return {row["page"]: row["text"] for row in rows}

    def keep(self, content_hash: str, recognised: Recognised) -> None:
        """Keep a page at once, so that a crash costs no other."""
        values = (content_hash, recognised.page, recognised.text, recognised.certainty, datetime.now(UTC).isoformat())
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO ocr_pages VALUES (?, ?, ?, ?, ?)", values)

    def read(self, found: Found, content_hash: str, on_page: OnPage | None = None) -> Note:
        """Read a note with what was recognised of it; one that is nothing but scanned is readable by that alone."""
        texts = self.of(content_hash) if found.kind in ("pdf", "image") else {}
        try:
            note = read(found, on_page)
        except NoTextLayer as error:
            if not any(texts.values()):
                raise
            return _only_recognised(found, content_hash, int(error.details["pages"]), texts)
        except NeedsOcr:
            if not any(texts.values()):
                raise
            return _only_recognised(found, content_hash, 1, texts)
        return with_recognised(note, texts)

    def brings(self, note: Stored) -> bool:
        """Tell whether pages were recognised that the stored note does not have yet."""
        wanted = pages_wanted(note)
        known = self.of(note.content_hash) if wanted else {}
        # Of a file that holds nothing readable, pages that turned out to be empty make no note.
        return any(page in known and (known[page] or note.error is None) for page in wanted)


def pages_wanted(note: Stored) -> frozenset[int]:
    """Return the pages of a stored note that only OCR can read."""
    if note.error is not None and note.error.kind in (NeedsOcr.kind, NoTextLayer.kind):
        return frozenset(range(1, int(note.error.details.get("pages", "1")) + 1))
    return frozenset(page for problem in note.problems if problem.reason in NEEDS_OCR for page in problem.pages)


def with_recognised(note: Note, texts: Mapping[int, str]) -> Note:
    """Put recognised texts in the place of pages that could not be read; other pages stay as they are."""
    unread = {page for problem in note.problems if problem.reason in NEEDS_OCR for page in problem.pages}
    known = unread & texts.keys()
    if not known:
        return note
    ends = [*note.page_starts[1:], len(note.text)]
    pages = [note.text[start:end].removesuffix("\n\n") for start, end in zip(note.page_starts, ends, strict=True)]
    text, starts = paged([texts[page] if page in known else own for page, own in enumerate(pages, start=1)])
    return replace(
        note,
        text=text,
        page_starts=starts,
        problems=tuple(_left(note.problems, known)),
        qualities=tuple(_quality(own, page in known) for page, own in enumerate(note.qualities, start=1)),
    )


def _quality(own: Quality, recognised: bool) -> Quality:
    return "ocr" if recognised else own


def _left(problems: tuple[Problem, ...], known: set[int]) -> list[Problem]:
    """Return the problems without the pages that are read now."""
    kept = [
        replace(problem, pages=tuple(page for page in problem.pages if page not in known))
        if problem.reason in NEEDS_OCR
        else problem
        for problem in problems
    ]
    return [problem for problem in kept if problem.pages or problem.reason not in NEEDS_OCR]


def _only_recognised(found: Found, content_hash: str, pages: int, texts: Mapping[int, str]) -> Note:
    text, starts = paged([texts.get(page, "") for page in range(1, pages + 1)])
    missing = tuple(page for page in range(1, pages + 1) if page not in texts)
    return Note(
        path=found.path,
        title=PurePosixPath(found.path).stem,
        kind=found.kind,
        content_hash=content_hash,
        text=text,
        encoding="ocr",
        page_starts=starts,
        problems=(Problem("no_text", missing),) if missing else (),
        qualities=tuple("scanned" if page in missing else "ocr" for page in range(1, pages + 1)),
    )
