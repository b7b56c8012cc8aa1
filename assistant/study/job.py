"""Work of a model in the background, as an object of the process: pages come and go, it stays. Knows no screen and no task."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from typing import Generic, Self, TypeVar

from assistant.database import Database
from assistant.errors import AssistantError


class Job(ABC):
    """One run in a thread of its own; its figures may be read at any time, and ``error`` says what ended it too early."""

    def __init__(self, name: str, database: Database) -> None:
        self.done = 0
        self.dropped = 0
        self.error: AssistantError | None = None
        self._stop = threading.Event()
        self._database = database
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop; the call that runs may take a moment to hear of it."""
        return self._stop.is_set()

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
            self._database.close()  # the connection that belongs to this thread
            if not finished:  # a defect of ours: the traceback goes to the log
                logging.getLogger(__name__).error("the work on %s ended unfinished", self._thread.name)
                self.error = AssistantError(detail=self._thread.name)


J = TypeVar("J", bound=Job)


class Jobs(Generic[J]):
    """The newest job of one kind in this process; one runs at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.current: J | None = None

    def start(self, job: J) -> J:
        """Start a job, or return the one that is running."""
        with self._lock:
            if self.current is None or not self.current.running:
                self.current = job.start()
            return self.current

    def stop(self, seconds: float = 5.0) -> None:
        """Stop the running job, and wait so long at most until what it has is kept."""
        with self._lock:
            if self.current is not None:
                self.current.cancel()
                self.current.wait(seconds)

    def forget(self) -> None:
        """Put away a job that has ended."""
        with self._lock:
            if self.current is not None and not self.current.running:
                self.current = None
