"""Finds where a quotation or a claim stands in a text, by letters and digits alone. Knows no note and no page.

Spacing, width, case, Markdown marks and the hyphens of line ends are what differs between a note, its picture on
screen and an answer that quotes it; letters and digits stay.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from assistant.language.sentences import sentences
from assistant.language.words import rarity, terms

_CLOSE_ENOUGH = 0.4  # of what a claim says, weighed by how much each word tells
_SHORTEST_CLAIM = 2  # letters: less than a word is found everywhere


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters ``start`` to ``end`` of a text; ``verbatim`` says that the claim stands there word for word."""

    start: int
    end: int
    verbatim: bool


def folded(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text in one form, and for each the place it comes from."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKC", character).casefold():
            if letter.isalnum():
                letters.append(letter)
                places.append(place)
    return "".join(letters), places


def find(text: str, quotation: str, within: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """Return where a quotation stands word for word, inside ``within`` if it is there, else anywhere, else None."""
    wanted, _ = folded(quotation)
    if len(wanted) < _SHORTEST_CLAIM:
        return None
    if within and (inside := find(text[within[0] : within[1]], quotation)):
        return within[0] + inside[0], within[0] + inside[1]
    letters, places = folded(text)
    at = letters.find(wanted)
    return None if at < 0 else (places[at], places[at + len(wanted) - 1] + 1)


@lru_cache(maxsize=2_048)  # a page is drawn anew at every click, with all its answers
def stretch_of(text: str, claim: str) -> Stretch | None:
    """Return where a claim stands in a passage, or the sentence that says most of it, or None."""
    if exact := find(text, claim):
        return Stretch(*exact, verbatim=True)
    weights = {term: rarity(term) for term in terms(claim)}
    whole = sum(weights.values())
    if not whole:
        return None

    def share(span: tuple[int, int]) -> float:
        return sum(weights[term] for term in weights.keys() & set(terms(text[span[0] : span[1]]))) / whole

    best = max(sentences(text), key=share, default=(0, 0))
    return Stretch(*best, verbatim=False) if best[1] and share(best) >= _CLOSE_ENOUGH else None
