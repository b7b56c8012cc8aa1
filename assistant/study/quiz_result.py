"""What an attempt came to: by topic, and the wrong ones as cards. Knows no database."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.study.card import NewCard, Source
from assistant.study.quiz import CHOSEN, Question, quoted_rows
from assistant.study.quiz_store import Asked, Attempt


@dataclass(frozen=True, slots=True)
class TopicResult:
    """How many questions of one topic were right, of those that are answered and marked."""

    topic: str
    right: int
    marked: int


def result_by_topic(attempt: Attempt) -> list[TopicResult]:
    """Sum an attempt up by topic, the weakest first; what is not marked counts nowhere."""
    sums: dict[str, list[bool]] = {}
    for one in attempt.asked:
        if one.answer is not None and one.answer.correct is not None:
            sums.setdefault(one.question.source.topic, []).append(one.answer.correct)
    found = [TopicResult(topic, sum(marks), len(marks)) for topic, marks in sums.items()]
    return sorted(found, key=lambda one: (one.right / one.marked, one.topic))


def cards_from(attempt: Attempt) -> list[NewCard]:
    """Return a card for each question that was answered wrong, in the order of the quiz."""
    return [card_from(one.question) for one in wrong(attempt)]


def wrong(attempt: Attempt) -> list[Asked]:
    """Return the questions that were answered wrong."""
    return [one for one in attempt.asked if one.answer is not None and one.answer.correct is False]


def card_from(question: Question) -> NewCard:
    """Return a question as a card that rests on the rows of its quotation.

    Options are put in an order of their own: the same question is the same card however it was shuffled.
    """
    options = [f"- {one}" for one in sorted(question.options)] if question.kind in ("single", "multiple") else []
    front = "\n\n".join(part for part in (question.prompt, "\n".join(options)) if part)
    right = "\n".join(f"- {question.options[place]}" for place in question.key)
    answer = right if question.kind in CHOSEN and len(question.key) > 1 else question.answer
    back = "\n\n".join(part for part in (answer, question.explanation) if part)
    source = question.source
    return NewCard(front, back, "quiz", Source(source.note, source.heading, source.lines, quoted_rows(question)))
