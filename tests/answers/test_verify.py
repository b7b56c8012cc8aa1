"""What an answer claims is held against its passages without a model: sources, quotations, figures, negations."""

from __future__ import annotations

import pytest

from assistant.answers.citations import cite
from assistant.answers.verify import Verdict, verify
from tests.answers.test_citations import matches

ZH = (
    "过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。学习率设为 0.001，批大小设为 32。梯度下降不会保证找到全局最优。",
    "分词把文本切成词元，词表通常有 3 万到 15 万个词元。一共 1,200 篇笔记，其中 50% 是英文。",
)
EN = (
    "Attention lets every token look at every other token directly. It does not need recurrence. Training took 3.5 days on 8 GPUs.",
    "The scores are divided by the square root of the key dimension, which keeps the softmax from saturating.",
)
GIVEN = matches(*ZH, *EN)


def reasons(answer: str, question: str = "") -> list[str]:
    return [doubt.reason for one in verify(answer, GIVEN, question).statements for doubt in one.doubts]


def states(verdict: Verdict) -> list[tuple[str, str]]:
    return [(quote.state, quote.says) for quote in verdict.quotes]


@pytest.mark.parametrize(
    "answer",
    [
        "过拟合是指模型记住了训练集，在新数据上表现很差 [1]。",
        "在新数据上表现差、把训练集记住了，这就是过拟合 [1]。",
        "学习率设成 0.001 [1]。",
        "梯度下降无法保证找到全局最优 [1]。",
        "词表通常有 30000 到 150,000 个词元 [2]。",
        "一共 1200 篇笔记，其中 0.5 是英文 [2]。",
        "Every token can look at every other token directly [3].",
        "Recurrence is not needed [3]. The training took 3.5 days on eight GPUs [3].",
        "Dividing the scores by the square root of the key dimension keeps the softmax from saturating.[4]",
        "过拟合就是模型记住了训练集，在新数据上表现差。",
        "Attention 让每个词元直接看到其他所有词元 [3]。",
    ],
    ids=["verbatim", "other order", "figure", "other negation", "万", "share", "English", "no recurrence", "marker behind", "unmarked",
         "translated"],
)  # fmt: skip
def test_what_the_passages_say_raises_no_doubt(answer: str) -> None:
    verdict = verify(answer, GIVEN)

    assert [one.doubts for one in verdict.statements if one.doubts] == []
    assert verdict.statements
    assert verdict.as_json()["with_source"] == len(verdict.statements)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("学习率设为 0.01，批大小设为 32 [1]。", "figures"),
        ("词表通常有 3 万到 16 万个词元 [2]。", "figures"),
        ("Training took 4.5 days on 8 GPUs [3].", "figures"),
        ("Training took 3.5 hours on 8 GPUs [3].", "figures"),
        ("梯度下降会保证找到全局最优 [1]。", "denied"),
        ("模型没有记住训练集，在新数据上表现差 [1]。", "denied"),
        ("It does need recurrence, and attention never lets every token look at every other token directly [3].", "denied"),
        ("过拟合是模型记住了训练集，在新数据上表现差 [2]。", "elsewhere"),
        ("The scores are divided by the square root of the key dimension [3].", "elsewhere"),
        ("The scores are divided by the square root of the key dimension [1].", "elsewhere"),
        ("秦始皇于公元前统一六国，修筑长城 [1]。", "hardly"),
        ("秦始皇统一六国，修筑长城。", "no_source"),
    ],
)  # fmt: skip
def test_what_they_do_not_say_is_doubted(answer: str, reason: str) -> None:
    assert reasons(answer) == [reason]


def test_a_figure_of_the_question_may_be_repeated() -> None:
    answer = "词表有 7 万个词元时，也在通常的 3 万到 15 万个词元之间 [2]。"

    assert reasons(answer) == ["figures"]
    assert reasons(answer, "词表有 7 万个词元算大吗？") == []


@pytest.mark.parametrize(
    "answer",
    [
        "# 过拟合的原因是什么",
        "**过拟合**",
        "你想继续了解过拟合吗？",
        "过拟合的办法有这些：",
        "笔记里没有提到如何解决过拟合。",
        "Your notes do not mention how overfitting is solved.",
        "```\n过拟合 = 1\n```",
        "$$\n过拟合 = 3.5\n$$",
        "| 名称 | 数值 |\n| --- | --- |",
        "[1]",
        "",
    ],
)
def test_what_claims_nothing_is_no_statement(answer: str) -> None:
    assert verify(answer, GIVEN) == Verdict((), ())


def test_each_row_of_a_table_and_each_item_is_a_statement() -> None:
    answer = "| 设置 | 数值 |\n| --- | --- |\n| 学习率 | 0.001 [1] |\n| 批大小 | 64 [1] |\n\n- 分词把文本切成词元 [2]\n- 模型记住了训练集 [1]"
    verdict = verify(answer, GIVEN)

    assert len(verdict.statements) == 4
    assert [(one["text"], one["detail"]) for one in verdict.as_json()["suspicious"]] == [("批大小 | 64", "64")]


def test_every_statement_is_told_by_its_place() -> None:
    answer = "过拟合是模型记住训练集。[1] 秦始皇统一六国，修筑长城。"
    (unsupported,) = verify(answer, GIVEN).as_json()["unsupported"]
    start, end = unsupported["chars"]

    assert answer[start:end] == "秦始皇统一六国，修筑长城。"


def test_a_quotation_is_the_same_in_another_form() -> None:
    answer = "笔记说「模型记住了訓練集,在新數據上表現差」[1]。“ATTENTION  lets every token look” [3]. 「学习率……批大小设为 ３２」[1]。"

    assert states(verify(answer, GIVEN)) == [("verified", "")] * 3


def test_an_altered_quotation_is_shown_with_what_the_note_says() -> None:
    answer = "笔记说「模型记住了测试集，在新数据上表现差」[1]。It says “keeps the softmax from exploding” [4]."

    assert states(verify(answer, GIVEN)) == [
        ("altered", "模型记住了训练集，在新数据上表现差"),
        ("altered", "keeps the softmax from saturating"),
    ]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("笔记说「分词把文本切成词元」[1]。", "elsewhere"),
        ("笔记说「秦始皇统一六国修筑长城」[1]。", "missing"),
        ("笔记说「学习率设为 0.00」[1]。", "altered"),
        ("笔记说「学习率设为 0.001；批大小设为 32。梯度下降不会保证」[1]。", "verified"),
    ],
)
def test_a_quotation_stands_in_its_own_passage_or_not(answer: str, state: str) -> None:
    assert [one for one, _ in states(verify(answer, GIVEN))] == [state]


def test_a_manner_of_speaking_is_no_quotation() -> None:
    assert verify("模型「背书」了，记住了训练集，在新数据上表现差 [1]。", GIVEN).quotes == ()


def test_each_line_of_a_block_quotation_is_verified_by_itself() -> None:
    answer = "> 模型记住了训练集，在新数据上表现差。\n> 学习率设为 0.002，批大小设为 32。\n>\n> [1]"

    verdict = verify(answer, GIVEN)

    assert [quote.state for quote in verdict.quotes] == ["verified", "altered"]
    assert [one.sources for one in verdict.statements] == [(1,), (1,)]


def test_a_sentence_whose_invented_marker_went_has_no_source() -> None:
    clean, _, invented = cite("秦始皇统一六国，修筑长城 [9]。", GIVEN)

    assert invented == 1
    assert len(verify(clean, GIVEN).as_json()["unsupported"]) == 1


def test_without_passages_nothing_has_a_source() -> None:
    assert verify("过拟合是模型记住训练集。", []).as_json() == {
        "statements": 1, "with_source": 0, "quotes": 0, "quotes_verified": 0, "altered": [], "elsewhere": [], "missing": [],
        "unsupported": [{"text": "过拟合是模型记住训练集。", "chars": [0, 12]}], "suspicious": [],
    }  # fmt: skip
