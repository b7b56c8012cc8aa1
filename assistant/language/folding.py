"""Folds a text so that only its words and figures are compared, and leads every place of it back to the original.

Width, case, accents, spacing, punctuation, Markdown marks and traditional characters go; knows no sentences.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from assistant.language.normalise import simplify

_MARKDOWN = frozenset("*_`~#|\\$")
_KEPT = frozenset("%‰&@/^<")  # punctuation to Unicode, but 50 and 50 % are not the same


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded characters, and for each the place in the original that it came from."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original that text[start:end] came from."""
        return (self.places[start], self.places[end - 1] + 1) if start < end else (0, 0)


def fold(text: str) -> Folded:
    """Fold a text, keeping the way back."""
    signs: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for sign in _folded(character):
            if sign.isalnum() or _matters(sign, text, place):
                signs.append(sign)
                places.append(place)
    return Folded("".join(signs), tuple(places))


def _folded(character: str) -> str:
    if character.isascii():
        return character.lower()
    if character == "‹":  # written in place of a note's < where that would begin a control token
        return "<"
    return simplify(unicodedata.normalize("NFKD", character)).casefold()


def _matters(sign: str, text: str, place: int) -> bool:
    """Tell a sign that changes what is said: a decimal point, a minus, an operator."""
    if sign in _MARKDOWN or sign.isspace():
        return False
    if sign in ".-\u2212":
        before, after = text[max(place - 1, 0) : place], text[place + 1 : place + 2]
        return after.isdigit() and (before.isdigit() if sign == "." else not before.isalnum())
    if sign == ">":  # at the beginning of a line it marks a quotation
        return bool(text[text.rfind("\n", 0, place) + 1 : place].strip(" \t>"))
    return sign in _KEPT or unicodedata.category(sign)[0] == "S"
