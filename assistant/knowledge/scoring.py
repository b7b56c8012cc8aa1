"""How well a chunk fits a question: BM25F over title and body, for words, pairs and meanings, and how close words stand.

Knows texts as the index keeps them and nothing of SQL.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_K1, _B = 0.9, 0.5
TITLE, PAIRS, CONTEXT = 0.5, 0.3, 0.4


@dataclass(frozen=True, slots=True)
class Row:
    """What is stored of a chunk. Each word has two spaces of its own, so that counting finds neighbours too."""

    chunk_id: int
    title_words: str
    body_words: str
    title_runs: str
    body_runs: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the question: as the index and as a row spell it, and what it adds at most (weight x rarity)."""

    text: str
    indexed: str
    stored: str
    gain: float
    known: bool


@dataclass(frozen=True, slots=True)
class Spelling:
    """A spelling of a group that the index holds: as FTS5 matches it, as a row spells it, and how surely it is meant."""

    match: str
    stored: str
    han: bool
    sure: float
    known: int


@dataclass(frozen=True, slots=True)
class Meaning:
    """A group as it is scored: its spellings in the index, and what they add at most together."""

    spellings: tuple[Spelling, ...]
    gain: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is scored; ``means`` are the mean lengths of the four fields, in the order of ``lengths``."""

    words: tuple[Term, ...]
    pairs: tuple[Term, ...]
    meanings: tuple[Meaning, ...]
    means: tuple[float, ...]


_Fields = tuple[tuple[str, float], tuple[str, float]]  # the text of title and body, each with its weight


def score(row: Row, asked: Asked) -> float:
    """Add up what the terms of a question gain in a chunk, each the less, the longer the field."""
    measured = zip(lengths(row), asked.means, strict=True)
    title_words, body_words, title_pairs, body_pairs = (1 / (1 - _B + _B * length / mean) for length, mean in measured)
    return (
        _gained(asked.words, (row.title_words, TITLE * title_words), (row.body_words, body_words))
        + _gained(asked.pairs, (row.title_runs, TITLE * title_pairs), (row.body_runs, body_pairs))
        + math.fsum(
            _meant(
                meaning,
                ((row.title_words, TITLE * title_words), (row.body_words, body_words)),
                ((row.title_runs, TITLE * title_pairs), (row.body_runs, body_pairs)),
            )
            for meaning in asked.meanings
        )
    )


def _meant(meaning: Meaning, latin: _Fields, han: _Fields) -> float:
    frequency = math.fsum(
        one.sure * text.count(one.stored) * weight
        for one in meaning.spellings
        for text, weight in (han if one.han else latin)
    )
    return meaning.gain * frequency / (frequency + _K1)


def _gained(terms: tuple[Term, ...], title: tuple[str, float], body: tuple[str, float]) -> float:
    score = 0.0
    for term in terms:
        frequency = title[0].count(term.stored) * title[1] + body[0].count(term.stored) * body[1]
        score += term.gain * frequency / (frequency + _K1)
    return score


def closeness(row: Row, asked: Asked) -> float:
    """Reward a body in which many of the asked words stand within a short stretch."""
    wanted = {term.text for term in asked.words}
    places = [(place, word) for place, word in enumerate(row.body_words.split()) if word in wanted]
    matched = len({word for _, word in places})
    return math.log(1 + matched) * matched / _shortest_stretch(places, matched) if matched > 1 else 0.0


def _shortest_stretch(places: list[tuple[int, str]], matched: int) -> int:
    last: dict[str, int] = {}
    shortest = places[-1][0] + 1
    for place, word in places:
        last[word] = place
        if len(last) == matched:
            shortest = min(shortest, place - min(last.values()) + 1)
    return shortest


def lengths(row: Row) -> tuple[int, int, int, int]:
    """Count the words of title and body, then their pairs."""
    title, body = row.title_words.count(" ") // 2, row.body_words.count(" ") // 2
    return title, body, _pair_count(row.title_runs), _pair_count(row.body_runs)


def _pair_count(runs: str) -> int:
    # Each run has one pair less than characters, and each but the first brings a space.
    return max(0, len(runs) - 2 * runs.count(" ") - 1)


def highest(asked: Asked) -> float:
    """Return what a chunk would reach that holds everything, as often and as close together as can be."""
    most = math.fsum(one.gain for many in (asked.words, asked.pairs, asked.meanings) for one in many)
    return most + (math.log(1 + len(asked.words)) if len(asked.words) > 1 else 0.0)
