"""The maintainer's command: where the catalogue differs from a public price file. Compares and says; changes nothing."""

from __future__ import annotations

import argparse
from decimal import Decimal
from typing import Any

from assistant.bootstrap import Assistant
from assistant.money.cost import plain
from assistant.providers.price_differences import compare
from assistant.providers.price_file import CURRENCY, read_price_file


def prices(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Compare the catalogue in use with a file of public prices; both sides per million tokens, None where one says nothing."""
    shape, public = read_price_file(given.file)
    found = compare(assistant.connections.catalog, public)
    return {
        "file": str(given.file),
        "shape": shape,
        "currency": CURRENCY,
        "compared": found.compared,
        "differences": [
            {
                "provider": one.provider,
                "region": one.region,
                "model": one.model,
                "field": one.field,
                "ours": _written(one.ours),
                "theirs": _written(one.theirs),
            }
            for one in found.differences
        ],
        "not_comparable": [
            {"provider": provider, "region": region, "model": model, "ours": currency, "theirs": CURRENCY}
            for provider, region, model, currency in found.other_currency
        ],
        "unpriced": [_place(*place) for place in found.unpriced],
        "not_in_file": [_place(*place) for place in found.not_in_file],
    }


def _place(provider: str, region: str, model: str) -> dict[str, str]:
    return {"provider": provider, "region": region, "model": model}


def _written(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)
