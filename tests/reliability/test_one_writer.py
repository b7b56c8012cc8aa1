"""One writer, many readers: threads, tabs and processes over one data folder lose nothing, mix nothing and say who is at work."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.errors import Busy
from assistant.knowledge.consistency import contradictions
from assistant.knowledge.notes import Note
from assistant.knowledge.split import split
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Place
from assistant.ui import session
from assistant.ui.i18n import say
from tests.conftest import NOTES, write
from tests.knowledge.test_job import Waits, metered
from tests.reliability.length import LONG

ROOT = Path(__file__).parents[2]
SECONDS = 60.0 if LONG else 4.0
Opens = Callable[..., Assistant]
HOLDS = (
    "import sys, time; from pathlib import Path; from assistant.database import Database\n"
    "with Database(Path(sys.argv[1])).writer('sync'):\n"
    "    print('holds', flush=True); time.sleep(120)"
)


@contextmanager
def a_process_that_writes(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(folder)], cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"holds\n"
        try:
            yield child
        finally:
            child.kill()


def put(store: Store, name: str, version: int) -> None:
    """Save a note whose every chunk names the version that it belongs to."""
    text = "\n\n".join(f"# Part {part}\n\nversion {version} of {name}, part {part}." for part in range(version % 4 + 1))
    note = Note(path=name, title=name, kind="markdown", text=text, content_hash=f"{name} {version}", encoding="utf-8")
    store.save(Place("/n", name, name), note, len(text), split(note))


@pytest.mark.case(97)
def test_four_writers_and_eight_readers_lose_nothing_and_see_whole_states(tmp_path: Path) -> None:
    store = Store(Database(tmp_path / "data"))
    until = time.monotonic() + SECONDS
    failures: list[str] = []
    written = dict.fromkeys((f"{writer}-{number}.md" for writer in range(4) for number in range(3)), -1)
    looks = [0] * 8

    def writes(writer: int) -> None:
        version = 0
        while time.monotonic() < until:
            name = f"{writer}-{version % 3}.md"
            put(store, name, version)
            written[name] = version
            version += 1

    def reads(reader: int) -> None:
        chance = random.Random(reader)
        while time.monotonic() < until:
            with store.database.snapshot():
                notes = store.notes()
                for note in chance.sample(notes, min(3, len(notes))):
                    version = int(note.content_hash.split()[1])
                    chunks = store.chunks_of(note.place.path)
                    whole = len(chunks) == note.chunks == version % 4 + 1
                    if not whole or any(f"version {version} of" not in chunk.text for chunk in chunks):
                        failures.append(f"{note.content_hash}: {[chunk.text for chunk in chunks]}")
            looks[reader] += 1

    def guarded(work: Callable[[int], None], number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001
            failures.append(repr(error))
        finally:
            store.database.close()

    threads = [threading.Thread(target=guarded, args=(writes, number)) for number in range(4)]
    threads += [threading.Thread(target=guarded, args=(reads, number)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert min(looks) > 0
    assert {note.place.path: int(note.content_hash.split()[1]) for note in store.notes()} == {
        name: version for name, version in written.items() if version >= 0
    }
    assert [line for line in contradictions(store.database, "none") if "vector" not in line] == []
    store.database.close()


@pytest.mark.case(96)
def test_a_second_process_reads_on_and_is_told_who_writes(app: Assistant, notes: Path) -> None:
    folder = app.database.folder
    with a_process_that_writes(folder) as child:
        command = [sys.executable, "-m", "assistant"]
        places = ["--json", "--data", str(folder), "--notes", str(notes)]
        found = subprocess.run([*command, "search", "square root", *places], cwd=ROOT, capture_output=True, check=True)
        assert json.loads(found.stdout)["matches"][0]["note"] == "attention.md"
        with pytest.raises(Busy) as busy, app.database.writer("sync", seconds=0.1):
            pass
        assert f"pid {child.pid}" in busy.value.message("en")
        assert f"pid {child.pid}" in busy.value.message("zh")


@pytest.mark.case(96)
def test_the_lock_of_a_process_that_was_killed_is_free_at_once(app: Assistant, notes: Path) -> None:
    with a_process_that_writes(app.database.folder) as child:
        child.kill()
        child.wait()
    assert (app.database.folder / "writer.txt").exists()
    write(notes, {"new.md": "# New\n\nWritten later."})

    with app.database.writer("next", seconds=5):
        assert f"pid {os.getpid()}" in (app.database.folder / "writer.txt").read_text("utf-8")
    assert app.sync().run().added == ["new.md"]
    assert not (app.database.folder / "writer.txt").exists()


@pytest.mark.case(95)
def test_two_tabs_that_press_sync_get_one_job_and_the_second_sees_how_far_it_is(
    tmp_path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    st.cache_resource.clear()
    app = session.assistant()
    for thread in threading.enumerate():
        if thread.name in ("warm-up", "sync"):
            thread.join(60)
    app.live.follow(False)
    embedder = Waits()
    app.embedder = metered(app, embedder)
    write(notes, {"new.md": "# New\n\nWritten later."})
    tabs = [AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60) for _ in range(2)]
    for tab in tabs:
        tab.switch_page("assistant/ui/pages/library.py").run()
        (button,) = [one for one in tab.button if one.label == say("zh", "library.sync")]
        button.click().run()
        assert not tab.exception
        assert embedder.reached.wait(20)
    job = app.jobs.latest
    assert job is not None
    assert job.state == "running"
    for tab in tabs:
        (bar,) = tab.run().get("progress")
        assert "new.md" in bar.proto.text
    embedder.go_on.set()
    job.wait(30)

    assert job.state == "done"
    assert app.jobs.latest is job
    assert len([note for note in app.store.notes() if note.place.path == "new.md"]) == 1
    st.cache_resource.clear()


@pytest.mark.usefixtures("notes_change_meanwhile")
@pytest.mark.case(95)
def test_indexing_chatting_and_deleting_at_once_mixes_nothing(open_app: Opens, notes: Path) -> None:
    app = open_app()
    write(notes, {f"{number}.md": f"# Note {number}\n\nText of {number}.\n" for number in range(40)})
    failures: list[BaseException] = []
    kept: list[str] = []

    def chat() -> None:
        for number in range(30):
            conversation, turn = app.conversations.ask(None, f"question {number}")
            app.conversations.save(turn, f"answer {number}", "complete", {})
            if number % 2:
                app.conversations.delete(conversation)
            else:
                kept.append(conversation)

    def remove() -> None:
        for number in range(20):
            (notes / f"{number}.md").unlink()

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)
        finally:
            app.database.close()

    job = app.start_sync()
    threads = [threading.Thread(target=guarded, args=(work,)) for work in (chat, remove)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.wait(60)
    app.sync().run()

    assert failures == []
    assert {note.place.path for note in app.store.notes()} == {f"{n}.md" for n in range(20, 40)} | set(NOTES)
    chats = app.conversations.all()
    assert {chat.id for chat in chats} == set(kept)
    for chat_ in chats:
        (turn,) = app.conversations.turns(chat_.id)
        assert turn.answer == turn.question.replace("question", "answer")
    assert contradictions(app.database, app.embedder.key) == []


# What a shell starts in the background ignores Ctrl+C, and so would its children: this one listens, as from a terminal.
LISTENING = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('assistant', run_name='__main__', alter_sys=True)"
)


@pytest.mark.case(90)
@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without a word")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_sync_that_is_told_to_end_stops_cleanly_and_the_next_goes_on(
    tmp_path: Path, notes: Path, open_app: Opens, sign: signal.Signals
) -> None:
    write(notes, {f"{number}.md": f"# Note {number}\n\n" + f"Text of {number}. " * 100 for number in range(200)})
    app = open_app()
    command = [
        sys.executable,
        "-c",
        LISTENING,
        "sync",
        "--json",
        "--data",
        str(tmp_path / "data"),
        "--notes",
        str(notes),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        while len(app.store.notes()) < 5 and child.poll() is None:
            time.sleep(0.02)
        child.send_signal(sign)
        out, err = child.communicate(timeout=60)
    done = app.store.notes()

    assert child.returncode == 1
    assert json.loads(out)["error"]["kind"] == "cancelled"
    assert b"Traceback" not in err
    assert 5 <= len(done) < 203
    assert contradictions(app.database, app.embedder.key) == []
    assert not (tmp_path / "data" / "writer.txt").exists()
    rest = app.live.rest()
    assert rest is not None
    assert rest.left == 203 - len(done)
    report = app.sync().run()
    assert len(report.added) == 203 - len(done)
    assert app.live.rest() is None
