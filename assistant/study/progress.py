"""How the learning goes, as numbers: heat map, retention, load to come, mastery by topic. Pure: knows no database and no clock."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

_PRIOR = 2  # answers that a topic counts as not known yet: one lucky answer is no mastery


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Reviews of one day that are alike, and how many of them were remembered. ``learning``: the card was new or still in its
    first steps; ``mature``: its interval was three weeks or more."""

    day: date
    count: int
    remembered: int
    mature: bool = False
    learning: bool = False


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A card's state now: when it is due, None while it is new, and FSRS's probability that it is remembered today."""

    topic: str
    due: datetime | None
    retrievability: float | None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of a quiz that was answered."""

    topic: str
    right: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Week:
    """The share of a week's reviews that was remembered, by the Monday that it starts with."""

    starts: date
    share: float
    reviews: int


@dataclass(frozen=True, slots=True)
class Mastery:
    """A topic's mastery from 0 to 1, None while nothing was reviewed or asked; with what it rests on."""

    topic: str
    value: float | None
    cards: int
    reviewed: int
    right: int
    asked: int


def day_of(at: datetime, zone: tzinfo, starts_at: int = 4) -> date:
    """Return the learner's day that a moment belongs to: a day begins at the hour ``starts_at`` of their own clock."""
    return (at.astimezone(zone) - timedelta(hours=starts_at)).date()


def last_days(today: date, days: int) -> list[date]:
    """Return so many days, oldest first, of which today is the last."""
    return [today - timedelta(days=back) for back in range(days - 1, -1, -1)]


def heat_map(reviews: Iterable[Reviewed], answered_on: Iterable[date], days: Sequence[date]) -> dict[date, int]:
    """Count what was done on each of these days: cards reviewed and questions answered; a day with nothing is there with 0."""
    counted = Counter(answered_on)
    for one in reviews:
        counted[one.day] += one.count
    return {day: counted[day] for day in days}


def streak(heat: Mapping[date, int], today: date) -> int:
    """Count the days in a row on which something was done; today does not break it before it is over."""
    day = today if heat.get(today) else today - timedelta(days=1)
    length = 0
    while heat.get(day):
        length, day = length + 1, day - timedelta(days=1)
    return length


def retention(reviews: Iterable[Reviewed], since: date | None = None, *, mature: bool = False) -> float | None:
    """Return the share of reviews that were remembered, those of cards still being learned aside; None while there were none.

    ``mature``: only of cards that had an interval of three weeks or more.
    """
    counted = [
        one
        for one in reviews
        if not one.learning and (one.mature or not mature) and (since is None or one.day >= since)
    ]
    count = sum(one.count for one in counted)
    return sum(one.remembered for one in counted) / count if count else None


def retention_by_week(reviews: Iterable[Reviewed], today: date, weeks: int = 12) -> list[Week]:
    """Return what was remembered in each of the last weeks, Monday to Sunday, oldest first; weeks without reviews are left out."""
    monday = today - timedelta(days=today.weekday())
    found: dict[date, list[Reviewed]] = defaultdict(list)
    for one in reviews:
        if not one.learning and one.day <= today:
            found[one.day - timedelta(days=one.day.weekday())].append(one)
    last = [monday - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    return [
        Week(start, retention(found[start]) or 0.0, sum(one.count for one in found[start]))
        for start in last
        if found[start]
    ]


def load(cards: Iterable[Scheduled], today: date, zone: tzinfo, days: int = 30, starts_at: int = 4) -> dict[date, int]:
    """Count the cards that fall due on each of the next days; what is overdue counts for today. New cards are not counted."""
    due = Counter(max(today, day_of(card.due, zone, starts_at)) for card in cards if card.due is not None)
    return {day: due[day] for day in (today + timedelta(days=ahead) for ahead in range(days))}


def mastery(cards: Sequence[Scheduled], answers: Sequence[Answered]) -> list[Mastery]:
    """Say how well each topic is known, the weakest first; a topic of which nothing was tried comes last, without a value.

    A card counts with its retrievability, a new one as 0; quiz answers count as the share that was right, with two more
    counted as wrong, so that a single lucky answer does not make a master. Where there are both, they are weighed by
    their numbers, at most ten answers against the cards.
    """
    by_topic: dict[str, list[Scheduled]] = defaultdict(list)
    for card in cards:
        by_topic[card.topic].append(card)
    quiz: dict[str, list[bool]] = defaultdict(list)
    for answer in sorted(answers, key=lambda one: one.at):
        quiz[answer.topic].append(answer.right)
    found = [_mastery(topic, by_topic[topic], quiz[topic]) for topic in {**by_topic, **quiz}]
    return sorted(found, key=lambda one: (one.value is None, one.value or 0.0, one.topic))


def _mastery(topic: str, cards: Sequence[Scheduled], answers: Sequence[bool]) -> Mastery:
    known = [card.retrievability for card in cards if card.retrievability is not None]
    recent = answers[-10:]
    value: float | None = None
    if known or recent:
        by_cards = sum(known)
        by_quiz = len(recent) * sum(recent) / (len(recent) + _PRIOR)
        value = (by_cards + by_quiz) / (len(cards) + len(recent))
    return Mastery(topic, value, len(cards), len(known), sum(answers), len(answers))
