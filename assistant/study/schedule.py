"""When a card is to be seen again, by FSRS. Time is an argument everywhere; knows no database and no screen.

Intervals are not scattered at random: what a button promises is what happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fsrs import Card as FsrsCard
    from fsrs import Scheduler

State = Literal["new", "learning", "review", "relearning"]
Rating = Literal[1, 2, 3, 4]

RATINGS: tuple[Rating, ...] = (1, 2, 3, 4)
RETENTION = 0.9
LOWEST_RETENTION, HIGHEST_RETENTION = 0.7, 0.97  # below it FSRS promises nothing, above it intervals hardly grow
DAY_STARTS = 4  # o'clock: who studies past midnight is still on yesterday
LEECH_LAPSES = 8
_LEECH_AGAIN = 4
_STATES: dict[State, int] = {"learning": 1, "review": 2, "relearning": 3}


@dataclass(frozen=True, slots=True)
class Memory:
    """How well a card is known, and when it is due; all moments are UTC."""

    due: datetime
    state: State = "new"
    step: int | None = None
    stability: float | None = None
    difficulty: float | None = None
    last_review: datetime | None = None
    lapses: int = 0

    @property
    def is_leech(self) -> bool:
        """Whether it has just been forgotten once too often: the card itself wants mending."""
        over = self.lapses - LEECH_LAPSES
        return over >= 0 and over % _LEECH_AGAIN == 0


class Schedule:
    """FSRS with the share of cards that the learner wants to remember when they come up."""

    def __init__(self, retention: float = RETENTION) -> None:
        self.retention = min(HIGHEST_RETENTION, max(LOWEST_RETENTION, retention))

    def after(self, memory: Memory, rating: Rating, now: datetime) -> Memory:
        """Return what a card's schedule becomes by a grade.

        A clock that was set back cannot make the time since the last review negative: it counts as none.
        """
        from fsrs import Rating as FsrsRating

        at = utc(now)
        card, _ = self._scheduler.review_card(_fsrs(memory, at), FsrsRating(rating), at)
        states: dict[int, State] = {number: name for name, number in _STATES.items()}
        return Memory(
            due=card.due,
            state=states[card.state.value],
            step=card.step,
            stability=card.stability,
            difficulty=card.difficulty,
            last_review=at,
            lapses=memory.lapses + (rating == 1 and memory.state == "review"),
        )

    def choices(self, memory: Memory, now: datetime) -> dict[Rating, Memory]:
        """Return what each of the four grades would lead to."""
        return {rating: self.after(memory, rating, now) for rating in RATINGS}

    def retrievability(self, memory: Memory, now: datetime) -> float | None:
        """Say how likely a card is remembered now, 0 to 1; None for one that was never reviewed."""
        if memory.state == "new" or memory.stability is None:
            return None
        at = utc(now)
        return float(self._scheduler.get_card_retrievability(_fsrs(memory, at), at))

    @cached_property
    def _scheduler(self) -> Scheduler:
        from fsrs import Scheduler

        return Scheduler(desired_retention=self.retention, enable_fuzzing=False)


def _fsrs(memory: Memory, now: datetime) -> FsrsCard:
    from fsrs import Card as FsrsCard
    from fsrs import State as FsrsState

    last = min(memory.last_review, now) if memory.last_review else None
    if memory.state == "new":
        return FsrsCard(card_id=0, due=now)
    return FsrsCard(
        card_id=0,
        state=FsrsState(_STATES[memory.state]),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due,
        last_review=last,
    )


def utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a zone could be any and is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


def study_day(moment: datetime, starts: int = DAY_STARTS) -> date:
    """Return the learner's day that a moment belongs to, in the moment's own zone."""
    utc(moment)
    return (moment.replace(tzinfo=None) - timedelta(hours=starts)).date()


def day_bounds(now: datetime, starts: int = DAY_STARTS) -> tuple[datetime, datetime]:
    """Return when the learner's present day began and when the next begins, in UTC; a day with a clock change is 23 or 25 hours."""
    today = study_day(now, starts)
    first, last = (datetime.combine(day, time(starts), now.tzinfo) for day in (today, today + timedelta(days=1)))
    return first.astimezone(UTC), last.astimezone(UTC)
