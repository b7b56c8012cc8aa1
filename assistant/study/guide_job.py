"""A guide being written by a model in the background: each part is kept as it comes, so nothing is paid twice. Knows no screen."""

from __future__ import annotations

import time

from assistant.errors import ModelError
from assistant.money.ledger import Ledger
from assistant.study.guide import Guide, carry_out, put_in_place
from assistant.study.guide_parts import GuideParts
from assistant.study.guide_plan import Plan
from assistant.study.job import Job


class GuideJob(Job):
    """One run over a plan. ``anew``: a second writing, which takes the place of the first only when all of it is there."""

    def __init__(self, made: Plan, known: GuideParts, ledger: Ledger, *, anew: bool = False) -> None:
        super().__init__("guide", known.database)
        self.plan = made
        self.anew = anew
        self.total = made.total
        self.guide: Guide | None = None
        self._known, self._ledger = known, ledger
        self._waiting: tuple[ModelError, float] | None = None

    @property
    def waiting(self) -> tuple[ModelError, float] | None:
        """What a refused call waits for, and how many seconds more before it is tried again."""
        if self._waiting is None:
            return None
        error, until = self._waiting
        left = until - time.monotonic()
        return (error, left) if left > 0 else None

    def _work(self) -> None:
        place = self._known.anew if self.anew else self._known
        guide = carry_out(self.plan, self._ledger, place, self._note_part, self._stop.is_set, self._note_wait)
        if self.anew:
            put_in_place(self.plan, self._known)
        self.guide = guide

    def _note_part(self, done: int, total: int) -> None:
        self.done, self._waiting = done, None

    def _note_wait(self, error: ModelError, seconds: float) -> None:
        self._waiting = (error, time.monotonic() + seconds)
