"""What was asked and answered is found again, in Chinese and English, with the place where it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.answers.conversation_search import ConversationSearch
from assistant.answers.conversations import Conversations
from assistant.database import Database

CHATS = {
    "什么是过拟合？": "模型记住了训练集，在新数据上表现差。正則化可以緩解。",
    "What is attention scaling?": "Scores are divided by the square root. Don't forget multi-head attention.",
    "第三个问题": "温度越高，输出越随机。100%_确定",
}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path)
    saved = Conversations(database)
    for question, answer in CHATS.items():
        _, turn = saved.ask(None, question)
        saved.save(turn, answer, "complete", {})
    return database


@pytest.mark.parametrize(
    ("query", "question"),
    [
        ("过拟合", "什么是过拟合？"), ("过拟", "什么是过拟合？"), ("正则化", "什么是过拟合？"), ("训练集 新数据", "什么是过拟合？"),
        ("atten", "What is attention scaling?"), ("SCALED", "What is attention scaling?"), ("what is", "What is attention scaling?"),
        ("multihead", "What is attention scaling?"), ("温", "第三个问题"),
    ],
)  # fmt: skip
def test_a_conversation_is_found_by_what_was_said_in_it(database: Database, query: str, question: str) -> None:
    (hit,) = ConversationSearch(database).find(query)

    assert hit.title == question
    assert hit.found
    assert f"{hit.before}{hit.found}{hit.after}".strip("…") in f"{question}\n{CHATS[question]}"


@pytest.mark.parametrize(
    "query", ["", "  ", "梯度", "attention 过拟合", '" OR *', "''); DROP TABLE turns; --", "%", "_"]
)
def test_what_nobody_said_is_not_found(database: Database, query: str) -> None:
    assert ConversationSearch(database).find(query) == []
    assert len(Conversations(database).all()) == 3


def test_a_title_of_the_learners_own_is_found_too(database: Database) -> None:
    saved = Conversations(database)
    saved.rename(saved.all()[0].id, "期末 100% 复习")
    (hit,) = ConversationSearch(database).find("100% 复")

    assert (hit.title, hit.turn) == ("期末 100% 复习", None)


def test_an_answer_that_changed_is_found_by_its_new_words_only(database: Database) -> None:
    saved, search = Conversations(database), ConversationSearch(database)
    (hit,) = search.find("随机")
    assert hit.turn
    saved.save(hit.turn, "束搜索", "complete", {})

    assert search.find("随机") == []
    assert [found.turn for found in search.find("束搜索")] == [hit.turn]


def test_what_is_thrown_away_is_not_found_and_what_is_deleted_leaves_no_word(database: Database) -> None:
    saved, search = Conversations(database), ConversationSearch(database)
    (hit,) = search.find("过拟合")
    saved.trash(hit.conversation, datetime.now(UTC))
    assert search.find("过拟合") == []

    saved.delete(hit.conversation)
    left = [row[0] for row in database.connection.execute("SELECT words FROM turn_words")]
    assert len(left) == 2
    assert "过拟" not in " ".join(left)
