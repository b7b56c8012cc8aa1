"""How terms are asked for: alone, together with what they stand under, or quoted where they are statements."""

from __future__ import annotations

import pytest

from assistant.study.card_fronts import Lead, above_of, front_of, is_clause
from assistant.study.mining import mine

ABOVE = "优化器"


def front(
    term: str, alias: str | None = None, *, mark: str = "", bold: bool = False, body: str = "一句解释。"
) -> str | None:
    return front_of(Lead(term, alias, mark, bold), body, ABOVE)


@pytest.mark.parametrize(
    ("term", "alias", "asked"),
    [
        ("动量", "Momentum", "动量（Momentum）是什么？"),
        ("会话", "Session", "会话（Session）是什么？"),
        ("必要条件", "Necessary condition", "必要条件（Necessary condition）是什么？"),
        ("不动点", "Fixed point", "不动点（Fixed point）是什么？"),
        ("摘要", "Summary", "摘要（Summary）是什么？"),
        ("参数", "Parameter", "参数（Parameter）是什么？"),
        ("是否早停", "Early stopping flag", "是否早停（Early stopping flag）是什么？"),
        ("Adam", None, "Adam 是什么？"),
    ],
)
def test_a_term_is_asked_for_by_its_name(term: str, alias: str | None, asked: str) -> None:
    assert front(term, alias) == asked


@pytest.mark.parametrize("term", ["优点", "应用", "参数", "更新方式", "手算一遍", "粗估", "毛病"])
def test_what_every_subject_has_is_asked_for_with_its_heading(term: str) -> None:
    assert front(term) == f"优化器 › {term}？"
    assert front_of(Lead(term, None, "", bold=False), "一句解释。", None) is None


def test_words_in_brackets_that_are_a_remark_make_no_name_of_a_point_in_a_list() -> None:
    assert front("动量", "Momentum", mark="-") == "动量（Momentum）是什么？"
    assert front("小模型", "比上面那个省一半的", mark="-") == "优化器 › 小模型？"
    assert front("大显卡", "80 张", mark="-") == "优化器 › 大显卡？"


@pytest.mark.parametrize(
    "term",
    [
        "学习率要先升后降", "数据没有标签", "这样做会让损失变大", "每个批次约占一半内存", "两种写法在这里等价", "步长不能太大",
        "误差多半是数据的错", "先看损失再调步长",
    ],
)  # fmt: skip
def test_a_statement_is_quoted_and_what_explains_it_is_asked_for(term: str) -> None:
    assert front(term) == f"优化器 › 「{term}」怎么理解？"
    assert front_of(Lead(term, None, "", bold=False), "一句解释。", None) == f"「{term}」怎么理解？"


def test_an_english_statement_is_quoted_as_well() -> None:
    body = "the second pass reads what the first one wrote."
    assert front("Order does matter", body=body) == "优化器 › “Order does matter”: how so?"


def test_a_question_that_compares_says_with_what() -> None:
    assert front("为什么要动量") == "为什么要动量？"
    assert front("比普通梯度下降好在哪") == "优化器 › 比普通梯度下降好在哪？"


@pytest.mark.parametrize("term", ["✅ 学完就能上手", "❌ 一次改两处", "老师", "Exam", "例如", "——"])
def test_what_is_no_term_is_not_asked_for(term: str) -> None:
    assert front(term, bold=True) is None


def test_a_heading_that_is_half_a_sentence_is_no_name_to_ask_with() -> None:
    assert above_of("训练", ("优化器", "不管哪种任务，都从它开始")) == "优化器"
    assert above_of("训练", ("常用的做法为",)) == "训练"
    assert above_of("训练", ("优化器", "待学习")) is None


@pytest.mark.parametrize(
    "words", ["会议", "要点", "不变性", "等价", "理事会", "国会大厦", "别名", "每天", "需要", "重要性"]
)
def test_words_that_look_like_verbs_are_no_statement(words: str) -> None:
    assert not is_clause(words)


@pytest.mark.parametrize(
    "text",
    [
        "# 课\n\n## 图\n\n![一](a.png)\n![二](b.png)\n\n",
        "# 课\n\n## 读物\n\n[一](https://example.org/1)。\nhttps://example.org/2\n",
        "# 课\n\n## 待了解\n\n- 学习率怎么定\n- 批次多大才够\n",
        "# 课\n\n| 日期 | 内容 |\n| --- | --- |\n| 三月一日 | 梯度 |\n| 三月八日 | 动量 |\n",
        "# 课\n\n损失忽大忽小的时候先看学习率，**不要先怪数据**，多半能好。\n",
    ],
    ids=["pictures", "links", "open", "timetable", "bold statement"],
)
def test_nothing_is_made_of_what_asks_for_nothing(text: str) -> None:
    assert mine("n.md", "课", "markdown", text) == []


def test_a_table_of_what_happened_when_is_no_timetable() -> None:
    table = "# 史\n\n| 日期 | 事件 |\n| --- | --- |\n| 1986-10-09 | 反向传播的论文发表 |\n"
    assert [card.front for card in mine("n.md", "史", "markdown", table)] == ["日期：1986-10-09 — 事件？"]


def test_a_verb_at_the_end_of_a_term_belongs_to_its_colon() -> None:
    assert [card.front for card in mine("n.md", "课", "markdown", "学习率是：每一步走多远的那个数")] == [
        "学习率是什么？"
    ]
