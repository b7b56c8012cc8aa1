"""The ledger as a file: every column, Chinese that Excel reads, and no cell that calculates."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.money.cost import Forecast, Paid
from assistant.money.ledger import Entry, sums_of
from assistant.money.ledger_csv import COLUMNS, ledger_csv

AT = datetime(2026, 11, 22, 23, 30, 5, tzinfo=UTC)


def entry(
    model: str = "m", paid: Paid | None = None, forecast: Forecast | None = None, error: str | None = None
) -> Entry:
    return Entry(
        AT.astimezone(), "answer", "p", model, "complete", error, 10, None, None, 3, None, 2, True, forecast, paid, 1.25
    )  # fmt: skip


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_file_without_calls_has_its_heading() -> None:
    assert ledger_csv([]) == b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n"


def test_every_column_is_written_and_the_unknown_is_empty() -> None:
    shown = Forecast("CNY", Decimal("0.1"), Decimal("0.20"), Decimal("1E+1"))
    (row,) = read(ledger_csv([entry("通义", Paid("USD", Decimal("1E-7"), about=True), shown)]))

    assert datetime.fromisoformat(row.pop("at_local")) == datetime.fromisoformat(row["at_utc"]) == AT
    assert row == {
        "at_utc": "2026-11-22 23:30:05+00:00", "purpose": "answer", "provider": "p", "model": "通义",
        "state": "complete", "error": "", "predicted_tokens": "10", "counted_tokens": "", "prompt_tokens": "",
        "completion_tokens": "3", "reasoning_tokens": "", "cached_tokens": "2", "thinking": "yes", "currency": "USD",
        "amount": "0.0000001", "bound": "about", "forecast_currency": "CNY", "forecast_low": "0.1",
        "forecast_typical": "0.2", "forecast_high": "10", "seconds": "1.250",
    }  # fmt: skip


def test_a_call_of_unknown_cost_has_no_amount() -> None:
    (row,) = read(ledger_csv([entry()]))

    assert {row[name] for name in COLUMNS if name.startswith(("forecast", "amount", "currency", "bound"))} == {""}


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "|cmd", "\t=1", "\r=1", " =1", "＝1", "＠x", '=HYPERLINK("http://a","b")']
)
def test_a_name_that_a_spreadsheet_would_calculate_is_marked_as_text(name: str) -> None:
    (row,) = read(ledger_csv([entry(name, error=name)]))

    assert (row["model"], row["error"]) == ("'" + name, "'" + name)


@given(some.text(some.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_name_stays_in_its_cell(name: str) -> None:
    (row,) = read(ledger_csv([entry(name)]))

    assert row["model"].removeprefix("'") == name.removeprefix("'")
    assert len(row) == len(COLUMNS)


@given(
    some.lists(
        some.tuples(
            some.sampled_from(["a", "b"]),
            some.none()
            | some.tuples(some.sampled_from(["CNY", "USD"]), some.integers(0, 10**12), some.integers(0, 12)),
        )
    )
)
def test_file_and_sums_add_up_to_the_same(calls: list[tuple[str, tuple[str, int, int] | None]]) -> None:
    entries = [entry(name, paid and Paid(paid[0], Decimal(paid[1]).scaleb(-paid[2]))) for name, paid in calls]
    written: dict[tuple[str, str], Decimal] = {}
    for row in read(ledger_csv(entries)):
        if row["amount"]:
            group = f"p/{row['model']}", row["currency"]
            written[group] = written.get(group, Decimal(0)) + Decimal(row["amount"])
    sums = sums_of(entries, "model")

    assert {(one.name, one.currency): one.amount for one in sums if one.currency} == written
    assert sum(one.calls for one in sums) == len(calls)
    assert sum(one.unpriced for one in sums) == sum(paid is None for _, paid in calls)
