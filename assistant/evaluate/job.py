"""A running comparison as an object of the process: pages come and go, it stays. Knows no screen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Literal

from assistant.errors import AssistantError, Cancelled
from assistant.evaluate.own import Outcome, Question, Setup, Step, compare
from assistant.knowledge.store import Store

State = Literal["running", "done", "cancelled", "failed"]


class Comparison:
    """One comparison in a thread of its own, watched through ``state``, ``step``, ``outcomes`` and ``error``."""

    def __init__(self, store: Store, setups: Sequence[Setup], questions: Sequence[Question]) -> None:
        self.setups = tuple(setups)
        self.questions = tuple(questions)
        self.state: State = "running"
        self.step: Step | None = None
        self.outcomes: tuple[Outcome, ...] = ()
        self.error: AssistantError | None = None
        self._store = store
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="comparison", daemon=True)

    def start(self) -> Comparison:
        """Begin; returns at once."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop at the next note or question; vectors that were paid for stay."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended, or for ``seconds``."""
        self._thread.join(seconds)

    def _run(self) -> None:
        state: State = "failed"
        try:
            self.outcomes = tuple(compare(self._store, self.setups, self.questions, self._watch, self._stop.is_set))
            state = "done"
        except Cancelled:
            state = "cancelled"
        except AssistantError as error:
            self.error = error
        finally:
            if state == "failed" and self.error is None:  # a defect of ours: the thread's traceback goes to the log
                logging.getLogger(__name__).error("the comparison ended without a result")
                self.error = AssistantError(detail="evaluation")
            self.state = state

    def _watch(self, step: Step) -> None:
        self.step = step


class Comparisons:
    """Makes sure that only one comparison runs in this process, and keeps the latest for whoever looks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.latest: Comparison | None = None

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self.latest is not None and self.latest.state == "running"

    def start(self, store: Store, setups: Sequence[Setup], questions: Sequence[Question]) -> Comparison:
        """Start one, or return the one that is running."""
        with self._lock:
            if self.latest is None or self.latest.state != "running":
                self.latest = Comparison(store, setups, questions).start()
            return self.latest
