"""What the sums of progress rest on: reviews by the learner's days, cards with their chances, answers when they were given."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assistant.bootstrap import Assistant
from assistant.study.card import NewCard, Source, memory_json, written
from assistant.study.history import reviewed, scheduled
from assistant.study.progress import Answered, Reviewed, Scheduled, last_days
from assistant.study.quiz_offline import offline_questions
from assistant.study.reviews import Reviews
from assistant.study.schedule import Memory, Schedule
from tests.study.test_quiz_offline import TERMS, chunk
from tests.study.test_quiz_store import right_for, wrong_for

Open = Callable[..., Assistant]
CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def reviews(open_app: Open) -> Reviews:
    return Reviews(open_app().cards, Schedule())


def enter(reviews: Reviews, at: datetime, rating: int, before: Memory, undone: int = 0) -> None:
    """Write a line of the log as it stands after a review that is long past."""
    database = reviews.cards.database
    ((number,),) = database.connection.execute("SELECT count(*) FROM reviews").fetchall()
    card = reviews.cards.all()[0].id
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO reviews (card_id, seen, at, rating, seconds, before, undone) VALUES (?, ?, ?, ?, 1, ?, ?)",
            (card, -number, written(at), rating, json.dumps(memory_json(before)), undone),
        )


def known(days: float, at: datetime = NOW) -> Memory:
    """A card that was due now, after so many days."""
    return Memory(at, "review", None, 10.0, 5.0, at - timedelta(days=days))


def test_reviews_are_counted_by_the_learners_days_and_by_what_the_card_was(reviews: Reviews) -> None:
    reviews.cards.add(NewCard("前", "后", "hand"))
    ninth = datetime(2026, 3, 9, 3, 59, 59, tzinfo=CHINA)  # a second before the ninth begins
    enter(reviews, ninth, 3, known(5))
    enter(reviews, ninth + timedelta(seconds=1), 1, known(21))
    enter(reviews, ninth + timedelta(hours=1), 2, known(21))
    enter(reviews, ninth + timedelta(hours=2), 4, known(21 - 1 / 86_400))
    enter(reviews, ninth + timedelta(hours=3), 3, Memory(NOW))
    enter(reviews, ninth + timedelta(hours=3), 1, Memory(NOW, "relearning", 0, 3.0, 5.0, NOW))
    enter(reviews, ninth + timedelta(hours=4), 3, known(21), undone=1)
    enter(reviews, ninth + timedelta(days=9), 3, known(21))  # after the last of the days

    found = reviewed(reviews, last_days(date(2026, 3, 10), 3), CHINA)

    eighth, day = date(2026, 3, 8), date(2026, 3, 9)
    assert sorted(found, key=lambda one: (one.day, one.learning, one.mature)) == [
        Reviewed(eighth, 1, 1),
        Reviewed(day, 1, 1),
        Reviewed(day, 2, 1, mature=True),
        Reviewed(day, 2, 1, learning=True),
    ]


def test_an_hour_that_the_clock_is_put_forward_moves_no_review_to_another_day(reviews: Reviews) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    reviews.cards.add(NewCard("前", "后", "hand"))
    for hour in (1, 2):  # 03:00 and 04:00 on the day of the change
        enter(reviews, datetime(2026, 3, 29, hour, tzinfo=UTC), 3, known(5))

    found = reviewed(reviews, [date(2026, 3, 28), date(2026, 3, 29)], berlin)

    assert found == [Reviewed(date(2026, 3, 28), 1, 1), Reviewed(date(2026, 3, 29), 1, 1)]


def test_a_card_is_summed_up_under_its_note_and_heading_and_falls_due_unless_set_aside(reviews: Reviews) -> None:
    cards = reviews.cards
    for front, source in {
        "甲": Source("a.md", ("训练", "损失"), (1, 1), "甲"),
        "乙": Source("a.md", ("笔记",), (1, 1), "乙"),
        "丙": Source("b.md", (), (1, 1), "丙"),
        "丁": None,
    }.items():
        cards.add(NewCard(front, "后", "hand", source), NOW)
    first, second, third, fourth = cards.all()
    for card in (first, second, third):
        reviews.grade(card, 4, NOW)
    cards.bury(second.id, NOW + timedelta(days=30))
    cards.suspend(third.id)

    found = scheduled(reviews, {"a.md": "笔记"}, NOW)

    due = cards.get(first.id).memory.due
    assert found == [
        Scheduled("笔记 › 训练", due, 1.0),
        Scheduled("笔记", NOW + timedelta(days=30), 1.0),
        Scheduled("b.md", None, 1.0),
        Scheduled("", None, None),
    ]
    later = NOW + timedelta(days=20)
    chances = [reviews.schedule.retrievability(card.memory, later) for card in cards.all()]
    assert [one.retrievability for one in scheduled(reviews, {}, later)] == chances
    assert fourth.memory.state == "new"


def test_a_quiz_answer_counts_when_it_was_given_not_when_its_attempt_began(open_app: Open) -> None:
    app = open_app()
    attempt = app.quizzes.add("训练", offline_questions([chunk(TERMS)], 3, ("single",)))
    with app.database.transaction() as connection:
        connection.execute("UPDATE quiz_attempts SET started_at = '2020-01-01T00:00:00.000000+00:00'")
    first, second, third = app.quizzes.attempt(attempt).asked
    begun = datetime.now(UTC)
    app.quizzes.answer(attempt, first.id, right_for(first.question))
    app.quizzes.answer(attempt, second.id, wrong_for(second.question))

    one, other = app.quizzes.marked()

    assert (one.topic, one.right, other.right) == (first.question.source.topic, True, False)
    assert begun <= one.at <= other.at <= datetime.now(UTC)
    app.quizzes.refuse(second.id)
    assert app.quizzes.marked() == [Answered(one.topic, True, one.at)]
    assert third.open
