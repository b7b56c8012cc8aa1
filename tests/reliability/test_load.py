"""Many sessions at once over Streamlit's own protocol: they stream while notes are indexed, break off, come back, go."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from assistant.answers.drafts import AskFirst
from assistant.bootstrap import open_assistant
from assistant.settings import Settings
from tests.browser.running import ROOT, streamlit_app
from tests.conftest import write
from tests.providers.fake_provider import FakeProvider, billed, events, said
from tests.reliability.length import LONG
from tests.reliability.visitor import Visitor

SESSIONS, NOTES = (50, 500) if LONG else (6, 40)
WORDS, PAUSE = 30, 0.05  # an answer of 20 words a second
FORGOTTEN = (
    150.0  # seconds until Streamlit has forgotten a session that went away: it waits two minutes for it to come back
)
NOISE = 60 * 2**20  # bytes that a process grows by while nothing leaks: allocators, caches that fill
ANSWER = " ".join(f"word{number}" for number in range(WORDS))


@dataclass(frozen=True)
class App:
    """The running app: where it is, its process, its folders, and the server that it asks."""

    address: str
    process: psutil.Process
    folder: Path
    provider: FakeProvider

    def rows(self) -> list[str]:
        """Return the question and state of every turn in the database, read from outside."""
        other = open_assistant(Settings(notes=(self.folder / "notes",), data=self.folder / "data"))
        try:
            return [turn.question for chat in other.conversations.all() for turn in other.conversations.turns(chat.id)]
        finally:
            other.database.close()


def note(number: int) -> str:
    return f"# 笔记 {number}\n\n## 词条{number}\n\n词条{number}（entry {number}）：第 {number} 号抽屉里放着 {number * 7919} 颗钉子。\n"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    write(tmp_path / "notes", {f"{number}.md": note(number) for number in range(5)})
    settings = Settings(notes=(tmp_path / "notes",), data=tmp_path / "data")
    first = open_assistant(settings)
    first.sync().run()
    first.preferences.choose("ask_first", AskFirst("never").as_json())
    first.database.close()
    pieces = [piece for word in ANSWER.split() for piece in (said(f"{word} "), PAUSE)]
    with FakeProvider(events(*pieces, said(finish="stop"), billed(500, WORDS))) as provider:
        choices = {
            "ASSISTANT_NOTES_DIR": str(tmp_path / "notes"),
            "ASSISTANT_DATA_DIR": str(tmp_path / "data"),
            "ASSISTANT_PROVIDER": "dashscope",
            "ASSISTANT_MODEL": "qwen-plus",
            "ASSISTANT_BASE_URL": f"{provider.url}/v1",
            "ASSISTANT_API_KEY": "sk-load-0123456789abcdef",
        }
        before = set(psutil.Process().children())
        with streamlit_app(ROOT / "streamlit_app.py", folder=None, **choices) as address:
            (process,) = set(psutil.Process().children()) - before
            yield App(address, process, tmp_path, provider)


def streamed(app: App, number: int) -> tuple[list[str], str]:
    """Open the page, ask about one note, wait for the answer; return what went wrong and what was read."""
    with Visitor(app.address) as visitor:
        visitor.run()
        visitor.ask(f"词条{number % 5} 是什么？")
        return visitor.trouble, visitor.words


def together(count: int, action: Callable[[int], tuple[list[str], str]]) -> list[tuple[list[str], str]]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(action, range(count)))


@contextmanager
def writing(folder: Path, numbers: Sequence[int]) -> Iterator[None]:
    """Write notes one by one as long as the block runs; what is left is written at its end."""
    over = threading.Event()

    def write_all() -> None:
        for number in numbers:
            (folder / f"{number}.md").write_text(note(number), encoding="utf-8")
            over.wait(0.02)

    thread = threading.Thread(target=write_all)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def until(done: Callable[[], bool], seconds: float = 300.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)


@pytest.mark.case(98, 99)
def test_sessions_stream_while_notes_are_indexed_and_leave_no_memory_behind(app: App) -> None:
    grown: list[int] = []
    for turn in range(2):
        numbers = range(100 + turn * NOTES, 100 + (turn + 1) * NOTES)
        with writing(app.folder / "notes", numbers):
            read = together(SESSIONS, lambda number: streamed(app, number))
        assert [trouble for trouble, _ in read if trouble] == []
        assert [words for _, words in read if ANSWER not in words] == []
        until(lambda numbers=numbers: found(app, numbers[-1]))  # type: ignore[misc]
        if LONG:
            time.sleep(FORGOTTEN)
        grown.append(app.process.memory_info().rss)

    assert len(app.rows()) == 2 * SESSIONS
    assert len([one for one in app.provider.requests if one.path.endswith("/chat/completions")]) == 2 * SESSIONS
    assert grown[1] - grown[0] < SESSIONS * 2 * 2**20 + NOISE


def found(app: App, number: int) -> bool:
    """Tell whether another process finds a note that was written while the app ran."""
    other = open_assistant(Settings(notes=(app.folder / "notes",), data=app.folder / "data"))
    try:
        return any(one.chunk.note == f"{number}.md" for one in other.search.find(f"词条{number}").matches)
    finally:
        other.database.close()


@pytest.mark.case(105)
def test_a_connection_that_breaks_in_mid_answer_finds_the_answer_when_it_is_back(app: App) -> None:
    with Visitor(app.address) as visitor:
        visitor.run()
        visitor.send(visitor.typed("词条1 是什么？"))
        for _ in visitor.messages():
            if "word3" in visitor.words:
                break
        conversation = visitor.query
    until(lambda: len(app.provider.requests) == 1)

    with Visitor(app.address) as back:
        back.query = conversation
        back.run()
        assert back.trouble == []
        assert ANSWER in back.words
    assert len(app.rows()) == 1
    assert len(app.provider.requests) == 1


@pytest.mark.case(103)
def test_uploads_are_taken_in_and_their_memory_is_given_back(app: App) -> None:
    count, size = (25, 50 * 2**20) if LONG else (13, 12 * 2**20)
    with Visitor(app.address) as visitor:
        visitor.name = "library"
        visitor.run()
        for number in range(count):
            if number == 5:  # until then the process makes itself room for such files
                before = app.process.memory_info().rss
            assert visitor.upload(f"file {number}.pdf", noise(number, size)) < 300
        kept = sorted(file.stat().st_size for file in (app.folder / "data").rglob("*.pdf"))
        assert kept == [size] * count
        assert visitor.trouble == []
        assert app.process.memory_info().rss - before < NOISE


def noise(seed: int, size: int) -> bytes:
    """Return bytes that are no PDF after their first line, and different for each seed."""
    return b"%PDF-1.7\n" + random.Random(seed).randbytes(size - 9)
