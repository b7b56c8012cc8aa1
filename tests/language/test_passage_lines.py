"""A passage as lines that can be quoted, each with the place it has in its list, table or section."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.passage_lines import LONGEST_ITEM, lines_of


def read(passage: str) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in lines_of(passage)]


def test_every_kind_of_line_is_told_apart() -> None:
    passage = (
        "## 卷积\n\n卷积滑动一个窗口。步长决定间隔。\n\n- 池化：取最大值\n\n"
        "| 名称 | 值 |\n|---|:-:|\n| 步长 | 2 |\n\n$$\ny = x * w\n$$\n\n```python\ny = conv(x)\n```\n"
    )

    assert read(passage) == [
        ("sentence", "卷积滑动一个窗口。"),
        ("sentence", "步长决定间隔。"),
        ("item", "池化：取最大值"),
        ("row", "| 步长 | 2 |"),
        ("formula", "$$\ny = x * w\n$$"),
        ("code", "```python\ny = conv(x)\n```"),
    ]
    assert {line.headings for line in lines_of(passage)} == {("卷积",)}
    assert lines_of(passage)[3].head == "| 名称 | 值 |\n| --- | --- |"


def test_items_know_their_number_their_list_and_what_they_hang_on() -> None:
    announcing, one, inside, two = lines_of("步骤如下：\n\n1. 读取\n   - 网页\n2. 切块\n")

    assert (announcing.announces, one.mark, two.mark, inside.mark) == (True, "1.", "2.", "-")
    assert one.above == two.above == announcing.index
    assert inside.above == one.index
    assert one.group == two.group != inside.group


def test_a_list_below_a_sentence_that_announces_nothing_hangs_on_nothing() -> None:
    assert lines_of("池化缩小图像。\n\n- 取最大值\n- 取平均值\n")[1].above is None


def test_a_formula_hangs_on_the_line_that_it_follows_and_on_no_list_beside_it() -> None:
    line, formula = lines_of("只训练两个小矩阵，\n$$\nW = BA\n$$")
    _, beside = lines_of("- 一个要点\n\n$$W = BA$$")

    assert formula.above == line.index
    assert beside.above is None


def test_code_stays_as_it_is_written_apart_from_its_indentation() -> None:
    passage = "- 例子：\n  ```python\n  def f(x) -> int:\n      return x > [1][0]\n  ```\n"

    assert lines_of(passage)[1].text == "```python\ndef f(x) -> int:\n    return x > [1][0]\n```"


def test_an_item_is_read_whole_unless_it_is_long() -> None:
    whole = "- 有但没进提示词？→ 重排、预算的问题\n"
    sentence = "模型在训练集上反复学习。"

    assert read(whole) == [("item", "有但没进提示词？→ 重排、预算的问题")]
    assert len(read("- " + sentence * (LONGEST_ITEM // len(sentence) + 1))) > 2


def test_clauses_that_a_semicolon_joins_stay_together() -> None:
    assert read("上层稀疏；下层稠密。好。") == [("sentence", "上层稀疏；下层稠密。"), ("sentence", "好。")]


@pytest.mark.parametrize(
    "crumb",
    ["讲义 · 6 / 10", "# 标题", "标题\n=====", "---", "![图](a.png)", "[toc]", "| |\n|---|", "第 3 页", "- [ ]"],
)
def test_what_says_nothing_is_no_line(crumb: str) -> None:
    assert read(f"{crumb}\n\n一句话。") == [("sentence", "一句话。")]


def test_folded_lines_are_joined_the_way_their_script_is_written() -> None:
    assert read("过拟合是模型，\n记住了训练集。") == [("sentence", "过拟合是模型，记住了训练集。")]
    assert read("- Overfitting means\n  knowing by heart.") == [("item", "Overfitting means knowing by heart.")]
    assert read("MLA（Multi-head Latent\nAttention）压缩缓存。") == [
        ("sentence", "MLA（Multi-head Latent Attention）压缩缓存。")
    ]


def test_a_table_cut_off_from_its_head_still_has_rows() -> None:
    assert read("| 步长 | 2 |\n| 核 | 3 |") == [("row", "| 步长 | 2 |"), ("row", "| 核 | 3 |")]


@given(st.text(alphabet="甲乙。；：,ab12 \n\t-*#|`$>[]().!?~=+") | st.text())
def test_any_text_is_read_and_every_line_hangs_on_an_earlier_one(text: str) -> None:
    lines = lines_of(text)

    assert [line.index for line in lines] == list(range(len(lines)))
    assert all(line.above is None or line.above < line.index for line in lines)
