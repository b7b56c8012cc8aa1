"""Figures of retrieval quality over ranked lists. Knows ids and grades only, not what they stand for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Grades = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over all judged queries."""

    queries: int
    ndcg_at_10: float
    recall_at_5: float
    mrr_at_10: float


def ndcg(ranked: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """Compare the gain of a ranking, 2^grade - 1 discounted by log2 of its place, with the best possible one."""
    best = sorted(grades.values(), reverse=True)[:depth]
    ideal = _discounted(best)
    return _discounted([grades.get(name, 0) for name in ranked[:depth]]) / ideal if ideal else 0.0


def recall(ranked: Sequence[str], grades: Grades, depth: int = 5) -> float:
    """Tell which share of the relevant documents stands among the first ones."""
    relevant = {name for name, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranked[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """Return 1 / place of the first relevant document, 0 where there is none."""
    places = (place for place, name in enumerate(ranked[:depth], start=1) if grades.get(name, 0) > 0)
    return 1 / next(places, math.inf)


def judge(run: Mapping[str, Sequence[str]], qrels: Mapping[str, Grades]) -> Figures:
    """Average the figures over every query that has a relevant document; one missing from the run counts as 0."""
    judged = {query: grades for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
    rows = [(run.get(query, ()), grades) for query, grades in judged.items()]
    count = max(1, len(rows))
    return Figures(
        queries=len(rows),
        ndcg_at_10=sum(ndcg(*row) for row in rows) / count,
        recall_at_5=sum(recall(*row) for row in rows) / count,
        mrr_at_10=sum(reciprocal_rank(*row) for row in rows) / count,
    )


def _discounted(grades: Sequence[int]) -> float:
    return sum((2.0 ** max(0, grade) - 1) / math.log2(place + 1) for place, grade in enumerate(grades, start=1))
