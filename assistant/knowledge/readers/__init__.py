"""Turns a found file into a Note, one reader per kind. Knows neither folders nor what becomes of the text.

Imports no reader before it is needed: the PDF child process starts through this package and must start fast.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from assistant.knowledge.readers.opening import OnPage, content_hash

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.knowledge.notes import Found, Kind, Note
    from assistant.knowledge.page_image import PageImage

__all__ = ["FileReader", "OnPage", "content_hash", "page_picture", "read"]


class FileReader(Protocol):
    """Reads one kind of file; raises a ``NoteError`` and nothing else."""

    def __call__(self, found: Found, on_page: OnPage | None = None) -> Note:
        """Return the note, telling ``on_page`` of progress where the format has pages."""
        ...


def read(found: Found, on_page: OnPage | None = None) -> Note:
    """Read a file by what its content is, whatever its suffix says; ``on_page(done, pages)`` is told of progress."""
    from assistant.knowledge.readers.by_content import kind_by_content

    found = replace(found, kind=kind_by_content(found))
    return _reader_of(found.kind)(found, on_page)


def page_picture(file: Path, page: int, width: int = 900) -> PageImage:
    """Draw one page of a PDF (counted from 1), at most 20 megapixels whatever the file claims, and say where its letters are."""
    from assistant.knowledge.readers.pdf import draw_page

    return draw_page(file, page, width)


def _reader_of(kind: Kind) -> FileReader:
    if kind == "pdf":
        from assistant.knowledge.readers.pdf import read_pdf

        return read_pdf
    if kind == "markdown":
        from assistant.knowledge.readers.markdown import read_markdown

        return read_markdown
    if kind == "image":
        from assistant.knowledge.readers.picture import read_image

        return read_image
    if kind == "text":
        from assistant.knowledge.readers.text import read_text

        return read_text
    from assistant.knowledge.readers.documents import read_document

    return read_document
