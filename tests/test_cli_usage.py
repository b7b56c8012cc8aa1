"""The ledger in a terminal: groups, a first day, budgets, what was learned, the file, and columns for Chinese."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main
from assistant.database import Database
from assistant.money.cost import Forecast, Paid, Receipt
from assistant.money.ledger import Ledger
from assistant.preferences import Preferences

SHOWN = Forecast("CNY", Decimal("0.1"), Decimal("0.2"), Decimal("1"))


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    database = Database(tmp_path / "data")
    ledger = Ledger(database)
    for days, model, paid, prompt in [
        (0, "通义", "0.5", 110),
        (0, "通义", "1.5", 110),
        (9, "通义", "0.25", 110),
        (9, "\x1b[31mred", None, None),
    ]:
        cost = Paid("CNY", Decimal(paid)) if paid else None
        receipt = Receipt("p", model, 100, prompt, 7, None, cost, 1.0, None, counted_tokens=100, forecast=SHOWN)
        ledger.enter("answer", receipt, "complete", at=datetime.now().astimezone() - timedelta(days=days))
    Preferences(database).choose("budgets", [{"period": "day", "currency": "CNY", "amount": "1.00"}])
    yield tmp_path / "data"
    database.close()


def run(data: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["usage", "--json", "--data", str(data), *arguments]) == 0
    result = json.loads(capsys.readouterr().out)
    assert isinstance(result, dict)
    return result


def test_sums_come_with_forecast_budgets_and_corrections(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(data, capsys, "--by", "purpose")

    known, unknown = sorted(result["groups"], key=lambda group: group["unpriced"])
    assert (known["name"], known["amount"], known["calls"]) == ("answer", "2.25", 3)
    assert known["forecast"] == {"currency": "CNY", "low": "0.3", "typical": "0.6", "high": "3"}
    assert (unknown["currency"], unknown["unpriced"]) == (None, 1)
    assert result["budgets"] == [{"period": "day", "currency": "CNY", "amount": "1", "spent": "2", "unpriced": 0}]
    assert result["corrections"] == [{"provider": "p", "model": "通义", "factor": 1.1, "error": 0.0, "calls": 3}]
    (model,) = [one for one in result["forecast"] if one["model"] == "通义"]
    assert (model["predicted_prompt_tokens"], model["prompt_tokens"], model["token_error"]) == (300, 330, -0.0909)
    assert [(money["billed"], money["inside"], money["calls"]) for money in model["money"]] == [("2.25", 2, 3)]


def test_only_calls_from_a_day_on_are_summed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = datetime.now().astimezone().date().isoformat()
    result = run(data, capsys, "--since", day)

    assert (result["since"], [total["amount"] for total in result["totals"]]) == (day, ["2"])


def test_the_file_holds_every_call(data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "费用.csv"
    result = run(data, capsys, "--csv", str(file))

    assert result["csv"] == str(file)
    assert file.read_bytes().startswith(b"\xef\xbb\xbfat_local,")
    assert file.read_bytes().count(b"\r\n") == 5


def test_a_file_that_cannot_be_written_is_an_error_in_sentences(
    data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["usage", "--json", "--data", str(data), "--csv", str(tmp_path)]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "settings"


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday"])
def test_a_day_that_is_none_is_wrong_usage(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["usage", "--since", day])
    assert caught.value.code == 2
    assert day in capsys.readouterr().err


def test_people_get_columns_that_line_up_and_no_escape_codes(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["usage", "--data", str(data)]) == 0
    printed = capsys.readouterr().out
    rows = printed.splitlines()[:3]

    assert "\x1b" not in printed
    # A Chinese character takes two columns, as it takes two bytes of this encoding; a dash takes one.
    columns = {
        len(row.replace("–", "-").rsplit("  ", 1)[0].encode("gb18030"))
        for row in rows
        if "\N{REPLACEMENT CHARACTER}" not in row
    }
    assert len(columns) == 1
    assert "合计: CNY 2.25 (3 次调用)" in printed
    assert "预算 今天: CNY 2 / 1" in printed
