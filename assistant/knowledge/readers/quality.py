"""Says whether the text of a page is the text that people see on it. Knows characters, no PDF library.

A PDF may draw letters whose meaning it does not tell. What its text layer then holds are numbers of glyphs, stand-ins,
or other letters altogether; it looks like text to a program and like nothing to a reader, and must not be indexed.
"""

from __future__ import annotations

import re
import unicodedata

_GLYPH_CODES = re.compile(
    r"\(cid:\d+\)|/(?:[Gg]|[Cc]|gid|glyph|cid|uni[0-9A-F]{3}|index)[_ ]?\d{1,5}(?=/|\s|$)|<?glyph[<(]?\d+[>)]?|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}",
    re.IGNORECASE,
)
# No character, one that only this font understands, or a code that no text holds.
_STAND_INS = re.compile(
    "[\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd\x01\x03-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef]"
)
_REPEATED = re.compile(r"(\S)\1{2,}")
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]")
_VOWEL = re.compile("[AEIOUYaeiouy]")
_MARK = re.compile(r"[!-/:-@\[-`{-~]")
_COMMON_SCRIPTS = frozenset(
    {"LATIN", "CJK", "GREEK", "CYRILLIC", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "IDEOGRAPHIC"}
)
_LETTERS = 200  # fewer of a kind prove nothing


def is_garbled(text: str) -> bool:
    """Tell whether the letters of a page are codes, stand-ins or other letters than those that people see on it."""
    said = "".join(text.split())
    if not said:
        return False
    codes = sum(len("".join(match[0].split())) for match in _GLYPH_CODES.finditer(text))
    if codes + sum(1 for _ in _STAND_INS.finditer(said)) > 0.15 * len(said):
        return True
    return _is_exchanged(_REPEATED.sub(r"\1", said))


def _is_exchanged(said: str) -> bool:
    """Tell whether letters stand for other letters: rare characters everywhere, no vowels, or nothing but marks."""
    han, latin = _HAN.findall(said), len(_LATIN.findall(said))
    if len(han) >= _LETTERS / 4 and sum(map(_everyday, han)) < 0.6 * len(han):
        return True
    if _scripts(said):
        return True
    if len(han) > 0.05 * len(said):
        return False
    marks = len(_MARK.findall(said))
    if len(said) >= _LETTERS and marks > 0.5 * len(said):
        return True
    return latin >= max(_LETTERS, 0.5 * len(said)) and len(_VOWEL.findall(said)) < 0.2 * latin


def _everyday(character: str) -> bool:
    """Tell whether a Chinese character is one of the some 3 800 (simplified) or 5 400 (traditional) of everyday writing."""
    return _within(character, "gb2312", 0xB0, 0xD7) or _within(character, "big5", 0xA4, 0xC6)


def _within(character: str, encoding: str, first: int, last: int) -> bool:
    try:
        return first <= character.encode(encoding)[0] <= last
    except UnicodeEncodeError:
        return False


def _scripts(said: str) -> bool:
    """Tell whether letters of many scripts stand among each other, as numbers of glyphs do when they are read as characters."""
    strange: dict[str, int] = {}
    for character in said:
        if character > "\u02ff" and character.isalpha() and (name := _script(character)) not in _COMMON_SCRIPTS:
            strange[name] = strange.get(name, 0) + 1
    return len(strange) >= 4 and sum(strange.values()) > 0.1 * len(said)


def _script(character: str) -> str:
    return unicodedata.name(character, "UNNAMED").split()[0]
