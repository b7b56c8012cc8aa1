"""What is mined from notes: two long ones whose terms were listed before there was a miner, and each shape by itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.definitions import Definition, definitions

LISTED = Path(__file__).parent / "glossary"
AIM = 0.9

Spelled = tuple[str, ...]


def listed(note: str) -> dict[Spelled, str]:
    """Read the committed list: zh, en, abbreviation, and how the definition begins."""
    rows = [line.split("\t") for line in (LISTED / f"{note}.tsv").read_text("utf-8").splitlines()[1:]]
    return {folded(row[:3]): row[3] for row in rows}


def mined(text: str) -> dict[Spelled, list[Definition]]:
    found: dict[Spelled, list[Definition]] = {}
    for one in definitions(text):
        found.setdefault(folded([one.name.zh, one.name.en, one.name.abbreviation]), []).append(one)
    return found


def folded(parts: list[str]) -> Spelled:
    return tuple(part.replace(" ", "").lower() for part in parts)


def said(text: str) -> list[tuple[str, str, str, str]]:
    return [(one.name.zh, one.name.en, one.name.abbreviation, one.text) for one in definitions(text)]


@pytest.mark.parametrize("note", ["databases", "statistics"])
def test_the_terms_of_a_long_note_are_found_and_little_else(note: str, capsys: pytest.CaptureFixture[str]) -> None:
    wanted, found = listed(note), mined((LISTED / f"{note}.md").read_text("utf-8"))
    both = wanted.keys() & found.keys()
    defined = [name for name in both if any(one.text.startswith(wanted[name]) for one in found[name])]
    recall, precision = len(both) / len(wanted), len(both) / len(found)
    with capsys.disabled():
        sys.stdout.write(
            f" {note}: {len(wanted)} terms, recall {recall:.3f}, precision {precision:.3f}, defined {len(defined)}\n"
        )

    assert recall >= AIM
    assert precision >= AIM
    assert len(defined) >= AIM * len(both)


@pytest.mark.parametrize(
    ("line", "term"),
    [
        ("- 过拟合（Overfitting）：模型记住了训练集。", ("过拟合", "Overfitting", "", "模型记住了训练集。")),
        ("RAG（Retrieval-Augmented Generation，检索增强生成）：先查再答", ("检索增强生成", "Retrieval-Augmented Generation", "RAG", "先查再答")),
        ("**回表**：再查一次主键索引", ("回表", "", "", "再查一次主键索引")),
        ("死锁，即两个事务互相等待对方的锁。", ("死锁", "", "", "两个事务互相等待对方的锁")),
        ("所谓幂等性，是指做几次都一样。", ("幂等性", "", "", "做几次都一样。")),
        ("Power (检验功效) is the chance of rejecting a false null.", ("检验功效", "Power", "", "the chance of rejecting a false null.")),
        ("entropy: a measure of disorder (熵值)", ("熵值", "entropy", "", "a measure of disorder")),
        ("NLP(自然语言处理-Natural Language Processing)：处理语言", ("自然语言处理", "Natural Language Processing", "NLP", "处理语言")),
        ("检测用等待图（wait-for graph），有环就回滚", ("等待图", "wait-for graph", "", "")),
        ("We grow a random forest (随机森林) from it.", ("随机森林", "random forest", "", "")),
        ("a large language model (LLM) predicts", ("", "large language model", "LLM", "")),
        ("## 切块（Chunking）\n\n把长文档切成小段。", ("切块", "Chunking", "", "")),
    ],
)  # fmt: skip
def test_each_shape_of_a_definition_is_read(line: str, term: tuple[str, str, str, str]) -> None:
    assert term in said(line + "\n\n后面还有一行。")


@pytest.mark.parametrize(
    "line",
    [
        "注意：下周考试。",
        "Note: divide by n - 1 for a sample.",
        "优点：读不加锁。",
        "时间：14:00；地点：三教",
        "Link: https://example.org/a (课件下载)",
        "Room: 3.14",
        "1. 分析：找出还没有提交的事务。",
        "闭卷（不能带书），带好学生证（见图 3）",
        "t = 2.1, df = 18, p = 0.05 (two-sided)",
        "物化视图：",
        "```\n水平（level）：不是术语\n```",
        "| 日期 | 内容 |\n| --- | --- |\n| 6 月 10 日 | 事务 |",
        "[链接](https://example.org)：说明",
        "",
    ],
)
def test_what_only_looks_like_a_definition_is_left(line: str) -> None:
    assert said(line) == []


def test_a_table_of_terms_is_read_by_its_header() -> None:
    table = (
        "| English | 中文 | 缩写 | 解释 |\n|---|---|---|---|\n| Mean squared error | 均方误差 | MSE | 误差平方的平均 |"
    )

    assert said(table) == [("均方误差", "Mean squared error", "MSE", "误差平方的平均")]


def test_lines_count_from_one_and_skip_front_matter() -> None:
    (found,) = definitions("---\ntitle: 过拟合（Overfitting）：x\n---\n\n梯度（Gradient）：上升最快的方向\n")

    assert found.lines == (5, 5)


@given(st.text(alphabet="过拟合是指即：:（）()|*-—=\n #>ab A1，,/`。"))
def test_any_text_can_be_mined(text: str) -> None:
    lines = text.count("\n") + 1
    for one in definitions(text):
        assert one.name.zh or one.name.en
        assert 1 <= one.lines[0] <= one.lines[1] <= lines
