"""Visual lines become paragraphs: what flows on, what stands alone, what goes between."""

from __future__ import annotations

import pytest

from assistant.knowledge.readers.layout import Line, flowing_text

SIZE = 12.0
PAGE = 600.0


def page(*texts: str, left: float = 0.0, step: float = 18.0) -> list[Line]:
    """Set each text on a line of its own; an empty one leaves a gap."""
    return [
        Line(text, left, -number * step, left + _columns(text) * SIZE / 2, -number * step + SIZE)
        for number, text in enumerate(texts)
        if text
    ]


def _columns(text: str) -> int:
    return sum(1 if ord(character) < 0x2E80 else 2 for character in text)


def test_chinese_lines_are_joined_without_a_space() -> None:
    full = "投机解码使用一个小模型先起草若干个候选，"

    assert flowing_text(page(full, "再由大模型一次并行验证。"), PAGE) == full + "再由大模型一次并行验证。"


def test_latin_lines_are_joined_with_a_space() -> None:
    lines = page("Attention is computed over all previous", "tokens, so its price grows with them.")

    assert flowing_text(lines, PAGE) == "Attention is computed over all previous tokens, so its price grows with them."


@pytest.mark.parametrize("mark", ["-", "\x02", "\xad", "￾"])
def test_a_word_broken_at_the_line_end_is_whole_again(mark: str) -> None:
    lines = page(f"The learner reads about the tokeni{mark}", "zation of Chinese text, and then some.")

    assert flowing_text(lines, PAGE) == "The learner reads about the tokenization of Chinese text, and then some."


def test_a_compound_keeps_its_hyphens() -> None:
    lines = page("This model was for years the state-of-the-", "art in the recognition of the written word.")

    assert "state-of-the-art" in flowing_text(lines, PAGE)


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("模型 A 与 RAG 的区别在于检索增强生成与微调", "Transformer 结构更为常见", "微调 Transformer"),
        ("模型A与RAG的区别在于检索增强生成与微调方法", "Transformer结构更为常见", "方法Transformer"),
        ("模型 A 与 RAG 的区别在于检索增强生成微调，", "Transformer 结构更为常见", "微调，Transformer"),
    ],
)
def test_between_chinese_and_latin_the_habit_of_the_page_decides(first: str, second: str, joined: str) -> None:
    assert joined in flowing_text(page(first, second), PAGE)


def test_a_line_that_had_room_left_ends_its_paragraph() -> None:
    lines = page("This paragraph is long enough for a line", "and ends here.", "The next one begins on the next line.")

    assert flowing_text(lines, PAGE).split("\n\n") == [
        "This paragraph is long enough for a line and ends here.",
        "The next one begins on the next line.",
    ]


def test_a_gap_sets_paragraphs_apart_however_full_the_line() -> None:
    full = "一二三四五六七八九十一二三四五六七八九十"

    assert flowing_text(page(full, full, full, "", "", full, full), PAGE) == f"{full * 3}\n\n{full * 2}"


@pytest.mark.parametrize("item", ["• ", "- ", "3. ", "2) ", "一、", "（二）", "①", "第三章 "])
def test_items_and_headings_stand_on_their_own_lines(item: str) -> None:
    full = "一二三四五六七八九十一二三四五六七八九十"

    assert flowing_text(page(full, f"{item}新的一条从这里开始"), PAGE) == f"{full}\n{item}新的一条从这里开始"


def test_an_indented_first_line_begins_a_paragraph() -> None:
    full = "一二三四五六七八九十一二三四五六七八九十"
    lines = page(full, full)
    lines += [Line("另起一段的首行缩进两字", 2 * SIZE, -36, 15 * SIZE, -36 + SIZE)]

    assert flowing_text(lines, PAGE) == f"{full}{full}\n\n另起一段的首行缩进两字"


def test_a_heading_in_larger_letters_does_not_flow_into_the_text() -> None:
    heading = Line("推理与部署讲义的标题也可以很长很长很长", 0, 0, 450, 22)
    body = Line("正文从这里开始，它的字号比标题小得多得多，", 0, -28, 240, -16)

    assert flowing_text([heading, body], PAGE).split("\n")[0] == heading.text


def test_columns_are_read_one_after_the_other() -> None:
    left = page("左栏的第一行文字一直写到了边上，", "左栏第二行。")
    right = page("右栏的第一行文字一直写到了边上，", "右栏第二行。", left=300)

    assert flowing_text(left + right, PAGE).split("\n\n") == [
        "左栏的第一行文字一直写到了边上，左栏第二行。",
        "右栏的第一行文字一直写到了边上，右栏第二行。",
    ]


def test_rows_of_a_table_stay_rows() -> None:
    assert flowing_text(page("名称 大小", "模型 7B", "另一 14B"), PAGE) == "名称 大小\n模型 7B\n另一 14B"


def test_a_page_without_lines_has_no_text() -> None:
    assert flowing_text([], PAGE) == ""
    assert flowing_text(page("  ", "\t"), PAGE) == ""


def test_a_number_with_a_decimal_point_at_the_start_of_a_line_is_no_list_number():
    full = "有时只占显存的这么一大部分而已有时只占显存的这么一大部分"
    lines = [Line(full, 50, 700, 450, 712), Line("20.4%。", 50, 684, 110, 696)]

    assert flowing_text(lines, 500) == full + "20.4%。"
