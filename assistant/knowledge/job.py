"""A running sync as an object of the process: pages come and go, the job stays. Knows no screen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Literal, Protocol

from assistant.errors import AssistantError, Cancelled, OutOfMemory
from assistant.knowledge.sync import Progress, SyncReport

State = Literal["running", "done", "paused", "cancelled", "failed"]


class Work(Protocol):
    """What a job can run: a sync of the folders, or the vectors of another model."""

    def run(self, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> SyncReport:
        """Do it, telling of progress; raise ``Cancelled`` when asked to stop."""
        ...


class SyncJob:
    """One sync in a thread of its own, watched through ``state``, ``progress``, ``report`` and ``error``."""

    def __init__(self, sync: Work) -> None:
        self.state: State = "running"
        self.progress: Progress | None = None
        self.report: SyncReport | None = None
        self.error: AssistantError | None = None
        self.work = sync
        self._next: Work | None = sync
        self._pausing = False
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> SyncJob:
        """Begin; returns at once."""
        self._thread.start()
        return self

    def repeat(self, sync: Work) -> bool:
        """Look once more with ``sync`` when the present look is over; False if the job has ended or was told to.

        What was dropped on the app while a sync runs was not yet there when that sync looked.
        """
        with self._lock:
            goes_on = self.state == "running" and not self._stop.is_set()
            if goes_on:
                self._next = sync
            return goes_on

    def cancel(self) -> None:
        """Stop after the file that is being read; what is finished stays."""
        self._stop.set()

    def pause(self) -> None:
        """Stop after the file that is being read, so that another job can go on from there."""
        self._pausing = True
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the job has ended, or for ``seconds``."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while sync := self._take():
                report = sync.run(self._watch, self._stop.is_set)
                self.report = report if self.report is None else self.report.followed_by(report)
        except AssistantError as error:
            self.error = error
            stopped: State = "paused" if self._pausing else "cancelled"
            self._end(stopped if isinstance(error, Cancelled) else "failed")
        except MemoryError:  # the thread goes, and the process with all its pages goes on
            self.error = OutOfMemory()
            self._end("failed")
        finally:
            if self.state == "running":  # a defect of ours: the thread's traceback goes to the log
                logging.getLogger(__name__).error("the sync ended without a result")
                self.error = AssistantError(detail="sync")
                self._end("failed")

    def _take(self) -> Work | None:
        with self._lock:
            sync, self._next = self._next, None
            if sync is None:
                self.state = "done"
            else:
                self.work = sync
            return sync

    def _end(self, state: State) -> None:
        with self._lock:
            self.state = state

    def _watch(self, progress: Progress) -> None:
        self.progress = progress


class SyncJobs:
    """Makes sure that only one sync runs in this process, whoever asks for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.latest: SyncJob | None = None

    @property
    def running(self) -> bool:
        """Whether a sync is under way."""
        return self.latest is not None and self.latest.state == "running"

    def start(self, sync: Work) -> SyncJob:
        """Start a job with ``sync``, or have the running one look again with it."""
        with self._lock:
            if self.latest is None or not self.latest.repeat(sync):
                self.latest = SyncJob(sync).start()
            return self.latest
