"""Budgets of a day or a month, each in one currency: what has been spent, and whether the next call would go over. Never blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast, get_args

from assistant.money.cost import Forecast, plain
from assistant.money.ledger import Ledger

Period = Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a day or a month may cost in one currency before the learner is asked."""

    period: Period
    currency: str
    amount: Decimal

    def as_json(self) -> dict[str, str]:
        """Return what is kept as a preference."""
        return {"period": self.period, "currency": self.currency, "amount": plain(self.amount)}


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget and where it stands; ``unpriced`` counts the calls of the period whose cost nobody knows."""

    budget: Budget
    spent: Decimal
    unpriced: int

    @property
    def gone(self) -> bool:
        """Tell whether nothing of it is left."""
        return self.spent >= self.budget.amount

    def would_exceed(self, cost: Forecast | None) -> bool:
        """Tell whether a call may take the period over its budget; one of unknown price when nothing of it is left."""
        if cost is None:
            return self.spent >= self.budget.amount
        if cost.currency != self.budget.currency or cost.high == 0:
            return False
        return self.spent + cost.high > self.budget.amount


def budgets_of(kept: Any) -> tuple[Budget, ...]:
    """Read kept budgets; a row that is none is left out, because a broken preference must not stop the app."""
    rows = kept if isinstance(kept, list) else []
    return tuple(budget for row in rows if (budget := _budget(row)) is not None)


def standings(budgets: Sequence[Budget], ledger: Ledger, now: datetime | None = None) -> list[Standing]:
    """Say of each budget what its period has cost so far, by the learner's own calendar."""
    moment = (now or datetime.now()).astimezone()
    return [_standing(budget, ledger, moment) for budget in budgets]


def exceeded(current: Iterable[Standing], cost: Forecast | None) -> list[Standing]:
    """Return the budgets that a call of this cost may break."""
    return [standing for standing in current if standing.would_exceed(cost)]


def period_start(period: Period, now: datetime) -> datetime:
    """Return the midnight that the day or the month began with, in the zone of ``now``."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if period == "day" else midnight.replace(day=1)


def _standing(budget: Budget, ledger: Ledger, now: datetime) -> Standing:
    entries = ledger.entries(since=period_start(budget.period, now))
    paid = [entry.paid for entry in entries]
    spent = sum((one.amount for one in paid if one and one.currency == budget.currency), Decimal(0))
    return Standing(budget, spent, sum(one is None for one in paid))


def _budget(row: Any) -> Budget | None:
    if not isinstance(row, Mapping) or row.get("period") not in get_args(Period) or not row.get("currency"):
        return None
    try:
        amount = Decimal(str(row.get("amount")))
    except InvalidOperation:
        return None
    usable = amount.is_finite() and amount >= 0
    return Budget(cast("Period", row["period"]), str(row["currency"]), amount) if usable else None
