"""A sync in the background: one at a time, nothing missed, and it always ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.bootstrap import Assistant
from assistant.errors import DataFolderError
from assistant.money.metering import MeteredEmbedder
from assistant.providers.base import Embedder
from assistant.providers.catalog import catalog
from assistant.providers.offline_embedder import OfflineEmbedder
from tests.conftest import write

LONGEST = 20.0


class Waits:
    """The offline embedder, held up at its first text until it is let go on."""

    def __init__(self) -> None:
        self._real = OfflineEmbedder()
        self.key, self.dimension = self._real.key, self._real.dimension
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.reached.set()
        assert self.go_on.wait(LONGEST)
        return self._real.embed(texts)


class Breaks(Waits):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise self.error


def metered(app: Assistant, embedder: Embedder) -> MeteredEmbedder:
    return MeteredEmbedder(embedder, catalog().embedding("offline", "hashed-ngrams"), app.ledger)


def paths(app: Assistant) -> list[str]:
    return [note.place.path for note in app.store.notes()]


@pytest.fixture
def held(open_app: Callable[..., Assistant]) -> tuple[Assistant, Waits]:
    app = open_app()
    embedder = Waits()
    app.embedder = metered(app, embedder)
    return app, embedder


def test_a_job_runs_in_the_background_and_reports(open_app: Callable[..., Assistant]) -> None:
    app = open_app()
    assert app.jobs.latest is None
    assert not app.jobs.running

    job = app.start_sync()
    job.wait(LONGEST)
    assert (job.state, job.error) == ("done", None)
    assert job.report is not None
    assert job.report.notes == 3
    assert job.progress is not None
    assert job.progress.total == 3
    assert app.jobs.latest is job
    assert not app.jobs.running


def test_a_second_start_joins_the_running_job_and_picks_up_what_came_meanwhile(held: tuple[Assistant, Waits]) -> None:
    app, embedder = held
    first = app.start_sync()
    assert embedder.reached.wait(LONGEST)
    app.uploads.add("later.md", b"# Later\n\nDropped while a sync was running.")
    second = app.start_sync()

    assert second is first
    assert app.jobs.running
    embedder.go_on.set()
    first.wait(LONGEST)
    assert first.state == "done"
    assert "later.md" in paths(app)
    assert first.report is not None
    assert sorted(first.report.added) == sorted(paths(app))
    assert (first.report.notes, first.report.unchanged) == (4, 3)


def test_many_starts_at_once_make_one_job(held: tuple[Assistant, Waits]) -> None:
    app, embedder = held
    jobs = []
    threads = [threading.Thread(target=lambda: jobs.append(app.start_sync())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    embedder.go_on.set()
    jobs[0].wait(LONGEST)

    assert len({id(job) for job in jobs}) == 1
    assert jobs[0].state == "done"


def test_after_a_job_has_ended_a_new_one_starts(app: Assistant, notes: Path) -> None:
    first = app.start_sync()
    first.wait(LONGEST)
    write(notes, {"new.md": "# New\n\nWritten later."})
    second = app.start_sync()
    second.wait(LONGEST)

    assert second is not first
    assert second.report is not None
    assert second.report.added == ["new.md"]


def test_cancelling_keeps_what_is_finished(held: tuple[Assistant, Waits]) -> None:
    app, embedder = held
    job = app.start_sync()
    assert embedder.reached.wait(LONGEST)
    job.cancel()
    embedder.go_on.set()
    job.wait(LONGEST)

    assert job.state == "cancelled"
    assert job.error is not None
    assert job.error.kind == "cancelled"
    assert len(paths(app)) == 1
    again = app.start_sync()
    again.wait(LONGEST)
    assert again.state == "done"
    assert len(paths(app)) == 3


def test_what_is_asked_of_a_cancelled_job_is_done_by_a_new_one(held: tuple[Assistant, Waits]) -> None:
    app, embedder = held
    first = app.start_sync()
    assert embedder.reached.wait(LONGEST)
    first.cancel()
    app.uploads.add("later.md", b"# Later\n\nDropped after the cancel.")
    second = app.start_sync()
    embedder.go_on.set()
    first.wait(LONGEST)
    second.wait(LONGEST)

    assert (first.state, second.state) == ("cancelled", "done")
    assert "later.md" in paths(app)


def test_an_error_of_ours_ends_the_job_and_is_kept(open_app: Callable[..., Assistant]) -> None:
    app = open_app()
    app.embedder = metered(app, Breaks(DataFolderError(path="data", reason="full")))
    job = app.start_sync()
    job.wait(LONGEST)

    assert job.state == "failed"
    assert job.error is not None
    assert job.error.kind == "data_folder"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_crash_does_not_leave_the_job_running_for_ever(open_app: Callable[..., Assistant]) -> None:
    app = open_app()
    app.embedder = metered(app, Breaks(ZeroDivisionError("a defect")))
    job = app.start_sync()
    job.wait(LONGEST)

    assert job.state == "failed"
    assert job.error is not None
    assert not app.jobs.running
    app.embedder = metered(app, OfflineEmbedder())
    again = app.start_sync()
    again.wait(LONGEST)
    assert again.state == "done"
    assert len(paths(app)) == 3
