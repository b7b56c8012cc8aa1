"""Whether notes answer a question, decided over the sample notes that ship with the app."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.database import migrate
from assistant.knowledge import keywords
from assistant.knowledge.relevance import CLOSEST, ENOUGH, Word, answered, answers, weigh

NOTES = Path(__file__).parents[2] / "notes"


def library(texts: list[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    keywords.add(connection, ((number, "", text) for number, text in enumerate(texts)))
    return connection


@pytest.fixture(scope="module")
def notes() -> Iterator[sqlite3.Connection]:
    files = sorted(NOTES.rglob("*.md"))
    with closing(library([part for file in files for part in file.read_text("utf-8").split("\n## ")])) as connection:
        yield connection


def accepts(connection: sqlite3.Connection, question: str, context: str = "") -> bool:
    hits = keywords.search(connection, question, CLOSEST, context=context)
    return answered(connection, question, [hit.chunk_id for hit in hits], context)


@pytest.mark.parametrize(
    "question",
    [
        "过拟合",
        "LoRA?",
        "什么是过拟合，怎么对付？",
        "What is indirect prompt injection?",
        "attention 的 scaling 为什么要除以 sqrt(d_k)",
        "what is attenton scaling by sqrt(d_k)",
        "重叠多少合适啊，切块得时候",
        "上次课后作业涉及梯度爆炸，思路给我过一遍",
        "小白提问：梯度消失究竟在讲啥",
        "室友考我温度对采样有什么影响，我居然答不上来，丢人",
        "Struggling with rotary position embedding, what should I remember?",
        "Good evening! My roommate bet me I couldn't define indirect prompt injection, sorry to bother you",
    ],
)
def test_what_the_notes_cover_is_answered_however_it_is_asked(notes: sqlite3.Connection, question: str) -> None:
    assert accepts(notes, question)


@pytest.mark.parametrize(
    "question",
    [
        "红烧肉怎么做",
        "去日本旅游需要签证吗",
        "上次课后作业涉及红烧肉，思路给我过一遍",
        "小白提问：长江究竟有多长",
        "what is the capital of France",
        "How do I renew my passport?",
        "Struggling with chocolate cake, what should I remember?",
        "Good evening! My roommate bet me I couldn't roast a chicken, sorry to bother you",
        "",
        "?!",
    ],
)
def test_what_the_notes_do_not_cover_is_refused_however_it_is_asked(notes: sqlite3.Connection, question: str) -> None:
    assert not accepts(notes, question)


def test_a_follow_up_is_answered_with_what_it_refers_to(notes: sqlite3.Connection) -> None:
    assert not accepts(notes, "怎么缓解呢？")
    assert accepts(notes, "怎么缓解呢？", "什么是过拟合")
    assert accepts(notes, "why?", "What is LoRA?")


def test_a_follow_up_that_changes_the_subject_is_not_answered_by_the_question_before(notes: sqlite3.Connection) -> None:
    assert not accepts(notes, "那红烧肉呢？", "什么是过拟合，梯度爆炸又是什么")


def test_a_library_of_one_chunk_answers_what_it_holds_and_nothing_else() -> None:
    with closing(library(["过拟合时训练误差低而测试误差高"])) as connection:
        assert accepts(connection, "什么是过拟合？")
        assert not accepts(connection, "红烧肉怎么做")


def test_an_empty_library_answers_nothing() -> None:
    with closing(library([])) as connection:
        assert not answered(connection, "什么是过拟合？", [])


def test_only_the_closest_chunks_are_looked_at() -> None:
    with closing(library(["cooking"] * CLOSEST + ["overfitting"])) as connection:
        assert not answered(connection, "overfitting", range(CLOSEST + 1))
        assert answered(connection, "overfitting", range(CLOSEST, CLOSEST + 1))


def chunk(text: str) -> keywords.Texts:
    return keywords.Texts("".join(f" {word} " for word in text.split()), "")


def test_what_is_held_must_outweigh_what_is_lacking() -> None:
    asked = [Word("a", 0.5, 0.4), Word("b", 0.3, 0.3)]

    assert answers(asked, chunk("a"))
    assert not answers(asked, chunk("b"))


def test_a_stretch_that_is_enough_answers_whatever_else_was_said() -> None:
    talk = [Word(f"talk{number}", 1, 1) for number in range(9)]

    assert answers([*talk, Word("a", ENOUGH, ENOUGH)], chunk("a"))
    assert not answers([*talk, Word("a", ENOUGH, ENOUGH - 0.01)], chunk("a"))


def test_words_held_here_and_there_are_no_stretch() -> None:
    held, missing = Word("a", 0.5, 0.5), Word("b", 1, 1)

    assert answers([missing, held, Word("c", 0.5, 0.5), missing], chunk("a c"))
    assert not answers([held, *[missing] * 2, Word("c", 0.5, 0.5)], chunk("a c"))


def test_a_word_of_every_chunk_weighs_less_than_a_word_of_one() -> None:
    with closing(library(["gradient momentum", "gradient", "gradient"])) as connection:
        everywhere, once = weigh(connection, "gradient momentum")

        assert everywhere.lacking == once.lacking
        assert everywhere.held < once.held


@given(st.text(), st.text())
def test_any_question_can_be_decided(question: str, context: str) -> None:
    with closing(library(["过拟合 overfitting", question])) as connection:
        assert answered(connection, question, [0, 1], context) in (True, False)
