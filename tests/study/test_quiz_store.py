"""Attempts are kept answer by answer; of two that answer one question the first counts; what is wrong is gone for good."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from assistant.bootstrap import Assistant
from assistant.errors import NotFound
from assistant.study.quiz import Given, Question
from assistant.study.quiz_offline import offline_questions
from assistant.study.quiz_result import cards_from, result_by_topic
from tests.study.test_quiz_offline import TERMS, chunk

Open = Callable[..., Assistant]


@pytest.fixture
def questions() -> list[Question]:
    return offline_questions([chunk(TERMS)], 5, ("single", "cloze"))


def wrong_for(question: Question) -> Given:
    return Given((len(question.options) - 1 - question.key[0],)) if question.key else Given(text="别的")


def right_for(question: Question) -> Given:
    return Given(question.key) if question.key else Given(text=question.accepted[0])


def test_an_attempt_goes_on_after_a_restart(open_app: Open, questions: list[Question]) -> None:
    quizzes = open_app().quizzes
    attempt = quizzes.add("训练", questions)
    first = quizzes.attempt(attempt).asked[0]
    quizzes.answer(attempt, first.id, right_for(first.question))

    again = open_app().quizzes.attempt(attempt)

    assert [one.question for one in again.asked] == questions
    assert again.asked[0].answer is not None
    assert again.asked[0].answer.correct is True
    assert again.next == again.asked[1]


def test_of_two_tabs_on_one_question_the_first_answer_counts(open_app: Open, questions: list[Question]) -> None:
    quizzes = open_app().quizzes
    attempt = quizzes.add("", questions)
    first = quizzes.attempt(attempt).asked[0]

    kept = quizzes.answer(attempt, first.id, wrong_for(first.question))
    late = quizzes.answer(attempt, first.id, right_for(first.question))

    assert kept == late
    assert kept.correct is False


def test_many_tabs_at_once_keep_one_answer(open_app: Open, questions: list[Question]) -> None:
    quizzes = open_app().quizzes
    attempt = quizzes.add("", questions)
    first = quizzes.attempt(attempt).asked[0]
    came = []
    tabs = [
        threading.Thread(target=lambda place=place: came.append(quizzes.answer(attempt, first.id, Given((place,)))))
        for place in range(4)
    ]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()

    assert len(came) == 4
    assert len(set(came)) == 1


def test_a_short_answer_waits_for_its_mark_and_is_marked_once(open_app: Open) -> None:
    quizzes = open_app().quizzes
    attempt = quizzes.add("", offline_questions([chunk(TERMS)], 1, ("short",)))
    (asked,) = quizzes.attempt(attempt).asked
    assert quizzes.answer(attempt, asked.id, Given(text="背答案")).correct is None
    assert quizzes.attempt(attempt).next is not None

    marked = quizzes.mark(attempt, asked.id, True, "model", "意思对")
    late = quizzes.mark(attempt, asked.id, False, "learner")

    assert marked == late
    assert (marked.correct, marked.marked_by, marked.reason) == (True, "model", "意思对")
    assert quizzes.attempt(attempt).next is None


def test_a_question_called_wrong_leaves_every_quiz_and_every_result(open_app: Open, questions: list[Question]) -> None:
    quizzes = open_app().quizzes
    attempts = [quizzes.add("", questions), quizzes.add("", questions)]
    first = quizzes.attempt(attempts[0]).asked[0]
    quizzes.answer(attempts[0], first.id, wrong_for(first.question))

    quizzes.refuse(first.id)
    quizzes.refuse(first.id)

    for attempt in attempts:
        assert [one.question for one in quizzes.attempt(attempt).asked] == questions[1:]
    assert result_by_topic(quizzes.attempt(attempts[0])) == []
    assert cards_from(quizzes.attempt(attempts[0])) == []
    assert {one.questions for one in quizzes.attempts()} == {4}
    with pytest.raises(NotFound):
        quizzes.answer(attempts[1], first.id, Given((0,)))


def test_the_result_is_summed_by_topic_and_the_wrong_ones_become_cards(
    open_app: Open, questions: list[Question]
) -> None:
    quizzes = open_app().quizzes
    attempt = quizzes.add("", questions)
    for place, one in enumerate(quizzes.attempt(attempt).asked[:4]):
        quizzes.answer(attempt, one.id, (right_for if place else wrong_for)(one.question))

    (topic,) = result_by_topic(quizzes.attempt(attempt))
    (card,) = cards_from(quizzes.attempt(attempt))

    assert (topic.topic, topic.right, topic.marked) == ("训练 › 正则", 3, 4)
    assert card.front.startswith(questions[0].prompt)
    assert questions[0].answer in card.back
    assert card.source is not None
    assert (card.source.note, card.source.heading) == ("训练.md", ("正则",))
    assert card.source.passage == questions[0].quote
    assert TERMS.split("\n")[card.source.lines[0] - 1].strip() == card.source.passage
    (kept,) = quizzes.attempts()
    assert (kept.questions, kept.answered, kept.right) == (5, 4, 3)


def test_what_was_answered_right_last_is_known(open_app: Open, questions: list[Question]) -> None:
    quizzes = open_app().quizzes
    first = quizzes.add("", questions)
    asked = quizzes.attempt(first).asked
    for one in asked[:2]:
        quizzes.answer(first, one.id, right_for(one.question))
    again = quizzes.begin(quizzes.attempt(first).quiz)
    quizzes.answer(again, asked[0].id, wrong_for(questions[0]))

    assert quizzes.known() == {questions[1].fingerprint}


def test_what_is_not_there_is_said_so(open_app: Open) -> None:
    quizzes = open_app().quizzes
    for ask in (lambda: quizzes.attempt("none"), lambda: quizzes.begin("none")):
        with pytest.raises(NotFound):
            ask()
