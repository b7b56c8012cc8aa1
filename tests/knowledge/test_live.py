"""The library follows the folders while the app runs: for nothing by itself, for money after a yes, and across restarts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.connections import Choice
from assistant.errors import Cancelled
from assistant.knowledge.sync import Progress
from assistant.money.cost import Forecast
from tests.conftest import write
from tests.knowledge.test_job import LONGEST, Waits, metered

Open = Callable[..., Assistant]


def paths(app: Assistant) -> list[str]:
    return [note.place.path for note in app.store.notes()]


def until(condition: Callable[[], bool]) -> None:
    for _ in range(int(LONGEST * 20)):
        if condition():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it did not come about")


@pytest.fixture
def living(app: Assistant) -> Iterator[Assistant]:
    app.follow_folders()
    until(lambda: [*app.live.how().values()] == ["events"])
    yield app
    app.live.follow(False)


@pytest.fixture
def paid(open_app: Open, app: Assistant) -> Assistant:
    """The same library, its vectors now made by a model that charges and for which no key is there."""
    app.preferences.choose("embedding", Choice("dashscope", "text-embedding-v4").as_json())
    return open_app()


def test_what_is_written_while_the_app_runs_is_found_by_itself(living: Assistant, notes: Path) -> None:
    write(notes, {"new.md": "# Quokka\n\nA quokka is a small wallaby.\n"})

    until(lambda: "new.md" in paths(living))
    assert living.search.find("quokka wallaby").matches[0].chunk.note == "new.md"


def test_what_was_written_while_it_was_closed_is_found_by_the_first_look(app: Assistant, notes: Path) -> None:
    write(notes, {"new.md": "# Quokka\n"})
    (notes / "attention.md").unlink()
    app.live.look()

    assert paths(app) == ["new.md", "寄存.txt", "机器学习/过拟合.md"]


def test_switched_off_nothing_is_watched(app: Assistant) -> None:
    app.preferences.choose("watch", False)
    app.follow_folders()

    assert not app.live.watching


def test_a_change_that_costs_is_priced_and_waits(paid: Assistant, notes: Path) -> None:
    write(notes, {"new.md": "# Quokka\n\nA quokka is a small wallaby.\n"})
    (notes / "寄存.txt").unlink()
    (notes / "attention.md").rename(notes / "renamed.md")
    paid.live.look()

    assert paths(paid) == ["renamed.md", "机器学习/过拟合.md"]  # what costs nothing is done
    assert paid.live.waiting is not None
    assert "new.md" in paid.live.waiting.held
    assert isinstance(paid.live.waiting.cost, Forecast)
    assert paid.live.waiting.cost.typical > Decimal(0)
    assert paid.ledger.entries() == []


def test_a_pause_outlives_the_app_and_resuming_reads_only_the_rest(open_app: Open, notes: Path) -> None:
    write(notes, {f"many/{number}.md": f"# Note {number}\n\nText.\n" for number in range(7)})
    app = open_app()
    embedder = Waits()
    app.embedder = metered(app, embedder)
    job = app.start_sync()
    assert embedder.reached.wait(LONGEST)
    app.live.pause()
    embedder.go_on.set()
    job.wait(LONGEST)
    assert (job.state, len(paths(app))) == ("paused", 1)

    later = open_app()
    rest = later.live.rest()
    assert rest is not None
    assert (rest.left, rest.total, rest.paused) == (9, 10, True)
    later.live.look()
    assert len(paths(later)) == 1

    again = later.live.resume()
    again.wait(LONGEST)
    assert again.state == "done"
    assert again.report is not None
    assert (len(again.report.added), len(paths(later))) == (9, 10)
    assert again.progress is not None
    assert (again.progress.done, again.progress.total) == (9, 10)
    assert later.live.rest() is None


def test_a_cancelled_sync_leaves_nothing_to_resume(open_app: Open) -> None:
    app = open_app()
    seen: list[Progress] = []
    with pytest.raises(Cancelled):
        app.sync().run(seen.append, lambda: len(seen) >= 2)

    assert app.live.rest() is None


@pytest.mark.case(65)
def test_a_look_while_the_disk_is_away_keeps_everything_and_its_return_costs_nothing(
    living: Assistant, notes: Path
) -> None:
    ids = living.store.chunk_ids()
    notes.rename(notes.with_name("away"))
    until(lambda: [*living.live.how().values()] == ["missing"] or not living.live.watching)
    living.live.look()
    assert living.store.chunk_ids() == ids
    notes.with_name("away").rename(notes)
    living.live.look()

    assert living.store.chunk_ids() == ids


def test_paused_vectors_of_another_model_are_not_a_paused_sync(app: Assistant) -> None:
    embedder = Waits()

    class Building:
        def run(self, on_progress: object, cancelled: Callable[[], bool]) -> object:
            embedder.reached.set()
            until(cancelled)
            raise Cancelled

    job = app.jobs.start(Building())  # type: ignore[arg-type]
    assert embedder.reached.wait(LONGEST)
    app.live.pause()
    job.wait(LONGEST)

    assert job.state == "paused"
    assert app.live.rest() is None
    again = app.live.resume()
    assert again.work is job.work
    app.live.cancel()
    again.wait(LONGEST)
    assert again.state == "cancelled"
