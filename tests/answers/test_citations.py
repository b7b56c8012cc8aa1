"""Markers and quotations are checked against the passages that were really given."""

from __future__ import annotations

import pytest

from assistant.answers.citations import cite, comparable
from assistant.knowledge.chunks import Chunk, Match, Piece, Scores

PASSAGES = (
    "过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。",
    "The scores are divided by the **square root** of the key dimension.",
    "学习率设为 0.001，batch size 为 32。",
)


def matches(*texts: str, lead: str = "") -> list[Match]:
    return [
        Match(
            Chunk(
                number, number, f"{number}.md", f"T{number}", "markdown",
                Piece(text, ("H",), 7 if number == 2 else None, (3, 4), (10, 10 + len(text)), 5, lead),
            ),
            0.9,
            Scores(0.9, None),
        )
        for number, text in enumerate(texts, start=1)
    ]  # fmt: skip


GIVEN = matches(*PASSAGES)


@pytest.mark.case(41)
def test_an_invented_marker_is_removed_and_counted() -> None:
    text, citations, invented = cite("过拟合是记住训练集 [1][9]。也有人说 [0] 别的 [4]。", GIVEN)

    assert text == "过拟合是记住训练集 [1]。也有人说  别的 。"
    assert [citation.marker for citation in citations] == [1]
    assert invented == 3


@pytest.mark.case(41)
def test_without_passages_every_marker_is_invented() -> None:
    assert cite("so it is [1]", []) == ("so it is ", (), 1)


def test_a_citation_knows_where_its_passage_stands() -> None:
    _, (citation,), _ = cite('"divided by the square root" [2]', GIVEN)

    assert citation.as_json() == {
        "marker": 2,
        "note": "2.md",
        "heading": ["H"],
        "page": 7,
        "lines": [3, 4],
        "quote": "divided by the square root",
        "verified": True,
    }
    assert (citation.title, citation.chars, citation.text) == ("T2", (10, 10 + len(PASSAGES[1])), PASSAGES[1])


@pytest.mark.parametrize(
    ("answer", "quote"),
    [
        ("笔记说「模型记住了训练集」[1]。", "模型记住了训练集"),
        ("笔记说“模型记住了训练集”[1]。", "模型记住了训练集"),
        ('It is "SQUARE  ROOT of the key" [2].', "SQUARE  ROOT of the key"),
        ("「学习率设为０.００１，ｂａｔｃｈ」[3]", "学习率设为０.００１，ｂａｔｃｈ"),
        ("「过拟合(Overfitting):模型」[1]", "过拟合(Overfitting):模型"),
        ("- 模型记住了训练集，在新数据上表现差。 [1]", "模型记住了训练集，在新数据上表现差。"),
        ("先说一句。模型记住了训练集 [1]。", "模型记住了训练集"),
    ],
    ids=["corner", "curly", "case and marks", "full width", "half width", "list item", "last sentence"],
)
def test_words_that_stand_in_the_passage_are_verified(answer: str, quote: str) -> None:
    _, (citation,), _ = cite(answer, GIVEN)

    assert (citation.quote, citation.verified) == (quote, True)


@pytest.mark.parametrize(
    "answer",
    [
        "笔记说「模型忘记了训练集」[1]。",
        "「学习率设为 0.01」[3]",
        "「过拟合：模型记住了训练集」[1]",
        '"divided by the square of the key" [2]',
        "「模型记住了训练集」[2]",
    ],
    ids=["one word", "one digit", "left out", "English", "wrong passage"],
)
def test_altered_words_are_not_verified(answer: str) -> None:
    _, (citation,), _ = cite(answer, GIVEN)

    assert not citation.verified


@pytest.mark.parametrize("answer", ["[1]", "- [1]", "「」[1]", "**[1]**", "。[1]"])
def test_a_marker_that_vouches_for_no_words_is_not_verified(answer: str) -> None:
    _, (citation,), _ = cite(answer, GIVEN)

    assert not citation.verified


def test_a_quotation_inside_a_list_item_is_compared_by_itself() -> None:
    _, (citation,), _ = cite("- 过拟合就是「模型记住了训练集」[1]", GIVEN)

    assert (citation.quote, citation.verified) == ("模型记住了训练集", True)


def test_a_quoted_line_with_quotation_marks_of_its_own_is_compared_whole() -> None:
    given = matches("所谓「泛化」就是在新数据上也表现好。")
    _, (citation,), _ = cite("- 所谓「泛化」就是在新数据上也表现好。 [1]", given)

    assert (citation.quote, citation.verified) == ("所谓「泛化」就是在新数据上也表现好。", True)


def test_the_lead_of_a_passage_may_be_quoted_too() -> None:
    given = matches("| 0.1 | 32 |", lead="| 学习率 | 批大小 |")
    _, (citation,), _ = cite("「学习率」[1]", given)

    assert citation.verified


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("so [1, 2].", "so [1][2]."),
        ("so [1，3]。", "so [1][3]。"),
        ("so [1、2、9].", "so [1][2]."),
        ("so 【2】.", "so [2]."),
        ("so 【3†source】.", "so [3]."),
    ],
)
def test_every_way_of_writing_a_marker_becomes_one(written: str, clean: str) -> None:
    assert cite(written, GIVEN)[0] == clean


@pytest.mark.parametrize("text", ["see [1](https://example.org)", "in [2024] it was", "[ ] open", "[x]", "[a1]"])
def test_links_and_other_brackets_are_no_markers(text: str) -> None:
    assert cite(text, GIVEN) == (text, (), 0)


def test_each_marker_of_a_row_vouches_for_the_same_words() -> None:
    _, citations, _ = cite("「模型记住了训练集」[1][2]", GIVEN)

    assert [(citation.marker, citation.quote, citation.verified) for citation in citations] == [
        (1, "模型记住了训练集", True),
        (2, "模型记住了训练集", False),
    ]


def test_comparing_folds_form_and_keeps_words() -> None:
    assert comparable(" **Ａ b**\n｜1") == "ab1"
    assert comparable("不是") != comparable("是")


def test_a_marker_vouches_for_every_line_of_the_quotation_that_it_ends() -> None:
    given = matches("| 名称 | 值 |\n|---|---|\n| 学习率 | 0.1 |", "1. 读取\n2. 切块")
    answer = "所以：\n\n> | 名称 | 值 |\n> | --- | --- |\n> | 学习率 | 0.1 |\n>\n> [1]\n\n> 1. 读取\n> 2. 丢弃 [2]"

    assert [(one.marker, one.quote, one.verified) for one in cite(answer, given)[1]] == [
        (1, "| 名称 | 值 |", True),
        (1, "| 学习率 | 0.1 |", True),
        (2, "读取", True),
        (2, "丢弃", False),
    ]


def test_a_quotation_with_a_marker_at_each_line_is_compared_line_by_line() -> None:
    _, citations, _ = cite("> 模型记住了训练集 [1]\n> 学习率设为 0.001 [3]", GIVEN)

    assert [(one.marker, one.quote, one.verified) for one in citations] == [
        (1, "模型记住了训练集", True),
        (3, "学习率设为 0.001", True),
    ]


@pytest.mark.parametrize("text", ["```\nx[1] = y[9]\n```", "`x[9]`", "$$\nx[9]\n$$", "> ~~~\n> x[1, 2]\n> ~~~"])
def test_code_and_formulas_hold_no_markers(text: str) -> None:
    assert cite(text, GIVEN) == (text, (), 0)


def test_brackets_that_stand_for_others_compare_as_them() -> None:
    _, (citation,), _ = cite("- 词表有 `‹|end|>`，见［1］ [1]", matches("词表有 `<|end|>`，见【1】"))

    assert citation.verified
