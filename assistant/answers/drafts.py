"""Drafts that wait for the learner's yes, and the rule when one has to. Knows no screen."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast, get_args

from assistant.answers.ask import Draft
from assistant.money.cost import Forecast

Rule = Literal["always", "above", "never"]


@dataclass(frozen=True, slots=True)
class AskFirst:
    """When a draft must be shown before it is sent: always, above an amount, or never."""

    rule: Rule = "always"
    amount: Decimal = Decimal("0.01")

    def applies_to(self, draft: Draft, over_budget: bool = False) -> bool:
        """Whether this draft has to wait.

        One that does not fit or may break a budget always waits; what reaches no model never does.
        """
        if not draft.asks_a_model:
            return False
        if not draft.preview.fits or over_budget:
            return True
        if self.rule != "above":
            return self.rule == "always"
        cost = draft.preview.cost
        return cost is None or cost.high > self.amount  # an unknown price may be above anything

    def applies_to_step(self, cost: Forecast | None, over_budget: bool = False) -> bool:
        """Whether a step before the answer, that a model takes at this price, has to wait for a yes."""
        if over_budget or self.rule == "always":
            return True
        return self.rule == "above" and (cost is None or cost.high > self.amount)

    def as_json(self) -> dict[str, str]:
        """Return what is kept as a preference."""
        return {"rule": self.rule, "amount": str(self.amount)}


def ask_first_of(kept: Any) -> AskFirst:
    """Read a kept preference; anything that is not one gives the careful default."""
    if not isinstance(kept, Mapping) or kept.get("rule") not in get_args(Rule):
        return AskFirst()
    try:
        return AskFirst(cast("Rule", kept["rule"]), Decimal(str(kept.get("amount", "0.01"))))
    except InvalidOperation:
        return AskFirst()


class Drafts:
    """The waiting drafts of this process, one per conversation, each with the turn that it belongs to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[int, Draft]] = {}

    def hold(self, conversation: str, turn_id: int, draft: Draft) -> None:
        """Keep a draft until it is sent or given up; a changed one takes the place of the one before."""
        with self._lock:
            self._waiting[conversation] = (turn_id, draft)

    def of(self, conversation: str) -> tuple[int, Draft] | None:
        """Return the conversation's waiting draft with its turn."""
        return self._waiting.get(conversation)

    def take(self, conversation: str) -> tuple[int, Draft] | None:
        """Return the waiting draft and forget it; of two that press Send at once, one gets it."""
        with self._lock:
            return self._waiting.pop(conversation, None)
