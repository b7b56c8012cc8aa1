"""What a model wrote is asked only where the passage defends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assistant.knowledge.chunks import Chunk, Piece
from assistant.study.quiz import BLANK, KINDS, Question
from assistant.study.quiz_check import FAULTS, checked
from assistant.study.quiz_json import Written
from assistant.study.quiz_prompt import FAULT

TEXT = (
    "The scores are divided by the square root of the key dimension, so that softmax keeps a gradient.\n\n"
    "Llama 3 8B has 32 query heads and 8 key heads. It does not share value heads."
)
CHUNK = Chunk(
    1, 1, "attention.md", "Attention", "markdown", Piece(TEXT, ("Scaling",), None, (3, 5), (10, 10 + len(TEXT)), 50)
)
GOOD = Written(
    "single", "By what are the scores divided?", ("the square root of the key dimension", "the number of query heads", "the length of the prompt"),
    frozenset({0}), "", "The scores are divided by the square root of the key dimension", "It keeps a gradient.", 1,
)  # fmt: skip


def judged(one: Written = GOOD, seed: int = 0, **changes: Any) -> Question | str:
    return checked(replace(one, **changes), [CHUNK], KINDS, seed)


def accepted(one: Written = GOOD, seed: int = 0, **changes: Any) -> Question:
    found = judged(one, seed, **changes)
    assert isinstance(found, Question), found
    return found


def test_a_question_that_stands_keeps_its_key_wherever_the_seed_puts_it() -> None:
    places = set()
    for seed in range(20):
        question = accepted(seed=seed)
        assert question == accepted(seed=seed)
        assert [question.options[place] for place in question.key] == [GOOD.options[0]]
        places |= set(question.key)

    assert places == {0, 1, 2}


@pytest.mark.case(46)
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": "essay"}, "kind"),
        ({"question": " ?"}, "question"),
        ({"quote": ""}, "quote"),
        ({"quote": "Dropout closes some of the neurons in each step of training."}, "quote"),
        ({"options": GOOD.options[:2]}, "options"),
        ({"options": (*GOOD.options[:2], " ")}, "options"),
        ({"options": (*GOOD.options[:2], "The number of  query heads.")}, "same_options"),
        ({"options": (*GOOD.options[:2], "All of the above")}, "cut_catch_all"),
        ({"right": frozenset()}, "key"),
        ({"right": frozenset({0, 1, 2})}, "key"),
        ({"right": frozenset({0, 1})}, "several_keys"),
        ({"options": (GOOD.options[0], "no", "it")}, "lengths"),
        ({"question": "Why is it divided by the square root of the key dimension?"}, "given_away"),
        ({"right": frozenset({2})}, "not_in_passage"),
        ({"question": "What does softmax keep?", "options": ("a gradient", "the scores", "its margin")}, "several_keys"),
        ({"question": "How many key heads?", "options": ("9 heads", "7 heads", "3 heads")}, "not_in_passage"),
    ],
)  # fmt: skip
def test_a_choice_that_cannot_be_defended_is_refused_with_its_reason(changes: dict[str, Any], fault: str) -> None:
    if changes.get("question", "").startswith("What does"):
        changes = changes | {
            "quote": "The scores are divided by the square root of the key dimension, so that softmax keeps a gradient"
        }
    assert judged(**changes) == fault


def test_a_quotation_that_is_off_by_a_word_is_set_right() -> None:
    question = accepted(quote="The scores were divided by the square root of the key dimension")

    assert question.quote in TEXT


def test_an_explanation_that_names_letters_goes_because_the_options_were_mixed() -> None:
    assert accepted(explanation="Option A is right.").explanation == ""
    assert accepted(explanation="A gradient is kept.").explanation == "A gradient is kept."


@pytest.mark.parametrize(
    ("statement", "answer", "came"),
    [
        ("The scores are divided by the square root of the key dimension.", "true", (0,)),
        ("The scores are divided by the number of value heads.", "false", (1,)),
        ("Llama 3 8B has 8 key heads", "错", (1,)),
        ("Llama 3 8B has 64 query heads and 8 key heads.", "true", "key"),
        ("It does not share value heads.", "false", "key"),
        ("Dropout closes neurons at random.", "true", "not_in_passage"),
        ("The scores are divided.", "perhaps", "key"),
    ],
)
def test_a_statement_is_true_or_false_by_the_passage(statement: str, answer: str, came: object) -> None:
    one = replace(GOOD, kind="true_false", options=(), right=frozenset())
    found = judged(one, question=statement, answer=answer)

    if statement == "Llama 3 8B has 8 key heads":  # not word for word in the passage: nothing here can tell
        assert isinstance(found, Question)
    assert (found.key if isinstance(found, Question) else found) == came


@pytest.mark.parametrize(
    ("question", "answer", "came"),
    [
        ("softmax keeps a ____ .", "gradient | gradients", ("gradient", "gradients")),
        ("softmax keeps a gradient.", "gradient", "blank"),
        ("____ keeps a ____ .", "softmax", "blank"),
        ("softmax keeps a ____ .", "margin", "not_in_passage"),
        ("The gradient: softmax keeps a ____ .", "gradient", "given_away"),
    ],
)
def test_a_blank_wants_a_word_of_the_passage(question: str, answer: str, came: object) -> None:
    found = judged(replace(GOOD, kind="cloze", options=(), right=frozenset()), question=question, answer=answer)

    assert (found.accepted if isinstance(found, Question) else found) == came
    assert not isinstance(found, Question) or BLANK in found.prompt


def test_a_short_answer_has_a_model_answer_that_the_passage_holds() -> None:
    one = replace(GOOD, kind="short", options=(), right=frozenset())

    assert accepted(one, answer="So that softmax keeps a gradient.").accepted == ("So that softmax keeps a gradient.",)
    assert judged(one, answer="Because dropout closes neurons at random.") == "not_in_passage"


def test_each_fault_has_words_in_both_languages() -> None:
    assert set(FAULT["zh"]) == set(FAULT["en"]) == set(FAULTS)
