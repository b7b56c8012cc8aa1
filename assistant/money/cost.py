"""What a call will cost (Preview) and did cost (Receipt). Exact decimals; what is unknown is None and never zero."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Forecast:
    """Money before the call, as a range in one currency."""

    currency: str
    low: Decimal
    typical: Decimal
    high: Decimal

    def as_json(self) -> dict[str, str]:
        """Return the contract's form: decimal strings."""
        low, typical, high = (f"{amount:f}" for amount in (self.low, self.typical, self.high))  # never 1E-7
        return {"currency": self.currency, "low": low, "typical": typical, "high": high}


@dataclass(frozen=True, slots=True)
class Paid:
    """Money after the call."""

    currency: str
    amount: Decimal

    def as_json(self) -> dict[str, str]:
        """Return the contract's form: decimal strings."""
        return {"currency": self.currency, "amount": f"{self.amount:f}"}


# What runs on the learner's own machine is charged by nobody; the currency is the one our learners think in.
NO_CHARGE = Forecast("CNY", Decimal(0), Decimal(0), Decimal(0))
NOTHING_PAID = Paid("CNY", Decimal(0))


@dataclass(frozen=True, slots=True)
class Parts:
    """The prompt's tokens by what they are for; ``chunks`` has one number per passage."""

    system: int
    history: int
    chunks: tuple[int, ...]
    question: int
    overhead: int

    @property
    def total(self) -> int:
        """All tokens of the prompt."""
        return self.system + self.history + sum(self.chunks) + self.question + self.overhead


@dataclass(frozen=True, slots=True)
class Preview:
    """What sending a draft means: its size, whether it fits, and the money. ``exact``: the server will count the same."""

    provider: str
    model: str
    parts: Parts
    exact: bool
    output_tokens: tuple[int, int, int]
    cost: Forecast | None
    context_window: int | None

    @property
    def prompt_tokens(self) -> int:
        """All tokens that are sent."""
        return self.parts.total

    @property
    def fits(self) -> bool:
        """Whether prompt and the largest answer stay inside the window; a model without one takes anything."""
        return self.context_window is None or self.prompt_tokens + self.output_tokens[2] <= self.context_window

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form of a preview, without the messages."""
        low, typical, high = self.output_tokens
        return {
            "provider": self.provider,
            "model": self.model,
            "prompt_tokens": self.prompt_tokens,
            "parts": {
                "system": self.parts.system,
                "history": self.parts.history,
                "chunks": list(self.parts.chunks),
                "question": self.parts.question,
                "overhead": self.parts.overhead,
            },
            "exact": self.exact,
            "output_tokens": {"low": low, "typical": typical, "high": high},
            "cost": self.cost.as_json() if self.cost else None,
            "context_window": self.context_window,
            "fits": self.fits,
        }


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a call really took; tokens are None where the provider did not say."""

    provider: str
    model: str
    predicted_prompt_tokens: int
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cost: Paid | None
    seconds: float
    seconds_to_first_token: float | None

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
