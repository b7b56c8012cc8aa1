"""The book of every call that went to a model: what was predicted, what was billed. Owns its table; knows no model."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from assistant.database import Database
from assistant.money.cost import Forecast, Paid, Receipt, plain

By = Literal["day", "model", "provider", "purpose", "all"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One call as the book holds it; ``at`` is in the learner's own time zone, tokens are None where nobody said."""

    at: datetime
    purpose: str
    provider: str
    model: str
    state: str
    error: str | None
    predicted_tokens: int
    counted_tokens: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cached_tokens: int | None
    thinking: bool
    forecast: Forecast | None
    paid: Paid | None
    seconds: float

    def group(self, by: By) -> str:
        """Name the group that this call belongs to; all of them together have no name."""
        match by:
            case "day":
                return self.at.date().isoformat()
            case "model":
                return f"{self.provider}/{self.model}"
            case "provider":
                return self.provider
            case "purpose":
                return self.purpose
            case "all":
                return ""


@dataclass(frozen=True, slots=True)
class Sum:
    """The calls of one group in one currency; ``unpriced`` counts those whose cost is unknown.

    ``forecast`` adds up what was shown before the calls that were billed, None where nothing was; ``about`` counts
    the amounts that rest on our count and not on the provider's, ``at_most`` those that quiet hours may have lowered.
    """

    name: str
    currency: str | None
    calls: int
    predicted_tokens: int
    prompt_tokens: int
    completion_tokens: int
    amount: Decimal
    unpriced: int
    about: int = 0
    at_most: int = 0
    forecast: Forecast | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form: predicted beside billed, money as decimal strings."""
        return {
            "name": self.name,
            "currency": self.currency,
            "calls": self.calls,
            "predicted_prompt_tokens": self.predicted_tokens,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "forecast": self.forecast.as_json() if self.forecast else None,
            "amount": plain(self.amount),
            "unpriced": self.unpriced,
            "about": self.about,
            "at_most": self.at_most,
        }


class Ledger:
    """The ledger of one data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(
        self, purpose: str, receipt: Receipt, state: str, error: str | None = None, at: datetime | None = None
    ) -> None:
        """Write one call down; ``at`` is now unless it was earlier."""
        row = _row(purpose, receipt, state, error, at or datetime.now(UTC))
        names, places = ", ".join(row), ", ".join("?" * len(row))
        with self._database.transaction() as connection:
            connection.execute(f"INSERT INTO ledger ({names}) VALUES ({places})", tuple(row.values()))

    def entries(self, since: datetime | None = None, until: datetime | None = None) -> list[Entry]:
        """Return the calls from ``since`` on and before ``until``, oldest first; both are moments with a zone."""
        rows = self._database.connection.execute(
            "SELECT * FROM ledger WHERE at >= ? AND at < ? ORDER BY at, id", (_text(since, ""), _text(until, "~"))
        )
        return [_entry(row) for row in rows]

    def last(self, provider: str, model: str, purpose: str, count: int) -> list[Entry]:
        """Return the newest completed calls of one model for one purpose, newest first; '' stands for any purpose."""
        rows = self._database.connection.execute(
            "SELECT * FROM ledger WHERE provider = ? AND model = ? AND (purpose = ? OR ? = '') AND state = 'complete'"
            " ORDER BY id DESC LIMIT ?",
            (provider, model, purpose, purpose, count),
        )
        return [_entry(row) for row in rows]

    def sums(self, by: By = "model", since: datetime | None = None, until: datetime | None = None) -> list[Sum]:
        """Add the calls up by day, model, provider or purpose, or all of them, each currency by itself."""
        return sums_of(self.entries(since, until), by)


def take_over_calls(connection: sqlite3.Connection) -> None:
    """Add the calls that only ``other`` knows: going back to a former state brings no money back."""
    names = ", ".join(row["name"] for row in connection.execute("PRAGMA table_info(ledger)") if row["name"] != "id")
    connection.execute(
        f"INSERT INTO ledger ({names}) SELECT {names} FROM other.ledger EXCEPT SELECT {names} FROM ledger ORDER BY at"
    )


def sums_of(entries: Iterable[Entry], by: By) -> list[Sum]:
    """Add calls up in groups, sorted by name; money is added as decimals, currencies are never mixed."""
    groups: dict[tuple[str, str | None], list[Entry]] = {}
    for entry in entries:
        currency = entry.paid.currency if entry.paid else None
        groups.setdefault((entry.group(by), currency), []).append(entry)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0], group[0][1] or ""))
    return [_sum(name, currency, calls) for (name, currency), calls in ordered]


def _sum(name: str, currency: str | None, calls: Sequence[Entry]) -> Sum:
    forecasts = [call.forecast for call in calls if call.forecast and call.forecast.currency == currency]
    return Sum(
        name=name,
        currency=currency,
        calls=len(calls),
        predicted_tokens=sum(call.predicted_tokens for call in calls),
        prompt_tokens=sum(call.prompt_tokens or 0 for call in calls),
        completion_tokens=sum(call.completion_tokens or 0 for call in calls),
        amount=sum((call.paid.amount for call in calls if call.paid), Decimal(0)),
        unpriced=sum(call.paid is None for call in calls),
        about=sum(call.paid is not None and call.paid.about for call in calls),
        at_most=sum(call.paid is not None and call.paid.at_most for call in calls),
        forecast=_added(forecasts),
    )


def _added(forecasts: Sequence[Forecast]) -> Forecast | None:
    if not forecasts:
        return None
    zero = Decimal(0)
    return Forecast(
        forecasts[0].currency,
        sum((one.low for one in forecasts), zero),
        sum((one.typical for one in forecasts), zero),
        sum((one.high for one in forecasts), zero),
    )


def _row(purpose: str, receipt: Receipt, state: str, error: str | None, at: datetime) -> dict[str, Any]:
    cost, forecast = receipt.cost, receipt.forecast
    return {
        "at": _text(at, ""),
        "purpose": purpose,
        "provider": receipt.provider,
        "model": receipt.model,
        "state": state,
        "error": error,
        "predicted_tokens": receipt.predicted_prompt_tokens,
        "counted_tokens": receipt.counted_tokens,
        "prompt_tokens": receipt.prompt_tokens,
        "completion_tokens": receipt.completion_tokens,
        "reasoning_tokens": receipt.reasoning_tokens,
        "cached_tokens": receipt.cached_tokens,
        "thinking": int(receipt.thinking),
        "currency": cost.currency if cost else None,
        "amount": plain(cost.amount) if cost else None,
        "bound": cost.bound if cost else "",
        "forecast_currency": forecast.currency if forecast else None,
        "forecast_low": plain(forecast.low) if forecast else None,
        "forecast_typical": plain(forecast.typical) if forecast else None,
        "forecast_high": plain(forecast.high) if forecast else None,
        "seconds": receipt.seconds,
    }


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        at=datetime.fromisoformat(row["at"]).astimezone(),
        forecast=_forecast(row),
        paid=None if row["amount"] is None else _paid(row),
        thinking=bool(row["thinking"]),
        **{name: row[name] for name in _AS_THEY_ARE},
    )


_AS_THEY_ARE = (
    *("purpose", "provider", "model", "state", "error", "seconds", "predicted_tokens", "counted_tokens"),
    *("prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens"),
)


def _paid(row: sqlite3.Row) -> Paid:
    return Paid(row["currency"], Decimal(row["amount"]), row["bound"] == "at_most", row["bound"] == "about")


def _forecast(row: sqlite3.Row) -> Forecast | None:
    if row["forecast_currency"] is None:
        return None
    return Forecast(
        row["forecast_currency"],
        Decimal(row["forecast_low"]),
        Decimal(row["forecast_typical"]),
        Decimal(row["forecast_high"]),
    )


def _text(moment: datetime | None, other: str) -> str:
    """Write a moment so that text order is time order: in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else other
