"""What a call will cost (Preview) and did cost (Receipt). Exact decimals; what is unknown is None and never zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from assistant.providers.base import Usage
from assistant.providers.entries import ChatEntry, EmbeddingEntry, Price
from assistant.providers.hours import prices_between

PER = Decimal(1_000_000)  # prices are per million tokens
A_WHILE = timedelta(hours=1)  # from seeing a price to the end of the answer; a draft that waits longer is priced anew
NOWHERE = "CNY"  # the currency in which nothing is charged: the one our learners think in


@dataclass(frozen=True, slots=True)
class Forecast:
    """Money before the call, as a range in one currency."""

    currency: str
    low: Decimal
    typical: Decimal
    high: Decimal

    def as_json(self) -> dict[str, str]:
        """Return the contract's form: decimal strings."""
        return {
            "currency": self.currency,
            "low": plain(self.low),
            "typical": plain(self.typical),
            "high": plain(self.high),
        }


@dataclass(frozen=True, slots=True)
class Paid:
    """Money after the call.

    ``at_most``: the hours in which it was made may have been cheaper ones for its provider. ``about``: the provider gave
    no count, as for an answer that was stopped, and ours was used.
    """

    currency: str
    amount: Decimal
    at_most: bool = False
    about: bool = False

    @property
    def bound(self) -> str:
        """Name what keeps the amount from being the provider's own, the weaker where both do: about, at_most or nothing."""
        return "about" if self.about else "at_most" if self.at_most else ""

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form: a decimal string, and ``at_most`` or ``about`` where it holds."""
        paid: dict[str, Any] = {"currency": self.currency, "amount": plain(self.amount)}
        return paid | {name: True for name in ("at_most", "about") if getattr(self, name)}


NO_CHARGE = Forecast(NOWHERE, Decimal(0), Decimal(0), Decimal(0))
NOTHING_PAID = Paid(NOWHERE, Decimal(0))


@dataclass(frozen=True, slots=True)
class Parts:
    """The prompt's tokens by what they are for; ``chunks`` has one number per passage."""

    system: int
    history: int
    chunks: tuple[int, ...]
    question: int
    overhead: int
    pictures: int = 0

    @property
    def total(self) -> int:
        """All tokens of the prompt."""
        return self.system + self.history + sum(self.chunks) + self.question + self.overhead + self.pictures


@dataclass(frozen=True, slots=True)
class Preview:
    """What sending a draft means: its size, whether it fits, and the money.

    ``exact``: the server will count the same; else it counts at most ``prompt_tokens_high``, by what is known of the
    error. ``parts_exact``: so it is with the parts, which may be estimates where the whole is a fact.
    ``pictures_known`` False: it holds pictures whose tokens nobody says; they are in none of the numbers.
    """

    provider: str
    model: str
    parts: Parts
    prompt_tokens_high: int
    exact: bool
    parts_exact: bool
    output_tokens: tuple[int, int, int]
    cost: Forecast | None
    context_window: int | None
    pictures_known: bool = True

    @property
    def prompt_tokens(self) -> int:
        """All tokens that are sent."""
        return self.parts.total

    @property
    def fits(self) -> bool:
        """Whether prompt and the largest answer surely stay inside the window; a model without one takes anything."""
        return self.excess == 0

    @property
    def excess(self) -> int:
        """How many tokens prompt and answer may be too many for the window."""
        if self.context_window is None:
            return 0
        return max(0, self.prompt_tokens_high + self.output_tokens[2] - self.context_window)

    def _pictures_json(self) -> dict[str, int | None]:
        """Return the part that only a prompt with pictures has; None is unknown."""
        if not self.pictures_known:
            return {"pictures": None}
        return {"pictures": self.parts.pictures} if self.parts.pictures else {}

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form of a preview, without the messages."""
        low, typical, high = self.output_tokens
        return {
            "provider": self.provider,
            "model": self.model,
            "prompt_tokens": self.prompt_tokens,
            "prompt_tokens_high": self.prompt_tokens_high,
            "parts": {
                "system": self.parts.system,
                "history": self.parts.history,
                "chunks": list(self.parts.chunks),
                "question": self.parts.question,
                "overhead": self.parts.overhead,
                **self._pictures_json(),
            },
            "exact": self.exact,
            "parts_exact": self.parts_exact,
            "output_tokens": {"low": low, "typical": typical, "high": high},
            "cost": self.cost.as_json() if self.cost else None,
            "context_window": self.context_window,
            "fits": self.fits,
        }


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a call really took; tokens are None where the provider did not say.

    ``counted_tokens`` is our own count of the prompt before any learned correction, ``forecast`` what was shown before.
    """

    provider: str
    model: str
    predicted_prompt_tokens: int
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cost: Paid | None
    seconds: float
    seconds_to_first_token: float | None
    cached_tokens: int | None = None
    counted_tokens: int | None = None
    thinking: bool = False
    forecast: Forecast | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's fields of an answered question."""
        return {
            "provider": self.provider,
            "model": self.model,
            "predicted_prompt_tokens": self.predicted_prompt_tokens,
            "usage": {
                "prompt_tokens": self.prompt_tokens,
                "completion_tokens": self.completion_tokens,
                "reasoning_tokens": self.reasoning_tokens,
            },
            "cost": self.cost.as_json() if self.cost else None,
            "seconds": round(self.seconds, 3),
            "seconds_to_first_token": None
            if self.seconds_to_first_token is None
            else round(self.seconds_to_first_token, 3),
        }


def forecast(
    entry: ChatEntry,
    prompt_tokens: int,
    output_tokens: tuple[int, int, int],
    thinking: bool,
    prompt_tokens_high: int | None = None,
    moment: datetime | None = None,
) -> Forecast | None:
    """Say what a call will cost for a short, a usual and the longest answer; None where no price is known.

    ``output_tokens`` include the thinking. Where prices change with the hours, the usual answer has the price in force at
    ``moment`` (default: now), the longest the dearest within a while of it, and the short one the cheapest, which may be
    that of the rest of the week: holidays are not in the catalogue.
    ``prompt_tokens_high``: what an estimated prompt may turn out to have, at the price of a request of that size.
    """
    now = moment or datetime.now(UTC)
    most = prompt_tokens if prompt_tokens_high is None else prompt_tokens_high
    tables = prices_between(entry, now, now + A_WHILE)
    soon, ever = (_tiers(some, prompt_tokens) for some in (tables, [*tables, entry.prices]))
    dearest = _tiers(tables, most)
    if not soon or not ever or not dearest or entry.currency is None:
        return None
    thinks = thinking or entry.thinking == "always"
    low, typical, high = output_tokens
    return Forecast(
        entry.currency,
        min(_cost(price, prompt_tokens, 0, low, thinks) for price in ever),
        _cost(soon[0], prompt_tokens, 0, typical, thinks),
        max(_cost(price, most, 0, high, thinks) for price in dearest),
    )


def bill(
    entry: ChatEntry, usage: Usage, thinking: bool, moment: datetime | None = None, seconds: float = 0
) -> Paid | None:
    """Say what a call that ended at ``moment`` (default: now) has cost by the provider's own count; None where unknown.

    Where prices change with the hours it is the dearest during its ``seconds``, and at most that if another may have counted.
    """
    if entry.local and entry.currency is not None:
        return Paid(entry.currency, Decimal(0))
    if usage.prompt_tokens is None or usage.completion_tokens is None or entry.currency is None:
        return None
    now = moment or datetime.now(UTC)
    tables = prices_between(entry, now - timedelta(seconds=seconds), now)
    lately, ever = (_tiers(some, usage.prompt_tokens) for some in (tables, [*tables, entry.prices]))
    if not lately or not ever:
        return None
    thinks = thinking or entry.thinking == "always" or bool(usage.reasoning_tokens)
    cached = min(usage.cached_tokens or 0, usage.prompt_tokens)
    costs = [_cost(price, usage.prompt_tokens, cached, usage.completion_tokens, thinks) for price in ever]
    amount = max(costs[: len(lately)])
    return Paid(entry.currency, amount, at_most=min(costs) < amount)


def refused_bill(entry: ChatEntry | EmbeddingEntry) -> Paid:
    """Return the bill of a request that was turned away at the door: nothing, whatever the price may be."""
    return Paid(entry.currency or NOWHERE, Decimal(0))


def embedding_forecast(entry: EmbeddingEntry, tokens: int) -> Forecast | None:
    """Say what embedding so many tokens will cost; None where no price is known."""
    if entry.price is None or entry.currency is None:
        return None
    amount = entry.price * tokens / PER
    return Forecast(entry.currency, amount, amount, amount)


def embedding_bill(entry: EmbeddingEntry, tokens: int | None) -> Paid | None:
    """Say what embedding has cost by the provider's own count; None where its price or its count is unknown."""
    if entry.price is None or entry.currency is None or (tokens is None and not entry.local):
        return None
    return Paid(entry.currency, entry.price * (tokens or 0) / PER)


def plain(amount: Decimal) -> str:
    """Write an amount without exponent and without idle zeros, every digit that counts being kept."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _tier(prices: tuple[Price, ...] | None, prompt_tokens: int) -> Price | None:
    """Find the price for a request of this size; one larger than the last tier has no price that we know."""
    return next((price for price in prices or () if price.up_to is None or prompt_tokens <= price.up_to), None)


def _tiers(tables: Sequence[tuple[Price, ...] | None], prompt_tokens: int) -> list[Price]:
    """Find the price for a request of this size in each table; empty as soon as one has none that we know."""
    found = [_tier(table, prompt_tokens) for table in tables]
    return [price for price in found if price is not None] if None not in found else []


def _cost(price: Price, prompt: int, cached: int, output: int, thinking: bool) -> Decimal:
    cached_price = price.input if price.cached is None else price.cached
    output_price = price.output
    if thinking and price.output_thinking is not None:
        output_price = price.output_thinking
    return ((prompt - cached) * price.input + cached * cached_price + output * output_price) / PER
