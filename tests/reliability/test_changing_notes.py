"""Notes that the system refuses, or that change under the reader's hands: said by name, never half a note, read by the next sync."""

from __future__ import annotations

import errno
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.bootstrap import Assistant
from assistant.errors import UnreadableNote
from assistant.knowledge.consistency import contradictions
from tests.conftest import NOTES, write

REFUSALS = {"no permission": errno.EACCES, "held by another program": errno.EBUSY, "a failing disk": errno.EIO}


def texts(app: Assistant) -> dict[str, str]:
    return {note.place.path: app.store.note_text(note.place.path)[2] for note in app.store.notes()}


def refusing(monkeypatch: pytest.MonkeyPatch, name: str, code: int, *, while_reading: bool) -> Callable[[], None]:
    """Have the system refuse this file, when it is opened or in the middle of it; return what makes it give in."""
    opened, as_file, on = os.open, os.fdopen, [True]
    ours: set[int] = set()

    class Failing(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(code, os.strerror(code))

    def open_(path: Any, *given: Any, **named: Any) -> int:
        mine = on and os.fspath(path).endswith(name)
        if mine and not while_reading:
            raise OSError(code, os.strerror(code), path)
        descriptor = opened(path, *given, **named)
        if mine:
            ours.add(descriptor)
        return descriptor

    def fdopen(descriptor: int, *given: Any, **named: Any) -> Any:
        if descriptor in ours:
            ours.discard(descriptor)
            return Failing(descriptor)
        return as_file(descriptor, *given, **named)

    monkeypatch.setattr(os, "open", open_)
    monkeypatch.setattr(os, "fdopen", fdopen)
    return on.clear


@pytest.mark.case(88)
@pytest.mark.parametrize("while_reading", [False, True], ids=["at opening", "in the middle"])
@pytest.mark.parametrize("code", REFUSALS.values(), ids=REFUSALS)
def test_a_note_that_the_system_refuses_is_named_and_read_when_it_may_be(
    app: Assistant, notes: Path, monkeypatch: pytest.MonkeyPatch, code: int, while_reading: bool
) -> None:
    before = texts(app)
    longer = NOTES["attention.md"] + "\nMore of it.\n"
    write(notes, {"attention.md": longer})
    os.utime(notes / "attention.md", (1_700_000_000, 1_700_000_000))
    give_in = refusing(monkeypatch, "attention.md", code, while_reading=while_reading)
    report = app.sync().run()

    ((path, error),) = report.failed
    assert path == "attention.md"
    assert isinstance(error, UnreadableNote)
    assert os.strerror(code) in error.message("en")
    assert str(notes) not in error.message("en") + error.message("zh")
    assert texts(app) == before
    assert contradictions(app.database, app.embedder.key) == []
    give_in()
    assert app.sync().run().changed == ["attention.md"]
    assert texts(app)["attention.md"].strip() == longer.strip()


@pytest.mark.usefixtures("notes_change_meanwhile")
@pytest.mark.case(88)
@pytest.mark.parametrize("becomes", [b"", b"# Attention\n\nSelf-att", b"# Another\n\nWritten anew.\n" * 50])
def test_a_note_that_changes_between_two_reads_is_kept_whole(
    app: Assistant, notes: Path, monkeypatch: pytest.MonkeyPatch, becomes: bytes
) -> None:
    """Cut, half written or replaced in the moment between opening and reading."""
    before = texts(app)
    file = notes / "attention.md"
    write(notes, {"attention.md": NOTES["attention.md"] + "\nMore of it.\n"})
    as_file, done = os.fdopen, []

    def fdopen(descriptor: int, *given: Any, **named: Any) -> Any:
        stream = as_file(descriptor, *given, **named)
        if os.path.samestat(os.fstat(descriptor), file.stat()) and len(done) < 40:
            done.append(True)
            file.write_bytes(becomes + b"x" * len(done))  # never twice the same: it is not at rest
        return stream

    monkeypatch.setattr(os, "fdopen", fdopen)
    report = app.sync().run()
    now = texts(app)["attention.md"]
    monkeypatch.undo()

    whole = {(becomes + b"x" * count).decode().strip() for count in range(1, 41)}
    assert done
    assert now == before["attention.md"] or now.strip() in whole
    assert {path: text for path, text in texts(app).items() if path != "attention.md"} == {
        path: text for path, text in before.items() if path != "attention.md"
    }
    assert contradictions(app.database, app.embedder.key) == []
    assert report.missing_folders == []
    app.sync().run()
    assert texts(app)["attention.md"].strip() == file.read_text().strip()


@pytest.mark.usefixtures("notes_change_meanwhile")
@pytest.mark.case(88)
def test_a_note_that_is_replaced_again_and_again_is_always_one_of_its_whole_versions(
    app: Assistant, notes: Path
) -> None:
    """As editors save: written beside and renamed over the old one, while sync after sync reads."""
    versions = [f"# Version {number}\n\n" + f"word{number} " * 2_000 for number in range(8)]
    stop = threading.Event()

    def save() -> None:
        number = 0
        while not stop.wait(0.01):
            number += 1
            beside = notes / ".attention.md.part"
            beside.write_text(versions[number % len(versions)])
            beside.replace(notes / "attention.md")

    editor = threading.Thread(target=save)
    editor.start()
    try:
        seen = []
        for _ in range(3):
            app.sync().run()
            seen.append(texts(app)["attention.md"].strip())
            assert contradictions(app.database, app.embedder.key) == []
    finally:
        stop.set()
        editor.join()
    whole = {version.strip() for version in [*versions, NOTES["attention.md"]]}
    assert set(seen) <= whole
