"""How far a passage supports a sentence: by its words, its figures and whether it affirms or denies. No model, no tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from assistant.language.figures import Figure, figures, spelled, stands_among
from assistant.language.negation import affirmed, negations
from assistant.language.normalise import normalise
from assistant.language.passage_lines import lines_of
from assistant.language.sentences import clauses
from assistant.language.words import is_han, pairs, rarity, terms

_CLAUSE = re.compile(r"[,，;；:：()（）\n]|——|\bbut\b|\bwhile\b|但是|但|而是")
_SAME = 0.72  # two clauses with so many words in common speak of the same
_CLOSE = 0.06  # and where one that agrees is nearly as alike, nothing is denied
_NEARLY = 0.8  # clauses so much alike have the same figures
_NEAR = 0.15  # unless another one that is not much less alike has them
_TELLING = 1.2  # a clause with less weight says too little to be held against another
_PAIRS = 0.35  # how much the character pairs count beside the words, for Chinese that was worded anew


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause without its negations and figures, whether it had an odd number of the former, and the latter."""

    terms: frozenset[str]
    denies: bool
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a passage can support: its words, and what is read of it once that is needed, its figures and clauses."""

    source: str
    text: str
    terms: frozenset[str]
    pairs: frozenset[str]


def ground(text: str) -> Ground:
    """Read a passage, with its title and headings before it, once for all sentences."""
    return Ground(text, normalise(text).casefold(), frozenset(terms(text)), frozenset(pairs(text)))


@lru_cache(maxsize=32)
def _figures_of(text: str) -> tuple[Figure, ...]:
    return (*figures(text), *spelled(text), *_sizes(text))


@lru_cache(maxsize=32)
def _clauses_of(text: str) -> tuple[Clause, ...]:
    return tuple(_clauses(text, wider=True))


def _sizes(text: str) -> list[Figure]:
    """Count the lists and tables of a passage: an answer may say that there are four."""
    groups: dict[tuple[int | None, int | None], int] = {}
    for line in lines_of(text):
        if line.kind in ("item", "row"):
            groups[line.group, line.above] = groups.get((line.group, line.above), 0) + 1
    return [Figure(Decimal(size), "", str(size)) for size in groups.values()]


def coverage(sentence: str, grounds: Sequence[Ground]) -> float:
    """Return which part of what a sentence says, by weight, the passages hold together: 0 to 1."""
    said = set(terms(sentence))
    weight = sum(map(_weight, said))
    if not weight:
        return 1.0
    words = sum(_weight(term) for term in said if any(_holds(one, term) for one in grounds)) / weight
    two = set(pairs(sentence))
    if not two:
        return words
    shared = sum(any(pair in one.pairs for one in grounds) for pair in two) / len(two)
    share = _PAIRS * sum(_weight(term) for term in said if is_han(term)) / weight
    return (1 - share) * words + share * shared


def _holds(one: Ground, term: str) -> bool:
    return term in one.terms or (is_han(term) and term in one.text)


def foreign_figures(sentence: str, grounds: Iterable[Ground], allowed: str) -> list[Figure]:
    """List the figures of a sentence that stand in none of the passages, nor in what was asked."""
    said = figures(sentence)
    known = [figure for one in grounds for figure in _figures_of(one.source)] + figures(allowed) if said else []
    return [figure for figure in said if not stands_among(figure, known)]


def misplaced_figures(sentence: str, grounds: Iterable[Ground], allowed: str) -> list[Figure]:
    """List the figures that stand somewhere in the passages, but not where they say nearly the same as the sentence."""
    if not figures(sentence):
        return []
    known = [clause for one in grounds for clause in _clauses_of(one.source)]
    asked = figures(allowed)
    return [one for clause in _clauses(sentence, wider=False) for one in _misplaced(clause, known, asked)]


def _misplaced(said: Clause, known: Sequence[Clause], asked: Sequence[Figure]) -> list[Figure]:
    if not said.figures:
        return []
    likeness = [_alike(said.terms, clause.terms) for clause in known]
    best = max(likeness, default=0.0)
    if best < _NEARLY:
        return []
    there = [
        figure
        for alike, clause in zip(likeness, known, strict=True)
        if alike > best - _NEAR
        for figure in clause.figures
    ]
    return [figure for figure in said.figures if there and not stands_among(figure, [*there, *asked])]


def denied(sentence: str, grounds: Iterable[Ground]) -> bool:
    """Tell whether a clause says the opposite of the clauses that are most like it."""
    known = [clause for one in grounds for clause in _clauses_of(one.source)]
    return any(_contradicted(clause, known) for clause in _clauses(sentence, wider=False))


def _contradicted(said: Clause, known: Sequence[Clause]) -> bool:
    likeness = {True: 0.0, False: 0.0}
    for clause in known:
        likeness[clause.denies] = max(likeness[clause.denies], _alike(said.terms, clause.terms))
    opposite, agreeing = likeness[not said.denies], likeness[said.denies]
    return opposite >= _SAME and opposite > agreeing + _CLOSE


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    common = sum(map(_weight, one & other))
    return 2 * common / (sum(map(_weight, one)) + sum(map(_weight, other))) if common else 0.0


def _clauses(text: str, *, wider: bool) -> list[Clause]:
    """Cut into clauses that say enough; ``wider`` adds the whole sentences and neighbours, as an answer may cut otherwise."""
    found: list[Clause] = []
    for sentence in clauses(text):
        parts = _merged([part for part in _CLAUSE.split(sentence) if part.strip()])
        found += [clause for part in parts if (clause := _clause(part, wider)) is not None]
        if wider and len(parts) > 1:
            found += [clause for one, next_ in pairwise(parts) if (clause := _clause(f"{one}，{next_}", wider))]
            whole = _clause(sentence, wider)
            found += [whole] if whole else []
    return found


def _merged(parts: Sequence[str]) -> list[str]:
    """Join a part that says too little to the one that follows it."""
    merged: list[str] = []
    for part in parts:
        if merged and _telling(merged[-1]) < _TELLING:
            merged[-1] += "，" + part
        else:
            merged.append(part)
    return merged


def _telling(text: str) -> float:
    return sum(map(_weight, set(terms(affirmed(text)))))


def _clause(text: str, wider: bool) -> Clause | None:
    words = frozenset(term for term in terms(affirmed(text)) if not term.isdigit())
    if sum(map(_weight, words)) < _TELLING:
        return None
    return Clause(words, negations(text) % 2 == 1, (*figures(text), *(spelled(text) if wider else ())))


@lru_cache(maxsize=50_000)
def _weight(term: str) -> float:
    return rarity(term)
