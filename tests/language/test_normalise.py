"""One spelling for texts that mean the same."""

from __future__ import annotations

import pytest

from assistant.language.normalise import normalise, simplify, visible


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ＧＰＴ－４", "GPT-4"),
        ("學習機器翻譯", "学习机器翻译"),
        ("⼀⼒⼤", "一力大"),
        ("eﬃcient", "efficient"),
        ("plain ASCII stays", "plain ASCII stays"),
        ("反向传播", "反向传播"),
    ],
    ids=["full width", "traditional", "radicals of a PDF", "ligature", "ASCII", "simplified"],
)
def test_texts_that_mean_the_same_get_one_spelling(written: str, expected: str) -> None:
    assert normalise(written) == expected


@pytest.mark.parametrize(
    "hidden",
    ["\u200b", "\u00ad", "\u202e", "\u2066", "\ufeff", "\ufe0f", "\U000e0041", "\u2063"],
    ids=["zero width", "soft hyphen", "right-to-left override", "isolate", "BOM", "variation", "tag", "separator"],
)
def test_characters_that_nobody_sees_do_not_split_a_word(hidden: str) -> None:
    assert visible(f"drop{hidden}out") == "dropout"


def test_characters_that_can_be_seen_all_stay() -> None:
    text = "A\tB\nC é 中文 🙂 ∑ 한국어"

    assert visible(text) == text


def test_the_usual_simplified_form_is_taken_where_there_are_several() -> None:
    assert simplify("乾淨後發") == "干净后发"
