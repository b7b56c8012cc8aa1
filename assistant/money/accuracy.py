"""Holds forecasts against bills, model by model: tokens, and money in each currency by itself. Knows no price and no screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assistant.money.cost import Forecast, plain
from assistant.money.experience import was_cut
from assistant.money.ledger import Entry


@dataclass(frozen=True, slots=True)
class MoneyAccuracy:
    """What calls of one currency were to cost and did; ``inside`` counts the bills within their own range."""

    forecast: Forecast
    billed: Decimal
    calls: int
    inside: int

    def as_json(self) -> dict[str, Any]:
        """Return the range with the bill beside it."""
        return {**self.forecast.as_json(), "billed": plain(self.billed), "calls": self.calls, "inside": self.inside}


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How good the forecasts of one model were.

    Tokens are compared over the ``counted`` calls only, whose prompt the provider has counted and not cut; money over
    completed calls that were to cost something and have a bill of the provider's.
    """

    provider: str
    model: str
    calls: int
    counted: int
    predicted_tokens: int
    billed_tokens: int
    money: tuple[MoneyAccuracy, ...]

    @property
    def token_error(self) -> float | None:
        """How far the predicted tokens were off, as a share of those billed: positive where too many were predicted."""
        return (self.predicted_tokens - self.billed_tokens) / self.billed_tokens if self.billed_tokens else None

    def as_json(self) -> dict[str, Any]:
        """Return what scripts get."""
        return {
            "provider": self.provider,
            "model": self.model,
            "calls": self.calls,
            "counted": self.counted,
            "predicted_prompt_tokens": self.predicted_tokens,
            "prompt_tokens": self.billed_tokens,
            "token_error": None if self.token_error is None else round(self.token_error, 4),
            "money": [one.as_json() for one in self.money],
        }


def accuracies(entries: Iterable[Entry]) -> list[Accuracy]:
    """Compare the calls of each model, sorted by its name."""
    models: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        models.setdefault((entry.provider, entry.model), []).append(entry)
    return [_accuracy(*name, calls) for name, calls in sorted(models.items())]


def _accuracy(provider: str, model: str, calls: Sequence[Entry]) -> Accuracy:
    counted = [call for call in calls if call.prompt_tokens is not None and not was_cut(call)]
    return Accuracy(
        provider=provider,
        model=model,
        calls=len(calls),
        counted=len(counted),
        predicted_tokens=sum(call.predicted_tokens for call in counted),
        billed_tokens=sum(call.prompt_tokens or 0 for call in counted),
        money=_money(calls),
    )


def _money(calls: Sequence[Entry]) -> tuple[MoneyAccuracy, ...]:
    pairs: dict[str, list[tuple[Forecast, Decimal]]] = {}
    for call in calls:
        shown, paid = call.forecast, call.paid
        if shown is None or paid is None or call.state != "complete" or paid.about:
            continue
        if shown.currency == paid.currency and shown.high > 0:
            pairs.setdefault(paid.currency, []).append((shown, paid.amount))
    return tuple(_compared(currency, found) for currency, found in sorted(pairs.items()))


def _compared(currency: str, pairs: Sequence[tuple[Forecast, Decimal]]) -> MoneyAccuracy:
    zero = Decimal(0)
    return MoneyAccuracy(
        forecast=Forecast(
            currency,
            sum((shown.low for shown, _ in pairs), zero),
            sum((shown.typical for shown, _ in pairs), zero),
            sum((shown.high for shown, _ in pairs), zero),
        ),
        billed=sum((amount for _, amount in pairs), zero),
        calls=len(pairs),
        inside=sum(shown.low <= amount <= shown.high for shown, amount in pairs),
    )
