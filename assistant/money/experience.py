"""What the ledger teaches about a model: how long its answers are, and how far our token count is off. Knows no price."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median, quantiles

from assistant.money.ledger import Entry, Ledger

_CALLS = 50  # the newest ones: models change under their names
_ENOUGH = 3  # fewer tell more about the questions than about the model


@dataclass(frozen=True, slots=True)
class Usual:
    """How many tokens the answers had: a short one (the tenth percentile) and a usual one (the median)."""

    low: int
    typical: int
    calls: int


@dataclass(frozen=True, slots=True)
class Correction:
    """Billed tokens divided by those that we counted; ``error`` is how far the corrected counts were still off.

    ``error`` is the largest share by which a corrected count missed its bill among the calls that were learned from.
    """

    factor: float
    error: float
    calls: int


class Experience:
    """Learns from the calls of one ledger; asked anew each time, because each call may teach."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def output(self, provider: str, model: str, purpose: str, thinking: bool) -> Usual | None:
        """Say how long a model's answers were for a purpose, with or without thinking; None while too few are known."""
        lengths = sorted(
            entry.completion_tokens
            for entry in self._ledger.last(provider, model, purpose, _CALLS)
            if entry.completion_tokens and entry.thinking == thinking
        )
        if len(lengths) < _ENOUGH:
            return None
        low = quantiles(lengths, n=10, method="inclusive")[0]
        return Usual(round(low), round(median(lengths)), len(lengths))

    def correction(self, provider: str, model: str) -> Correction | None:
        """Say by what our counts of a model's prompts have to be multiplied; None while too few bills are known."""
        pairs = [
            (entry.counted_tokens, entry.prompt_tokens)
            for entry in self._ledger.last(provider, model, "", _CALLS)
            if entry.counted_tokens and entry.prompt_tokens and not was_cut(entry)
        ]
        if len(pairs) < _ENOUGH:
            return None
        factor = sum(billed for _, billed in pairs) / sum(counted for counted, _ in pairs)
        error = max(abs(billed - counted * factor) / billed for counted, billed in pairs)
        return Correction(factor, error, len(pairs))


_CUT = 0.75  # no vocabulary in use is off by a quarter over a whole prompt, and Ollama cuts to about a half


def was_cut(entry: Entry) -> bool:
    """Tell whether a server must have dropped part of a prompt: it read far fewer tokens than it was sent."""
    return prompt_was_cut(entry.provider, entry.predicted_tokens, entry.prompt_tokens)


def prompt_was_cut(provider: str, predicted: int, billed: int | None) -> bool:
    """Tell whether Ollama, which cuts a long prompt without a word, has read far less than it was sent."""
    return provider == "ollama" and billed is not None and 0 < billed < _CUT * predicted
