"""The ledger for a terminal: sums, forecasts beside bills, budgets, and the calls as a file. Knows no parser and prints nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.bootstrap import Assistant
from assistant.cli_agree import standing_json
from assistant.errors import SettingsError
from assistant.money.accuracy import accuracies
from assistant.money.experience import Experience, was_cut
from assistant.money.ledger import Entry, Ledger, sums_of
from assistant.money.ledger_csv import ledger_csv


def usage(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Sum the ledger up; each currency by itself, calls of unknown cost counted apart, budgets by today's calendar."""
    entries = assistant.ledger.entries(given.since)
    if given.csv:
        _write(given.csv, ledger_csv(entries))
    totals = [one.as_json() for one in sums_of(entries, "all")]
    return {
        "by": given.by,
        "since": given.since.date().isoformat() if given.since else None,
        "groups": [one.as_json() for one in sums_of(entries, given.by)],
        "totals": [{name: value for name, value in one.items() if name != "name"} for one in totals],
        "forecast": [one.as_json() for one in accuracies(entries)],
        "corrections": _corrections(entries, assistant.ledger),
        "budgets": [standing_json(one) for one in assistant.budgets],
        "cut": sum(map(was_cut, entries)),
        "csv": str(given.csv) if given.csv else None,
    }


def day_of(text: str) -> datetime:
    """Read a day as the midnight that it begins with, by the learner's clock."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").astimezone()
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-01-31") from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise SettingsError(name="--csv", value=f"{file} ({error.strerror})", allowed="usage.csv") from error


def _corrections(entries: Iterable[Entry], ledger: Ledger) -> list[dict[str, Any]]:
    experience = Experience(ledger)
    models = sorted({(entry.provider, entry.model) for entry in entries})
    learned = [(provider, model, experience.correction(provider, model)) for provider, model in models]
    return [
        {
            "provider": provider,
            "model": model,
            "factor": round(one.factor, 4),
            "error": round(one.error, 4),
            "calls": one.calls,
        }
        for provider, model, one in learned
        if one
    ]
