"""What kind of answer a question asks for."""

from __future__ import annotations

import pytest

from assistant.language.asking import asking, is_small_talk


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("什么是过拟合", {"meaning"}),
        ("how does dropout work", {"meaning"}),
        ("怎么防止过拟合", {"steps"}),
        ("How can I avoid overfitting?", {"steps"}),
        ("有哪些正则化方法", {"everything"}),
        ("给我 BM25 公式", {"formula"}),
        ("attention 的 Python 代码", {"code"}),
        ("为什么要归一化", {"why"}),
        ("还有哪些我没弄懂的问题", {"everything", "unsolved"}),
        ("What are my open questions?", {"meaning", "unsolved"}),
        ("梯度裁剪", set()),
    ],
)
def test_the_wording_tells_the_kind_of_answer(question: str, kinds: set[str]) -> None:
    asks = asking(question)

    assert {
        kind for kind in ("meaning", "steps", "everything", "formula", "code", "why", "unsolved") if getattr(asks, kind)
    } == kinds


def test_not_having_understood_a_subject_asks_for_no_list_of_open_questions() -> None:
    assert not asking("老师讲的卷积我没听懂").unsolved


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("监督学习和无监督学习有什么区别？", ("监督学习", "无监督学习")),
        ("DPO 与 RLHF 的区别", ("DPO", "RLHF")),
        ("difference between prefill and decode?", ("prefill", "decode")),
        ("Adam vs. SGD", ("Adam", "SGD")),
        ("什么是过拟合", ()),
    ],
)
def test_both_sides_of_a_comparison_are_found(question: str, sides: tuple[str, ...]) -> None:
    assert asking(question).sides == sides


@pytest.mark.parametrize("said", ["你好", "谢谢！", "你能做什么？", "hi", "Thanks a lot!", "what can you do"])
def test_small_talk_is_told_from_questions(said: str) -> None:
    assert is_small_talk(said)


@pytest.mark.parametrize(
    "asked", ["", "？", "SFT", "为什么", "你好在过拟合里是什么意思", "help me with attention", "what is hi"]
)
def test_what_might_be_a_question_is_no_small_talk(asked: str) -> None:
    assert not is_small_talk(asked)


@pytest.mark.parametrize("talk", ["谢谢你，你真厉害", "你叫什么名字，是谁做的？", "Hello, how are you today?"])
def test_praise_and_questions_about_the_maker_are_small_talk(talk: str) -> None:
    assert is_small_talk(talk)
    assert not is_small_talk(f"{talk} 梯度下降")
