"""Keeps the library in step with the folders while the app runs: what is free is done, what is charged for is said and waits.

Knows no screen, and neither settings nor models: what it needs is handed in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.errors import AssistantError
from assistant.knowledge.job import SyncJob, SyncJobs
from assistant.knowledge.report import SyncReport
from assistant.knowledge.sync import Sync
from assistant.knowledge.unfinished import Rest, Unfinished
from assistant.knowledge.watch import How, Pace, Watch

_AGAIN = 10.0  # seconds until a file is looked at again that was still being written
_log = logging.getLogger(__name__)


class LiveFolders:
    """The folders as they live: watched, synced by themselves, paused and resumed; one for each process.

    ``sync``: makes a sync that may spend or not. ``is_free``: whether the embedding model charges nothing.
    ``waiting``: what a change would cost, until the learner has agreed to it.
    """

    def __init__(
        self,
        unfinished: Unfinished,
        jobs: SyncJobs,
        sync: Callable[[bool], Sync],
        is_free: Callable[[], bool],
        folders: Callable[[], Sequence[Path]],
        ours: Path,
        pace: Pace | None = None,
    ) -> None:
        self._unfinished = unfinished
        self._jobs = jobs
        self._sync = sync
        self._is_free = is_free
        self._watch = Watch(folders, self.look, ours, pace)
        self.waiting: SyncReport | None = None

    def follow(self, wanted: bool) -> None:
        """Begin or end watching the folders."""
        if wanted:
            self._watch.start()
        else:
            self._watch.stop()

    @property
    def watching(self) -> bool:
        """Whether changes are noticed by themselves."""
        return self._watch.running

    def how(self) -> dict[Path, How]:
        """Say of each folder how its changes are noticed."""
        return self._watch.how()

    def rest(self) -> Rest | None:
        """Return what an earlier sync left to do, if it was paused or interrupted."""
        rest = self._unfinished.rest()
        return rest if rest and (rest.left or rest.paused) and not self._jobs.running else None

    def look(self) -> None:
        """Bring the library in step, as far as that costs nothing; while it is paused, do nothing."""
        if self._unfinished.paused:
            return
        report = self._done() if self._is_free() else self._priced()
        if report is None:
            return
        self.waiting = report if report.held else None
        if report.unsettled and self._watch.running:
            self._watch.ask_again(_AGAIN)

    def _done(self) -> SyncReport | None:
        job = self._jobs.start(self._sync(True))
        job.wait()
        return job.report

    def _priced(self) -> SyncReport | None:
        """Do what costs nothing (what is gone, renamed or known) and price the rest; after a sync that is under way."""
        if self._jobs.latest:
            self._jobs.latest.wait()
        try:
            return self._sync(False).run()
        except AssistantError as error:  # the next look may do better, and a sync that is asked for says what is wrong
            _log.info("a look at the folders ended: %s", error)
            return None

    def start(self) -> SyncJob:
        """Start a sync that the learner asked for, also one that costs; a pause ends with it."""
        self.waiting = None
        self._unfinished.resume()
        return self._jobs.start(self._sync(True))

    def pause(self) -> None:
        """Have the running work stop, and nothing start by itself until it is resumed, also after the app was closed."""
        job = self._jobs.latest
        if job and job.state == "running":
            if isinstance(job.work, Sync):
                self._unfinished.pause()
            job.pause()

    def resume(self) -> SyncJob:
        """Go on with what was paused, from where it stopped."""
        job = self._jobs.latest
        if job and job.state == "paused" and not isinstance(job.work, Sync):
            return self._jobs.start(job.work)
        return self.start()

    def cancel(self) -> None:
        """Have the running work stop; of what was paused, forget how far it was."""
        job = self._jobs.latest
        if job and job.state == "running":
            job.cancel()
        else:
            self._unfinished.end()
