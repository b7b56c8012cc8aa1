"""The language to answer in."""

from __future__ import annotations

import pytest

from assistant.language.tongue import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("什么是 attention mechanism", "zh"),
        ("What is attention?", "en"),
        ('What does the Chinese term "过拟合" mean in machine learning', "en"),
        ("", "en"),
    ],
)
def test_a_question_tells_its_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_bare_term_is_answered_in_the_language_of_what_stands_beside_it() -> None:
    assert language_of("SFT", "什么是 KV cache") == "zh"
    assert language_of("KV cache", "RLHF", "Keys and values are kept for the next token.") == "en"
    assert language_of("What is SFT", "监督微调") == "en"
