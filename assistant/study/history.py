"""What was reviewed and is due, as plain data for ``progress``. Reads cards and the log of reviews; counts nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

from assistant.study.card import Planned
from assistant.study.progress import Reviewed, Scheduled
from assistant.study.quiz import topic_in
from assistant.study.reviews import Reviews
from assistant.study.schedule import day_begins

MATURE = timedelta(days=21)  # an interval from which a card counts as learned


def reviewed(reviews: Reviews, days: Sequence[date], zone: tzinfo) -> list[Reviewed]:
    """Return what was graded on each of these days, which follow one another; what was taken back is left out."""
    bounds = [day_begins(day, zone, reviews.day_starts) for day in (*days, days[-1] + timedelta(days=1))]
    return [
        Reviewed(days[one.stretch], one.count, one.remembered, mature=one.long, learning=one.learning)
        for one in reviews.tally(bounds, MATURE)
    ]


def scheduled(reviews: Reviews, titles: Mapping[str, str], now: datetime) -> list[Scheduled]:
    """Return the state of every card; ``titles`` of notes by path. What is set aside falls due on no day."""

    @cache
    def topic(note: str | None, heading: str | None) -> str:
        return "" if note is None else topic_in(titles.get(note, note), heading)

    cards = reviews.cards.planned()
    chances = reviews.schedule.retrievabilities((card.memory for card in cards), now)
    return [
        Scheduled(topic(card.note, card.heading), _due(card), chance)
        for card, chance in zip(cards, chances, strict=True)
    ]


def _due(card: Planned) -> datetime | None:
    if card.suspended or card.memory.state == "new":
        return None
    return max(card.memory.due, card.buried_until or card.memory.due)
