"""The app used for long: a note changes, a question is asked about it, again and again; every answer from the right note."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from tests.browser.running import ROOT, streamlit_app
from tests.conftest import write
from tests.reliability.length import LONG
from tests.reliability.visitor import Visitor

SECONDS = 3_600.0 if LONG else 25.0
WARM = 600.0 if LONG else 12.0  # until caches are full; growth counts from here
NOTES = 20
GROWTH = 64 * 2**20 if LONG else 96 * 2**20


def text(number: int, turn: int) -> str:
    return f"# 柜子{number}\n\n## 钥匙\n\n柜子{number} 的钥匙挂在第 {turn * 31 + number} 号挂钩上。\n"


def state(process: psutil.Process, data: Path) -> tuple[int, int, int, int]:
    """Return memory, threads, open files and bytes on the disk."""
    size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    return process.memory_info().rss, process.num_threads(), len(process.open_files()), size


@pytest.mark.case(104)
def test_every_answer_comes_from_the_right_note_and_nothing_grows(tmp_path: Path) -> None:
    write(tmp_path / "notes", {f"{number}.md": text(number, 0) for number in range(NOTES)})
    data = tmp_path / "data"
    before = set(psutil.Process().children())
    choices = {"ASSISTANT_NOTES_DIR": str(tmp_path / "notes"), "ASSISTANT_DATA_DIR": str(data)}
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as address:
        (process,) = set(psutil.Process().children()) - before
        begun = time.monotonic()
        warm: tuple[int, int, int, int] | None = None
        turn = 0
        while time.monotonic() - begun < SECONDS:
            turn += 1
            number = turn % NOTES
            (tmp_path / "notes" / f"{number}.md").write_text(text(number, turn), encoding="utf-8")
            assert answered(address, number, turn), f"柜子{number}, {turn}"
            if warm is None and time.monotonic() - begun > WARM:
                warm = state(process, data)
            if LONG:
                time.sleep(5)
        end = state(process, data)
    assert warm
    assert end[0] - warm[0] < GROWTH
    assert end[1] <= warm[1] + 4
    assert end[2] <= warm[2] + 4


def answered(address: str, number: int, turn: int) -> bool:
    """Ask in new sessions until the change has been noticed; an answer from another note is wrong at once."""
    for _ in range(60):
        with Visitor(address) as visitor:
            visitor.run()
            visitor.ask(f"柜子{number} 的钥匙挂在哪个挂钩上？")
            said = visitor.words
            assert visitor.trouble == []
        assert f"> 柜子{number} 的钥匙挂在第" in said, said
        if f"> 柜子{number} 的钥匙挂在第 {turn * 31 + number} 号挂钩上" in said:
            return True
        time.sleep(0.5)
    return False
