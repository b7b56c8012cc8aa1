"""Turns bytes that should be text into text, or says what they are instead. Knows no file."""

from __future__ import annotations

from assistant.errors import EmptyNote, NotText, TooBig
from assistant.knowledge.readers.encoding import decode
from assistant.knowledge.readers.opening import megabytes
from assistant.knowledge.readers.signatures import foreign_format

MAX_BYTES = 5 << 20


def decoded(data: bytes, path: str, limit: int = MAX_BYTES) -> tuple[str, str, bool]:
    """Return the text, its encoding, and whether some of its bytes had no meaning."""
    if len(data) > limit:
        raise TooBig(path=path, limit=megabytes(limit))
    if foreign := foreign_format(data[:64]):
        raise NotText(path=path, found=foreign)
    text = decode(data)
    if text is None:
        raise NotText(path=path, found="binary")
    if not text.text.strip():
        raise EmptyNote(path=path)
    return text.text, text.encoding, text.replaced
