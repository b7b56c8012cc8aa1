"""What was reviewed, asked and is due, as plain data for ``progress``. Reads cards, reviews and quizzes; counts nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from assistant.study.card import Card
from assistant.study.progress import Answered, Reviewed, Scheduled
from assistant.study.quiz_store import Quizzes
from assistant.study.reviews import Review, Reviews

MATURE = timedelta(days=21)  # an interval from which a card counts as learned
_ALL = 1_000_000  # attempts


def reviewed(reviews: Reviews, since: datetime | None = None) -> list[Reviewed]:
    """Return the grades given from a moment on, oldest first, without those taken back."""
    return [_reviewed(one) for one in reviews.log(since)]


def scheduled(reviews: Reviews, titles: Mapping[str, str], now: datetime) -> list[Scheduled]:
    """Return the state of every card; ``titles`` of notes by path. What is set aside falls due on no day."""
    return [
        Scheduled(
            _topic(card, titles),
            None
            if card.suspended or card.memory.state == "new"
            else max(card.memory.due, card.buried_until or card.memory.due),
            reviews.schedule.retrievability(card.memory, now),
        )
        for card in reviews.cards.all()
    ]


def answered(quizzes: Quizzes) -> list[Answered]:
    """Return the quiz answers that are marked, oldest first, at the moment when their attempt began."""
    attempts = [quizzes.attempt(one.id) for one in reversed(quizzes.attempts(_ALL)) if one.answered]
    return [
        Answered(one.question.source.topic, one.answer.correct, datetime.fromisoformat(attempt.started_at))
        for attempt in attempts
        for one in attempt.asked
        if one.answer is not None and one.answer.correct is not None
    ]


def _reviewed(one: Review) -> Reviewed:
    before = one.before
    interval = before.due - before.last_review if before.last_review else timedelta()
    return Reviewed(one.at, one.rating, mature=interval >= MATURE, learning=before.state != "review")


def _topic(card: Card, titles: Mapping[str, str]) -> str:
    """Name a card's topic as a quiz does: its note and the uppermost heading; '' for one that rests on no note."""
    if card.source is None:
        return ""
    title = titles.get(card.source.note, card.source.note)
    return " › ".join([title, *[one for one in card.source.heading[:1] if one != title]])
