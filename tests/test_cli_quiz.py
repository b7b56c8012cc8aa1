"""The command ``quiz``: made, answered by index, marked, rid of wrong questions, and never paid for without a yes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main
from tests.answers.speaking import Server
from tests.conftest import write
from tests.providers.fake_provider import answer
from tests.study.test_quiz_model import GOOD
from tests.study.test_quiz_offline import TERMS

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command with --json over notes that define something, and return its one object."""
    write(notes, {"机器学习/训练.md": f"# 训练\n\n{TERMS}"})

    def command(*arguments: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert main([*arguments, "--json", "--notes", str(notes), "--data", str(tmp_path / "data")]) == code
        printed = capsys.readouterr().out
        assert printed.count("\n") == 1
        result = json.loads(printed)
        assert isinstance(result, dict)
        return result

    command("sync")
    return command


def test_a_quiz_is_made_answered_by_index_and_summed_up(run: Run) -> None:
    made = run("quiz", "make", "-n", "2", "--kind", "single", "--in", "机器学习/训练.md")
    assert [one["kind"] for one in made["questions"]] == ["single", "single"]
    assert made["questions"][0]["answer"] is None
    assert "key" not in made["questions"][0]
    assert made["next"] == 1

    told = run("quiz", "answer", made["id"], "--choice", "1")["questions"][0]
    assert told["answer"]["correct"] == (told["key"] == [1])
    assert told["note"] == "机器学习/训练.md"
    assert told["quote"] in TERMS
    done = run("quiz", "answer", made["id"], "--question", "2", "--choice", "2")
    assert (done["next"], done["answered"]) == (None, 2)
    assert len(done["cards"]) == 2 - done["right"]
    assert run("quiz", "list")["quizzes"][0]["id"] == made["id"]
    assert run("quiz", "show", made["id"]) == done
    assert run("quiz", "again", made["id"])["next"] == 1
    proposed = run("quiz", "cards", made["id"])["proposed"]
    assert [one["id"] for one in run("cards", "--new")["cards"]] == proposed
    assert run("quiz", "cards", made["id"])["known"] == len(proposed) == len(done["cards"])


def test_a_short_answer_is_marked_by_the_learner_and_a_wrong_question_goes(run: Run) -> None:
    made = run("quiz", "make", "-n", "2", "--kind", "short")
    waiting = run("quiz", "answer", made["id"], "--text", "记住了训练集")
    assert waiting["questions"][0]["answer"]["correct"] is None

    marked = run("quiz", "mark", made["id"], "--right")
    assert marked["questions"][0]["answer"]["marked_by"] == "learner"
    assert len(run("quiz", "wrong", made["id"], "--question", "1")["questions"]) == 1


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("show", "none"), "not_found"),
        (("show",), "settings"),
        (("make", "--in", "attention.md", "--kind", "single"), "nothing_to_ask"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, arguments: tuple[str, ...], kind: str) -> None:
    assert run("quiz", *arguments, code=1)["error"]["kind"] == kind


def test_an_answer_that_is_none_is_refused(run: Run) -> None:
    made = run("quiz", "make", "-n", "1", "--kind", "single")

    for wrong in (["--choice", "9"], ["--choice", "1", "--choice", "2"], ["--text", "一"]):
        assert run("quiz", "answer", made["id"], *wrong, code=1)["error"]["kind"] == "settings"


def test_a_paid_model_is_asked_for_nothing_without_a_yes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-test")
    error = run("quiz", "make", "--provider", "dashscope", "--model", "qwen-plus", code=1)["error"]

    assert error["kind"] == "needs_confirmation"
    assert error["cost"]["currency"] == "CNY"
    assert run("quiz", "list")["quizzes"] == []


def test_a_server_of_ones_own_is_sent_the_schema_and_its_questions_are_checked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(answer(json.dumps({"questions": [GOOD]}, ensure_ascii=False))) as server:
        monkeypatch.setenv("ASSISTANT_BASE_URL", f"{server.url}/v1")
        model = ("--provider", "custom", "--model", "tiny")
        made = run("quiz", "make", "-n", "1", "--kind", "single", "--in", "机器学习/训练.md", *model)
        bodies = [one.body for one in server.requests if one.path.endswith("/chat/completions")]

    (body,) = bodies
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert [one["made_by"] for one in made["questions"]] == ["model"]
    assert made["forecast"]["high"] == "0"
    assert [one["name"] for one in run("usage", "--by", "purpose")["groups"]] == ["quiz"]
