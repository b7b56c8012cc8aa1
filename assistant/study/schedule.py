"""When a card is to be seen again, by FSRS. Time is an argument everywhere; knows no database and no screen.

Intervals are not scattered at random: what a button promises is what happens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
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
        return self.retrievabilities([memory], now)[0]

    def retrievabilities(self, memories: Iterable[Memory], now: datetime) -> list[float | None]:
        """Say the same of many cards, in their order."""
        from fsrs import Card as FsrsCard

        at = utc(now)
        # FSRS looks at two things of a card here. One card that takes on both is enough: making thousands is what takes long.
        card = FsrsCard(card_id=0, due=at)
        found: list[float | None] = []
        for memory in memories:
            if memory.state == "new" or memory.stability is None:
                found.append(None)
                continue
            card.stability, card.last_review = memory.stability, _last_review(memory, at)
            found.append(float(self._scheduler.get_card_retrievability(card, at)))
        return found

    @cached_property
    def _scheduler(self) -> Scheduler:
        from fsrs import Scheduler

        return Scheduler(desired_retention=self.retention, enable_fuzzing=False)


def _fsrs(memory: Memory, now: datetime) -> FsrsCard:
    from fsrs import Card as FsrsCard
    from fsrs import State as FsrsState

    if memory.state == "new":
        return FsrsCard(card_id=0, due=now)
    return FsrsCard(
        card_id=0,
        state=FsrsState(_STATES[memory.state]),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due,
        last_review=_last_review(memory, now),
    )


def _last_review(memory: Memory, now: datetime) -> datetime | None:
    """Return when a card was seen last, by a clock that may have been set back since."""
    return min(memory.last_review, now) if memory.last_review else None


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
    return day_begins(today, now.tzinfo, starts), day_begins(today + timedelta(days=1), now.tzinfo, starts)


def day_begins(day: date, zone: tzinfo | None, starts: int = DAY_STARTS) -> datetime:
    """Return when one of the learner's days begins where they live, in UTC."""
    return datetime.combine(day, time(starts), zone).astimezone(UTC)
