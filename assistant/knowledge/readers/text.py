"""Reads plain text. Knows the size limit and the encodings; every character stays where the file has it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from assistant.errors import EmptyNote, NotText
from assistant.knowledge.notes import Found, Note, Problem
from assistant.knowledge.readers.encoding import decode
from assistant.knowledge.readers.opening import OnPage, digest, read_whole
from assistant.knowledge.readers.signatures import foreign_format

MAX_BYTES = 5 << 20
_SEEN = re.compile(r"[^\s\u200b\u200c\u200d\u2060\ufeff]")  # what takes room on the screen


def read_text(found: Found, on_page: OnPage | None = None) -> Note:
    """Read a file as text titled by its name; line ends stay as they are, only a byte order mark goes."""
    data = read_whole(found, MAX_BYTES)
    if foreign := foreign_format(data[:64]):
        raise NotText(path=found.path, found=foreign)
    decoded = decode(data)
    if decoded is None:
        raise NotText(path=found.path, found="binary")
    if not _SEEN.search(decoded.text):
        raise EmptyNote(path=found.path)
    return Note(
        path=found.path,
        title=PurePosixPath(found.path).stem,
        kind=found.kind,
        content_hash=digest(data),
        text=decoded.text,
        encoding=decoded.encoding,
        problems=(Problem("replaced_characters"),) if decoded.replaced else (),
    )
