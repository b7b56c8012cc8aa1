"""Where sentences end in Chinese, English and mixed prose."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.sentences import CLOSERS, sentences


def read(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(["他说：“今天学习。”", "然后走了。", "真的吗？！", "是；"], id="stops with their quotes"),
        pytest.param(["（见图 1。）", "『好。』」", "完……", "再来…"], id="brackets and ellipses"),
        pytest.param(["**监督学习：用标签。**", "下一句。", "**重点**在此。"], id="emphasis"),
        pytest.param(["模型会泛化吗?", "会."], id="half-width stops after Chinese"),
        pytest.param(["它用 3.14 和 v1.2，见 https://a.b/c?d=1.2&e=!x 与 a.py。", "完"], id="names"),
        pytest.param(["1. 第一点", "2. 第二点", "- 三", "（4）四"], id="list items"),
        pytest.param(["第 1 节 大模型的基本原理", "第 2 节 提示词工程与实战"], id="lines that begin alike"),
        pytest.param(["如图：![图](a.png)好", "# 标题", "| a | b |", "| c | d |"], id="pictures, headings, rows"),
    ],
)
def test_chinese_is_cut_where_a_reader_pauses(expected: list[str]) -> None:
    assert read("\n".join(expected)) == expected


@pytest.mark.parametrize("text", ["“甲。”乙", "甲！』」乙", '"甲。"乙', "甲…）乙"])
def test_sentences_need_no_blank_between_them_in_chinese(text: str) -> None:
    assert read(text) == [text[:-1], "乙"]


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(["Is it?", "Yes!", "RAG v1.2 uses 3.14."], id="stops and numbers"),
        pytest.param(["See Fig. 2, e.g. this one, i.e. Smith et al. (2020).", "Next."], id="abbreviations"),
        pytest.param(["J. Smith wrote it.", "I said no.", "Then No. 5 came."], id="initials and numbers"),
        pytest.param(['He said "Stop."', "Then left.", "(Really!)", "So?"], id="straight quotes and brackets"),
        pytest.param(["It went on... and on.", "Use `a.b` or `os.*` freely."], id="dots inside"),
    ],
)
def test_english_is_cut_where_a_reader_pauses(expected: list[str]) -> None:
    assert read(" ".join(expected)) == expected


def test_a_folded_line_goes_on() -> None:
    text = "A paragraph that an editor has folded at its margin near column\nseventy goes on. Next."

    assert len(read(text)) == 2


@pytest.mark.parametrize("name", ["大模型技术架构.wmv", "第二讲(半路).mp4", "笔记.md"])
def test_the_name_of_a_file_is_not_cut(name: str) -> None:
    assert read(f"1. {name}\n2. 完") == [f"1. {name}", "2. 完"]


def test_a_line_cut_inside_a_bracket_goes_on() -> None:
    assert read("MLA（Multi-head Latent\nAttention）压缩缓存。") == ["MLA（Multi-head Latent\nAttention）压缩缓存。"]
    assert len(read("（没有关上\n另一行")) == 2


def test_a_folded_line_goes_on_however_late_its_sentence_began() -> None:
    text = "训练后量化只需少量校准数据，这一行在版心的右边被折断了；量化感知训练\n（QAT）更准也更贵。"

    assert read(text)[-1] == "量化感知训练\n（QAT）更准也更贵。"


def test_a_blank_line_always_ends_a_sentence() -> None:
    assert read("no stop here and a rather long line it is, long enough\n\nnor here\r\n\r\nend") == [
        "no stop here and a rather long line it is, long enough",
        "nor here",
        "end",
    ]


@pytest.mark.parametrize("text", ["", " \n\u3000\t\r\n"])
def test_blank_text_has_no_sentences(text: str) -> None:
    assert read(text) == []


@given(st.text(alphabet="甲乙ab12 \n\r\t\u3000。！？；….!?\"'”’」（()）*`_,~-#|:[]") | st.text())
def test_spans_are_in_order_and_hold_everything_that_is_not_blank(text: str) -> None:
    spans = sentences(text)
    kept = "".join(text[start:end] for start, end in spans)

    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join(kept.split()) == "".join(text.split())
    assert all(not text[end - 1].isspace() and not text[start].isspace() for start, end in spans)


@given(st.text(alphabet="甲a。！？”」）)."))
def test_no_sentence_after_a_chinese_stop_begins_with_what_closes(text: str) -> None:
    for start, _ in sentences(text):
        assert start == 0 or text[start] not in CLOSERS
