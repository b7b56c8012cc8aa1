"""How long an answer may be: learned where it can be, thinking on top, and never more than the model is allowed."""

from __future__ import annotations

import pytest

from assistant.answers.connection import (
    LONGEST_THINKING,
    SHORT_OUTPUT,
    USUAL_OUTPUT,
    USUAL_THINKING,
    Connection,
    connect,
    offline,
)
from assistant.bootstrap import Assistant
from assistant.connections import Choice
from assistant.money.cost import Receipt
from assistant.money.experience import Usual
from assistant.providers.entries import ChatEntry, Thinking
from assistant.providers.offline import OfflineModel


def connected(thinking: bool = False, kind: Thinking = "hybrid_off", **given: object) -> Connection:
    entry = ChatEntry("dashscope", "m", window=100_000, thinking=kind)
    return connect(OfflineModel(), entry, max_tokens=2_000, thinking=thinking, **given)  # type: ignore[arg-type]


def test_until_the_ledger_knows_better_the_usual_answer_is_a_guess() -> None:
    assert connected().output_tokens == (SHORT_OUTPUT, USUAL_OUTPUT, 2_000)


def test_thinking_is_added_to_the_usual_and_to_the_longest_answer() -> None:
    assert connected(thinking=True).output_tokens == (
        SHORT_OUTPUT,
        USUAL_OUTPUT + USUAL_THINKING,
        2_000 + LONGEST_THINKING,
    )
    assert connected(kind="always").thinking_budget == LONGEST_THINKING
    assert connected(kind="hybrid_on").thinking_budget is None


def test_what_was_learned_takes_the_place_of_the_guess_and_stays_below_the_limit() -> None:
    assert connected(usual=Usual(120, 700, 9)).output_tokens == (120, 700, 2_000)
    assert connected(usual=Usual(3_000, 9_000, 9)).output_tokens == (2_000, 2_000, 2_000)


def test_a_small_window_leaves_less_room_to_think() -> None:
    small = connect(OfflineModel(), ChatEntry("ollama", "m"), window=8_192, max_tokens=2_048, thinking=True)

    assert small.thinking_budget == 2_048


def test_offline_writes_nothing_that_is_counted() -> None:
    assert offline().output_tokens == (0, 0, 0)


@pytest.mark.parametrize("purpose", ["answer", "quiz"])
def test_a_model_is_expected_to_answer_as_it_did_for_the_same_purpose(app: Assistant, purpose: str) -> None:
    for length in (300, 310, 320):
        app.ledger.enter("answer", Receipt("ollama", "qwen3:8b", 9, 9, length, None, None, 1.0, None), "complete")
    choice = Choice("ollama", "qwen3:8b")

    typical = app.connections.chat(choice, purpose).output_tokens[1]
    assert typical == (310 if purpose == "answer" else USUAL_OUTPUT)


def test_bills_of_a_model_correct_its_next_forecast(app: Assistant) -> None:
    for _ in range(3):
        receipt = Receipt("openai", "mystery", 100, 130, 9, None, None, 1.0, None, counted_tokens=100)
        app.ledger.enter("answer", receipt, "complete")

    connection = app.connections.chat(Choice("openai", "mystery"))
    assert connection.correction is not None and connection.correction.error == 0
    assert connection.counter.text("one two three four five six seven eight nine ten") == 13
