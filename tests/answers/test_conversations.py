"""A question is on disk before it is answered, and an answer while it grows."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from assistant.answers.conversation_search import ConversationSearch
from assistant.answers.conversations import TITLE_LENGTH, TRASH_DAYS, Conversations, title_of
from assistant.answers.prompt import Exchange
from assistant.bootstrap import Assistant
from assistant.database import FILE_NAME, Database
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


@pytest.mark.case(93)
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


@pytest.mark.case(93)
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


def answered(
    saved: Conversations, id_: str | None, question: str, answer: str, instead_of: int | None = None
) -> tuple[str, int]:
    id_, turn = saved.ask(id_, question, instead_of=instead_of)
    saved.save(turn, answer, "complete", {})
    return id_, turn


def test_another_version_stands_in_place_of_the_first_and_both_can_be_shown(saved: Conversations) -> None:
    id_, first = answered(saved, None, "a", "1")
    _, after = answered(saved, id_, "b", "2")
    _, anew = answered(saved, id_, "a, otherwise", "3", instead_of=first)

    assert [turn.question for turn in saved.turns(id_)] == ["a, otherwise"]
    assert saved.turns(id_)[0].versions == (first, anew)
    saved.show(id_, first)
    assert [turn.id for turn in saved.turns(id_)] == [first, after]
    assert saved.history(id_) == [Exchange("a", "1"), Exchange("b", "2")]
    saved.show(id_, anew)
    assert saved.history(id_) == [Exchange("a, otherwise", "3")]


def test_what_is_answered_anew_knows_only_what_was_said_before_it(saved: Conversations) -> None:
    id_, _ = answered(saved, None, "a", "1")
    _, second = answered(saved, id_, "b", "2")
    answered(saved, id_, "c", "3")
    saved.ask(id_, "b", instead_of=second)

    assert saved.history(id_) == [Exchange("a", "1")]


def test_a_turn_of_another_conversation_is_no_place_for_a_version(saved: Conversations) -> None:
    id_, _ = answered(saved, None, "a", "1")
    _, other = answered(saved, None, "b", "2")

    with pytest.raises(NotFound):
        saved.ask(id_, "c", instead_of=other)
    with pytest.raises(NotFound):
        saved.show(id_, other)
    assert [turn.question for turn in saved.every_turn(id_)] == ["a"]


def test_the_first_question_names_a_conversation_until_the_learner_does(saved: Conversations) -> None:
    id_, first = answered(saved, None, "a", "1")
    saved.ask(id_, "better", instead_of=first)
    assert saved.get(id_).title == "better"

    saved.rename(id_, "mine")
    saved.ask(id_, "best", instead_of=first)
    assert saved.get(id_).title == "mine"
    saved.rename(id_, " ")
    assert saved.get(id_).title == "best"


def test_pinned_conversations_stand_first(saved: Conversations) -> None:
    first, _ = saved.ask(None, "first")
    saved.ask(None, "second")
    saved.pin(first, True)

    assert [one.title for one in saved.all()] == ["first", "second"]
    assert [one.title for one in saved.all(1)] == ["first"]


@pytest.mark.case(93)
def test_the_trash_gives_back_what_is_in_it_and_empties_after_its_days(saved: Conversations) -> None:
    then = datetime(2026, 1, 1, tzinfo=UTC)
    id_, _ = answered(saved, None, "a", "1")
    saved.trash(id_, then)
    assert (saved.all(), saved.counts()) == ([], (0, 1))
    with pytest.raises(NotFound):
        saved.get(id_)
    with pytest.raises(NotFound):
        saved.ask(id_, "more")

    assert saved.empty_trash(then + timedelta(days=TRASH_DAYS, seconds=-1)) == 0
    saved.restore(id_)
    assert saved.empty_trash(then + timedelta(days=TRASH_DAYS + 1)) == 0
    assert saved.history(id_) == [Exchange("a", "1")]
    saved.trash(id_, then)
    assert saved.empty_trash(then + timedelta(days=TRASH_DAYS)) == 1
    assert saved.turns(id_) == []


def test_conversations_of_the_former_schema_keep_their_turns_titles_and_order(tmp_path: Path) -> None:
    scripts = sorted(
        file.name for file in resources.files("assistant.migrations").iterdir() if file.name.endswith(".sql")
    )
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as former:
        for script in scripts[:3]:
            former.executescript(resources.files("assistant.migrations").joinpath(script).read_text("utf-8"))
        former.execute("INSERT INTO conversations VALUES ('c', '我的标题', '2026-01-01', '2026-01-02')")
        former.execute("INSERT INTO conversations VALUES ('empty', 't', '2026-01-01', '2026-01-01')")
        for id_, question in ((3, "什么是过拟合？"), (5, "b"), (9, "c")):
            former.execute(
                "INSERT INTO turns VALUES (?, 'c', ?, 'answer', 'complete', '{\"invented\": 1}', '2026')",
                (id_, question),
            )
        former.execute("PRAGMA user_version = 3")
        former.commit()

    database = Database(tmp_path)
    saved = Conversations(database)
    assert [(turn.id, turn.parent, turn.versions) for turn in saved.turns("c")] == [
        (3, None, (3,)), (5, 3, (5,)), (9, 5, (9,)),
    ]  # fmt: skip
    assert saved.turns("c")[0].record == {"invented": 1}
    assert saved.turns("empty") == []
    assert [hit.turn for hit in ConversationSearch(database).find("过拟合")] == [3]
    saved.ask("c", "else", instead_of=3)
    assert saved.get("c").title == "我的标题"
