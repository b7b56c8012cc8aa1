"""When a card comes again: FSRS-6 with its own default parameters, by exact numbers."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from fsrs import Card as FsrsCard
from fsrs import Scheduler
from fsrs import State as FsrsState

from assistant.study.schedule import Memory, Rating, Schedule, State, day_begins, day_bounds, study_day

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEW = Memory(due=NOW)


def days_of(ratings: list[Rating], schedule: Schedule) -> list[int]:
    """Grade a card each time on the moment it is due; return the intervals in days."""
    memory, now, found = NEW, NOW, []
    for rating in ratings:
        memory = schedule.after(memory, rating, now)
        found.append((memory.due - now).days)
        now = memory.due
    return found


def test_good_answers_move_a_card_ever_further_away() -> None:
    assert days_of([3, 3, 3, 3, 3, 3], Schedule()) == [0, 2, 11, 46, 163, 498]


def test_a_forgotten_card_is_learned_again_before_it_goes_away() -> None:
    assert days_of([3, 3, 3, 1, 3, 3], Schedule()) == [0, 2, 11, 0, 2, 5]


def test_the_four_choices_of_a_new_card_are_minutes_and_days() -> None:
    waits = [after.due - NOW for after in Schedule().choices(NEW, NOW).values()]

    assert waits == [timedelta(minutes=1), timedelta(minutes=5, seconds=30), timedelta(minutes=10), timedelta(days=8)]


def test_who_wants_to_remember_more_sees_cards_sooner() -> None:
    ratings: list[Rating] = [3, 3, 3, 3]
    assert (
        days_of(ratings, Schedule(0.8))[-1] > days_of(ratings, Schedule(0.9))[-1] > days_of(ratings, Schedule(0.95))[-1]
    )


def test_a_retention_that_means_nothing_is_brought_into_its_bounds() -> None:
    assert (Schedule(0.0).retention, Schedule(1.0).retention) == (0.7, 0.97)


def test_what_a_button_promises_is_what_happens() -> None:
    schedule = Schedule()
    memory = schedule.after(schedule.after(NEW, 3, NOW), 3, NOW + timedelta(minutes=10))

    assert schedule.choices(memory, NOW + timedelta(days=3)) == schedule.choices(memory, NOW + timedelta(days=3))


def test_the_chance_of_remembering_is_nine_tenths_after_one_stability() -> None:
    memory = Memory(NOW, "review", None, 10.0, 5.0, NOW)

    assert Schedule().retrievability(memory, NOW + timedelta(days=10)) == pytest.approx(0.9)
    assert Schedule().retrievability(memory, NOW) == 1.0
    assert Schedule().retrievability(NEW, NOW) is None


def test_the_chance_of_remembering_of_many_cards_is_what_fsrs_says_of_each() -> None:
    rng = random.Random(7)
    memories = [NEW]
    for number in range(500):
        last = NOW + timedelta(days=rng.uniform(-900, 2))  # some by a clock that was ahead
        state: State = rng.choice(("learning", "review", "relearning"))
        step = None if state == "review" else 0
        stability = 10 ** rng.uniform(-3, 3)
        memories.append(Memory(last, state, step, stability, rng.uniform(1, 10), last, lapses=number))
    memories += [replace(memories[1], stability=None), replace(memories[2], last_review=None)]

    by_fsrs = [
        Scheduler().get_card_retrievability(
            FsrsCard(
                state=FsrsState[memory.state.title()],
                step=memory.step,
                stability=memory.stability,
                difficulty=memory.difficulty,
                due=memory.due,
                last_review=memory.last_review and min(memory.last_review, NOW),
            ),
            NOW,
        )
        for memory in memories[1:501]
    ]
    first, *many, unknown, never = Schedule(0.8).retrievabilities(memories, NOW)
    assert many == pytest.approx(by_fsrs, rel=0, abs=1e-9)
    assert len({round(one, 2) for one in by_fsrs}) > 50
    assert (first, unknown, never) == (None, None, 0.0)
    assert many == [Schedule(0.8).retrievability(memory, NOW) for memory in memories[1:501]]


def test_a_clock_set_back_counts_as_no_time_at_all() -> None:
    schedule = Schedule()
    memory = Memory(NOW + timedelta(days=40), "review", None, 10.0, 5.0, NOW + timedelta(days=30))

    after = schedule.after(memory, 3, NOW)

    assert after.last_review == NOW
    assert after.due > NOW
    assert after == schedule.after(Memory(NOW, "review", None, 10.0, 5.0, NOW), 3, NOW)


def test_the_zone_of_the_clock_changes_nothing_about_the_schedule() -> None:
    assert Schedule().after(NEW, 3, NOW.astimezone(ZoneInfo("Asia/Shanghai"))) == Schedule().after(NEW, 3, NOW)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Schedule().after(NEW, 3, datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="zone"):
        study_day(datetime(2026, 3, 1))


@pytest.mark.parametrize(
    ("hour", "starts", "day"), [(3, 4, date(2026, 2, 28)), (4, 4, date(2026, 3, 1)), (0, 0, date(2026, 3, 1)), (23, 4, date(2026, 3, 1))]
)  # fmt: skip
def test_the_day_begins_when_the_learner_says(hour: int, starts: int, day: date) -> None:
    assert study_day(datetime(2026, 3, 1, hour, tzinfo=timezone(timedelta(hours=8))), starts) == day


def test_the_day_of_a_clock_change_has_23_hours() -> None:
    start, end = day_bounds(datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin")), 4)

    assert (start, end) == (datetime(2026, 3, 28, 3, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC))
    assert day_begins(date(2026, 3, 29), ZoneInfo("Europe/Berlin"), 4) == end


@pytest.mark.parametrize(("lapses", "leech"), [(0, False), (7, False), (8, True), (9, False), (12, True)])
def test_a_card_forgotten_eight_times_is_a_leech_and_again_every_four(lapses: int, leech: bool) -> None:
    assert Memory(NOW, lapses=lapses).is_leech is leech


def test_only_what_was_known_can_be_forgotten() -> None:
    schedule = Schedule()
    assert schedule.after(NEW, 1, NOW).lapses == 0
    assert schedule.after(Memory(NOW, "review", None, 10.0, 5.0, NOW), 1, NOW).lapses == 1
