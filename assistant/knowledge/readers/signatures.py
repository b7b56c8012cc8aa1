"""Names what a file really is from its first bytes. Knows only what may be mistaken for a note."""

from __future__ import annotations

from assistant.knowledge.readers.encoding import decode

PDF_HEADER_WITHIN = 1024  # mail gateways put lines before the header, and every PDF program looks this far

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG\r\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"RIFF", "WebP"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x7fELF", "ELF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office 97-2003"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"bplist00", "plist"),
    (b"{\\rtf", "RTF"),
    (b"%!PS-", "PostScript"),
)


def foreign_format(head: bytes) -> str | None:
    """Name the format whose signature the bytes begin with, or None where they may well be text."""
    name = next((name for start, name in _STARTS if head.startswith(start)), None)
    return "RIFF" if name == "WebP" and head[8:12] != b"WEBP" else name


def is_pdf(head: bytes) -> bool:
    """Say whether a PDF header stands where PDF programs look for it."""
    return b"%PDF-" in head[: PDF_HEADER_WITHIN + len(b"%PDF-")]


def what_instead_of_pdf(head: bytes) -> str:
    """Name what a file called .pdf holds, for the learner: a saved login page, a picture, plain text."""
    if name := foreign_format(head):
        return name
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml", b"<svg")):
        return "HTML"
    return "text" if decode(head) else "binary"
