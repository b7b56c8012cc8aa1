"""The page of today as a script: the first cards, what waits, one quiz, and that it can be finished."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.study.backlog import Backlog
from assistant.study.card import NewCard
from assistant.study.quiz import Given
from assistant.study.quiz_making import Wish, make_offline
from assistant.study.quiz_store import Quizzes
from assistant.ui.i18n import say
from tests.conftest import write
from tests.ui.screens import Open, button, shared, words
from tests.ui.test_quiz import TERMS


@pytest.fixture
def notes(notes: Path) -> Path:
    write(notes, {"机器学习/训练.md": TERMS})
    return notes


def test_the_first_cards_are_one_click_away(open_page: Open) -> None:
    screen = button(open_page("today"), say("zh", "cards.find"))

    assert not screen.exception
    waiting = shared().cards.waiting()
    assert waiting >= 5
    assert say("zh", "cards.new", count=waiting) in words(screen)


def test_what_is_due_is_counted_and_reviewed_from_here(open_page: Open) -> None:
    open_page()
    shared().cards.add(NewCard("什么是过拟合？", "背题", "hand"))
    screen = open_page("today")
    assert say("zh", "today.due", count=1) in words(screen)

    screen = button(screen, say("zh", "today.review"))

    assert "什么是过拟合？" in words(screen)


def test_a_quiz_that_waits_comes_before_a_new_one(open_page: Open) -> None:
    open_page()
    app = shared()
    attempt = make_offline(Wish(2), app.store, app.quizzes)

    screen = button(open_page("today"), say("zh", "today.go_on"))

    assert screen.query_params["q"] in (attempt, [attempt])


def test_when_all_is_done_it_says_so_and_what_was_done(open_page: Open) -> None:
    open_page()
    app = shared()
    card = app.cards.add(NewCard("什么是过拟合？", "背题", "hand"))
    app.reviews.grade(card, 4, datetime.now(UTC))
    _all_answered(app.quizzes, make_offline(Wish(2, ("single",)), app.store, app.quizzes))
    backlog = Backlog(app.store)
    for item in backlog.items():
        backlog.mark(item.id, "done")

    screen = open_page("today")

    assert say("zh", "study.today_nothing") in words(screen)
    assert say("zh", "today.reviewed", count=1) in words(screen)
    assert say("zh", "today.asked", count=2, right=0) in words(screen)


def test_the_note_of_which_most_was_wrong_is_asked_about_again(open_page: Open) -> None:
    open_page()
    app = shared()
    _all_answered(
        app.quizzes, make_offline(Wish(2, ("single",), frozenset(["机器学习/训练.md"])), app.store, app.quizzes)
    )

    assert app.quizzes.missed() == {"机器学习/训练.md": 2}
    assert app.quizzes.answered_since(datetime(2020, 1, 1, tzinfo=UTC)) == (2, 0)
    assert app.quizzes.answered_since(datetime(2999, 1, 1, tzinfo=UTC)) == (0, 0)


def _all_answered(quizzes: Quizzes, attempt: str) -> None:
    """Answer every question with an option that is wrong."""
    for one in quizzes.attempt(attempt).asked:
        place = next(place for place in range(len(one.question.options)) if place not in one.question.key)
        quizzes.answer(attempt, one.id, Given((place,)))
