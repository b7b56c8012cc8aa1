"""Reads saved web pages: finds their encoding as a browser would, and their text. Knows nothing of their markup."""

from __future__ import annotations

import codecs
import contextlib
import re

from assistant.errors import EmptyNote, NotText, TooBig
from assistant.knowledge.notes import Problem
from assistant.knowledge.readers.document import Document, Writing
from assistant.knowledge.readers.encoding import decode
from assistant.knowledge.readers.markup import markdown_of_html, title_of_html
from assistant.knowledge.readers.opening import megabytes

MAX_BYTES = 20 << 20
_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{1,40})|<\?xml[^>]{0,100}encoding=["']([\w-]{1,40})""", re.I
)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What pages call themselves and what browsers make of it.
_MEANT = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "big5-hkscs": "big5hkscs", "iso-8859-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252"}  # fmt: skip


def read_web_page(data: bytes, path: str) -> Document:
    """Read an HTML file."""
    if len(data) > MAX_BYTES:
        raise TooBig(path=path, limit=megabytes(MAX_BYTES))
    decoded = _decoded(data)
    if decoded is None:
        raise NotText(path=path, found="binary")
    source, encoding = decoded
    writing = Writing()
    writing.add(markdown_of_html(source))
    if writing.empty:
        raise EmptyNote(path=path)
    problems = (
        (Problem("replaced_characters"),)
        if "\ufffd" in source and "\ufffd" not in data.decode("utf-8", "ignore")
        else ()
    )
    return writing.document(title=title_of_html(source), encoding=encoding, problems=problems)


def decoded_page(data: bytes) -> tuple[str, str]:
    """Decode a page by its byte order mark, by what it says itself if that holds, or by its bytes; somehow in the end."""
    return _decoded(data) or (data.decode("utf-8", "replace"), "utf-8")


def _decoded(data: bytes) -> tuple[str, str] | None:
    said = None if data.startswith(_MARKS) else _CHARSET.search(data[:4096])
    if said:
        name = (said[1] or said[2]).decode("ascii").lower()
        with contextlib.suppress(LookupError, UnicodeError):  # a page may be wrong about itself
            encoding = codecs.lookup(_MEANT.get(name, name)).name
            return data.decode(encoding), encoding
    found = decode(data)
    return (found.text, found.encoding) if found else None
