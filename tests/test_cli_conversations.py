"""Conversations in the terminal: listed, found, written out, read in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.bootstrap import Assistant
from assistant.cli import main


@pytest.fixture
def chat(app: Assistant) -> str:
    id_, turn_id = app.conversations.ask(None, "什么是过拟合？")
    app.answer(id_, turn_id, app.prepare("什么是过拟合？")).wait()
    return id_


def run(app: Assistant, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    assert main(["conversations", *arguments, "--json", "--data", str(app.database.folder)]) == code
    return json.loads(capsys.readouterr().out)


def test_conversations_are_listed_and_found(app: Assistant, chat: str, capsys: pytest.CaptureFixture[str]) -> None:
    (listed,) = run(app, capsys)["conversations"]
    (found,) = run(app, capsys, "--search", "训练集")["conversations"]

    assert (listed["id"], listed["title"], listed["pinned"]) == (chat, "什么是过拟合？", False)
    assert found["id"] == chat
    assert "训练集" in found["found"]
    assert run(app, capsys, "--search", "红烧肉")["conversations"] == []


@pytest.mark.parametrize("kind", ["md", "json", "html"])
def test_a_conversation_is_printed_as_it_is(
    app: Assistant, chat: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = run(app, capsys, "--export", chat, "--format", kind)["text"]
    assert main(["conversations", "--export", chat, "--format", kind, "--data", str(app.database.folder)]) == 0

    assert capsys.readouterr().out == text
    assert "训练集" in text


def test_a_file_is_imported_once(app: Assistant, chat: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "chat.json"
    file.write_text(run(app, capsys, "--export", chat, "--format", "json")["text"], "utf-8")
    app.conversations.delete(chat)

    first = run(app, capsys, "--import", str(file))
    assert (first["new"], first["turns"]) == (True, 1)
    assert run(app, capsys, "--import", str(file)) == first | {"new": False}


def test_what_cannot_be_had_is_an_error(app: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.json").write_text("{}")

    assert run(app, capsys, "--export", "gone", code=1)["error"]["kind"] == "not_found"
    assert run(app, capsys, "--import", str(tmp_path / "bad.json"), code=1)["error"]["kind"] == "import"
    assert run(app, capsys, "--import", str(tmp_path / "missing"), code=1)["error"]["kind"] == "import"
