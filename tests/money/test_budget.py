"""Budgets ask: they know what their period has cost, and whether the next call may go over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.database import Database
from assistant.money.budget import Budget, Standing, budgets_of, exceeded, period_start, standings
from assistant.money.cost import Forecast, Paid, Receipt
from assistant.money.ledger import Ledger

NOON = datetime(2026, 11, 22, 12, 0).astimezone()


def call(paid: str | None, currency: str = "CNY") -> Receipt:
    return Receipt("p", "m", 10, 10, 10, None, None if paid is None else Paid(currency, Decimal(paid)), 1.0, None)


def costing(high: str, currency: str = "CNY") -> Forecast:
    return Forecast(currency, Decimal(0), Decimal(0), Decimal(high))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Database(tmp_path))


def test_a_day_and_a_month_begin_at_the_learners_midnight() -> None:
    assert period_start("day", NOON) == NOON - timedelta(hours=12)
    assert period_start("month", NOON).day == 1
    assert period_start("month", NOON).tzinfo == NOON.tzinfo


def test_only_calls_of_the_period_and_the_currency_count(ledger: Ledger) -> None:
    ledger.enter("answer", call("1.10"), "complete", at=NOON)
    ledger.enter("answer", call("0.40"), "stopped", at=NOON - timedelta(hours=11))
    ledger.enter("answer", call("5"), "complete", at=NOON - timedelta(days=1))
    ledger.enter("answer", call("7", "USD"), "complete", at=NOON)
    ledger.enter("answer", call(None), "failed", at=NOON)

    day, month = standings([Budget("day", "CNY", Decimal(2)), Budget("month", "CNY", Decimal(9))], ledger, NOON)

    assert (day.spent, day.unpriced) == (Decimal("1.50"), 1)
    assert month.spent == Decimal("6.50")


@pytest.mark.parametrize(
    ("spent", "cost", "over"),
    [
        pytest.param("1.9", costing("0.1"), False, id="exactly reaching it is allowed"),
        pytest.param("1.9", costing("0.11"), True, id="the dearest outcome counts"),
        pytest.param("5", costing("0.1", "USD"), False, id="another currency is another purse"),
        pytest.param("5", costing("0"), False, id="what costs nothing never asks"),
        pytest.param("5", None, True, id="an unknown price asks once the budget is spent"),
        pytest.param("1", None, False, id="an unknown price alone breaks no budget"),
    ],
)
def test_a_call_that_may_break_a_budget_is_named(spent: str, cost: Forecast | None, over: bool) -> None:
    standing = Standing(Budget("day", "CNY", Decimal(2)), Decimal(spent), 0)

    assert exceeded([standing], cost) == ([standing] if over else [])


@pytest.mark.parametrize(("spent", "gone"), [("4.99", False), ("5", True), ("5.01", True)])
def test_a_budget_is_gone_when_nothing_of_it_is_left(spent: str, gone: bool) -> None:
    assert Standing(Budget("day", "CNY", Decimal(5)), Decimal(spent), 0).gone is gone


def test_budgets_survive_being_kept_and_broken_ones_are_left_out() -> None:
    kept = Budget("month", "USD", Decimal("2.50"))
    rows = [kept.as_json(), {"period": "week"}, {"period": "day", "currency": "CNY", "amount": "much"}, 7]

    assert budgets_of(rows) == (kept,)
    assert budgets_of({"period": "day"}) == budgets_of(None) == ()
    assert (
        budgets_of([{"period": "day", "currency": "CNY", "amount": amount} for amount in ("NaN", "-1", "Infinity")])
        == ()
    )


def test_the_month_is_that_of_the_learners_clock_and_not_of_greenwich(ledger: Ledger) -> None:
    first = period_start("month", NOON)
    ledger.enter("answer", call("1"), "complete", at=first.astimezone(UTC))
    ledger.enter("answer", call("2"), "complete", at=(first - timedelta(seconds=1)).astimezone(UTC))

    (month,) = standings([Budget("month", "CNY", Decimal(9))], ledger, NOON)

    assert month.spent == 1
