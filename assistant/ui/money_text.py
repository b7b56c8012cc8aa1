"""Money and tokens in words, the same on every screen: unknown is said, and nothing is rounded to zero."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from assistant.money.cost import Forecast, Preview
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
    sign = SIGNS.get(cost.currency, cost.currency + " ")
    if cost.low == cost.high:
        return f"{sign}{amount(cost.high)}"
    return f"{sign}{amount(cost.low)} – {sign}{amount(cost.high)}"


def paid(cost: Mapping[str, str] | None) -> str:
    """Write a recorded bill; None is unknown."""
    if cost is None:
        return say("cost.unknown")
    value = Decimal(cost["amount"])
    if value == 0:
        return say("cost.nothing")
    return f"{SIGNS.get(cost['currency'], cost['currency'] + ' ')}{amount(value)}"


def token_count(preview: Preview) -> str:
    """Write the prompt's tokens, with ≈ where the server may count otherwise."""
    return ("" if preview.exact else "≈") + grouped(preview.prompt_tokens)


def grouped(count: int) -> str:
    """Write a count with thin spaces between thousands, which both languages read the same way."""
    return f"{count:,}".replace(",", "\u202f")
