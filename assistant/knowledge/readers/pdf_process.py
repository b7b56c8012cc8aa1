"""Runs a child that reads one file, of PDFs unless told otherwise, and ends it when it takes too long or too much memory. Knows processes, nothing of formats."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, Self

MAX_MEMORY = 1 << 30
_LOOK_EVERY = 0.05
_PACKAGE_ROOT = Path(__file__).resolve().parents[3]

Ending = Literal["done", "crashed", "too_slow", "too_much_memory"]


@dataclass(slots=True)
class Patience:
    """How long a child may live: until ``deadline``, and never more than ``silence`` seconds without a word."""

    deadline: float
    silence: float
    heard: float = 0.0

    def over(self, now: float) -> bool:
        """Say whether one of the two has run out."""
        return now > self.deadline or now - self.heard > self.silence


class PdfChild:
    """A running child that reads ``file`` as its standard input; leaving the ``with`` block ends it, always."""

    def __init__(
        self, arguments: list[str], file: BinaryIO, patience: Patience, *, module: str = "", memory: int = 0
    ) -> None:
        self._module = module or "assistant.knowledge.readers.pdf_child"
        self._memory = memory or MAX_MEMORY
        self._patience = patience
        self._killed: Ending | None = None
        self._file = file
        self._arguments = arguments

    def __enter__(self) -> Self:
        self._file.seek(0)
        self._patience.heard = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, *self._arguments],
            stdin=self._file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_PACKAGE_ROOT,
            env=bare_environment(),
        )
        self._watch = threading.Thread(target=self._watch_it, name="pdf-child-watch", daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._watch.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def lines(self) -> Iterator[bytes]:
        """Yield each whole line the child says, as it says it; a line cut off by its end is dropped."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            self._patience.heard = math.inf  # our own thinking time is not its silence
            if line.endswith(b"\n"):
                yield line
            self._patience.heard = time.monotonic()

    def output(self) -> bytes:
        """Wait for the end and return everything the child said."""
        assert self._process.stdout is not None
        return self._process.stdout.read()

    def ending(self) -> Ending:
        """Wait for the end and say how it came; ``done`` includes an error the child itself has told."""
        code = self._process.wait()
        return self._killed or ("done" if code in (0, 1) else "crashed")

    def _watch_it(self) -> None:
        while self._process.poll() is None:
            if memory_in_use(self._process.pid) > self._memory:
                self._end("too_much_memory")
            elif self._patience.over(time.monotonic()):
                self._end("too_slow")
            time.sleep(_LOOK_EVERY)

    def _end(self, why: Ending) -> None:
        self._killed = why
        for pid in descendants(self._process.pid):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGTERM)
        self._process.kill()


def memory_in_use(pid: int) -> int:
    """Return the bytes that a process and those behind it hold in memory now."""
    import psutil

    total = 0
    for one in (pid, *descendants(pid)):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # it ended between two looks
            total += int(psutil.Process(one).memory_info().rss)
    return total


def descendants(pid: int) -> list[int]:
    """Name the process behind the process: on Windows the python.exe of a virtual environment only starts another."""
    if sys.platform != "win32":
        return []
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def bare_environment() -> dict[str, str] | None:
    """Give the child nothing but the way to its modules: a hostile PDF finds no keys (but on Windows)."""
    if sys.platform == "win32":
        return None
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
