"""Where a quotation or a claim stands in a passage."""

from __future__ import annotations

import pytest

from assistant.language.stretch import Stretch, find, folded, stretch_of

PASSAGE = (
    "过拟合（Overfitting）：模型记住了训练集。\n\n- **提前停止**训练\n- 加正则项\n\nIt also needs Ａ１ co-\noperation."
)


@pytest.mark.parametrize(
    ("quotation", "words"),
    [
        ("模型记住了训练集", "模型记住了训练集"),
        ("overfitting: 模型 记住", "Overfitting）：模型记住"),
        ("提前停止训练", "提前停止**训练"),
        ("A1 cooperation", "Ａ１ co-\noperation"),
    ],
)
def test_a_quotation_is_found_by_its_letters_and_digits(quotation: str, words: str) -> None:
    found = find(PASSAGE, quotation)

    assert found
    assert PASSAGE[slice(*found)] == words


@pytest.mark.parametrize("quotation", ["", "。", "a", "从没说过的话"])
def test_what_says_too_little_or_stands_nowhere_is_not_found(quotation: str) -> None:
    assert find(PASSAGE, quotation) is None


def test_of_two_places_the_one_inside_is_meant() -> None:
    text = "same words. other. same words."

    assert find(text, "same words") == (0, 10)
    assert find(text, "same words", (12, 30)) == (19, 29)
    assert find(text, "other", (0, 5)) == (12, 17)


def test_each_letter_knows_its_place_even_where_one_sign_becomes_two_letters() -> None:
    assert folded("a ﬁ。B") == ("afib", [0, 2, 2, 4])


def test_a_claim_in_other_words_leads_to_the_sentence_that_says_most_of_it() -> None:
    text = "学习率决定每一步走多远。学习率太大时损失会震荡甚至发散。余弦下降是另一种做法。"
    found = stretch_of(text, "如果学习率太大，损失可能会发散")

    assert found
    assert (text[found.start : found.end], found.verbatim) == ("学习率太大时损失会震荡甚至发散。", False)
    start = text.index("余弦")
    assert stretch_of(text, "余弦下降") == Stretch(start, start + 4, verbatim=True)


@pytest.mark.parametrize("claim", ["", "!!!", "红烧肉要炖一个小时", "The capital of France is Paris"])
def test_a_claim_that_the_passage_does_not_make_leads_nowhere(claim: str) -> None:
    assert stretch_of(PASSAGE, claim) is None
