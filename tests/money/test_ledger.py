"""The ledger adds up what was billed: each currency by itself, exactly, and what is unknown stays apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.database import Database
from assistant.money.cost import Forecast, Paid, Receipt
from assistant.money.ledger import Ledger


def receipt(
    model: str = "m",
    *,
    provider: str = "p",
    paid: str | None = None,
    currency: str = "CNY",
    predicted: int = 100,
    prompt: int | None = 100,
    completion: int | None = 10,
) -> Receipt:
    cost = None if paid is None else Paid(currency, Decimal(paid))
    return Receipt(provider, model, predicted, prompt, completion, None, cost, 1.5, 0.5)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Database(tmp_path))


def test_an_empty_ledger_has_no_sums(ledger: Ledger) -> None:
    assert ledger.sums() == []


def test_money_is_added_without_rounding(ledger: Ledger) -> None:
    for _ in range(10):
        ledger.enter("answer", receipt(paid="0.1"), "complete")
    ledger.enter("answer", receipt(paid="0.000000000000000001"), "complete")

    (one,) = ledger.sums()
    assert one.amount == Decimal("1.000000000000000001")
    assert one.as_json()["amount"] == "1.000000000000000001"


def test_each_currency_is_a_sum_of_its_own(ledger: Ledger) -> None:
    ledger.enter("answer", receipt(paid="1.5"), "complete")
    ledger.enter("answer", receipt(paid="2", currency="USD"), "complete")
    ledger.enter("answer", receipt(paid="0.5"), "complete")

    assert {(one.currency, one.amount, one.calls) for one in ledger.sums()} == {
        ("CNY", Decimal("2.0"), 2),
        ("USD", Decimal(2), 1),
    }


def test_a_call_of_unknown_cost_is_counted_and_adds_nothing(ledger: Ledger) -> None:
    ledger.enter("answer", receipt(paid=None, prompt=None, completion=None), "stopped")
    ledger.enter("answer", receipt(paid="0"), "complete")
    sums = {one.currency: one for one in ledger.sums()}

    assert (sums[None].calls, sums[None].unpriced, sums[None].amount) == (1, 1, 0)
    assert (sums[None].predicted_tokens, sums[None].prompt_tokens) == (100, 0)
    assert (sums["CNY"].calls, sums["CNY"].unpriced) == (1, 0)


def test_predicted_stands_beside_billed(ledger: Ledger) -> None:
    ledger.enter("answer", receipt(paid="1", predicted=90, prompt=100, completion=7), "complete")
    ledger.enter("answer", receipt(paid="1", predicted=110, prompt=100, completion=3), "complete")

    assert ledger.sums()[0].as_json() == {
        "name": "p/m", "currency": "CNY", "calls": 2, "predicted_prompt_tokens": 200, "prompt_tokens": 200,
        "completion_tokens": 10, "forecast": None, "amount": "2", "unpriced": 0, "about": 0,
        "at_most": 0,
    }  # fmt: skip


def test_sums_go_by_model_provider_or_day(ledger: Ledger) -> None:
    ledger.enter("answer", receipt("a", paid="1"), "complete")
    ledger.enter("answer", receipt("b", paid="1"), "complete")
    ledger.enter("test", receipt("b", provider="q", paid="1"), "failed", "key_refused")

    assert [one.name for one in ledger.sums("model")] == ["p/a", "p/b", "q/b"]
    assert [(one.name, one.calls) for one in ledger.sums("provider")] == [("p", 2), ("q", 1)]
    (day,) = ledger.sums("day")
    assert day.calls == 3


def test_days_are_those_of_the_learners_clock(ledger: Ledger) -> None:
    ledger.enter("answer", receipt(paid="1"), "complete")
    ledger.enter("answer", receipt(paid="2"), "complete")
    with ledger._database.transaction() as connection:
        connection.execute("UPDATE ledger SET at = '2026-01-01T12:00:00+00:00' WHERE id = 1")
        connection.execute("UPDATE ledger SET at = '2026-03-01T12:00:00+00:00' WHERE id = 2")

    days = ledger.sums("day")
    assert [day.amount for day in days] == [1, 2]
    assert [day.name[:7] for day in days] in (["2026-01", "2026-03"], ["2026-01", "2026-02"])


def test_the_ledger_outlives_the_process(ledger: Ledger, tmp_path: Path) -> None:
    ledger.enter("answer", receipt(paid="1"), "complete")
    ledger._database.close()

    assert Ledger(Database(tmp_path)).sums()[0].amount == 1


def test_a_call_comes_back_as_it_was_entered(ledger: Ledger) -> None:
    moment = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
    forecast = Forecast("CNY", Decimal("0.1"), Decimal("0.2"), Decimal("0.30"))
    full = Receipt(
        "p", "m", 120, 110, 9, 3, Paid("CNY", Decimal("0.15"), about=True), 1.5, 0.5,
        cached_tokens=64, counted_tokens=100, thinking=True, forecast=forecast,
    )  # fmt: skip
    ledger.enter("quiz", full, "failed", "rate_limited", at=moment)

    (entry,) = ledger.entries()
    assert entry.at == moment
    assert (entry.purpose, entry.state, entry.error, entry.thinking) == ("quiz", "failed", "rate_limited", True)
    assert (entry.predicted_tokens, entry.counted_tokens, entry.prompt_tokens, entry.cached_tokens) == (
        120,
        100,
        110,
        64,
    )
    assert (entry.completion_tokens, entry.reasoning_tokens) == (9, 3)
    assert entry.forecast == forecast
    assert entry.paid == full.cost


def test_a_stretch_of_time_begins_with_its_first_moment_and_ends_before_its_last(ledger: Ledger) -> None:
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)]
    for moment in moments:
        ledger.enter("answer", receipt(paid="1"), "complete", at=moment)

    assert [entry.at for entry in ledger.entries(since=moments[1])] == moments[1:]
    assert [entry.at for entry in ledger.entries(until=moments[1])] == moments[:1]
    assert sum(one.calls for one in ledger.sums("purpose", moments[0], moments[2])) == 2


def test_forecasts_add_up_beside_the_bills_of_their_currency(ledger: Ledger) -> None:
    shown = Forecast("CNY", Decimal(1), Decimal(2), Decimal(3))
    for paid, currency in [("2", "CNY"), ("2.5", "CNY"), (None, "CNY")]:
        ledger.enter("answer", replace(receipt(paid=paid, currency=currency), forecast=shown), "complete")

    sums = {one.currency: one for one in ledger.sums()}
    assert sums["CNY"].forecast == Forecast("CNY", Decimal(2), Decimal(4), Decimal(6))
    assert sums[None].forecast is None
