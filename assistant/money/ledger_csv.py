"""The ledger as a table file: every column of every call, safe to open in a spreadsheet. Knows no file and no screen."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC

from assistant.money.cost import plain
from assistant.money.ledger import Entry

COLUMNS = (
    *("at_local", "at_utc", "purpose", "provider", "model", "state", "error"),
    *("predicted_tokens", "counted_tokens", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens"),
    *("thinking", "currency", "amount", "bound"),
    *("forecast_currency", "forecast_low", "forecast_typical", "forecast_high", "seconds"),
)

_FORMULA = ("=", "+", "-", "@", "|", "＝", "＋", "－", "＠")  # what makes a spreadsheet calculate, also in Chinese ones
_MARK = "\ufeff"  # without it Excel reads UTF-8 as the code page of the system


def ledger_csv(entries: Iterable[Entry]) -> bytes:
    """Write calls as CSV in UTF-8 with its mark; an unknown cell is empty, and no text in it is taken for a formula."""
    written = io.StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    rows.writerows(map(_cells, entries))
    return (_MARK + written.getvalue()).encode()


def _cells(entry: Entry) -> list[str]:
    paid, shown = entry.paid, entry.forecast
    tokens = (
        *(entry.predicted_tokens, entry.counted_tokens, entry.prompt_tokens),
        *(entry.completion_tokens, entry.reasoning_tokens, entry.cached_tokens),
    )
    return [
        entry.at.isoformat(sep=" ", timespec="seconds"),
        entry.at.astimezone(UTC).isoformat(sep=" ", timespec="seconds"),
        *map(_harmless, (entry.purpose, entry.provider, entry.model, entry.state, entry.error or "")),
        *("" if count is None else str(count) for count in tokens),
        "yes" if entry.thinking else "no",
        *((_harmless(paid.currency), plain(paid.amount)) if paid else ("", "")),
        paid.bound if paid else "",
        *((_harmless(shown.currency), *map(plain, (shown.low, shown.typical, shown.high))) if shown else [""] * 4),
        f"{entry.seconds:.3f}",
    ]


def _harmless(text: str) -> str:
    """Put a quote before what a spreadsheet would calculate: a model may be named by anybody's server."""
    return "'" + text if text.lstrip().startswith(_FORMULA) or text[:1].isspace() else text
