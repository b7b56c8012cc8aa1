"""How sure a mean is: intervals by drawing the questions again and again. Knows numbers only; the same numbers give the same interval."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

DRAWS = 2_000
_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and between which bounds it would lie 95 times in 100 if other questions of the kind had been asked."""

    mean: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether it lies wholly on one side of zero: for a difference, that it is no chance."""
        return self.low > 0 or self.high < 0


def interval(values: Sequence[float], draws: int = DRAWS) -> Interval:
    """Return the mean of ``values`` with its interval; of no values, or one, nothing is sure but themselves."""
    if not values:
        return Interval(0.0, 0.0, 0.0)
    # A seed of its own: the page must show the same interval each time it is drawn.
    chance = random.Random(20_261_122)  # noqa: S311  # no secret depends on it
    count = len(values)
    means = sorted(sum(chance.choices(values, k=count)) / count for _ in range(draws))
    outside = round((1 - _SHARE) / 2 * draws)
    return Interval(sum(values) / count, means[outside], means[draws - 1 - outside])


def paired(one: Sequence[float], other: Sequence[float], draws: int = DRAWS) -> Interval:
    """Return how much better ``one`` is than ``other`` over the same questions in the same order."""
    return interval([mine - theirs for mine, theirs in zip(one, other, strict=True)], draws)
