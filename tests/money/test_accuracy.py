"""Forecasts held against bills: what is compared, and what is left out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from assistant.money.accuracy import Accuracy, accuracies
from assistant.money.cost import Forecast, Paid
from assistant.money.ledger import Entry

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def shown(low: str, high: str, currency: str = "CNY") -> Forecast:
    return Forecast(currency, Decimal(low), Decimal(low), Decimal(high))


def call(
    predicted: int = 100,
    billed: int | None = 100,
    paid: Paid | None = None,
    forecast: Forecast | None = None,
    *,
    provider: str = "p",
    state: str = "complete",
) -> Entry:
    return Entry(
        AT, "answer", provider, "m", state, None, predicted, None, billed, 1, None, None, False, forecast, paid, 1.0
    )  # fmt: skip


def only(*calls: Entry) -> Accuracy:
    (one,) = accuracies(calls)
    return one


def test_tokens_are_compared_where_the_provider_has_counted() -> None:
    one = only(call(90, 100), call(120, 100), call(5_000, None, state="stopped"))

    assert (one.calls, one.counted, one.predicted_tokens, one.billed_tokens) == (3, 2, 210, 200)
    assert one.token_error == 0.05


def test_a_cut_prompt_is_no_fault_of_the_forecast() -> None:
    one = only(call(1_000, 500, provider="ollama"), call(100, 100, provider="ollama"))

    assert (one.calls, one.counted, one.token_error) == (2, 1, 0)


def test_without_a_count_no_error_is_known() -> None:
    assert only(call(100, None)).token_error is None


def test_bills_are_held_against_their_own_range() -> None:
    one = only(
        call(paid=Paid("CNY", Decimal("0.5")), forecast=shown("0.1", "1")),
        call(paid=Paid("CNY", Decimal("1.1")), forecast=shown("0.1", "1")),
    )

    assert [money.as_json() for money in one.money] == [
        {"currency": "CNY", "low": "0.2", "typical": "0.2", "high": "2", "billed": "1.6", "calls": 2, "inside": 1}
    ]


def test_estimates_other_currencies_unfinished_and_free_calls_are_not_held_against_a_range() -> None:
    half = Decimal("0.5")
    one = only(
        call(paid=Paid("CNY", half, about=True), forecast=shown("0.1", "1")),
        call(paid=Paid("USD", half), forecast=shown("0.1", "1")),
        call(paid=Paid("CNY", half), forecast=shown("0.1", "1"), state="stopped"),
        call(paid=Paid("CNY", Decimal(0)), forecast=shown("0", "0")),
        call(paid=None, forecast=shown("0.1", "1")),
        call(paid=Paid("CNY", half)),
    )

    assert one.money == ()


def test_currencies_of_one_model_stay_apart() -> None:
    one = only(
        call(paid=Paid("USD", Decimal(1)), forecast=shown("1", "1", "USD")),
        call(paid=Paid("CNY", Decimal(2)), forecast=shown("1", "1")),
    )

    assert [(money.forecast.currency, money.billed, money.inside) for money in one.money] == [
        ("CNY", Decimal(2), 0),
        ("USD", Decimal(1), 1),
    ]


@given(some.lists(some.tuples(some.integers(0, 10**6), some.none() | some.integers(0, 10**6))))
def test_every_call_is_counted_once_and_compared_at_most_once(calls: list[tuple[int, int | None]]) -> None:
    found = accuracies(call(predicted, billed) for predicted, billed in calls)

    assert sum(one.calls for one in found) == len(calls)
    assert sum(one.counted for one in found) == sum(billed is not None for _, billed in calls)
    assert sum(one.billed_tokens for one in found) == sum(billed or 0 for _, billed in calls)
