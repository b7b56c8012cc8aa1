"""Money and tokens in words, the same on every screen: unknown is said, and nothing is rounded to zero."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from assistant.money.budget import Standing
from assistant.money.cost import Forecast, Preview
from assistant.providers.entries import OLD_AFTER, age_in_days
from assistant.ui.render import plain
from assistant.ui.session import say

SIGNS = {"CNY": "¥", "USD": "$"}


def sign_of(currency: str) -> str:
    """Return what is written before an amount: a sign, or the currency's letters and a blank."""
    return SIGNS.get(currency, currency + " ")


def amount(value: Decimal) -> str:
    """Write an amount with two digits that say something: 0.0034, 0.12, 12.30."""
    if value == 0:
        return "0"
    digits = max(2, 1 - value.adjusted())
    return f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


def cost_range(cost: Forecast | None, *, local: bool) -> str:
    """Write a forecast as low to high; say that it is unknown, or that nobody charges."""
    if local:
        return say("cost.local")
    if cost is None:
        return say("cost.unknown")
    if cost.high == 0:
        return say("cost.free")
    sign = sign_of(cost.currency)
    if cost.low == cost.high:
        return f"{sign}{amount(cost.high)}"
    return f"{sign}{amount(cost.low)} – {sign}{amount(cost.high)}"


def price_age(as_of: date) -> str:
    """Say how old a price is once it may no longer hold; nothing while it is fresh."""
    days = age_in_days(as_of, datetime.now(UTC).date()) or 0
    return say("prices.old", days=days) if days > OLD_AFTER else ""


def paid(cost: Mapping[str, str] | None) -> str:
    """Write a recorded bill; None is unknown."""
    if cost is None:
        return say("cost.unknown")
    value = Decimal(cost["amount"])
    if value == 0:
        return say("cost.nothing")
    # Our count, where the provider gave none; or an hour that may have been a cheaper one.
    about = "≈" if cost.get("about") else "≤" if cost.get("at_most") else ""
    return f"{about}{sign_of(cost['currency'])}{amount(value)}"


def standing_words(standing: Standing) -> dict[str, str]:
    """Return a budget as the texts want it: its period, what it allows and what has been spent."""
    budget = standing.budget
    sign = sign_of(budget.currency)
    return {
        "period": say("budget.day") if budget.period == "day" else say("budget.month"),
        "budget": plain(f"{sign}{amount(budget.amount)}"),
        "spent": plain(f"{sign}{amount(standing.spent)}"),
    }


def token_count(preview: Preview) -> str:
    """Write the prompt's tokens, with ≈ where the server may count otherwise."""
    return ("" if preview.exact else "≈") + grouped(preview.prompt_tokens)


def part_count(preview: Preview, count: int) -> str:
    """Write the tokens of one part of a prompt, with ≈ where they are an estimate."""
    return ("" if preview.parts_exact else "≈") + grouped(count)


def grouped(count: int) -> str:
    """Write a count with thin spaces between thousands, which both languages read the same way."""
    return f"{count:,}".replace(",", "\u202f")
