"""The parts of a note around a passage: each can be drawn by itself."""

from __future__ import annotations

import pytest

from assistant.ui.note_window import LONGEST_SIDE, window_of

CODE = "Above.\n\n```python\na = 1\nb = 2\nc = 3\n```\n\nBelow."
TABLE = "Above.\n\n| 名称 | 作用 |\n|---|---|\n| a | 1 |\n| b | 2 |\n| c | 3 |\n\nBelow."


def test_a_short_note_is_whole() -> None:
    text = "# A\n\none\n\ntwo\n\nthree"
    start = text.index("two")
    window = window_of(text, start, start + 3)

    assert (window.above, window.passage, window.below) == ("# A\n\none\n\n", "two", "\nthree")
    assert window.left_out == (0, 0)


def test_of_a_long_note_whole_lines_are_kept_and_the_rest_is_counted() -> None:
    lines = [f"line {number:06d}\n" for number in range(3_000)]
    text = "".join(lines)
    start = text.index("line 001500")
    window = window_of(text, start, start + 12)

    assert window.above.startswith("line ")
    assert window.below.endswith("\n")
    assert len(window.above) <= LONGEST_SIDE
    assert window.left_out[0] + len(window.above) == start
    assert start + 12 + len(window.below) + window.left_out[1] == len(text)


def test_one_endless_line_is_cut_as_well() -> None:
    window = window_of("字" * 50_000, 20_000, 20_010)

    assert (len(window.above), len(window.below)) == (LONGEST_SIDE, LONGEST_SIDE)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_code_that_is_cut_stays_code(line_end: str) -> None:
    text = CODE.replace("\n", line_end)
    start = text.index("b = 2")
    window = window_of(text, start, start + 5)

    assert window.passage.split() == ["```python", "b", "=", "2"]
    assert window.below.split()[:4] == ["```python", "c", "=", "3"]


def test_code_that_ends_with_the_passage_leaves_no_empty_block_behind() -> None:
    start = CODE.index("c = 3")
    window = window_of(CODE, start, start + 5)

    assert window.below.strip() == "Below."


def test_a_passage_that_is_the_whole_code_keeps_its_fences() -> None:
    start, end = CODE.index("```"), CODE.rindex("```") + 3
    window = window_of(CODE, start, end)

    assert window.passage == CODE[start:end]
    assert window.below.strip() == "Below."


def test_rows_of_a_table_get_its_head_again() -> None:
    start = TABLE.index("| b")
    window = window_of(TABLE, start, TABLE.index("\n", start))

    assert window.passage == "| 名称 | 作用 |\n|---|---|\n| b | 2 |"
    assert window.below.startswith("| 名称 | 作用 |\n|---|---|\n| c | 3 |\n\nBelow.")


def test_a_whole_table_is_not_given_a_second_head() -> None:
    start, end = TABLE.index("| 名称"), TABLE.index("\n\nBelow")
    window = window_of(TABLE, start, end)

    assert window.passage == TABLE[start:end]
    assert window.below.strip() == "Below."


def test_nothing_but_blank_lines_is_nothing() -> None:
    window = window_of("passage\n\n \n", 0, 7)

    assert (window.above, window.below) == ("", "")
