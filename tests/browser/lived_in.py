"""A data folder as it looks after some days of use, so that no page is looked at empty."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from assistant.answers.turn import Turn
from assistant.bootstrap import Assistant, open_assistant
from assistant.connections import Choice
from assistant.money.budget import Budget
from assistant.money.cost import Forecast, Paid, Receipt
from assistant.settings import Settings
from assistant.study.flashcards import from_notes
from assistant.study.quiz import Given
from assistant.study.quiz_making import Wish, make_offline
from tests.browser.running import ROOT

QUESTION = "什么是过拟合？"
PAID = Choice("dashscope", "qwen-plus")  # whatever is asked waits as a draft: it has a price and no key


@dataclass(frozen=True)
class Home:
    """A learner's folders, and the conversation that is in them."""

    notes: Path
    data: Path
    conversation: str

    @property
    def environment(self) -> dict[str, str]:
        return {"ASSISTANT_NOTES_DIR": str(self.notes), "ASSISTANT_DATA_DIR": str(self.data)}


def lived_in(folder: Path) -> Home:
    """Read the sample notes, have one question answered offline, and enter calls as if models had been asked."""
    notes, data = folder / "notes", folder / "data"
    shutil.copytree(ROOT / "notes", notes)
    app = open_assistant(Settings(notes=(notes,), data=data))
    try:
        app.sync().run()
        conversation = answered(app, QUESTION)
        spend(app)
        study(app)
        app.preferences.choose("budgets", [Budget("month", "CNY", Decimal(5)).as_json()])
        app.preferences.choose("chat", PAID.as_json())
    finally:
        app.database.close()
    return Home(notes, data, conversation)


def answered(app: Assistant, question: str) -> str:
    """Have a question answered, and return its conversation."""
    id_, turn_id = app.conversations.ask(None, question)
    turn: Turn = app.answer(id_, turn_id, app.prepare(question))
    turn.wait(60)
    return id_


def study(app: Assistant) -> None:
    """Take cards into the deck, review some of them over two months, and answer half of a quiz, the first question wrong.

    The last two days have no reviews, so that the quiz stands alone at whatever hour this runs: a row of one day.
    """
    now = datetime.now(UTC)
    app.cards.propose(from_notes(app.store), now)
    waiting, _ = app.cards.find(accepted=False, limit=20)
    app.cards.accept([card.id for card in waiting[:12]], now - timedelta(days=60))
    for place, new in enumerate(waiting[:8]):
        card, at = app.cards.get(new.id), now - timedelta(days=60 - 3 * place)
        while at < now - timedelta(days=2):
            card = app.reviews.grade(
                card, 1 if place == 2 and card.memory.lapses == 0 and card.memory.state == "review" else 3, at, 5
            )
            at = card.memory.due + timedelta(hours=1)
    attempt = app.quizzes.attempt(make_offline(Wish(4, ("single",)), app.store, app.quizzes))
    first, second, *_ = attempt.asked
    wrong = next(place for place in range(len(first.question.options)) if place not in first.question.key)
    app.quizzes.answer(attempt.id, first.id, Given((wrong,)))
    app.quizzes.answer(attempt.id, second.id, Given(second.question.key))


def spend(app: Assistant, model: str = "qwen-plus", provider: str = "dashscope") -> None:
    """Enter calls of several days, models, purposes and ends."""
    now = datetime.now().astimezone()
    for days, purpose, state, error in [
        (0, "answer", "complete", None), (0, "answer", "failed", "key_refused"), (1, "question", "complete", None),
        (2, "embedding", "complete", None), (3, "answer", "stopped", None),
    ]:  # fmt: skip
        for name, paid in [(model, Paid("CNY", Decimal("0.0034"))), (f"{model}-latest", None)]:
            shown = Forecast("CNY", Decimal("0.001"), Decimal("0.002"), Decimal("0.005")) if paid else None
            billed = 1_100 if state == "complete" else None
            receipt = Receipt(
                provider, name, 1_000, billed, 50, None, paid, 1.5, 0.5, counted_tokens=1_000, forecast=shown
            )
            app.ledger.enter(purpose, receipt, state, error, at=now - timedelta(days=days))
