"""A file that is being saved is waited for and never called broken; one that is broken is not waited for long."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.errors import Cancelled, DamagedNote, UnreadableNote
from assistant.knowledge.readers import opening
from assistant.knowledge.settling import is_being_written, may_settle, wait_for_rest
from tests.conftest import write

Open = Callable[..., Assistant]


def aged(file: Path) -> Path:
    os.utime(file, (time.time() - 60, time.time() - 60))
    return file


@pytest.mark.case(88)
def test_a_file_saved_in_two_steps_is_read_whole(app: Assistant, notes: Path) -> None:
    file = notes / "new.md"
    file.write_bytes(b"")  # what many editors do first
    writing = threading.Timer(0.5, lambda: file.write_text("# Quokka\n\nA small wallaby.\n", "utf-8"))
    writing.start()
    report = app.sync().run()
    writing.join()

    assert (report.added, report.failed, report.unsettled) == (["new.md"], [], [])


@pytest.mark.case(88)
def test_what_never_comes_to_rest_is_said_and_keeps_its_former_text(app: Assistant, notes: Path) -> None:
    ids = app.store.chunk_ids(["attention.md"])
    (notes / "attention.md").write_bytes(b"\0")
    stop = threading.Event()

    def scribble() -> None:
        while not stop.wait(0.02):
            (notes / "attention.md").write_bytes(b"\0\0" * 50)

    thread = threading.Thread(target=scribble)
    thread.start()
    try:
        report = app.sync().run()
    finally:
        stop.set()
        thread.join()

    assert (report.unsettled, report.failed) == (["attention.md"], [])
    assert app.store.chunk_ids(["attention.md"]) == ids


@pytest.mark.case(88)
def test_a_file_that_another_program_holds_is_asked_for_again(
    app: Assistant, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(notes, {"held.md": "# Held\n\nBy another program.\n"})
    aged(notes / "held.md")
    refusals = iter([PermissionError(13, "used by another process")] * 3)
    open_really = os.open

    def guarded(file: object, flags: int, *rest: int) -> int:
        if str(file).endswith("held.md") and (error := next(refusals, None)):
            raise error
        return open_really(file, flags, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(opening.os, "open", guarded)
    report = app.sync().run()

    assert (report.added, report.failed) == (["held.md"], [])


def test_only_a_fresh_or_a_locked_file_is_worth_another_try(notes: Path) -> None:
    file = aged(notes / "attention.md")

    assert not is_being_written(file)
    assert not may_settle(file, DamagedNote(path="attention.md", reason="cut off"))
    assert may_settle(file, UnreadableNote(path="attention.md", reason="locked"))
    assert may_settle(notes / "gone.md", UnreadableNote(path="gone.md", reason="no such file"))
    file.touch()
    assert may_settle(file, DamagedNote(path="attention.md", reason="cut off"))


def test_a_wait_ends_when_it_is_cancelled(notes: Path) -> None:
    (notes / "attention.md").touch()

    with pytest.raises(Cancelled):
        wait_for_rest([notes / "attention.md"], lambda: True)
