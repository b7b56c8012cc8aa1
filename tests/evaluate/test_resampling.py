"""Intervals hold what they promise on numbers whose truth is known."""

from __future__ import annotations

import random

import pytest

from assistant.evaluate.resampling import Interval, interval, paired


def test_an_interval_holds_the_mean_and_is_the_same_each_time() -> None:
    values = [random.Random(1).random() for _ in range(1)] + [0.2, 0.9, 0.4, 0.7]
    first = interval(values)

    assert first == interval(values)
    assert first.low <= first.mean <= first.high
    assert first.mean == pytest.approx(sum(values) / 5)


def test_more_questions_make_it_narrower() -> None:
    few, many = interval([0.0, 1.0] * 10), interval([0.0, 1.0] * 200)

    assert few.high - few.low > 2 * (many.high - many.low)


def test_about_95_of_100_intervals_hold_the_truth() -> None:
    chance = random.Random(7)
    held = [
        one.low <= 0.5 <= one.high
        for one in (interval([chance.random() for _ in range(60)], draws=400) for _ in range(200))
    ]

    assert 0.88 <= sum(held) / len(held) <= 0.99


@pytest.mark.parametrize(("values", "expected"), [([], Interval(0, 0, 0)), ([0.3], Interval(0.3, 0.3, 0.3))])
def test_of_too_little_nothing_is_made_up(values: list[float], expected: Interval) -> None:
    assert interval(values) == expected


def test_a_small_gain_on_every_question_is_certain_though_the_questions_differ_widely() -> None:
    worse = [0.0, 0.9, 0.1, 0.8, 0.3] * 6
    better = [value + 0.05 for value in worse]

    assert paired(better, worse).certain
    assert paired(better, worse).mean == pytest.approx(0.05)
    assert not interval([*better]).low > interval([*worse]).high


def test_what_goes_up_and_down_is_not_certain() -> None:
    assert not paired([0.5, 0.1] * 20, [0.1, 0.5] * 20).certain
