"""Finds out what a file really is: by its first bytes, the members of its archive, the shape of its JSON.

The suffix only says which files are worth opening, and decides between kinds of text, which have no signature.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from assistant.errors import DamagedNote, NotText, PasswordNeeded
from assistant.knowledge.notes import Found, Kind
from assistant.knowledge.readers.archive import check_directory
from assistant.knowledge.readers.opening import opened

_HEAD = 4_096
_TAIL = 65_600  # as far as the end of an archive's directory may lie from the end of the file
_OFFICE_BEFORE_2007 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_TEXTS = {"markdown", "text", "html", "table", "subtitles", "notebook"}
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html[\s>])", re.I | re.S
)
_SRT = re.compile(rb"\s*\d{1,6}\s*\r?\n\s*\d{1,3}:\d\d:\d\d[.,]\d{1,3}\s*-->")
_NOTEBOOK = re.compile(rb'"nbformat"\s*:\s*\d')
_CELLS = re.compile(rb'"(?:cells|worksheets)"\s*:\s*\[')


def kind_by_content(found: Found) -> Kind:
    """Return the kind of reader that this file needs, which is mostly the one its name promises."""
    with opened(found) as file:
        head = file.read(_HEAD)
        if head.startswith(_ZIP):
            return _archived(found, file)
        if head.startswith(_OFFICE_BEFORE_2007):
            return _compound(found, file)
        if head.startswith(b"%PDF-"):
            return "pdf"
        return _textual(found, head, file)


def _archived(found: Found, file: BinaryIO) -> Kind:
    """Tell office files and books apart by the members of the archive; any other archive is left to its suffix."""
    try:
        check_directory(_end_of(file), found.path)
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            media = archive.open("mimetype").read(100) if "mimetype" in names else b""
    except (DamagedNote, zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError):
        return found.kind  # whose reader says what is wrong with it
    if b"epub" in media or ("META-INF/container.xml" in names and any(name.endswith(".opf") for name in names)):
        return "book"
    if b"spreadsheet" in media or any(name.startswith("xl/workbook.") for name in names):
        return "table"
    if any(name.startswith("word/document") for name in names):
        return "word"
    return "slides" if "ppt/presentation.xml" in names else found.kind


def _compound(found: Found, file: BinaryIO) -> Kind:
    """Old Excel files can be read; in this shape new ones are encrypted, and the rest is left to its suffix."""
    file.seek(0)
    directory = file.read(4 << 20) + _end_of(file)
    if "EncryptedPackage".encode("utf-16-le") in directory:
        raise PasswordNeeded(path=found.path)
    if any(name.encode("utf-16-le") in directory for name in ("Workbook", "Book")):
        return "table"
    raise NotText(path=found.path, found="Office 97-2003")


def _textual(found: Found, head: bytes, file: BinaryIO) -> Kind:
    if found.kind not in _TEXTS and PurePosixPath(found.path).suffix.lower() != ".xls":
        return found.kind
    body = head.removeprefix(b"\xef\xbb\xbf")
    if body.startswith(b"WEBVTT"):
        return "subtitles"
    if _HTML.match(body):
        return "html"
    if _SRT.match(body) and found.kind != "markdown":
        return "subtitles"
    if body.lstrip().startswith(b"{") and _CELLS.search(tail := _end_of(file) + head) and _NOTEBOOK.search(tail):
        return "notebook"
    return found.kind


def _end_of(file: BinaryIO) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    return file.read(_TAIL)
