"""Counting texts by lines that were counted before."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.money import line_counts
from assistant.money.line_counts import count_line, count_lines
from assistant.money.tokens import count

# Everything that the vocabulary has a rule for, and white space of every kind.
_BITS = [
    *"aZé学习7²,.。；：/'-*|`#>😀̈\x1c\x85\u2028\u3000\xa0\v\t\\",
    "'s",
    "  ",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "123",
    "word",
    "//",
]


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_counts, "_counts", line_counts._Counts())


@given(st.lists(st.sampled_from(_BITS), max_size=24).map("".join), st.integers(0, 30), st.integers(0, 30))
def test_a_stretch_of_a_text_counts_the_same_by_lines_as_at_once(text: str, one: int, other: int) -> None:
    for line in text.splitlines(keepends=True):
        count_line(line)
    start, end = sorted((one, other))

    for stretch in (text, text[start:end], text[start:end].strip(), f"a heading\n{text.strip()}"):
        assert count_lines(stretch) == count(stretch), stretch


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "一行。\n\n又一行：\n- 项目，\n- item.\n\n\n```python\nx = 1\n```",
        "end。\n/path\n",
        "a  \n\n    code\n\t\n| a | b |",
    ],
)
def test_pieces_of_markdown_count_the_same_by_lines_as_at_once(text: str) -> None:
    starts = [0, *(place + 1 for place, sign in enumerate(text) if sign == "\n"), len(text)]
    for start, end in pairwise(starts):
        count_line(text[start:end])

    assert all(count_lines(text[start:end]) == count(text[start:end]) for start in starts for end in starts)


def test_no_more_than_a_few_megabytes_of_lines_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_counts, "_REMEMBERED", 3)

    assert [count_line(f"{number}\n") for number in range(10)] == [2] * 10
    assert len(line_counts._counts) <= 3
