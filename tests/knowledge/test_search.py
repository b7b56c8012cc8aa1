"""Keywords and vectors find together what answers, in order, and say when nothing does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.bootstrap import Assistant
from assistant.knowledge import keywords
from tests.conftest import write


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("什么是过拟合？", "机器学习/过拟合.md"),
        ("What are the attention scores divided by?", "attention.md"),
        ("向量数据库怎么查找最近的段落", "寄存.txt"),
        ("self-attention", "attention.md"),
    ],
)
def test_a_question_finds_its_note_first(app: Assistant, question: str, note: str) -> None:
    findings = app.search.find(question)

    assert findings.relevant
    assert findings.matches[0].chunk.note == note


def test_scores_fall_and_stay_between_0_and_1(app: Assistant) -> None:
    matches = app.search.find("attention softmax 训练集").matches
    scores = [match.score for match in matches]

    assert len(matches) > 1
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1.000001 for score in scores)
    for match in matches:
        legs = (match.scores.keyword, match.scores.vector)
        assert any(leg is not None for leg in legs)
        assert all(leg is None or -1.000001 <= leg <= 1.000001 for leg in legs)


@pytest.mark.parametrize("question", ["红烧肉要炖多久", "What is the capital of France?"])
def test_a_foreign_question_is_honestly_not_answered(app: Assistant, question: str) -> None:
    assert not app.search.find(question).relevant


@pytest.mark.parametrize(
    "question", ["", "  ", "？！", "的", "\x00", "\ud800", "[" * 500, "' OR 1=1 --", '"a" NEAR (b*)']
)
def test_no_question_breaks_the_search(app: Assistant, question: str) -> None:
    assert not app.search.find(question).relevant


def test_a_very_long_question_is_searched_too(app: Assistant) -> None:
    assert len(app.search.find("什么是过拟合？" * 500, 2).matches) == 2


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_no_more_than_the_limit_is_returned(app: Assistant, limit: int) -> None:
    matches = app.search.find("attention", limit).matches

    assert len(matches) == min(limit, len(app.store.chunk_ids()))
    assert len({match.chunk.id for match in matches}) == len(matches)


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (["attention.md"], {"attention.md"}),
        (["机器学习"], {"机器学习/过拟合.md"}),
        (["机器学习", "寄存.txt"], {"机器学习/过拟合.md", "寄存.txt"}),
    ],
)
def test_a_search_can_be_kept_to_notes_and_folders(app: Assistant, within: list[str], expected: set[str]) -> None:
    matches = app.search.find("过拟合 attention 向量", 20, within=within).matches

    assert {match.chunk.note for match in matches} == expected


@pytest.mark.parametrize("within", [[], ["no such note.md"], ["机器"], ["%"]])
def test_an_unknown_place_holds_nothing(app: Assistant, within: list[str]) -> None:
    findings = app.search.find("什么是过拟合？", within=within)

    assert (findings.matches, findings.relevant) == ((), False)


def test_a_passage_copied_from_note_to_note_is_found_once(open_app: Callable[..., Assistant], tmp_path: Path) -> None:
    text = "# 蓝鲸\n\n蓝鲸是最大的动物。\n"
    write(tmp_path / "copies", {"a/鲸.md": text, "b/鲸.md": text, "c/鲸.md": text, "d.md": "# 大象\n\n大象也大。\n"})
    app = open_app(tmp_path / "copies")
    app.sync().run()
    matches = app.search.find("最大的动物", 10).matches

    assert [match.chunk.text for match in matches].count(matches[0].chunk.text) == 1
    assert "蓝鲸" in matches[0].chunk.text


def test_an_edit_is_found_at_once_and_its_former_words_are_gone(app: Assistant, notes: Path) -> None:
    assert app.search.find("square root").relevant
    (notes / "attention.md").write_text("# Attention\n\nNothing but dromedaries here.\n", "utf-8")
    app.sync().run()

    (match, *_) = app.search.find("dromedaries").matches
    assert match.chunk.note == "attention.md"
    assert all("square root" not in match.chunk.text for match in app.search.find("square root", 20).matches)


def test_a_note_that_is_replaced_in_mid_search_is_found_as_it_was(
    app: Assistant, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = keywords.search

    def interrupted(*about: Any, **more: Any) -> list[keywords.Hit]:
        found = search(*about, **more)
        monkeypatch.undo()
        (notes / "attention.md").write_text("# Attention\n\nThe square root of dromedaries.\n", "utf-8")
        other = threading.Thread(target=lambda: app.sync().run())
        other.start()
        other.join()
        return found

    monkeypatch.setattr(keywords, "search", interrupted)
    findings = app.search.find("square root of the key dimension")

    assert findings.relevant
    assert "square root of the key dimension" in findings.matches[0].chunk.text
    assert "dromedaries" in app.search.find("square root").matches[0].chunk.text


def test_an_empty_store_finds_nothing(open_app: Callable[..., Assistant]) -> None:
    findings = open_app().search.find("什么是过拟合？")

    assert (findings.matches, findings.relevant) == ((), False)


def test_the_same_search_gives_the_same_order(app: Assistant) -> None:
    orders = {tuple(match.chunk.id for match in app.search.find("attention 训练集").matches) for _ in range(3)}

    assert len(orders) == 1
