"""The ledger adds up what was billed: each currency by itself, exactly, and what is unknown stays apart."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from assistant.database import Database
from assistant.money.cost import Paid, Receipt
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
