"""The words for a call of the ledger: its purpose, how it ended, its model, its money. Draws nothing."""

from __future__ import annotations

from decimal import Decimal

from assistant.money.ledger import Entry, Sum
from assistant.ui.i18n import catalogue
from assistant.ui.money_text import SIGNS, amount
from assistant.ui.render import visible
from assistant.ui.session import language, say

_LONGEST_NAME = 60


def purpose_name(purpose: str) -> str:
    """Say what a call was for; a purpose that has no words yet stands as it is."""
    return _known(f"purpose.{purpose}", purpose)


def state_name(entry: Entry) -> str:
    """Say how a call ended, and why where it went wrong."""
    state = _known(f"call.{entry.state}", entry.state)
    return f"{state} · {fault_name(entry.error)}" if entry.error else state


def fault_name(kind: str) -> str:
    """Say in a few words what kind of error it was."""
    return _known(f"fault.{kind}", kind)


def short_name(name: str) -> str:
    """Write a foreign name as one honest line that fits a table or an axis."""
    line = " ".join(visible(name).split())
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"


def money(currency: str, value: Decimal) -> str:
    """Write an amount with the sign of its currency."""
    return f"{SIGNS.get(currency, short_name(currency) + ' ')}{amount(value)}"


def summed(total: Sum) -> str:
    """Write a sum: ≈ where some of it rests on our own count, ≤ where quiet hours may have made it less."""
    if total.currency is None:
        return say("usage.unknown")
    mark = "≈" if total.about else "≤" if total.at_most else ""
    return mark + money(total.currency, total.amount)


def cost_of(entry: Entry) -> str:
    """Write what one call has cost."""
    if entry.paid is None:
        return say("usage.unknown")
    mark = "≈" if entry.paid.about else "≤" if entry.paid.at_most else ""
    return mark + money(entry.paid.currency, entry.paid.amount)


def _known(text: str, raw: str) -> str:
    return say(text) if text in catalogue(language()) else short_name(raw)
