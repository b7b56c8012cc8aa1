"""The making of a quiz by a model as an object of the process: pages come back to it. Knows no screen.

Each batch is on disk as soon as it is paid for, so nothing is paid twice, and the first questions need not wait for the last.
"""

from __future__ import annotations

from assistant.errors import Cancelled, NoUsableQuestion
from assistant.money.ledger import Ledger
from assistant.study.job import Job
from assistant.study.quiz_model import QuizDraft, make_batch
from assistant.study.quiz_store import Quizzes


class QuizJob(Job):
    """One quiz in the making; ``attempt`` is known once its first questions stand."""

    def __init__(self, draft: QuizDraft, quizzes: Quizzes, ledger: Ledger) -> None:
        super().__init__("quiz", quizzes.database)
        self.draft = draft
        self.attempt: str | None = None
        self.made = 0
        self._quizzes = quizzes
        self._ledger = ledger

    def _work(self) -> None:
        for batch in self.draft.batches:
            if self._stop.is_set():
                raise Cancelled
            made = make_batch(batch, self._ledger, self.draft.seed, self._quizzes.refused(), self._stop.is_set)
            self.dropped += made.dropped
            self.made += len(made.questions)
            if self.attempt is not None:
                self._quizzes.extend(self.attempt, made.questions, made.dropped)
            elif made.questions:
                self.attempt = self._quizzes.add(self.draft.wish.title, made.questions, self.dropped)
            self.done += 1
        if self.attempt is None:
            raise NoUsableQuestion(count=self.dropped)
