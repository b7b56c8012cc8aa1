"""The model that quotes: the same answer every time, every line of it out of a passage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answers.citations import comparable
from assistant.providers.base import Passage, Request
from assistant.providers.offline import LIST_ITEMS, QUOTES, OfflineModel, quotations

OVERFITTING = Passage(
    1,
    "过拟合与正则化",
    "# 过拟合\n\n过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。\n天气很好。\n\n"
    "对付过拟合有三种办法：\n\n- 增加数据\n- 加正则项\n- 提前停止训练\n",
)
ATTENTION = Passage(
    2,
    "Attention",
    "Self-attention compares every query with every key. Scores are divided by the root of the dimension.",
)


def answer(question: str, *passages: Passage) -> str:
    request = Request((), question, passages)
    return "".join(delta.text for delta in OfflineModel().stream(request))


def quoted(question: str, *passages: Passage) -> list[str]:
    return [line.text for line in quotations(question, passages)]


def test_an_answer_says_that_no_model_is_connected_and_quotes_with_numbers() -> None:
    text = answer("What does self-attention compare?", OVERFITTING, ATTENTION)

    assert text.startswith("No model is connected.")
    assert "- Self-attention compares every query with every key. [2]\n" in text


def test_a_chinese_question_is_answered_in_chinese() -> None:
    text = answer("什么是过拟合？", OVERFITTING, ATTENTION)

    assert text.startswith("没有连接模型。")
    assert "- 过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。 [1]\n" in text
    assert "天气" not in text


def test_the_same_question_gets_the_same_answer() -> None:
    assert len({answer("怎么对付过拟合？", OVERFITTING, ATTENTION) for _ in range(3)}) == 1


def test_a_line_that_announces_a_list_brings_it_along() -> None:
    assert quoted("怎么对付过拟合？", OVERFITTING) == ["对付过拟合有三种办法：", "增加数据", "加正则项", "提前停止训练"]


def test_a_long_list_is_cut() -> None:
    items = "".join(f"- 办法{number}\n" for number in range(20))
    lines = quoted("怎么对付过拟合？", Passage(1, "t", f"对付过拟合的办法：\n\n{items}"))

    assert lines == ["对付过拟合的办法：", *(f"办法{number}" for number in range(LIST_ITEMS))]


def test_a_list_ends_where_its_indentation_ends() -> None:
    text = "- 对付过拟合的办法：\n  - 增加数据\n  - 加正则项\n- 别的东西\n"

    assert quoted("怎么对付过拟合？", Passage(1, "t", text)) == ["对付过拟合的办法：", "增加数据", "加正则项"]


def test_a_definition_is_preferred_where_one_is_asked_for() -> None:
    text = "Dropout helps against overfitting. Overfitting is learning the training set by heart."

    assert quoted("What is overfitting?", Passage(1, "t", text))[-1] == (
        "Overfitting is learning the training set by heart."
    )


def test_what_the_learner_has_not_understood_yet_is_no_answer() -> None:
    text = "学习率为什么要衰减？\n\n学习率衰减使训练后期更稳定。"

    assert quoted("学习率为什么要衰减", Passage(1, "t", text)) == ["学习率衰减使训练后期更稳定。"]


def test_words_in_the_title_count_for_the_lines_below() -> None:
    passages = [Passage(1, "池化", "常用的是最大值。"), Passage(2, "卷积", "常用的是三乘三。")]

    assert quoted("卷积常用什么", *passages)[0] == "常用的是三乘三。"


@pytest.mark.parametrize(
    "text",
    [
        "```python\noverfitting = True\n```",
        "~~~\noverfitting\n~~~",
        "## Overfitting",
        "Overfitting\n===========",
        "![overfitting](overfitting.png)",
        "$$\noverfitting = 1\n$$",
        "| overfitting | b |\n|---|---|",
        "---\n***\n",
        "- [ ]",
    ],
    ids=["fence", "tildes", "heading", "underlined", "picture", "formula", "table head", "rules", "empty task"],
)
def test_what_is_no_sentence_is_not_quoted(text: str) -> None:
    assert quoted("overfitting", Passage(1, "overfitting", text)) == []


def test_rows_of_a_table_are_quoted_without_their_border() -> None:
    assert quoted("dropout", Passage(1, "t", "| 名称 | 用途 |\n|---|---|\n| dropout | 正则化 |\n")) == [
        "dropout | 正则化"
    ]


def test_wrapped_lines_are_joined_the_way_their_script_is_written() -> None:
    assert quoted("过拟合", Passage(1, "t", "过拟合是模型，\n记住了训练集。")) == ["过拟合是模型，记住了训练集。"]
    assert quoted("overfitting", Passage(1, "t", "Overfitting means\nknowing by heart.")) == [
        "Overfitting means knowing by heart."
    ]


def test_the_same_line_in_two_notes_is_quoted_once() -> None:
    same = "过拟合：模型记住了训练集。"

    assert len(quoted("什么是过拟合", Passage(1, "a", same), Passage(2, "b", f"- **{same}**"))) == 1


def test_few_lines_are_quoted_of_many_that_fit() -> None:
    passages = [Passage(number, "t", f"过拟合现象之{number}。") for number in range(1, 12)]

    assert len(quoted("过拟合", *passages)) == QUOTES


@pytest.mark.parametrize("text", ["by Vaswani [3]", "nums[0] first", "shape [1, 2]", "see 【2】", "[1][2] rows"])
def test_references_of_a_note_are_not_taken_for_our_markers(text: str) -> None:
    said = answer("overfitting", Passage(1, "t", f"Overfitting {text} here."))

    assert [part for part in said.split("[")[1:] if part[0].isdigit()] == ["1]\n"]
    assert "【" not in said


@pytest.mark.parametrize("question", ["", "？", "的", "zzzz"])
def test_a_question_without_words_of_the_passages_quotes_nothing(question: str) -> None:
    assert quoted(question, ATTENTION) == []


@pytest.mark.parametrize("question", ["为什么？", "Why?"])
def test_a_bare_follow_up_gets_the_beginning_of_the_best_passage(question: str) -> None:
    assert answer(question, ATTENTION, OVERFITTING).count("[2]") == 2


def test_no_passages_no_quotations() -> None:
    assert quotations("什么是过拟合？", []) == []
    assert "[" not in answer("什么是过拟合？")


@given(
    st.text(alphabet="过拟合模型 abc.。！？:：|-#*`$[]()\n1２", max_size=120),
    st.text(alphabet="过拟合模型abc？", min_size=1, max_size=12),
)
def test_every_quotation_stands_in_its_passage(text: str, question: str) -> None:
    for line in quotations(question, [Passage(1, "过拟合", text)]):
        assert comparable(line.text) in comparable(text)
