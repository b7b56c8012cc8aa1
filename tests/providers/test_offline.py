"""The model that quotes: the same answer every time, every line of it out of a passage."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.answers.citations import cite, comparable
from assistant.knowledge.chunks import Chunk, Match, Piece, Scores
from assistant.providers.base import Message, Passage, Request
from assistant.providers.offline import OfflineModel
from assistant.providers.quoting import LIST_ITEMS, QUOTES, WHOLE_LIST, quotations

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


def answer(question: str, *passages: Passage, context: str = "", former: str = "") -> str:
    messages = (Message("assistant", former),) if former else ()
    request = Request(messages, question, passages, context=context)
    return "".join(delta.text for delta in OfflineModel().stream(request))


def quoted(question: str, *passages: Passage, context: str = "") -> list[str]:
    return [line.text for quotation in quotations(question, passages, context=context) for line in quotation.lines]


def all_verified(said: str, *passages: Passage) -> bool:
    """Check an answer the way that the app does."""
    matches = [
        Match(
            Chunk(1, 1, "n.md", passage.title, "markdown", Piece(passage.text, (), None, (1, 1), (0, 1), 1)),
            0.9,
            Scores(0.9, None),
        )
        for passage in passages
    ]
    _, citations, invented = cite(said, matches)
    return bool(citations) and invented == 0 and all(citation.verified for citation in citations)


def test_an_answer_says_that_no_model_is_connected_and_quotes_with_numbers() -> None:
    text = answer("What does self-attention compare?", OVERFITTING, ATTENTION)

    assert text.startswith("No model is connected.")
    assert "> Self-attention compares every query with every key. [2]\n" in text


def test_a_chinese_question_is_answered_in_chinese() -> None:
    text = answer("什么是过拟合？", OVERFITTING, ATTENTION)

    assert text.startswith("没有连接模型。")
    assert "> 过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。 [1]\n" in text
    assert "天气" not in text


def test_the_same_question_gets_the_same_answer() -> None:
    assert len({answer("怎么对付过拟合？", OVERFITTING, ATTENTION) for _ in range(3)}) == 1


def test_a_line_that_announces_a_list_brings_it_along() -> None:
    assert quoted("怎么对付过拟合？", OVERFITTING) == ["对付过拟合有三种办法：", "增加数据", "加正则项", "提前停止训练"]


def test_a_long_list_is_cut() -> None:
    items = "".join(f"- 第{number}个\n" for number in range(20))
    passage = Passage(1, "t", f"对付过拟合：\n\n{items}")

    assert quoted("过拟合", passage) == ["对付过拟合：", *(f"第{number}个" for number in range(LIST_ITEMS))]
    assert len(quoted("怎么对付过拟合", passage)) == 1 + WHOLE_LIST


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
        "## Overfitting",
        "Overfitting\n===========",
        "![overfitting](overfitting.png)",
        "| overfitting | b |\n|---|---|",
        "---\n***\n",
        "- [ ]",
    ],
    ids=["heading", "underlined", "picture", "table head", "rules", "empty task"],
)
def test_what_is_no_sentence_is_not_quoted(text: str) -> None:
    assert quoted("overfitting", Passage(1, "overfitting", text)) == []


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

    assert [part for part in said.split("[")[1:] if part[0].isdigit()] == ["1]\n\n"]
    assert "【" not in said


@pytest.mark.parametrize("question", ["", "？", "的", "zzzz"])
def test_a_question_without_words_of_the_passages_quotes_nothing(question: str) -> None:
    assert quoted(question, ATTENTION) == []


@pytest.mark.parametrize("question", ["为什么？", "Why?"])
def test_a_bare_follow_up_gets_the_beginning_of_the_best_passage(question: str) -> None:
    assert answer(question, ATTENTION, OVERFITTING).endswith(
        "key.\n> - Scores are divided by the root of the dimension. [2]\n\n"
    )


def test_no_passages_no_quotations() -> None:
    assert quotations("什么是过拟合？", []) == []
    assert "[" not in answer("什么是过拟合？")


def test_a_bare_follow_up_with_a_context_goes_on_about_its_subject() -> None:
    said = answer(
        "为什么",
        OVERFITTING,
        ATTENTION,
        context="什么是过拟合？",
        former="过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。",
    )

    assert "提前停止训练" in said
    assert "Self-attention" not in said


def test_an_opening_never_stands_without_a_quotation() -> None:
    assert "> 常用的是最大值。 [1]" in answer("为什么", Passage(1, "池化", "## 池化\n\n常用的是最大值。"))
    assert answer("为什么", Passage(1, "图", "![](a.png)")).startswith("没有连接模型，找到的段落里也没有")


def test_a_new_subject_in_the_shape_of_the_former_question_gets_its_own_lines() -> None:
    passage = Passage(
        1, "拟合", "过拟合：训练集上好，新数据上差。\n\n欠拟合：训练集上都不好。\n\n对付过拟合的办法很多。"
    )

    assert quoted("那欠拟合呢", passage, context="过拟合怎么办") == ["欠拟合：训练集上都不好。"]


LORA = Passage(1, "LoRA", "LoRA：冻结原权重，只训练两个小矩阵，\n$$\nW=W_0+BA\n$$\n\n推理前可以合并。")


def test_a_line_keeps_the_formula_that_it_breaks_off_before() -> None:
    said = answer("LoRA 是什么", LORA)

    assert "> - LoRA：冻结原权重，只训练两个小矩阵，\n>\n>    $$\n>    W=W_0+BA\n>    $$\n" in said
    assert all_verified(said, LORA)


def test_formulas_are_preferred_where_they_are_asked_for() -> None:
    passage = Passage(1, "BM25", "BM25 的公式出名，BM25 用得很广。\n\nBM25 给关键词打分：\n\n$$\ns = f(q, d[1])\n$$\n")
    said = answer("给我 BM25 公式", passage)

    assert "s = f(q, d[1])" in said
    assert all_verified(said, passage)


def test_code_is_preferred_where_it_is_asked_for_and_left_as_it_is() -> None:
    code = "```python\nindex.add(vectors)\nfirst = ids[0] -> [1]\n```"
    passage = Passage(1, "FAISS 最小例子", f"FAISS 是向量检索库。\n\n{code}\n")
    said = answer("FAISS 代码例子", passage)

    assert "first = ids[0] -> [1]" in said
    assert all_verified(said, passage)


PORTS = Passage(
    1, "怎么选", "| | Ollama | vLLM |\n|---|---|---|\n| 硬件 | 电脑 | 数据中心 |\n| 默认端口 | 11434 | 8000 |\n"
)


def test_a_row_is_quoted_below_the_head_of_its_table() -> None:
    said = answer("vLLM 默认端口", PORTS)

    assert said.endswith("> |  | Ollama | vLLM |\n> | --- | --- | --- |\n> | 默认端口 | 11434 | 8000 |\n>\n> [1]\n\n")
    assert all_verified(said, PORTS)


INJECTION = Passage(
    1,
    "安全 › 提示注入",
    "## 提示注入\n\n提示注入：资料里的文字冒充指令。\n\n- 直接注入：用户写「忽略以上指令」；\n- 间接注入：藏在网页里；\n\n"
    "防护要分层：\n\n1. 资料包在边界里；\n2. 危险动作要人确认；\n3. 输出当作不可信的；\n",
)


def test_steps_are_quoted_as_a_whole_list_in_their_order() -> None:
    said = answer("怎么防止提示注入", INJECTION)

    assert "   1. 资料包在边界里；\n>    2. 危险动作要人确认；\n>    3. 输出当作不可信的；" in said
    assert "直接注入" not in said
    assert all_verified(said, INJECTION)


def test_a_whole_table_is_quoted_where_all_is_asked_for() -> None:
    passage = Passage(
        1, "嵌入模型", "## 嵌入模型\n\n| 模型 | 维度 |\n|---|---|\n| 甲 | 512 |\n| 乙 | 768 |\n\n嵌入模型要选好。"
    )

    assert {"| 甲 | 512 |", "| 乙 | 768 |"} <= set(quoted("列出所有嵌入模型", passage))


def test_two_lists_keep_their_own_numbers() -> None:
    passage = Passage(1, "过拟合", "1. 过拟合甲\n2. 过拟合乙\n\n另外：\n\n1. 过拟合丙\n2. 过拟合丁\n")
    said = answer("过拟合", passage)

    assert "> 1. 过拟合甲\n> 2. 过拟合乙\n" in said
    assert "1) 过拟合丙" in said


def test_open_questions_are_quoted_where_they_are_asked_for() -> None:
    passage = Passage(1, "RAG › 待研究", "## 待研究\n\n- 长上下文还需要检索吗 ??\n- 图检索值不值 ??\n")
    noise = Passage(2, "排错", "- [ ] 没进提示词？→ 预算的问题\n")

    assert quoted("还有哪些我没弄懂的问题", noise, passage)[:2] == ["长上下文还需要检索吗 ??", "图检索值不值 ??"]


def test_both_sides_of_a_comparison_are_quoted() -> None:
    passages = [
        Passage(1, "阶段", "无监督学习：数据没有标签。无监督学习用来聚类。无监督学习用来降维。无监督学习很常见。"),
        Passage(2, "类型", "监督学习：数据带标签。"),
    ]

    lines = quoted("监督学习和无监督学习的区别", *passages)

    assert "无监督学习：数据没有标签。" in lines
    assert "监督学习：数据带标签。" in lines


def test_crumbs_of_a_page_are_left_where_sentences_are() -> None:
    page = "量化讲义 · 5 / 10\n\n量化 方法 要点\n\n量化用低位数近似权重，换取更小的体积和更少的读取量。\n"

    assert quoted("量化", Passage(1, "讲义", page)) == ["量化用低位数近似权重，换取更小的体积和更少的读取量。"]


def test_an_everyday_verb_does_not_outweigh_the_subject() -> None:
    passages = [
        Passage(1, "Heads", "Each head works alone. The heads work well."),
        Passage(2, "BPE", "BPE merges frequent pairs."),
    ]

    assert quoted("how does BPE work", *passages)[0] == "BPE merges frequent pairs."


def test_lines_of_one_passage_form_one_block_with_one_marker() -> None:
    said = answer("过拟合怎么对付", OVERFITTING)

    assert said.count("[1]") == 1
    assert all_verified(said, OVERFITTING)


@given(
    st.text(alphabet="过拟合模型 abc.。！？:：|-#*`$[]()\n1２", max_size=120),
    st.text(alphabet="过拟合模型abc？", min_size=1, max_size=12),
)
@example("b\n$$1", "b")  # a formula without an end
@example("b\n\\[1", "b")
@example("b\n\\[1\\]", "b")
def test_every_quotation_stands_in_its_passage(text: str, question: str) -> None:
    for line in quoted(question, Passage(1, "过拟合", text)):
        assert comparable(line) in comparable(text)
