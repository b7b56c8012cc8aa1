"""A question is on disk before it is answered, and an answer while it grows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answers.conversations import TITLE_LENGTH, Conversations, title_of
from assistant.answers.prompt import Exchange
from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.errors import NotFound

ROOT = Path(__file__).parents[2]

# Answers without end, so that it must be killed while it speaks.
ENDLESS = """
import sys, time
from pathlib import Path
from assistant.answers import ask, turn
from assistant.answers.connection import connect
from assistant.bootstrap import open_assistant
from assistant.providers.base import Delta
from assistant.providers.entries import ChatEntry
from assistant.settings import Settings

class Endless:
    provider, name = "test", "endless"
    def stream(self, request):
        yield Delta("模型记住了训练集 [1]")
        yield Delta("，")
        print("said", flush=True)
        time.sleep(600)
        yield Delta("never")

turn.SAVE_SECONDS = 0.0
app = open_assistant(Settings(notes=(Path(sys.argv[1]),), data=Path(sys.argv[2])))
endless = connect(Endless(), ChatEntry("test", "endless"))
conversation, turn_id = app.conversations.ask(None, "什么是过拟合？")
print(conversation, flush=True)
draft = ask.prepare("什么是过拟合？", search=app.search, connection=endless)
app.answer(conversation, turn_id, draft).wait()
"""


@pytest.fixture
def saved(tmp_path: Path) -> Conversations:
    return Conversations(Database(tmp_path / "data"))


def test_a_question_is_saved_before_anything_else_happens(saved: Conversations) -> None:
    id_, turn_id = saved.ask(None, "什么是过拟合？")

    (turn,) = saved.turns(id_)
    assert (turn.id, turn.question, turn.answer, turn.state) == (turn_id, "什么是过拟合？", "", "running")
    assert saved.get(id_).title == "什么是过拟合？"


def test_an_answer_comes_back_as_it_was_saved(saved: Conversations) -> None:
    id_, turn_id = saved.ask(None, "q")
    record = {"matches": [{"note": "笔记.md"}], "citations": []}
    saved.save(turn_id, "so [1] \N{PILE OF POO}", "complete", record)

    (turn,) = saved.turns(id_)
    assert (turn.answer, turn.state, turn.record) == ("so [1] \N{PILE OF POO}", "complete", record)


def test_a_killed_process_leaves_the_question_and_the_words_so_far(
    app: Assistant, open_app: Callable[..., Assistant], notes: Path
) -> None:
    command = [sys.executable, "-c", ENDLESS, str(notes), str(app.database.folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        id_ = process.stdout.readline().strip()
        assert process.stdout.readline() == "said\n"
        process.kill()

    again = open_app()
    assert [turn.state for turn in again.conversations.turns(id_)] == ["running"]
    assert again.conversations.history(id_) == []
    again.conversations.close_interrupted()
    (turn,) = again.conversations.turns(id_)
    assert (turn.question, turn.state) == ("什么是过拟合？", "stopped")
    assert turn.answer.startswith("模型记住了训练集 [1]")
    assert turn.record["matches"]


def test_closing_interrupted_turns_leaves_finished_ones_alone(saved: Conversations) -> None:
    id_, first = saved.ask(None, "a")
    saved.save(first, "done", "complete", {})
    saved.ask(id_, "b")
    saved.close_interrupted()

    assert [turn.state for turn in saved.turns(id_)] == ["complete", "stopped"]


def test_the_history_holds_what_was_said(saved: Conversations) -> None:
    id_, first = saved.ask(None, "a")
    saved.save(first, "answer a", "complete", {})
    _, failed = saved.ask(id_, "b")
    saved.save(failed, "", "failed", {})
    _, stopped = saved.ask(id_, "c")
    saved.save(stopped, "half", "stopped", {})
    saved.ask(id_, "d")

    assert saved.history(id_) == [Exchange("a", "answer a"), Exchange("c", "half")]
    assert saved.history("unknown") == []


def test_the_conversation_used_last_stands_first(saved: Conversations) -> None:
    first, _ = saved.ask(None, "first")
    second, _ = saved.ask(None, "second")
    with saved._database.transaction() as connection:  # two clicks may fall into one millisecond
        connection.execute("UPDATE conversations SET updated_at = '2001-01-01'")
    saved.ask(first, "again")

    assert [conversation.id for conversation in saved.all()] == [first, second]
    assert [turn.question for turn in saved.turns(first)] == ["first", "again"]


def test_renaming_changes_the_title_only(saved: Conversations) -> None:
    id_, _ = saved.ask(None, "q")
    saved.rename(id_, "  另一个\n名字 ")

    assert saved.get(id_).title == "另一个 名字"
    assert len(saved.turns(id_)) == 1


def test_deleting_takes_the_turns_along(saved: Conversations) -> None:
    id_, _ = saved.ask(None, "q")
    kept, _ = saved.ask(None, "kept")
    saved.delete(id_)

    assert [conversation.id for conversation in saved.all()] == [kept]
    assert saved.turns(id_) == []
    with pytest.raises(NotFound):
        saved.get(id_)


def test_asking_in_a_conversation_that_is_gone_saves_nothing(saved: Conversations) -> None:
    with pytest.raises(NotFound) as caught:
        saved.ask("gone", "q")

    assert "gone" in caught.value.message("zh")
    assert saved.all() == []
    assert saved.turns("gone") == []


def test_ids_do_not_repeat(saved: Conversations) -> None:
    assert len({saved.ask(None, "q")[0] for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("short", "short"),
        ("two\n\n  lines\t here ", "two lines here"),
        ("x" * TITLE_LENGTH, "x" * TITLE_LENGTH),
        ("长" * 100, "长" * (TITLE_LENGTH - 1) + "…"),
    ],
)
def test_a_title_is_one_short_line(question: str, title: str) -> None:
    assert title_of(question) == title
