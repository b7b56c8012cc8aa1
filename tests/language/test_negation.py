"""What denies is counted; what only looks like it is not."""

from __future__ import annotations

import pytest

from assistant.language.negation import affirmed, negations


@pytest.mark.parametrize(
    "text",
    [
        "它不会收敛",
        "并没有效果",
        "无法保证",
        "从未见过",
        "It is not so",
        "we don't",
        "It cannot",
        "without labels",
        "fails to learn",
    ],
)
def test_a_denial_is_counted_once(text: str) -> None:
    assert negations(text) == 1


@pytest.mark.parametrize(
    "text",
    [
        "不仅快",
        "不同的模型",
        "非常好",
        "未来",
        "是否收敛",
        "不断下降",
        "无论如何",
        "not only fast",
        "notes",
        "nothing_else",
    ],
)
def test_what_only_looks_like_a_denial_is_not(text: str) -> None:
    assert negations(text) == 0


def test_without_its_denials_a_sentence_speaks_of_the_same() -> None:
    assert affirmed("它不会收敛，非常慢").split() == ["它", "收敛，非常慢"]
