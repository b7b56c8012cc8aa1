"""What `ask` and `preview` may look at in a terminal: the line, a name after @, or what the conversation is kept to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from assistant.answers.scope import Scope
from assistant.bootstrap import Assistant
from assistant.cli import main
from tests.answers.speaking import Server
from tests.conftest import write
from tests.providers.fake_provider import billed, events, said

Run = Callable[..., dict[str, Any]]
BOTH = "attention 和 过拟合 分别是什么？"  # both notes can answer it
LIMITED = Scope(paths=("机器学习",))


@pytest.fixture
def run(app: Assistant, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        folders = ["--notes", str(app.settings.notes[0]), "--data", str(app.database.folder)]
        assert main([*arguments, "--json", *folders]) == code
        result = json.loads(capsys.readouterr().out)
        assert isinstance(result, dict)
        return result

    return command


@pytest.fixture
def chat(app: Assistant) -> str:
    id_, turn_id = app.conversations.ask(None, "什么是过拟合？")
    app.answer(id_, turn_id, app.prepare("什么是过拟合？")).wait()
    app.scopes.keep(id_, LIMITED)
    return id_


def searched(app: Assistant, conversation: str) -> set[str]:
    return {match["note"] for match in app.conversations.turns(conversation)[-1].record["matches"]}


def test_a_conversation_that_is_kept_to_a_folder_is_so_in_the_terminal_as_well(
    app: Assistant, chat: str, run: Run
) -> None:
    free = run("ask", BOTH)
    assert searched(app, free["conversation"]) >= {"attention.md", "机器学习/过拟合.md"}
    assert free["scope"]["notes"] is None

    kept = run("ask", BOTH, "--conversation", chat)
    assert searched(app, chat) == {"机器学习/过拟合.md"}
    assert kept["scope"]["notes"] == 1
    assert {citation["note"] for citation in kept["citations"]} == {"机器学习/过拟合.md"}


def test_a_scope_on_the_line_goes_before_for_this_question_and_leaves_pinned_notes(
    app: Assistant, chat: str, run: Run
) -> None:
    app.scopes.keep(chat, Scope(paths=("机器学习",), pinned=("寄存.txt",)))
    run("ask", BOTH, "--conversation", chat, "--in", "attention.md")

    assert searched(app, chat) >= {"attention.md"}
    assert searched(app, chat) <= {"attention.md", "寄存.txt"}
    assert app.scopes.of(chat) == Scope(paths=("机器学习",), pinned=("寄存.txt",))


def test_a_name_after_an_at_sign_goes_before_and_one_that_nothing_has_is_told(
    app: Assistant, chat: str, run: Run
) -> None:
    named = run("ask", f"@attention.md {BOTH}", "--conversation", chat)
    assert searched(app, chat) == {"attention.md"}
    assert named["scope"]["chips"] == ["Attention"]
    assert app.conversations.turns(chat)[-1].question == f"@attention.md {BOTH}"

    assert run("ask", f"@nothing {BOTH}", "--conversation", chat)["scope"]["unknown"] == ["nothing"]
    assert searched(app, chat) == {"机器学习/过拟合.md"}


def test_a_name_that_may_mean_several_things_is_refused_with_all_of_them(app: Assistant, run: Run) -> None:
    write(app.settings.notes[0], {"机器学习/过拟合 例子.md": "# 例子\n\n过拟合的例子：背下答案。\n"})
    app.sync().run()
    error = run("ask", "@过拟 怎么办", code=1)["error"]

    assert (error["kind"], app.conversations.all()) == ("settings", [])
    assert '@"机器学习/过拟合.md"' in error["hint"]
    assert '@"机器学习/过拟合 例子.md"' in error["hint"]
    assert run("ask", '@"机器学习/过拟合.md" 怎么办')["scope"]["notes"] == 1


def test_a_preview_is_of_the_same_notes_as_the_answer(run: Run) -> None:
    within = run("preview", "什么是过拟合？", "--in", "机器学习")["messages"][-1]["content"]
    elsewhere = run("preview", "什么是过拟合？", "--in", "attention.md")["messages"][-1]["content"]

    assert "模型记住了训练集" in within
    assert "模型记住了训练集" not in elsewhere


def test_people_are_told_that_not_all_notes_were_searched(
    app: Assistant, chat: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--notes", str(app.settings.notes[0]), "--data", str(app.database.folder)]
    capsys.readouterr()
    assert main(["ask", f"@nothing {BOTH}", "--conversation", chat, *folders]) == 0
    said = capsys.readouterr().out

    assert "只查了 1 篇笔记" in said
    assert "@nothing" in said
    assert main(["ask", BOTH, *folders]) == 0
    assert "只查了" not in capsys.readouterr().out


def test_general_knowledge_that_the_conversation_allows_is_asked_and_labelled(
    app: Assistant, chat: str, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app.scopes.keep(chat, Scope(general=True))
    with Server(events(said("一小时。"), said(finish="stop"), billed(90, 5))) as provider:
        monkeypatch.setenv("ASSISTANT_BASE_URL", f"{provider.url}/v1")
        asked = ["ask", "红烧肉要炖多久", "--provider", "custom", "--model", "tiny", "--yes"]
        assert run(*asked)["basis"] == "nothing"
        assert run(*asked, "--conversation", chat)["basis"] == "general"

        folders = ["--notes", str(app.settings.notes[0]), "--data", str(app.database.folder)]
        assert main([*asked, "--conversation", chat, *folders]) == 0
    assert "不来自笔记" in capsys.readouterr().out
