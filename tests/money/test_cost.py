"""Money before and after a call: tiers, thinking, caches, quiet hours, and what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.money.cost import (
    NO_CHARGE,
    Forecast,
    Paid,
    bill,
    embedding_bill,
    embedding_forecast,
    forecast,
    plain,
)
from assistant.providers.base import Usage
from assistant.providers.catalog import catalog
from assistant.providers.entries import ChatEntry, EmbeddingEntry, Hours, Price


def money(text: str) -> Decimal:
    return Decimal(text)


TIERED = ChatEntry(
    "dashscope",
    "m",
    thinking="hybrid_off",
    prices=(
        Price(128_000, money("0.8"), money("2"), cached=money("0.16"), output_thinking=money("8")),
        Price(256_000, money("2.4"), money("20"), cached=money("0.48"), output_thinking=money("24")),
    ),
    currency="CNY",
    as_of=date(2026, 5, 1),
    source="a test",
)
QUIET_PRICE, BUSY_PRICE = Price(None, money("0.15"), money("0.6")), Price(None, money("0.3"), money("1.2"))
BUSY = replace(
    TIERED,
    prices=(QUIET_PRICE,),
    hours=(Hours(frozenset({1, 2, 3, 4, 5}), ((time(1), time(4)), (time(6), time(10))), "UTC", (BUSY_PRICE,)),),
    currency="USD",
)
MONDAY_BUSY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MONDAY_SOON_BUSY = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
MONDAY_QUIET = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
UNKNOWN = ChatEntry("dashscope", "m")
LOCAL = ChatEntry("ollama", "m", prices=(Price(None, Decimal(0), Decimal(0)),), currency="CNY", local=True)


def test_a_forecast_runs_from_the_short_to_the_longest_answer() -> None:
    expected = Forecast("CNY", money("0.0048"), money("0.0058"), money("0.0088"))

    assert forecast(TIERED, 6_000, (0, 500, 2_000), thinking=False) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (0, "0.002"),
        (128_000, "0.1044"),
        (128_001, "0.3272024"),
        (256_000, "0.6344"),
    ],
)
def test_the_tier_is_chosen_by_the_input_and_holds_for_the_whole_request(prompt: int, expected: str) -> None:
    predicted = forecast(TIERED, prompt, (1_000, 1_000, 1_000), thinking=False)

    assert predicted is not None
    assert predicted.high == money(expected)


def test_a_request_above_the_last_tier_has_no_price() -> None:
    assert forecast(TIERED, 256_001, (0, 0, 0), thinking=False) is None
    assert forecast(TIERED, 256_000, (0, 0, 0), False, prompt_tokens_high=256_001) is None


def test_a_prompt_that_may_reach_a_dearer_tier_has_that_as_its_highest_price() -> None:
    predicted = forecast(TIERED, 128_000, (0, 0, 0), False, prompt_tokens_high=130_000)

    assert predicted is not None
    assert (predicted.low, predicted.typical) == (money("0.1024"), money("0.1024"))
    assert predicted.high == money("0.312")
    assert bill(TIERED, Usage(256_001, 1), thinking=False) is None


def test_thinking_has_its_own_price_for_all_of_the_answer() -> None:
    predicted = forecast(TIERED, 1_000, (1_000, 1_000, 1_000), thinking=True)

    assert predicted == Forecast("CNY", money("0.0088"), money("0.0088"), money("0.0088"))
    assert bill(TIERED, Usage(1_000, 1_000, 600), thinking=True) == Paid("CNY", money("0.0088"))


def test_a_model_that_always_thinks_or_did_think_is_billed_for_thinking() -> None:
    always = replace(TIERED, thinking="always")

    assert bill(always, Usage(1_000, 1_000), thinking=False) == Paid("CNY", money("0.0088"))
    assert bill(TIERED, Usage(1_000, 1_000, reasoning_tokens=1), thinking=False) == Paid("CNY", money("0.0088"))
    assert bill(TIERED, Usage(1_000, 1_000, reasoning_tokens=0), thinking=False) == Paid("CNY", money("0.0028"))


def test_cached_tokens_cost_less_where_their_price_is_known() -> None:
    usage = Usage(1_000, 0, cached_tokens=600)
    undiscounted = replace(TIERED, prices=(Price(None, money("0.8"), money("2")),))

    assert bill(TIERED, usage, thinking=False) == Paid("CNY", money("0.000416"))
    assert bill(undiscounted, usage, thinking=False) == Paid("CNY", money("0.0008"))


def test_more_cached_tokens_than_tokens_do_not_earn_money() -> None:
    assert bill(TIERED, Usage(10, 0, cached_tokens=1_000), thinking=False) == Paid("CNY", money("0.0000016"))


@pytest.mark.parametrize(
    ("moment", "low", "typical", "high"),
    [
        pytest.param(MONDAY_BUSY, "0.00015", "0.0015", "0.0027", id="busy, or a holiday"),
        pytest.param(MONDAY_SOON_BUSY, "0.00015", "0.00075", "0.0027", id="busy hours begin within the hour"),
        pytest.param(MONDAY_QUIET, "0.00015", "0.00075", "0.00135", id="quiet for long"),
        pytest.param(SATURDAY, "0.00015", "0.00075", "0.00135", id="weekend"),
    ],
)
def test_a_forecast_has_the_price_of_its_hour_and_knows_what_may_come(
    moment: datetime, low: str, typical: str, high: str
) -> None:
    expected = Forecast("USD", money(low), money(typical), money(high))

    assert forecast(BUSY, 1_000, (0, 1_000, 2_000), thinking=False, moment=moment) == expected


@pytest.mark.parametrize(
    ("moment", "seconds", "amount", "at_most"),
    [
        pytest.param(MONDAY_BUSY, 9, "0.0015", True, id="busy, or a holiday"),
        pytest.param(datetime(2026, 11, 23, 4, 1, tzinfo=UTC), 90, "0.0015", True, id="asked while busy"),
        pytest.param(datetime(2026, 11, 23, 4, 1, tzinfo=UTC), 30, "0.00075", False, id="asked just after"),
        pytest.param(MONDAY_SOON_BUSY, 9, "0.00075", False, id="quiet, whatever comes"),
        pytest.param(SATURDAY, 9, "0.00075", False, id="weekend"),
    ],
)
def test_a_bill_has_the_price_of_its_hour_and_says_where_it_may_be_less(
    moment: datetime, seconds: float, amount: str, at_most: bool
) -> None:
    paid = bill(BUSY, Usage(1_000, 1_000), thinking=False, moment=moment, seconds=seconds)

    assert paid == Paid("USD", money(amount), at_most)


def test_a_bill_that_may_have_fallen_in_quiet_hours_says_that_it_is_the_most() -> None:
    paid = bill(BUSY, Usage(1_000, 1_000), thinking=False, moment=MONDAY_BUSY)

    assert paid == Paid("USD", money("0.0015"), at_most=True)
    assert paid.as_json() == {"currency": "USD", "amount": "0.0015", "at_most": True}


def test_what_is_not_known_is_none_and_never_zero() -> None:
    assert forecast(UNKNOWN, 1_000, (0, 1, 2), thinking=False) is None
    assert bill(UNKNOWN, Usage(1_000, 1), thinking=False) is None
    assert bill(TIERED, Usage(None, 1), thinking=False) is None
    assert bill(TIERED, Usage(1_000, None), thinking=False) is None


def test_an_own_server_costs_nothing_even_when_it_counts_nothing() -> None:
    assert forecast(LOCAL, 1_000, (0, 1, 2), thinking=False) == NO_CHARGE
    assert bill(LOCAL, Usage(None, None), thinking=False) == Paid("CNY", Decimal(0))


def test_embedding_is_paid_by_the_token() -> None:
    entry = EmbeddingEntry("dashscope", "text-embedding-v4", price=money("0.5"), currency="CNY")

    assert embedding_forecast(entry, 24_600) == Forecast("CNY", *[money("0.0123")] * 3)
    assert embedding_bill(entry, 24_600) == Paid("CNY", money("0.0123"))
    assert embedding_bill(entry, None) is None


def test_embedding_without_a_price_is_unknown_and_at_home_free() -> None:
    unknown = EmbeddingEntry("dashscope", "m")
    local = EmbeddingEntry("ollama", "m", price=Decimal(0), currency="CNY", local=True)

    assert embedding_forecast(unknown, 5) is None
    assert embedding_bill(unknown, 5) is None
    assert embedding_forecast(local, 5) == NO_CHARGE
    assert embedding_bill(local, None) == Paid("CNY", Decimal(0))


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0", "0"), ("0E-7", "0"), ("1E-7", "0.0000001"), ("0.0034000", "0.0034"), ("1200", "1200"), ("1E+3", "1000")],
)
def test_amounts_are_written_without_exponents_and_idle_zeros(amount: str, written: str) -> None:
    assert plain(Decimal(amount)) == written


@given(prompt=some.integers(0, 10_000_000), output=some.integers(0, 1_000_000), cached=some.integers(0, 10_000_000))
def test_a_bill_lies_within_its_forecast_and_loses_no_digit(prompt: int, output: int, cached: int) -> None:
    entry = replace(TIERED, prices=(Price(None, money("0.15"), money("1.5"), cached=money("0.03")),))
    predicted = forecast(entry, prompt, (0, output, 2 * output), thinking=False)
    paid = bill(entry, Usage(prompt, output, cached_tokens=cached), thinking=False)

    assert predicted is not None
    assert paid is not None
    assert predicted.low <= predicted.typical <= predicted.high
    assert 0 <= paid.amount <= predicted.typical
    saved = min(cached, prompt) * money("0.12")
    assert paid.amount * 1_000_000 == prompt * money("0.15") - saved + output * money("1.5")
    assert Decimal(plain(paid.amount)) == paid.amount


EVERY_MODEL = [entry for entries in catalog().sheets.chats.values() for entry in entries]
WHEN = some.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=some.just(UTC))


@given(
    entry=some.sampled_from(EVERY_MODEL),
    prompt=some.integers(0, 2_000_000),
    output=some.integers(0, 400_000),
    cached=some.integers(0, 3_000_000),
    thinking=some.booleans(),
    moment=WHEN,
    waited=some.integers(0, 1_800),
    seconds=some.integers(0, 1_800),
)
def test_no_model_of_the_catalogue_is_billed_above_its_forecast_or_below_nothing(
    entry: ChatEntry,
    prompt: int,
    output: int,
    cached: int,
    thinking: bool,
    moment: datetime,
    waited: int,
    seconds: int,
) -> None:
    ended = moment + timedelta(seconds=waited + seconds)
    predicted = forecast(entry, prompt, (0, output // 2, output), thinking, moment=moment)
    paid = bill(entry, Usage(prompt, output, cached_tokens=cached), thinking, ended, seconds)

    if entry.currency is None:
        assert (predicted, paid) == (None, None)
    assert (predicted is None) == (paid is None)
    if predicted is None or paid is None:
        return
    assert all(type(amount) is Decimal for amount in (predicted.low, predicted.typical, predicted.high, paid.amount))
    assert 0 <= predicted.low <= predicted.typical <= predicted.high
    assert predicted.currency == paid.currency == entry.currency
    assert 0 <= paid.amount <= predicted.high


def test_one_token_more_than_a_tier_reprices_the_whole_request() -> None:
    entry = replace(TIERED, prices=(Price(300_000, money("1"), money("2")), Price(None, money("3"), money("4"))))

    assert bill(entry, Usage(300_000, 1_000), thinking=False) == Paid("CNY", money("0.302"))
    assert bill(entry, Usage(300_001, 1_000), thinking=False) == Paid("CNY", money("0.904003"))
