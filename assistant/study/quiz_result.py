"""What an attempt came to: by topic, and the wrong ones as plain data for cards. Knows no database and no card."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from assistant.study.quiz import CHOSEN, Question
from assistant.study.quiz_store import Asked, Attempt


@dataclass(frozen=True, slots=True)
class TopicResult:
    """How many questions of one topic were right, of those that are answered and marked."""

    topic: str
    right: int
    marked: int


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to be made of a question: both sides as Markdown, and the passage it comes from."""

    front: str
    back: str
    note: str
    heading: tuple[str, ...]
    page: int | None
    lines: tuple[int, int]
    chars: tuple[int, int]
    passage: str

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


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
    return [_card(one.question) for one in wrong(attempt)]


def wrong(attempt: Attempt) -> list[Asked]:
    """Return the questions that were answered wrong."""
    return [one for one in attempt.asked if one.answer is not None and one.answer.correct is False]


def _card(question: Question) -> NewCard:
    source = question.source
    options = [f"- {one}" for one in question.options] if question.kind in ("single", "multiple") else []
    front = "\n\n".join(part for part in (question.prompt, "\n".join(options)) if part)
    right = "\n".join(f"- {question.options[place]}" for place in question.key)
    answer = right if question.kind in CHOSEN and len(question.key) > 1 else question.answer
    back = "\n\n".join(part for part in (answer, question.explanation) if part)
    return NewCard(front, back, source.note, source.heading, source.page, source.lines, source.chars, source.text)
