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
_TELLING = 1.2  # a clause with less weight says too little to be held against another
_PAIRS = 0.35  # how much the character pairs count beside the words, for Chinese that was worded anew


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause without its negations, and whether it had an odd number of them."""

    terms: frozenset[str]
    denies: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """What a passage can support: its words, figures and clauses."""

    text: str
    terms: frozenset[str]
    pairs: frozenset[str]
    figures: tuple[Figure, ...]
    clauses: tuple[Clause, ...]


def ground(text: str) -> Ground:
    """Read a passage, with its title and headings before it, once for all sentences."""
    whole = normalise(text)
    return Ground(
        whole.casefold(),
        frozenset(terms(text)),
        frozenset(pairs(text)),
        (*figures(text), *spelled(text), *_sizes(text)),
        tuple(_clauses(text, wider=True)),
    )


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
    known = [figure for one in grounds for figure in one.figures] + figures(allowed)
    return [figure for figure in figures(sentence) if not stands_among(figure, known)]


def denied(sentence: str, grounds: Iterable[Ground]) -> bool:
    """Tell whether a clause says the opposite of the clauses that are most like it."""
    known = [clause for one in grounds for clause in one.clauses]
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
        found += [clause for part in parts if (clause := _clause(part)) is not None]
        if wider and len(parts) > 1:
            found += [clause for one, next_ in pairwise(parts) if (clause := _clause(f"{one}，{next_}"))]
            whole = _clause(sentence)
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


def _clause(text: str) -> Clause | None:
    words = frozenset(terms(affirmed(text)))
    return Clause(words, negations(text) % 2 == 1) if sum(map(_weight, words)) >= _TELLING else None


@lru_cache(maxsize=50_000)
def _weight(term: str) -> float:
    return rarity(term)
