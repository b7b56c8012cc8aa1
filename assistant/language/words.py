"""The words of a text as an index wants them: Latin words stemmed, Chinese segmented, stop words left out.

Knows nothing of documents, scores or storage. Terms hold neither whitespace nor quotes.
"""

from __future__ import annotations

import math
import re
import threading
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any

from assistant.language.normalise import normalise

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Scripts in which a space does not end a word, or endings stick to it: besides words they are searched by pairs.
DENSE = _HAN + "\u3041-\u3096\u30a1-\u30fe\u31f0-\u31ff\u0e00-\u0e7f\u1100-\u11ff\uac00-\ud7ff"
_DENSE_RUN = re.compile(f"([{DENSE}]+)")
_SCRIPT_RUN = re.compile(f"[{_HAN}]+|[^{_HAN}]+")
_HAN_START = re.compile(f"[{_HAN}]")
# Letters with their combining marks (whole Indic blocks, whose vowel signs \w does not match), joined by - _ . + # '
_LETTERS = r"(?:[A-Za-z0-9]++|[^\W_]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0eff])+"
_WORD = re.compile(rf"{_LETTERS}(?:[_\-.+#'’]{_LETTERS})*(?:\+\+|#)?")
_WORD_OR_REST = re.compile(rf"{_WORD.pattern}|.", re.DOTALL)
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_JOINED = re.compile(r"[_\-']")
_JOINT = re.compile(r"[_\-.+#']")
_LONGEST = 64  # what is longer is encoded data, of which nobody remembers more than the beginning
_REMEMBERED = 50_000  # words with their terms
# The steps of a term without a frequency. With 0.6 in place of 0.7, 6 % more of the answerable questions in small talk
# are refused; with 0.8, half as many again of those to other notes are accepted.
_EVERYDAY, _SYMBOL, _UNUSUAL = 0.2, 0.35, 0.7
_DICTIONARY_WORDS = 6e7  # the sum of all frequencies in jieba's dictionary
_ACCENT = re.compile("(?<=[a-z])[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class WordLists:
    """The word lists of stopwords.toml; ``phrases`` matches the wrapping of a spoken question."""

    stop: frozenset[str]
    filler: frozenset[str]
    phrases: re.Pattern[str]
    everyday: frozenset[str]


def terms(text: str) -> list[str]:
    """List the terms of a passage in reading order, repeated as often as they occur."""
    return _terms_in(normalise(text))


def terms_and_runs(text: str) -> tuple[list[str], list[str]]:
    """Return what ``terms`` and ``runs`` say of a passage; both are wanted of each one that is indexed."""
    normal = normalise(text)
    return _terms_in(normal), _DENSE_RUN.findall(normal)


def runs(text: str) -> list[str]:
    """List the unbroken stretches of Chinese (and kana, hangul, Thai) that pairs are taken from."""
    return _DENSE_RUN.findall(normalise(text))


def pairs_of(runs: list[str]) -> list[str]:
    """List the overlapping character pairs of each run; a run of one character has none."""
    return [run[i : i + 2] for run in runs for i in range(len(run) - 1)]


def pairs(text: str) -> list[str]:
    """List the overlapping character pairs of a passage, which find what segmentation cut differently."""
    return pairs_of(runs(text))


def query_terms(text: str) -> list[str]:
    """List the terms of a question without its courtesies, unless nothing else was said."""
    return [term for word in _asked(text) for term in _terms_of(word)] or terms(text)


def subject_words(text: str) -> list[str]:
    """List the words of a question once each as they follow one another, without its courtesies, Latin ones stemmed.

    Unlike ``query_terms`` a compound is given as its parts only, so that each piece of the question counts once, and
    "self-attention" finds notes that say "attention".
    """
    lists = word_lists()
    kept = [word for word in _whole_words(lists.phrases.sub(" ", normalise(text))) if word.lower() not in lists.filler]
    found = [_pieces(word) for word in kept]
    if not any(found):
        found = [_pieces(word) for word in _whole_words(normalise(text))]
    return [term for pieces in found for term in pieces]


def _pieces(word: str) -> tuple[str, ...]:
    whole, *parts = _terms_of(word) or ("",)
    return tuple(parts) or ((whole,) if whole else ())


def is_han(term: str) -> bool:
    """Tell a Chinese term, which runs can hold, from one that stands between spaces."""
    return _HAN_START.match(term) is not None


def rarity(term: str) -> float:
    """Say how much a term tells about a subject, from 0.1 for a word of all days to 1, whatever the notes hold.

    Chinese: by its frequency in jieba's dictionary, from 1 in 1 000 words to 1 in a million. No package here brings
    frequencies for the rest, so they go by steps: everyday words (stopwords.toml) and numbers, single letters, others.
    """
    if not is_han(term):
        if term.isdigit() or term in word_lists().everyday:
            return _EVERYDAY
        return _SYMBOL if len(term) == 1 else _UNUSUAL
    rare = (math.log10(_DICTIONARY_WORDS / (frequency(term) + 1)) - 3) / 3
    return 0.1 + 0.9 * min(1.0, max(0.0, rare))


def frequency(word: str) -> int:
    """Say how often jieba's dictionary has met a Chinese word among its 60 million."""
    import rjieba

    return int(rjieba.suggest_freq(word))


def without_courtesies(text: str) -> str:
    """Return a question in our spelling without its courtesies, or all of it where nothing else was said."""
    lists = word_lists()
    text = normalise(text)
    said = lists.phrases.sub(" ", text)
    runs = (_cut(run) if is_han(run) else _WORD_OR_REST.findall(run) for run in _SCRIPT_RUN.findall(said))
    kept = "".join(" " if word.lower() in lists.filler else word for run in runs for word in run)
    return kept if any(map(_terms_of, _words(kept))) else text


def whole_words(text: str) -> list[str]:
    """List the words of a text as they are written, each once where it stands: Chinese segmented, compounds in one piece."""
    return list(_whole_words(text))


def stems(text: str) -> list[str]:
    """List the Latin words of a text by their stems, compounds by their parts, without stop words: how names are compared."""
    return [stem for word in _WORD.findall(text) if not is_han(word) for stem in _pieces(word)]


def query_pairs(text: str) -> list[str]:
    """List the character pairs of a question without those that only its courtesies hold."""
    return pairs_of(_asked_runs(text)) if any(map(_terms_of, _asked(text))) else pairs(text)


@cache
def word_lists() -> WordLists:
    """Read stopwords.toml once; the lists are data, so that they can be extended without touching code."""
    data = tomllib.loads(resources.files("assistant.language").joinpath("stopwords.toml").read_text("utf-8"))
    english = [rf"\b(?:{phrase})\b" for phrase in data["filler"]["english_phrases"]]
    return WordLists(
        stop=frozenset(" ".join(data["stop"].values()).split()),
        filler=frozenset(f"{data['filler']['chinese']} {data['filler']['english']}".split()),
        phrases=re.compile("|".join([*english, *data["filler"]["chinese_phrases"]]), re.IGNORECASE),
        everyday=frozenset(map(_stem, data["everyday"]["english"].split())),
    )


def _asked(text: str) -> list[str]:
    lists = word_lists()
    kept = _words(lists.phrases.sub(" ", normalise(text)))
    return [word for word in kept if word.lower() not in lists.filler]


def _asked_runs(text: str) -> list[str]:
    lists = word_lists()
    found = []
    for run in _DENSE_RUN.findall(lists.phrases.sub(" ", normalise(text))):
        words = _cut(run)
        found += "".join(" " if word in lists.filler else word for word in words).split()
    return found


def _words(text: str) -> list[str]:
    found: list[str] = []
    for run in _SCRIPT_RUN.findall(text):
        found += _cut_for_search(run) if _HAN_START.match(run) else _WORD.findall(run)
    return found


def _terms_in(text: str) -> list[str]:
    """List the terms of all words; a first sync asks for tens of millions of them."""
    found: list[str] = []
    stop, known = word_lists().stop, _known_terms.__getitem__
    for run in _SCRIPT_RUN.findall(text):
        if _HAN_START.match(run):
            found += [word for word in _cut_for_search(run) if word not in stop]
        else:
            found += chain.from_iterable(map(known, _WORD.findall(run)))
    return found


def _whole_words(text: str) -> Iterator[str]:
    for run in _SCRIPT_RUN.findall(text):
        yield from _cut(run) if is_han(run) else _WORD.findall(run)


def _terms_of(word: str) -> tuple[str, ...]:
    if _HAN_START.match(word):
        return () if word in word_lists().stop else (word,)
    return _known_terms[word]


class _KnownTerms(dict[str, tuple[str, ...]]):
    """The terms of the Latin words met so far, at most so many; asking it takes a third of the time of a cached function."""

    def __missing__(self, word: str) -> tuple[str, ...]:
        if len(self) >= _REMEMBERED:
            self.clear()
        made = self[word] = _latin_terms(word)
        return made


_known_terms = _KnownTerms()


def _latin_terms(word: str) -> tuple[str, ...]:
    """Stem a word and its parts; ``multi-head``, ``multihead`` and ``multiHead`` share a term."""
    if word.isalpha() and word.isascii() and word.islower() and len(word) <= _LONGEST:  # most words: nothing to part
        return () if word in word_lists().stop else (_stem(word),)
    plain = word[:_LONGEST].replace("’", "'")
    lowered = _fold(plain)
    if lowered.endswith("'s"):
        plain, lowered = plain[:-2], lowered[:-2]
    whole = lowered if lowered.isalnum() else _JOINED.sub("", lowered)
    stop = word_lists().stop
    if whole in stop:
        return ()
    found = [whole, *(part for part in _parts(plain, lowered) if part not in stop)]
    return tuple(dict.fromkeys(_stem(term) for term in found))


def _parts(word: str, lowered: str) -> list[str]:
    if not lowered.isalnum() and _JOINT.search(lowered):
        return [part for part in _JOINT.split(lowered) if len(part) > 1]
    humps = _CAMEL.findall(word)
    if len(humps) > 1 and not word.isupper():
        return [hump.lower() for hump in humps if len(hump) > 2]
    return []


def _fold(word: str) -> str:
    lowered = word.lower()
    if lowered.isascii():
        return lowered
    # Only accents on a-z go: in other scripts they make another letter (й is not и).
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", lowered)))


_stemming = threading.Lock()


def _stem(term: str) -> str:
    if not term.isalpha() or not term.isascii():
        return term
    with _stemming:  # the stemmer keeps the word it works on in itself
        return str(_stemmer().stemWord(term))


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def _cut_for_search(run: str) -> list[str]:
    import rjieba

    found: list[str] = rjieba.cut_for_search(run)
    return found


def _cut(run: str) -> list[str]:
    import rjieba

    return list(rjieba.cut(run))
