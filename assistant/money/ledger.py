"""The book of every call that went to a model: what was predicted, what was billed. Owns its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from assistant.database import Database
from assistant.money.cost import Receipt, plain

By = Literal["day", "model", "provider"]

_GROUPS: dict[By, str] = {"day": "date(at, 'localtime')", "model": "provider || '/' || model", "provider": "provider"}


@dataclass(frozen=True, slots=True)
class Sum:
    """The calls of one group in one currency; ``unpriced`` counts those whose cost is unknown."""

    name: str
    currency: str | None
    calls: int
    predicted_tokens: int
    prompt_tokens: int
    completion_tokens: int
    amount: Decimal
    unpriced: int

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form: predicted beside billed, money as a decimal string."""
        return {
            "name": self.name,
            "currency": self.currency,
            "calls": self.calls,
            "predicted_prompt_tokens": self.predicted_tokens,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "amount": plain(self.amount),
            "unpriced": self.unpriced,
        }


class Ledger:
    """The ledger of one data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, purpose: str, receipt: Receipt, state: str, error: str | None = None) -> None:
        """Write one call down."""
        cost = receipt.cost
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO ledger (at, purpose, provider, model, state, error, predicted_tokens, prompt_tokens,"
                " completion_tokens, reasoning_tokens, currency, amount, seconds) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    datetime.now(UTC).isoformat(timespec="seconds"), purpose, receipt.provider, receipt.model, state, error,
                    receipt.predicted_prompt_tokens, receipt.prompt_tokens, receipt.completion_tokens,
                    receipt.reasoning_tokens, cost.currency if cost else None, plain(cost.amount) if cost else None,
                    receipt.seconds,
                ),
            )  # fmt: skip

    def sums(self, by: By = "model") -> list[Sum]:
        """Add the calls up by day, model or provider, each currency by itself; money is added as decimals."""
        rows = self._database.connection.execute(
            f"SELECT {_GROUPS[by]} AS name, currency, predicted_tokens, prompt_tokens, completion_tokens, amount"
            " FROM ledger ORDER BY name, id"
        ).fetchall()
        groups: dict[tuple[str, str | None], list[Any]] = {}
        for row in rows:
            groups.setdefault((row["name"], row["currency"]), []).append(row)
        return [_sum(name, currency, calls) for (name, currency), calls in groups.items()]


def _sum(name: str, currency: str | None, calls: Sequence[Any]) -> Sum:
    return Sum(
        name=name,
        currency=currency,
        calls=len(calls),
        predicted_tokens=sum(call["predicted_tokens"] for call in calls),
        prompt_tokens=sum(call["prompt_tokens"] or 0 for call in calls),
        completion_tokens=sum(call["completion_tokens"] or 0 for call in calls),
        amount=sum((Decimal(call["amount"]) for call in calls if call["amount"] is not None), Decimal(0)),
        unpriced=sum(call["amount"] is None for call in calls),
    )
