"""Progress as exact numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from assistant.study.progress import (
    Answered,
    Reviewed,
    Scheduled,
    Week,
    day_of,
    heat_map,
    last_days,
    load,
    mastery,
    retention,
    retention_by_week,
    streak,
)

TODAY = date(2026, 3, 10)
CHINA = timezone(timedelta(hours=8))


def on(day: int, remembered: int = 0, forgotten: int = 0, *, learning: bool = False, mature: bool = False) -> Reviewed:
    return Reviewed(date(2026, 3, day), remembered + forgotten, remembered, mature=mature, learning=learning)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_a_day_begins_at_the_learners_own_hour() -> None:
    assert day_of(at(9, 19), CHINA) == date(2026, 3, 9)  # 03:00 in China is still yesterday
    assert day_of(at(9, 20), CHINA) == date(2026, 3, 10)
    assert day_of(at(9, 19), CHINA, starts_at=0) == date(2026, 3, 10)


def test_the_heat_map_has_every_day_and_nothing_from_outside() -> None:
    heat = heat_map([on(10, 1, 1), on(1, 5)], [date(2026, 3, 8), TODAY], last_days(TODAY, 4))

    assert heat == {date(2026, 3, 7): 0, date(2026, 3, 8): 1, date(2026, 3, 9): 0, TODAY: 3}


def test_a_streak_is_not_broken_by_a_day_that_is_not_over() -> None:
    heat = heat_map([on(9, 1), on(8, 0, 1), on(6, 2)], [], last_days(TODAY, 10))

    assert streak(heat, TODAY) == 2
    assert streak({}, TODAY) == 0


def test_retention_leaves_learning_out_and_can_ask_for_mature_cards() -> None:
    reviews = [on(1, 0, 7, learning=True), on(2, 1), on(3, 0, 1), on(4, 2, mature=True)]

    assert retention(reviews) == 0.75
    assert retention(reviews, mature=True) == 1.0
    assert retention(reviews, since=date(2026, 3, 3)) == pytest.approx(2 / 3)
    assert retention([]) is None


def test_retention_by_week_counts_from_monday_and_leaves_empty_weeks_out() -> None:
    reviews = [
        on(1, 1),  # Sunday: the week before, which is further back than two weeks
        on(2, 0, 1),
        on(8, 2),
        on(10, 0, 1),
        on(9, 1, learning=True),
        on(20, 1),  # a clock that was set back: not yet
    ]

    assert retention_by_week(reviews, TODAY, weeks=2) == [
        Week(date(2026, 3, 2), pytest.approx(2 / 3), 3),
        Week(date(2026, 3, 9), 0.0, 1),
    ]


def test_what_is_overdue_falls_on_today_and_new_cards_on_no_day() -> None:
    cards = [Scheduled("a", at(1), 0.5), Scheduled("a", at(10), 0.9), Scheduled("a", at(12), 0.9)]
    cards += [Scheduled("a", None, None), Scheduled("a", at(30), 0.9)]

    assert list(load(cards, TODAY, UTC, days=3).values()) == [2, 0, 1]


def test_mastery_is_retrievability_and_quiz_together_the_weakest_first() -> None:
    cards = [
        Scheduled("甲", at(9), 0.8),
        Scheduled("甲", None, None),
        Scheduled("乙", at(9), 0.9),
        Scheduled("丁", None, None),
    ]
    answers = [Answered("甲", True, at(9)), Answered("甲", False, at(9)), Answered("丙", True, at(9))]

    found = mastery(cards, answers)

    assert [one.topic for one in found] == ["甲", "丙", "乙", "丁"]
    first, third, second, none = found
    assert third.value == pytest.approx(1 / 3)  # one lucky answer
    assert first.value == pytest.approx((0.8 + 2 * 1 / 4) / 4)
    assert (first.cards, first.reviewed, first.right, first.asked) == (2, 1, 1, 2)
    assert second.value == 0.9
    assert none.value is None  # only there, never tried
