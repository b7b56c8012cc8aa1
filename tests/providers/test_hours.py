"""Prices by the hours of the week: borders, weekdays, zones, midnight, and what may be in force within a stretch."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.providers.catalog import catalog
from assistant.providers.entries import ChatEntry, Hours, Price
from assistant.providers.hours import prices_at, prices_between

QUIET, BUSY = (Price(None, Decimal(1), Decimal(2)),), (Price(None, Decimal(2), Decimal(4)),)
WORKDAYS = frozenset({1, 2, 3, 4, 5})
DEEPSEEK = catalog().chat("deepseek", "deepseek-flash")
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def priced(*spans: tuple[time, time], weekdays: frozenset[int] = WORKDAYS, zone: str = "UTC") -> ChatEntry:
    return ChatEntry("p", "m", prices=QUIET, hours=(Hours(weekdays, spans, zone, BUSY),), currency="USD")


@pytest.mark.parametrize(
    ("clock", "busy"),
    [
        ("00:59:59", False), ("01:00:00", True), ("03:59:59", True), ("04:00:00", False),
        ("05:59:59", False), ("06:00:00", True), ("09:59:59", True), ("10:00:00", False),
    ],
)  # fmt: skip
def test_deepseeks_busy_hours_begin_and_end_to_the_second(clock: str, busy: bool) -> None:
    for day in range(7):
        moment = datetime.combine((MONDAY + timedelta(day)).date(), time.fromisoformat(clock), UTC)
        (price,) = prices_at(DEEPSEEK, moment) or ()

        assert price.input == (Decimal("0.30") if busy and day < 5 else Decimal("0.15")), moment


def test_a_moment_is_the_same_in_every_zone() -> None:
    beijing = timezone(timedelta(hours=8))

    assert prices_at(DEEPSEEK, datetime(2026, 11, 23, 9, 0, tzinfo=beijing)) == prices_at(
        DEEPSEEK, datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    )


def test_a_moment_without_a_zone_is_a_defect() -> None:
    with pytest.raises(ValueError, match="zone"):
        prices_at(DEEPSEEK, datetime(2026, 11, 23, 2, 0))


def test_hours_are_those_of_their_own_zone_and_weekday() -> None:
    entry = priced((time(9), time(12)), zone="Asia/Shanghai", weekdays=frozenset({1}))

    assert prices_at(entry, datetime(2026, 11, 23, 1, 0, tzinfo=UTC)) == BUSY
    assert prices_at(entry, datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) == QUIET
    early = priced((time(0), time(2)), zone="Asia/Shanghai", weekdays=frozenset({1}))
    assert prices_at(early, datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == BUSY  # Monday there, Sunday in Greenwich


def test_hours_past_midnight_belong_to_the_day_they_begin_on() -> None:
    entry = priced((time(22), time(6)), weekdays=frozenset({5}))
    friday = MONDAY + timedelta(4)

    assert prices_at(entry, friday + timedelta(hours=21, minutes=59)) == QUIET
    assert prices_at(entry, friday + timedelta(hours=22)) == BUSY
    assert prices_at(entry, friday + timedelta(hours=29, minutes=59)) == BUSY
    assert prices_at(entry, friday + timedelta(hours=30)) == QUIET
    assert prices_at(entry, friday + timedelta(hours=3)) == QUIET


def test_hours_that_end_when_they_begin_are_the_whole_day() -> None:
    entry = priced((time(0), time(0)), weekdays=frozenset({7}))
    sunday = MONDAY + timedelta(6)

    assert prices_at(entry, sunday - timedelta(seconds=1)) == QUIET
    assert prices_at(entry, sunday) == BUSY
    assert prices_at(entry, sunday + timedelta(hours=23, minutes=59)) == BUSY
    assert prices_at(entry, sunday + timedelta(days=1)) == QUIET


def test_a_model_of_unknown_price_has_none_at_any_hour() -> None:
    assert prices_at(ChatEntry("p", "m"), MONDAY) is None
    assert prices_between(ChatEntry("p", "m"), MONDAY, MONDAY + timedelta(days=7)) == []


def test_a_zone_with_summer_time_keeps_its_clock() -> None:
    entry = priced((time(9), time(10)), zone="Europe/Berlin")

    assert prices_at(entry, datetime(2026, 7, 6, 7, 30, tzinfo=UTC)) == BUSY
    assert prices_at(entry, datetime(2026, 11, 23, 7, 30, tzinfo=UTC)) == QUIET
    assert prices_at(entry, datetime(2026, 11, 23, 8, 30, tzinfo=UTC)) == BUSY


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        pytest.param(5.5, 1, [QUIET, BUSY], id="busy hours are about to begin"),
        pytest.param(9.5, 1, [BUSY, QUIET], id="busy hours are about to end"),
        pytest.param(5, 1, [QUIET, BUSY], id="they begin at the very end"),
        pytest.param(12, 12, [QUIET], id="none until tomorrow"),
        pytest.param(3.5, 4, [BUSY, QUIET], id="each price once, in the order of time"),
    ],
)
def test_what_is_in_force_within_a_stretch_is_found(
    start: float, hours: float, expected: list[tuple[Price, ...]]
) -> None:
    begin = MONDAY + timedelta(hours=start)
    entry = priced((time(1), time(4)), (time(6), time(10)))

    assert prices_between(entry, begin, begin + timedelta(hours=hours)) == expected


CLOCKS = some.times(timezones=some.none()).map(lambda clock: clock.replace(second=0, microsecond=0))
# Zones without summer time: there each hour of the clock comes exactly once a day.
ZONES = some.sampled_from(["UTC", "Asia/Shanghai", "Asia/Kolkata", "Asia/Tokyo"])
MOMENTS = some.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=some.just(UTC))


@given(MOMENTS, CLOCKS, CLOCKS, some.frozensets(some.integers(1, 7), min_size=1), ZONES)
def test_the_week_repeats_and_hours_last_as_long_as_they_say(
    moment: datetime, start: time, end: time, weekdays: frozenset[int], zone: str
) -> None:
    entry = priced((start, end), weekdays=weekdays, zone=zone)
    minutes = [moment.replace(second=0, microsecond=0) + timedelta(minutes=step) for step in range(0, 7 * 1440, 30)]
    length = (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % 1440 or 1440

    assert prices_at(entry, moment) == prices_at(entry, moment + timedelta(days=7))
    busy = sum(prices_at(entry, minute) == BUSY for minute in minutes)
    assert abs(busy * 30 - length * len(weekdays)) <= 30 * len(weekdays)


@given(MOMENTS, CLOCKS, CLOCKS, ZONES, some.integers(0, 180), some.integers(0, 180))
def test_no_price_within_a_stretch_is_overlooked(
    moment: datetime, start: time, end: time, zone: str, first: int, length: int
) -> None:
    entry = priced((start, end), zone=zone)
    within = prices_at(entry, moment + timedelta(minutes=min(first, length)))

    assert within in prices_between(entry, moment, moment + timedelta(minutes=length))
    assert prices_between(entry, moment, moment)[0] == prices_at(entry, moment)
