"""Past calls teach how long answers are and how far a count is off; too few, cut or unbilled ones teach nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.database import Database
from assistant.money.cost import Receipt
from assistant.money.experience import Experience, prompt_was_cut
from assistant.money.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Database(tmp_path))


def enter(
    ledger: Ledger,
    *,
    counted: int | None = 100,
    billed: int | None = 100,
    answer: int | None = 50,
    thinking: bool = False,
    purpose: str = "answer",
    state: str = "complete",
    provider: str = "p",
) -> None:
    receipt = Receipt(
        provider, "m", counted or 0, billed, answer, None, None, 1.0, None, counted_tokens=counted, thinking=thinking
    )
    ledger.enter(purpose, receipt, state)


def test_three_answers_are_needed_to_know_the_usual_one(ledger: Ledger) -> None:
    experience = Experience(ledger)
    enter(ledger, answer=100)
    enter(ledger, answer=300)
    assert experience.output("p", "m", "answer", thinking=False) is None

    enter(ledger, answer=200)
    usual = experience.output("p", "m", "answer", thinking=False)
    assert usual is not None
    assert (usual.low, usual.typical, usual.calls) == (120, 200, 3)


def test_thinking_purpose_and_state_are_kept_apart(ledger: Ledger) -> None:
    for _ in range(3):
        enter(ledger, answer=900, thinking=True)
        enter(ledger, answer=500, purpose="quiz")
        enter(ledger, answer=10, state="stopped")
        enter(ledger, answer=70)

    experience = Experience(ledger)
    plain = experience.output("p", "m", "answer", thinking=False)
    thought = experience.output("p", "m", "answer", thinking=True)
    assert plain is not None and plain.typical == 70
    assert thought is not None and thought.typical == 900
    assert experience.output("p", "other", "answer", thinking=False) is None


def test_only_the_newest_fifty_count(ledger: Ledger) -> None:
    for _ in range(60):
        enter(ledger, answer=1000)
    for _ in range(50):
        enter(ledger, answer=20)

    usual = Experience(ledger).output("p", "m", "answer", thinking=False)
    assert usual is not None and (usual.low, usual.typical) == (20, 20)


def test_a_correction_is_the_ratio_of_bills_to_counts_with_its_worst_error(ledger: Ledger) -> None:
    enter(ledger, counted=100, billed=110)
    enter(ledger, counted=200, billed=220)
    enter(ledger, counted=100, billed=130)

    correction = Experience(ledger).correction("p", "m")
    assert correction is not None
    assert correction.factor == pytest.approx(460 / 400)
    assert correction.error == pytest.approx(abs(130 - 115) / 130)
    assert correction.calls == 3


def test_a_cut_prompt_and_one_without_a_bill_correct_nothing(ledger: Ledger) -> None:
    for _ in range(3):
        enter(ledger, provider="ollama", counted=10_000, billed=4_096)
        enter(ledger, provider="q", billed=None)
        enter(ledger, provider="r", counted=None)

    experience = Experience(ledger)
    assert experience.correction("ollama", "m") is None
    assert experience.correction("q", "m") is None
    assert experience.correction("r", "m") is None


@pytest.mark.parametrize(
    ("provider", "predicted", "billed", "cut"),
    [
        ("ollama", 8_000, 4_096, True),
        ("ollama", 1_000, 900, False),
        ("ollama", 1_000, None, False),
        ("ollama", 1_000, 0, False),
        ("dashscope", 8_000, 4_096, False),
    ],
)
def test_only_ollama_cuts_without_a_word(provider: str, predicted: int, billed: int | None, cut: bool) -> None:
    assert prompt_was_cut(provider, predicted, billed) is cut
