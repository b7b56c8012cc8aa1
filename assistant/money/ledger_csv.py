"""The ledger as a table file: every column of every call, safe to open in a spreadsheet. Knows no file and no screen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from assistant.language.cells import as_csv
from assistant.money.cost import plain
from assistant.money.ledger import Entry

COLUMNS = (
    *("at_local", "at_utc", "purpose", "provider", "model", "state", "error"),
    *("predicted_tokens", "counted_tokens", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens"),
    *("thinking", "currency", "amount", "bound"),
    *("forecast_currency", "forecast_low", "forecast_typical", "forecast_high", "seconds"),
)


def ledger_csv(entries: Iterable[Entry]) -> bytes:
    """Write calls as CSV in UTF-8 with its mark; an unknown cell is empty, and no text in it is taken for a formula."""
    return as_csv([COLUMNS, *map(_cells, entries)])


def _cells(entry: Entry) -> list[str]:
    paid, shown = entry.paid, entry.forecast
    tokens = (
        *(entry.predicted_tokens, entry.counted_tokens, entry.prompt_tokens),
        *(entry.completion_tokens, entry.reasoning_tokens, entry.cached_tokens),
    )
    return [
        entry.at.isoformat(sep=" ", timespec="seconds"),
        entry.at.astimezone(UTC).isoformat(sep=" ", timespec="seconds"),
        *(entry.purpose, entry.provider, entry.model, entry.state, entry.error or ""),
        *("" if count is None else str(count) for count in tokens),
        "yes" if entry.thinking else "no",
        *((paid.currency, plain(paid.amount)) if paid else ("", "")),
        paid.bound if paid else "",
        *((shown.currency, *map(plain, (shown.low, shown.typical, shown.high))) if shown else [""] * 4),
        f"{entry.seconds:.3f}",
    ]
