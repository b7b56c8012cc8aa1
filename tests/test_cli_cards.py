"""Cards in the terminal, with the contract's JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path, notes: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str, code: int = 0, command: str = "cards") -> dict[str, Any]:
        folders = ["--notes", str(notes), "--data", str(tmp_path / "data")]
        assert main([command, *arguments, "--json", *folders]) == code
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    run(command="sync")
    return run


def test_cards_are_made_looked_over_and_listed(run: Run) -> None:
    made = run("make")
    assert {"过拟合（Overfitting）是什么？"} <= {card["front"] for card in made["cards"]}
    assert {card["state"] for card in made["cards"]} == {"proposed"}
    assert run()["cards"] == []
    assert run("list", "--new")["count"] == len(made["cards"])

    first = next(card["id"] for card in made["cards"] if card["note"] == "机器学习/过拟合.md")
    others = [card["id"] for card in made["cards"] if card["id"] != first]
    run("drop", *map(str, others))
    run("accept")
    (card,) = run()["cards"]
    assert {"id", "front", "back", "note", "lines", "due", "state"} <= card.keys()
    assert (card["id"], card["note"], card["lines"], card["state"]) == (first, "机器学习/过拟合.md", [3, 3], "new")
    assert run()["due"]["total"] == 1
    assert run("make")["cards"] == []


def test_a_card_is_reviewed_and_the_grade_taken_back(run: Run) -> None:
    (card,) = run("make", "--front", "1 + 1?", "--back", "2")["cards"]
    asked = run("review")
    assert asked["cards"] == [card]
    assert list(asked["choices"]) == ["1", "2", "3", "4"]

    (graded,) = run("review", str(card["id"]), "--grade", "4")["cards"]
    assert graded["state"] == "review"
    assert run("review")["cards"] == []
    assert run("undo")["cards"][0]["state"] == "new"
    assert run("suspend", str(card["id"]))["cards"][0]["state"] == "suspended"
    assert run("resume", str(card["id"]))["cards"][0]["state"] == "new"
    run("bury", str(card["id"]))
    assert run("review")["cards"] == []


def test_a_deck_is_written_and_read_again(run: Run, tmp_path: Path) -> None:
    run("make", "--accept")
    count = run()["count"]
    for name in ("deck.csv", "deck.apkg"):
        assert len(run("export", "--file", str(tmp_path / name))["cards"]) == count
        assert (tmp_path / name).stat().st_size
    assert run("import", "--file", str(tmp_path / "deck.csv"))["known"] == count


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["accept", "99"], "not_found"),
        (["drop"], "not_found"),
        (["make", "--by-model"], "settings"),
        (["make", "--by-model", "--provider", "dashscope", "--model", "qwen-plus"], "needs_confirmation"),
        (["import", "--file", "nothing.csv"], "cards_import"),
        (["make", "--front", "a", "--back", "a"], "card_refused"),
        (["export", "--file", "/"], "data_folder"),
    ],
)
def test_what_cannot_be_done_says_why(run: Run, arguments: list[str], kind: str) -> None:
    assert run(*arguments, code=1)["error"]["kind"] == kind
