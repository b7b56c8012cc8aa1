"""Our marks in an answer: where they stand, and that no text can bring its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ui.citation_links import citation_anchors
from assistant.ui.remarks import STAND_INS, Remark, end_of_words
from assistant.ui.render import safe_markdown
from assistant.ui.verdict_view import remarks_of
from tests.hostile_markup import FETCHING
from tests.ui.test_render import assert_harmless

RECORD = {"verification": {"unsupported": [{"text": "", "chars": [0, 9]}], "suspicious": []}}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("秦始皇统一六国。", "秦始皇统一六国:gray[\xb0]\u2060。"),
        ("**统一六国。**", "**统一六国:gray[\xb0]\u2060。**"),
        ("| 甲 | 乙 |\n| --- | --- |\n| 丙 | 丁 |", "| 甲 | 乙 |\n| --- | --- |\n| 丙 | 丁:gray[\xb0]\u2060 |"),
        ("见 $x^2$。", "见 $x^2$:gray[\xb0]\u2060。"),
        ("见 `x`。", "见 `x`:gray[\xb0]\u2060。"),
    ],
)
def test_a_mark_stands_behind_the_last_word(text: str, written: str) -> None:
    place = end_of_words(text, 0, len(text))

    assert safe_markdown(text, remarks={place: "unsourced"}) == written


def test_a_mark_stands_behind_the_marker_of_its_sentence() -> None:
    text = "学习率是 0.1 [1]。"
    written = safe_markdown(text, citations=citation_anchors("7", [1]), remarks={len(text) - 1: "doubted"})

    assert written == "学习率是 0.1 [\\[1\\]](#cite-7-1):orange[≠]\u2060。"


@pytest.mark.parametrize("stand_in", STAND_INS)
def test_a_text_cannot_bring_a_mark(stand_in: str) -> None:
    written = safe_markdown(f"真的{stand_in}。`{stand_in}`", remarks={})

    assert "°" not in written
    assert "≠" not in written
    assert stand_in not in written


@pytest.mark.parametrize("remark", ["unsourced", "doubted"])
def test_a_mark_inside_code_or_a_formula_is_left_out(remark: Remark) -> None:
    for text in ("`abcdef`", "$abcdef$", "```\nabcdef\n```"):
        assert safe_markdown(text, remarks={5: remark}) == safe_markdown(text)


@pytest.mark.parametrize("name", FETCHING)
def test_marks_open_no_door(name: str) -> None:
    text = FETCHING[name]
    for place in range(1, min(len(text), 200), 7):
        assert_harmless(safe_markdown(text, remarks={place: "unsourced", place + 3: "doubted"}))


@given(st.text(alphabet="ab。[]()*_`$|\n>1 \U0010f000", max_size=40), st.integers(0, 40))
def test_no_stand_in_is_ever_left(text: str, place: int) -> None:
    assert set(STAND_INS).isdisjoint(safe_markdown(text, remarks={place: "unsourced"}))


def test_the_record_says_where() -> None:
    assert remarks_of("秦始皇统一六国。 更多", RECORD) == {7: "unsourced"}
    assert remarks_of("x", {}) == {}
