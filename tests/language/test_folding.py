"""Folding keeps what is said and leads back to where it stood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.folding import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ａ １", "a1"),
        ("訓練集，", "训练集"),
        ("**粗** `x`", "粗x"),
        ("“Hi”", "「hi」"),
        ("é", "e\u0301"),
        ("> 引文", "引文"),
        ("‹|end|>", "<|end|>"),
    ],
)
def test_form_goes(one: str, other: str) -> None:
    assert fold(one).text == fold(other).text != ""


@pytest.mark.parametrize(
    ("one", "other"), [("0.5", "05"), ("5%", "5"), ("-1", "1"), ("a < b", "a > b"), ("不是", "是"), ("a+b", "a-b")]
)
def test_what_is_said_stays(one: str, other: str) -> None:
    assert fold(one).text != fold(other).text


@given(st.text(max_size=60))
def test_every_folded_character_knows_its_place(text: str) -> None:
    folded = fold(text)

    assert len(folded.text) == len(folded.places)
    assert list(folded.places) == sorted(folded.places)
    assert all(0 <= place < len(text) for place in folded.places)
