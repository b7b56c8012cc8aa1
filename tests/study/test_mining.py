"""What a note offers for cards, and what it does not."""

from __future__ import annotations

import pytest

from assistant.study.card import GAP, NewCard
from assistant.study.mining import mine


def mined(text: str, kind: str = "markdown") -> list[NewCard]:
    return mine("n.md", "笔记", kind, text)


def sides(text: str) -> list[tuple[str, str]]:
    return [(card.front, card.back) for card in mined(text)]


@pytest.mark.parametrize(
    ("text", "front", "back"),
    [
        ("过拟合（Overfitting）：模型记住了训练集。", "过拟合（Overfitting）是什么？", "模型记住了训练集。"),
        ("过拟合(Overfitting): 模型记住了训练集。", "过拟合（Overfitting）是什么？", "模型记住了训练集。"),
        ("- 召回率（Recall）：找到的占全部的比例", "召回率（Recall）是什么？", "找到的占全部的比例"),
        ("**Query**: what am I looking for", "What is Query?", "what am I looking for"),
        ("**Query** (Q): what am I looking for", "What is Query (Q)?", "what am I looking for"),
        ("**学习率：** 每一步走多远", "学习率是什么？", "每一步走多远"),
        ("momentum: the running mean of past gradients", "What is momentum?", "the running mean of past gradients"),
        ("损失（Loss）：\n预测与答案的差，\n越小越好。", "损失（Loss）是什么？", "预测与答案的差，越小越好。"),
        ("熵（Entropy）：不确定的程度：\n\n$$\nH=-\\sum p\\log p\n$$", "熵（Entropy）是什么？", "不确定的程度：\n\n$$\nH=-\\sum p\\log p\n$$"),
        ("## 正则化\n\n- 优点：不容易过拟合", "正则化 › 优点？", "不容易过拟合"),
        ("## 为什么要缩放\n\n为什么除以根号：免得 softmax 没有梯度", "为什么除以根号？", "免得 softmax 没有梯度"),
    ],
)  # fmt: skip
def test_a_definition_becomes_a_question(text: str, front: str, back: str) -> None:
    assert (front, back) in sides(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "过拟合", "# 只有标题", "[链接](https://example.org)", "参考：[链接](https://example.org)", "https://example.org/a",
        "例如：把学习率调小一点", "过拟合（Overfitting）：", "注意力：??", "时间 12:30 开始上课的那一天", "```\nkey: a value of code\n```",
        "1. 读取：把文件读成纯文本", "TO" + "DO: look this up later", "---\ntitle: a title of yaml\n---\n", "| a |\n| - |\n| b |",
    ],
)  # fmt: skip
def test_what_defines_nothing_makes_no_card(text: str) -> None:
    assert mined(text) == []


def test_a_table_of_two_columns_makes_a_card_a_row() -> None:
    table = "| 符号 | 含义 |\n| --- | --- |\n| $k_1$ | 词频饱和 |\n| a\\|b | 或 |\n| 空 | |\n"
    first, second = mined(f"# 笔记\n\n{table}")

    assert (first.front, first.back, second.front) == ("符号：$k_1$ — 含义？", "词频饱和", "符号：a|b — 含义？")
    assert first.source
    assert (first.source.lines, first.source.passage) == ((5, 5), "| $k_1$ | 词频饱和 |")


def test_bold_words_are_hidden_one_at_a_time() -> None:
    text = "残差连接让**梯度**可以直接流回前面的**浅层**，不会消失。"

    assert sides(text) == [
        (f"残差连接让{GAP}可以直接流回前面的**浅层**，不会消失。", "梯度"),
        (f"残差连接让**梯度**可以直接流回前面的{GAP}，不会消失。", "浅层"),
    ]


def test_a_short_body_answers_for_its_heading() -> None:
    assert sides("# 笔记\n\n## 早停\n\n验证集不再变好就停下。") == [("什么是早停？", "验证集不再变好就停下。")]


def test_each_card_knows_its_lines_and_their_very_words() -> None:
    text = "# 笔记\r\n\r\n## 一\r\n\r\n甲（A）：第一个字母。\r\n\r\n- 乙（B）：\r\n  第二个字母，\r\n  后面还有。\r\n"
    for card in mined(text):
        assert card.source
        first, last = card.source.lines
        assert card.source.heading == ("一",)
        assert card.source.passage.replace("\r\n", "\n") in "\n".join(text.split("\r\n")[first - 1 : last])
    assert [card.source.lines for card in mined(text) if card.source] == [(5, 5), (7, 9)]


def test_the_same_question_twice_in_a_note_is_one_card() -> None:
    assert len(mined("甲（A）：第一个字母。\n\n甲（A）：第一个字母，又一次。")) == 1


def test_a_plain_text_is_read_by_paragraphs() -> None:
    assert [card.front for card in mined("甲（A）：第一个字母。\n\n# 不是标题", "text")] == ["甲（A）是什么？"]
