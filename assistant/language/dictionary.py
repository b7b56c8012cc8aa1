"""Translations of single words and short phrases between Chinese and English. Knows no notes and no search.

cedict.tsv.xz is made from CC-CEDICT (CC BY-SA 4.0, see cedict.licence.txt) by bench/make_dictionary.py: a Chinese word a
line, then its senses as English stems, the usual one first. It is read when the first word is looked up, in half a second.
"""

from __future__ import annotations

import lzma
import math
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from assistant.language import words

_LONGEST_WORD, _LONGEST_PHRASE = 8, 4  # characters, English words
_KEPT = 8  # translations of one word
_LATER_SENSE = 0.35  # each further sense of a word weighs as the first / (1 + this x its place)
_PART_OF_SENSE = 0.7  # a stem of a sense of n stems weighs 1 / n to this power


@dataclass(frozen=True, slots=True)
class Translated:
    """A word or phrase of a question and its translations, the best of which weighs 1."""

    source: str
    words: int
    into: Mapping[str, float]


class Dictionary:
    """Both directions of the dictionary; ``open_dictionary`` shares one of them in a process."""

    def into_english(self, text: str) -> list[Translated]:
        """Translate the Chinese words of a text into stems; a word is the longest that the dictionary knows."""
        found = []
        for word in (word for run in words.runs(text) for word in self._cut(run)):
            into = {} if word in words.word_lists().stop else self._stems_of(word)
            if into:
                found.append(Translated(word, 1, into))
        return found

    def into_chinese(self, stems: Sequence[str]) -> list[Translated]:
        """Translate a row of stems, the longest phrases first."""
        found, place = [], 0
        while place < len(stems):
            for length in range(min(_LONGEST_PHRASE, len(stems) - place), 0, -1):
                phrase = " ".join(stems[place : place + length])
                if phrase in self._of_phrases:
                    found.append(Translated(phrase, length, self._words_of(phrase)))
                    place += length - 1
                    break
            place += 1
        return found

    def _cut(self, run: str) -> list[str]:
        """Cut a run into the fewest words that the dictionary knows."""
        best: list[tuple[float, int]] = [(0.0, 0)] + [(math.inf, 0)] * len(run)
        for start in range(len(run)):
            for end in range(start + 1, min(start + _LONGEST_WORD, len(run)) + 1):
                known = self._place(run[start:end]) is not None
                if not known and end > start + 1:
                    continue
                cost = best[start][0] + (1.0 if end > start + 1 else 1.7 if known else 2.2)
                best[end] = min(best[end], (cost, start))
        cut, end = [], len(run)
        while end:
            cut.append(run[best[end][1] : end])
            end = best[end][1]
        return cut[::-1]

    def _stems_of(self, word: str) -> dict[str, float]:
        place = self._place(word)
        weights: dict[str, float] = defaultdict(float)
        for rank, sense in enumerate([] if place is None else self._rows[place].split("\t")[1:]):
            stems = sense.split()
            for stem in stems:
                weights[stem] += 1 / (1 + _LATER_SENSE * rank) / len(stems) ** _PART_OF_SENSE
        return _best(weights)

    def _words_of(self, phrase: str) -> dict[str, float]:
        weights = {}
        for place in self._of_phrases[phrase]:
            word, *senses = self._rows[place].split("\t")
            usual = min(1.5, math.log(10 + words.frequency(word)) / 8)
            weights[word] = usual / (1 + _LATER_SENSE * senses.index(phrase))
        return _best(weights)

    def _place(self, word: str) -> int | None:
        place = bisect_left(self._rows, word + "\t")
        return place if place < len(self._rows) and self._rows[place].startswith(word + "\t") else None

    @cached_property
    def _rows(self) -> list[str]:
        packed = resources.files("assistant.language").joinpath("cedict.tsv.xz").read_bytes()
        return sorted(lzma.decompress(packed).decode("utf-8").split("\n"))

    @cached_property
    def _of_phrases(self) -> dict[str, array[int]]:
        """Map each sense to the rows that have it."""
        found: dict[str, array[int]] = {}
        for place, row in enumerate(self._rows):
            for sense in row.split("\t")[1:]:
                if sense in found:
                    found[sense].append(place)
                else:
                    found[sense] = array("i", [place])
        return found


@cache
def open_dictionary() -> Dictionary:
    """Return the dictionary that the whole process shares."""
    return Dictionary()


def _best(weights: Mapping[str, float]) -> dict[str, float]:
    best = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:_KEPT]
    return {word: weight / best[0][1] for word, weight in best}
