"""Quizzes for a terminal: made, shown, answered by index, marked, and rid of wrong questions. Knows no parser."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from assistant.bootstrap import Assistant
from assistant.cli_actions import chat_choice
from assistant.cli_agree import agree, error_json
from assistant.cli_terminal import printable
from assistant.connections import Choice
from assistant.errors import AssistantError, BadAnswer, Language, NotFound, SettingsError
from assistant.study.quiz import CHOSEN, KINDS, Given
from assistant.study.quiz_making import Wish, make_offline
from assistant.study.quiz_model import PURPOSE, marked, prepare_mark
from assistant.study.quiz_result import cards_from, result_by_topic
from assistant.study.quiz_store import Asked, Attempt

__all__ = ["ACTIONS", "KINDS", "attempt_json", "quiz", "show"]

ACTIONS = ("make", "list", "show", "answer", "mark", "wrong", "again", "cards")


def quiz(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Do one action on a quiz, and return the attempt as it stands then."""
    quizzes = assistant.quizzes
    match given.action:
        case "list":
            return {"quizzes": [_kept(one) for one in quizzes.attempts(given.number or 20)]}
        case "make":
            return _made(assistant, given)
        case "again":
            return attempt_json(quizzes.attempt(quizzes.begin(quizzes.attempt(_id(given)).quiz)))
        case "answer":
            asked = _asked(quizzes.attempt(_id(given)), given.question)
            quizzes.answer(given.id, asked.id, _given(asked, given))
        case "mark":
            asked = _asked(quizzes.attempt(_id(given)), given.question)
            if given.as_right is None:
                _mark_by_model(assistant, given, asked)
            else:
                quizzes.mark(given.id, asked.id, given.as_right, "learner")
        case "wrong":
            quizzes.refuse(_asked(quizzes.attempt(_id(given)), given.question).id)
        case "cards":
            proposed = assistant.cards.propose(cards_from(quizzes.attempt(_id(given))))
            made = {"proposed": list(proposed.ids), "known": proposed.known}
            return attempt_json(quizzes.attempt(given.id)) | made
    return attempt_json(quizzes.attempt(_id(given)))


def _made(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    wish = _wish(given)
    choice = chat_choice(assistant, given)
    if assistant.connections.catalog.provider(choice.provider).kind != "offline":
        return _made_by_model(assistant, given, wish, choice)
    return attempt_json(assistant.quizzes.attempt(make_offline(wish, assistant.store, assistant.quizzes)))


def _made_by_model(assistant: Assistant, given: argparse.Namespace, wish: Wish, choice: Choice) -> dict[str, Any]:
    """Make a quiz with the model, once its cost is agreed to; Ctrl-C keeps what stands."""
    draft = assistant.prepare_quiz(wish, choice)
    if draft.refusal:
        raise draft.refusal
    agree(assistant, draft.cost, given.yes)
    job = assistant.make_quiz(draft)
    try:
        while job.running:
            job.wait(1.0)
    except KeyboardInterrupt:
        job.cancel()
        job.wait(5)
        raise
    if job.attempt is None:
        raise job.error or AssistantError(detail="quiz")
    made = attempt_json(assistant.quizzes.attempt(job.attempt))
    forecast = draft.cost.as_json() if draft.cost else None
    error = error_json(job.error, assistant.settings.language or "zh") if job.error else None
    return made | {"predicted_prompt_tokens": draft.prompt_tokens, "forecast": forecast, "failure": error}


def _mark_by_model(assistant: Assistant, given: argparse.Namespace, asked: Asked) -> None:
    """Have the model mark a short answer by its passage, once the cost is agreed to."""
    connection = assistant.connections.chat(chat_choice(assistant, given), PURPOSE)
    if connection.quotes or asked.answer is None:
        raise SettingsError(name="mark", value="''", allowed="--right, --not-right, --provider P --model M")
    draft = prepare_mark(asked.question, asked.answer.given, connection)
    if draft.refusal:
        raise draft.refusal
    agree(assistant, draft.preview.cost, given.yes)
    verdict = marked(draft, assistant.ledger)
    if verdict is None:
        raise BadAnswer(provider=connection.model.provider, reason="JSON")
    assistant.quizzes.mark(given.id, asked.id, verdict[0], "model", verdict[1])


def _wish(given: argparse.Namespace) -> Wish:
    usual = Wish()
    within = frozenset(given.within) if given.within else None
    return Wish(given.number or usual.number, tuple(given.kind or usual.kinds), within)


def attempt_json(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt; the right answers only of what has been answered."""
    marked = [one.answer.correct for one in attempt.asked if one.answer and one.answer.correct is not None]
    waiting = attempt.next
    numbers = {one.id: number for number, one in enumerate(attempt.asked, start=1)}
    return {
        "id": attempt.id,
        "quiz": attempt.quiz,
        "title": attempt.title,
        "started_at": attempt.started_at,
        "questions": [_question(numbers[one.id], one) for one in attempt.asked],
        "answered": len(marked),
        "right": sum(marked),
        "next": numbers[waiting.id] if waiting else None,
        "dropped": attempt.dropped,
        "topics": [{"topic": one.topic, "right": one.right, "marked": one.marked} for one in result_by_topic(attempt)],
        "cards": [card.as_json() for card in cards_from(attempt)],
    }


def _question(number: int, asked: Asked) -> dict[str, Any]:
    question, answer = asked.question, asked.answer
    source = question.source
    told: dict[str, Any] = {
        "number": number,
        "kind": question.kind,
        "made_by": question.made_by,
        "prompt": question.prompt,
        "options": list(question.options),
        "answer": None,
    }
    if answer is None:
        return told
    return told | {
        "answer": {
            "choices": [place + 1 for place in answer.given.choices],
            "text": answer.given.text,
            "correct": answer.correct,
            "marked_by": answer.marked_by or None,
            "reason": answer.reason,
        },
        "key": [place + 1 for place in question.key],
        "accepted": list(question.accepted),
        "explanation": question.explanation,
        "quote": question.quote,
        "note": source.note,
        "heading": list(source.heading),
        "page": source.page,
        "lines": list(source.lines),
    }


def _kept(one: Any) -> dict[str, Any]:
    return {
        "id": one.id, "quiz": one.quiz, "title": one.title, "started_at": one.started_at,
        "questions": one.questions, "answered": one.answered, "right": one.right,
    }  # fmt: skip


def _id(given: argparse.Namespace) -> str:
    if not given.id:
        raise SettingsError(name="ID", value="''", allowed="quiz list")
    return str(given.id)


def _asked(attempt: Attempt, number: int | None) -> Asked:
    """Find a question by its number; without one it is the next that waits."""
    if number is None:
        if attempt.next is None:
            raise NotFound(what=f"quiz {attempt.id}: --question")
        return attempt.next
    if number > len(attempt.asked):
        raise NotFound(what=f"quiz {attempt.id}: --question {number}")
    return attempt.asked[number - 1]


def _given(asked: Asked, given: argparse.Namespace) -> Given:
    question = asked.question
    if question.kind not in CHOSEN:
        if not (given.text or "").strip():
            raise SettingsError(name="--text", value="''", allowed="--text …")
        return Given(text=given.text)
    choices = tuple(sorted({choice - 1 for choice in given.choice or ()}))
    if not choices or choices[-1] >= len(question.options) or (question.kind != "multiple" and len(choices) > 1):
        written = ", ".join(str(choice) for choice in given.choice or ())
        raise SettingsError(name="--choice", value=repr(written), allowed=f"1–{len(question.options)}")
    return Given(choices)


def show(result: dict[str, Any], language: Language) -> None:
    """Print the list of quizzes, or the question that waits after what came of the last one, or the result."""
    if "quizzes" in result:
        rows = [
            f"{one['id']}  {one['right']}/{one['answered']}/{one['questions']}  {one['title']}"
            for one in result["quizzes"]
        ]
    else:
        rows = [result["id"], *_last(result), *_waiting(result, language)]
    sys.stdout.writelines(f"{printable(row)}\n" for text in rows for row in text.split("\n"))


def _last(result: dict[str, Any]) -> list[str]:
    answered = [one for one in result["questions"] if one["answer"] and one["answer"]["correct"] is not None]
    if not answered:
        return []
    last = answered[-1]
    mark = "✓" if last["answer"]["correct"] else "✗"
    right = [last["options"][place - 1] for place in last["key"]] or last["accepted"][:1]
    place = " › ".join([last["note"], *last["heading"]])
    return [f"{mark} {last['number']}. {' · '.join(right)}", f"  {last['quote']}", f"  {place}:{last['lines'][0]}", ""]


def _waiting(result: dict[str, Any], language: Language) -> list[str]:
    if result["next"] is None:
        right: dict[Language, str] = {"zh": "答对", "en": "right"}
        topics = [f"  {one['topic']}: {one['right']}/{one['marked']}" for one in result["topics"]]
        return [f"{right[language]} {result['right']}/{result['answered']}", *topics]
    asked = result["questions"][result["next"] - 1]
    options = [f"  {number}) {option}" for number, option in enumerate(asked["options"], start=1)]
    return [f"{asked['number']}/{len(result['questions'])}  {asked['prompt']}", *options]
