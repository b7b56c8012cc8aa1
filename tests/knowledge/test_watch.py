"""The watch tells of what may concern notes, once it is quiet, and of nothing else; also where the system tells nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import watchdog.observers

from assistant.knowledge import watch as watching
from assistant.knowledge.watch import Pace, Watch

LONGEST = 20.0
QUICK = Pace(quiet=0.2, longest=2.0, poll=0.2, sweep=300.0)

Follow = Callable[..., "Ear"]


class Ear:
    """Counts what a watch tells."""

    def __init__(self, folders: list[Path], ours: Path) -> None:
        self.folders = folders
        self.told = threading.Semaphore(0)
        self.watch = Watch(lambda: self.folders, self.told.release, ours, QUICK)

    def hears(self, seconds: float = LONGEST) -> bool:
        return self.told.acquire(timeout=seconds)

    def until_it_follows(self, how: str) -> Ear:
        for _ in range(200):
            if [*self.watch.how().values()] == [how]:
                return self
            threading.Event().wait(0.05)
        raise AssertionError(self.watch.how())


@pytest.fixture
def follow(notes: Path, tmp_path: Path) -> Iterator[Follow]:
    ears: list[Ear] = []

    def follow(how: str = "events") -> Ear:
        ear = Ear([notes], tmp_path / "notes" / "data")
        ears.append(ear)
        ear.watch.start()
        return ear.until_it_follows(how)

    yield follow
    for ear in ears:
        ear.watch.stop()
        ear.watch.wait(LONGEST)


@pytest.mark.parametrize("name", ["new.md", "深/层/new.md", ".assistantignore"])
def test_a_new_file_is_told_once(follow: Follow, notes: Path, name: str) -> None:
    ear = follow()
    (notes / name).parent.mkdir(parents=True, exist_ok=True)
    (notes / name).write_text("# New\n", "utf-8")

    assert ear.hears()
    assert not ear.hears(1.0)


def test_a_file_saved_by_exchange_is_told(follow: Follow, notes: Path) -> None:
    ear = follow()
    (notes / ".attention.swp").write_text("# Attention, again\n", "utf-8")
    (notes / ".attention.swp").replace(notes / "attention.md")

    assert ear.hears()


def test_reading_hidden_files_and_our_own_data_are_not_told(follow: Follow, notes: Path) -> None:
    (notes / "data").mkdir()
    ear = follow()
    assert (notes / "attention.md").read_text("utf-8")
    (notes / "data" / "assistant.db").write_text("ours", "utf-8")
    (notes / ".obsidian").mkdir()
    (notes / ".obsidian" / "workspace.json").write_text("{}", "utf-8")
    (notes / "half.md.part").write_text("half", "utf-8")

    assert not ear.hears(1.5)


def test_a_burst_of_changes_is_told_once(follow: Follow, notes: Path) -> None:
    ear = follow()
    for number in range(100):
        (notes / f"many-{number}.md").write_text("text\n", "utf-8")

    assert ear.hears()
    assert not ear.hears(1.0)


def test_a_folder_that_went_away_is_told_and_told_again_when_it_is_back(follow: Follow, notes: Path) -> None:
    ear = follow()
    notes.rename(notes.with_name("away"))
    assert ear.hears()
    ear.until_it_follows("missing")
    notes.with_name("away").rename(notes)
    assert ear.hears()
    ear.until_it_follows("events")
    while ear.hears(1.0):
        pass
    (notes / "after.md").write_text("text\n", "utf-8")
    assert ear.hears()


def test_folders_that_are_chosen_later_are_followed(follow: Follow, notes: Path, tmp_path: Path) -> None:
    ear = follow()
    (tmp_path / "others").mkdir()
    ear.folders = [tmp_path / "others"]
    for _ in range(200):
        if [*ear.watch.how()] == [tmp_path / "others"]:
            break
        threading.Event().wait(0.05)
    (notes / "former.md").write_text("text\n", "utf-8")
    assert not ear.hears(1.0)
    (tmp_path / "others" / "new.md").write_text("text\n", "utf-8")
    assert ear.hears()


def test_where_the_system_has_no_more_watches_files_are_compared(
    follow: Follow, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(watchdog.observers.Observer, "start", full)
    ear = follow("polling")
    assert not ear.hears(1.0)
    (notes / "new.md").write_text("# New\n", "utf-8")

    assert ear.hears()


def test_on_a_network_disk_files_are_compared(follow: Follow, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_is_remote", lambda place: True)
    ear = follow("polling")
    (notes / "attention.md").write_text("# Another text\n", "utf-8")

    assert ear.hears()


def test_a_watch_can_be_asked_to_look_again_and_be_stopped(follow: Follow, notes: Path) -> None:
    ear = follow()
    ear.watch.ask_again(0.1)
    assert ear.hears()
    ear.watch.stop()
    ear.watch.wait(LONGEST)
    assert not ear.watch.running
    (notes / "new.md").write_text("# New\n", "utf-8")
    assert not ear.hears(1.0)
    ear.watch.start()
    ear.until_it_follows("events")
    (notes / "newer.md").write_text("# Newer\n", "utf-8")
    assert ear.hears()
