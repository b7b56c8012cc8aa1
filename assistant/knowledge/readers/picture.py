"""Looks at a picture among the notes: its text has to be recognised first. Knows its signature, decodes nothing."""

from __future__ import annotations

from assistant.errors import NeedsOcr, NotText
from assistant.knowledge.notes import Found, Note
from assistant.knowledge.readers.opening import OnPage, opened
from assistant.knowledge.readers.signatures import foreign_format

_FORMATS = ("PNG", "JPEG", "WebP")


def read_image(found: Found, on_page: OnPage | None = None) -> Note:
    """Refuse a picture: as one that needs OCR if it is one, else as what it really is."""
    with opened(found) as file:
        head = file.read(64)
    name = foreign_format(head)
    if name not in _FORMATS:
        raise NotText(path=found.path, found=name or "no picture / 不是图片")
    raise NeedsOcr(path=found.path)
