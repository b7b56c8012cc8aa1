"""What a model's tokens cost at a moment of the week. Knows zones and weekdays, and no holiday: those are not in the data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from assistant.providers.entries import ChatEntry, Hours, Price

Tiers = tuple[Price, ...]

_DAY = timedelta(days=1)


def prices_at(entry: ChatEntry, moment: datetime) -> Tiers | None:
    """Return the prices in force at a moment, which must know its zone; None where no price is known."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone has no place in the week")
    return next((hours.prices for hours in entry.hours if _within(hours, moment)), entry.prices)


def prices_between(entry: ChatEntry, start: datetime, end: datetime) -> list[Tiers]:
    """Return all prices that are in force at some moment from start to end, those of the start first; empty: none is known."""
    moments = [start, *sorted(edge for hours in entry.hours for edge in _edges(hours, start, end))]
    found = [prices_at(entry, moment) for moment in moments]
    return list(dict.fromkeys(prices for prices in found if prices is not None))


def _within(hours: Hours, moment: datetime) -> bool:
    local = moment.astimezone(_zone(hours.zone))
    day, clock = local.isoweekday(), local.time().replace(tzinfo=None)
    before = day - 1 or 7
    return any(_open(hours.weekdays, day, before, clock, *span) for span in hours.spans)


def _open(weekdays: frozenset[int], day: int, before: int, clock: time, start: time, end: time) -> bool:
    if start < end:
        return day in weekdays and start <= clock < end
    return (day in weekdays and clock >= start) or (before in weekdays and clock < end)


def _edges(hours: Hours, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield when the spans begin and end after ``start``, until ``end``."""
    zone = _zone(hours.zone)
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        for clock in {clock for span in hours.spans for clock in span}:
            edge = _at(day, clock, zone)
            if start < edge <= end:
                yield edge
        day += _DAY


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
