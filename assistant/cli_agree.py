"""What costs money wants a yes in the terminal too: the refusal names its cost and the budgets at stake, and is JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from assistant.bootstrap import Assistant
from assistant.errors import AssistantError, Language, NeedsConfirmation, Said
from assistant.money.budget import Period, Standing, exceeded
from assistant.money.cost import Forecast, plain

_UNKNOWN: Said = {"zh": "金额未知", "en": "an unknown amount"}
_PERIODS: dict[Language, dict[Period, str]] = {
    "zh": {"day": "今天", "month": "本月"},
    "en": {"day": "today", "month": "this month"},
}


def agree(assistant: Assistant, cost: Forecast | None, yes: bool) -> None:
    """Go on where nothing is charged or the cost was agreed to; what is unknown counts as charged. Names the budgets at stake."""
    if yes or (cost is not None and cost.high == 0):
        return
    over = exceeded(assistant.budgets, cost)
    raise NeedsConfirmation(
        cost=f"{cost.currency} {plain(cost.low)} – {plain(cost.high)}" if cost else _UNKNOWN,
        over={language: "".join(_over(one, language) for one in over) for language in _PERIODS},
        forecast=json.dumps(cost.as_json() if cost else None),
        budgets=json.dumps([standing_json(one) for one in over]),
    )


def _over(standing: Standing, language: Language) -> str:
    """Say that a budget may be broken, as a sentence behind another."""
    budget = standing.budget
    period, most = _PERIODS[language][budget.period], f"{budget.currency} {plain(budget.amount)}"
    spent = f"{budget.currency} {plain(standing.spent)}"
    if language == "zh":
        return f"这可能超出{period}的预算 {most}（已用 {spent}）。"
    return f" It may break the budget of {period}, {most}, of which {spent} is spent."


def standing_json(standing: Standing) -> dict[str, Any]:
    """Return a budget and where it stands, money as decimal strings."""
    return standing.budget.as_json() | {"spent": plain(standing.spent), "unpriced": standing.unpriced}


def error_json(error: AssistantError, language: Language) -> Mapping[str, Any]:
    """Return the contract's form of an error; one about money holds the cost, null where it is unknown, and the budgets at stake."""
    said: dict[str, Any] = {"kind": error.kind, "message": error.message(language), "hint": error.hint(language)}
    if isinstance(error, NeedsConfirmation):
        said["cost"] = json.loads(error.details["forecast"])
        said["over_budget"] = json.loads(error.details["budgets"])
    return said
