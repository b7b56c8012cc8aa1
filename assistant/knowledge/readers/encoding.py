"""Finds the encoding of a text and decodes it. Knows bytes and characters, no files and no Markdown.

The order is by certainty: a byte order mark, UTF-8 that is valid, UTF-16 given away by its zero bytes, UTF-8 with
a few broken places, then the old Chinese encodings by how common the characters are that they would give.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 1 << 16
_REPLACED = "�"
# One row per encoding: a character of its everyday half (GB 2312 level 1, Big5 level 1, or punctuation), any pair.
_EVERYDAY = {
    "gb18030": (re.compile(rb"[\xb0-\xd7\xa1\xa3][\xa1-\xfe]"), re.compile(rb"[\x81-\xfe][\x40-\xfe]")),
    "big5": (re.compile(rb"[\xa4-\xc6\xa1][\x40-\x7e\xa1-\xfe]"), re.compile(rb"[\x81-\xfe][\x40-\xfe]")),
}
_OTHERS = ("cp1252", "cp1251", "shift_jis", "euc_jp", "euc_kr", "gb18030", "big5")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, without a byte order mark; ``replaced`` says that U+FFFD stands for bytes without meaning."""

    text: str
    encoding: str
    replaced: bool


def decode(data: bytes) -> Decoded | None:
    """Decode a text, or answer None where the bytes are no text in any encoding we know."""
    encoding, skip = _marked(data) or (_unmarked(data), 0)
    if encoding is None:
        return None
    text, replaced = _decoded(data[skip:], encoding)
    noise = text.count(_REPLACED) + sum(1 for _ in _CONTROL.finditer(text))
    if noise > max(min(8, len(text) // 4), len(text) // 20):
        return None
    return Decoded(text, encoding, replaced)


def _decoded(data: bytes, encoding: str) -> tuple[str, bool]:
    """Decode, and say whether anything was replaced: a note may well contain a U+FFFD of its own."""
    try:
        text, replaced = data.decode(encoding), False
    except UnicodeDecodeError:
        text, replaced = data.decode(encoding, "replace"), True
    # A zero byte in a text is damage of its own; one character for one keeps every offset.
    return text.replace("\x00", _REPLACED), replaced or "\x00" in text


def _marked(data: bytes) -> tuple[str, int] | None:
    return next(((name, len(mark)) for mark, name in _MARKS if data.startswith(mark)), None)


def _unmarked(data: bytes) -> str | None:
    if wide := _wide(data):
        return wide
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8" if _mostly_utf8(data) else _legacy(data)
    return "utf-8"


def _wide(data: bytes) -> str | None:
    """Recognise UTF-16 without a mark: its line ends and spaces put zeros on one side of the pairs only."""
    zeros = (data[0::2].count(0), data[1::2].count(0))
    if len(data) % 2 or sum(zeros) < 2 or min(zeros) > max(zeros) // 20:
        return None
    encoding = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    plain = sum(1 for character in text[:_SAMPLE] if _is_plain(character))
    return encoding if plain >= 0.9 * min(len(text), _SAMPLE) else None


def _is_plain(character: str) -> bool:
    code = ord(character)
    chinese = 0x4E00 <= code <= 0x9FFF or 0x3000 <= code <= 0x30FF or 0xFF00 <= code <= 0xFFEF
    return chinese or 0x20 <= code < 0x250 or 0x2010 <= code <= 0x2044 or character in "\t\n\r\f"


def _mostly_utf8(data: bytes) -> bool:
    """Say whether whole UTF-8 characters far outnumber the broken places, as in a note cut or hit by a bad disk."""
    text = data.decode("utf-8", "replace")
    broken = text.count(_REPLACED)
    whole = sum(1 for character in text if character > "\x7f") - broken
    return whole >= 4 * broken


def _legacy(data: bytes) -> str | None:
    best, share = max(((name, _everyday_share(data, name)) for name in _EVERYDAY), key=lambda pair: pair[1])
    if share >= 0.7:
        return best
    return _guessed(data)


def _everyday_share(data: bytes, encoding: str) -> float:
    sample = data[:_SAMPLE]
    broken = sample.decode(encoding, "replace").count(_REPLACED)
    everyday, pair = _EVERYDAY[encoding]
    pairs = pair.findall(sample)
    common = sum(1 for found in pairs if everyday.fullmatch(found))
    return (common - 4 * broken) / len(pairs) if len(pairs) > 1 else 0.0


def _guessed(data: bytes) -> str | None:
    """Ask charset-normalizer about what is neither UTF nor Chinese; without an answer it stays UTF-8, damaged."""
    from charset_normalizer import from_bytes

    if b"\x00" in data[:_SAMPLE]:
        return None if data.count(0) > len(data) // 50 else "utf-8"
    best = from_bytes(data[:_SAMPLE], cp_isolation=list(_OTHERS), enable_fallback=False).best()
    return best.encoding if best is not None else "utf-8"
