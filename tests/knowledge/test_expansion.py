"""Questions find notes that call the same thing otherwise: by the learner's own terms, and by the dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant, open_assistant
from assistant.knowledge.expansion import Expansion
from assistant.settings import Settings
from tests.conftest import write

Library = Callable[[dict[str, str]], Assistant]
FILLING = {
    f"{number}.md": f"# 第 {number} 篇\n\n这里写的是别的事情，和问题没有关系，第 {number} 段。\n"
    for number in range(12)
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = []

    def open_library(notes: dict[str, str]) -> Assistant:
        write(tmp_path / "notes", notes)
        assistant = open_assistant(Settings(notes=(tmp_path / "notes",), data=tmp_path / "data"))
        assistant.sync().run()
        opened.append(assistant)
        return assistant

    yield open_library
    for assistant in opened:
        assistant.database.close()


def best(assistant: Assistant, question: str) -> str:
    return assistant.search.find(question, 1).matches[0].chunk.note


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("什么是檢索增強生成？", "rag.md"),
        ("ＲＡＧ", "rag.md"),
        ("zorbles", "zorb.md"),
        ("珀玛算法怎么调", "perma.md"),
        ("什么是过拟合", "fit.md"),
    ],
)
def test_a_term_finds_notes_that_use_its_other_name(library: Library, question: str, found: str) -> None:
    definitions = (
        "# 名词\n\n- RAG（检索增强生成）\n- 佐布（Zorble）\n- Perma tuning（珀玛算法）\n- 过拟合（Overfitting）\n"
    )
    assistant = library(
        FILLING
        | {
            "terms.md": definitions,
            "rag.md": "# A\n\nRAG first fetches passages, 检索增强生成先查资料。\n",
            "zorb.md": "# B\n\n佐布要先加热，再慢慢冷却，佐布怕水。\n",
            "perma.md": "# C\n\nPerma tuning needs a small step; perma tuning then settles.\n",
            "fit.md": "# D\n\nOverfitting shows when the training loss falls and the test loss rises: overfitting.\n",
        }
    )

    notes = [match.chunk.note for match in assistant.search.find(question, 2).matches]
    assert found in notes


def test_without_the_definition_the_made_up_word_finds_nothing(library: Library) -> None:
    assistant = library(FILLING | {"zorb.md": "# B\n\n佐布要先加热，再慢慢冷却，佐布怕水。\n"})

    assert all(
        match.chunk.note != "zorb.md" or not match.scores.keyword for match in assistant.search.find("zorbles").matches
    )


def test_an_english_question_finds_chinese_notes_by_the_dictionary_and_may_be_answered(library: Library) -> None:
    assistant = library(FILLING | {"volcano.md": "# 地质\n\n火山爆发时，岩浆从地下喷出，火山灰落在城市上。\n"})
    findings = assistant.search.find("What happens when a volcano erupts?")

    assert findings.matches[0].chunk.note == "volcano.md"
    assert findings.relevant


def test_a_chinese_question_finds_english_notes(library: Library) -> None:
    notes = {f"{n}.md": f"# Part {n}\n\nThis page is about something else entirely, number {n}.\n" for n in range(9)}
    assistant = library(notes | {"eclipse.md": "# Sky\n\nDuring a solar eclipse the moon covers the sun.\n"})

    assert best(assistant, "日食的时候月亮在哪里") == "eclipse.md"


def test_notes_in_one_language_are_not_asked_in_the_other(library: Library) -> None:
    assistant = library(FILLING)

    assert Expansion(None).groups(assistant.database.connection, "火山") == []
    assert assistant.search.find("火山爆发").relevant is False


def test_a_term_said_in_both_names_gives_no_group(library: Library) -> None:
    connection = library({"a.md": "# A\n\n过拟合（Overfitting）：记住了训练集\n"}).database.connection

    assert [group.spellings for group in Expansion(None).groups(connection, "过拟合")] == [{"overfit": 1.0}]
    assert Expansion(None).groups(connection, "过拟合 overfitting") == []


def test_terms_of_a_note_that_goes_are_forgotten(library: Library, tmp_path: Path) -> None:
    assistant = library({"a.md": "# A\n\n过拟合（Overfitting）：记住了\n", "b.md": "# B\n\n别的\n"})
    (tmp_path / "notes" / "a.md").unlink()
    assistant.sync().run()

    assert Expansion(None).groups(assistant.database.connection, "过拟合") == []


def test_notes_that_were_stored_before_are_mined_by_the_next_sync(library: Library) -> None:
    assistant = library({"a.md": "# A\n\n过拟合（Overfitting）：记住了训练集\n"})
    connection = assistant.database.connection
    connection.execute("DELETE FROM terms")
    connection.execute("UPDATE notes SET terms_read = 0")
    assistant.sync().run()

    assert len(Expansion(None).groups(connection, "overfitting")) == 1
