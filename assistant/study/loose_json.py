"""A reader of almost-JSON that never fails: it takes what can be told apart and leaves out what cannot.

One pass from left to right. Takes single, curly and missing quotes, missing and doubled commas, comments, Python's words,
line breaks and stray quotes inside strings, full-width punctuation, and an end in the middle of anything.
"""

from __future__ import annotations

import re
from typing import Any, Final

_DEEPEST = 60
_QUOTES: Final = {'"': '"', "'": "'", "“": "”", "‘": "’", "”": "”", "`": "`"}
_BLANK = re.compile(r"(?:[\s\u00a0\u3000]+|//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*)+", re.DOTALL)
_COMMAS, _COLONS = ",，、;；", ":：="
_WORD = re.compile(r"[^\s,，:：;；\[\]{}\"“”]+")
_BARE_VALUE = re.compile(r"[^\n,，\]}]+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NAMED: Final[dict[str, Any]] = {
    "true": True,
    "false": False,
    "null": None,
    "none": None,
    "nan": None,
    "undefined": None,
}
_AFTER_STRING = re.compile(r"(?:[\s\u00a0\u3000]*)(?:[,，:：\]}]|\Z|[\"'“]\w+[\"'”]\s*[:：])")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_CUT: Final = object()  # a value of which the end is missing


def loose_objects(text: str) -> list[tuple[dict[str, Any], bool]]:
    """Return every object in the text and whether its end is there, inner ones before those around them.

    A value that was cut off is left out.
    """
    reader = _Reader(text)
    place = 0
    while (opened := _opening(text, place)) >= 0:
        reader.place = opened
        reader.value(0)
        place = max(reader.place, opened + 1)
    return reader.objects


def _opening(text: str, place: int) -> int:
    found = [at for at in (text.find("{", place), text.find("[", place)) if at >= 0]
    return min(found, default=-1)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.objects: list[tuple[dict[str, Any], bool]] = []

    def value(self, depth: int) -> Any:
        self._skip()
        sign = self._sign()
        if sign in ("{", "[") and depth < _DEEPEST:
            return self._object(depth) if sign == "{" else self._list(depth)
        if sign in _QUOTES:
            return self._string(_QUOTES[sign])
        return self._bare()

    def _object(self, depth: int) -> Any:
        self.place += 1
        read: dict[str, Any] = {}
        while (sign := self._next(_COMMAS)) and sign not in "}]":
            started = self.place
            name = self._name()
            self._next("")
            if name is _CUT or self._sign() not in _COLONS or not self._sign():
                self.place = max(self.place, started + 1)
                continue
            self.place += 1
            value = self.value(depth + 1)
            if value is not _CUT:
                read[str(name)] = value
        whole = sign == "}"
        self.place += 1 if whole else 0
        self.objects.append((read, whole))
        return read if whole else _CUT

    def _list(self, depth: int) -> Any:
        self.place += 1
        read: list[Any] = []
        while (sign := self._next(_COMMAS)) and sign not in "]}":
            started = self.place
            value = self.value(depth + 1)
            if value is not _CUT:
                read.append(value)
            self.place = max(self.place, started + 1)
        whole = sign == "]"
        self.place += 1 if whole else 0
        return read if whole else _CUT

    def _name(self) -> Any:
        sign = self._sign()
        if sign in _QUOTES:
            return self._string(_QUOTES[sign])
        found = _WORD.match(self.text, self.place)
        self.place = found.end() if found else self.place
        return found[0] if found else _CUT

    def _string(self, closing: str) -> Any:
        """Read to the quote that ends the string: the first one behind which something may follow a string."""
        self.place += 1
        read: list[str] = []
        while sign := self._sign():
            self.place += 1
            if sign == "\\":
                read.append(self._escape())
            elif (sign == closing or {sign, closing} == {"”", '"'}) and _AFTER_STRING.match(self.text, self.place):
                return "".join(read)
            else:
                read.append(sign)
        return _CUT

    def _escape(self) -> str:
        sign = self._sign()
        self.place += 1
        if sign == "u" and re.fullmatch("[0-9a-fA-F]{4}", code := self.text[self.place : self.place + 4]):
            self.place += 4
            return chr(int(code, 16)) if not 0xD800 <= int(code, 16) < 0xE000 else "\ufffd"
        return _ESCAPES.get(sign, sign)

    def _bare(self) -> Any:
        found = _BARE_VALUE.match(self.text, self.place)
        if found is None:
            return _CUT
        self.place = found.end()
        word = found[0].strip()
        if self.place >= len(self.text):
            return _CUT
        if _NUMBER.fullmatch(word):
            return float(word) if re.search(r"[.eE]", word) else _whole(word)
        return _NAMED.get(word.lower(), word)

    def _next(self, passed: str) -> str:
        """Go to the next sign that is none of these and no blank."""
        self._skip()
        while (sign := self._sign()) and sign in passed:
            self.place += 1
            self._skip()
        return sign

    def _skip(self) -> None:
        if blank := _BLANK.match(self.text, self.place):
            self.place = blank.end()

    def _sign(self) -> str:
        return self.text[self.place : self.place + 1]


def _whole(word: str) -> int | float:
    return int(word) if len(word) < 300 else float("inf")
