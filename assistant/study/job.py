"""Work of a model in the background, as an object of the process: pages come and go, it stays. Knows no screen and no task."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from typing import Self

from assistant.errors import AssistantError


class Job(ABC):
    """One run in a thread of its own; its figures may be read at any time, and ``error`` says what ended it too early."""

    def __init__(self, name: str) -> None:
        self.done = 0
        self.dropped = 0
        self.error: AssistantError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    def start(self) -> Self:
        """Begin; returns at once."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop the call that is running and make no more; what came is kept."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended, or for ``seconds``."""
        self._thread.join(seconds)

    @abstractmethod
    def _work(self) -> None:
        """Make one call after the other, keep what each brings, and look at ``_stop`` between them."""

    def _run(self) -> None:
        finished = False
        try:
            self._work()
            finished = True
        except AssistantError as error:
            self.error, finished = error, True
        finally:
            if not finished:  # a defect of ours: the traceback goes to the log
                logging.getLogger(__name__).error("the work on %s ended unfinished", self._thread.name)
                self.error = AssistantError(detail=self._thread.name)
