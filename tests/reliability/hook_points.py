"""Counts every SQL statement and every file call of a process, and kills it or fails it at the one it is told to.

Imported before any part of the app: ``sqlite3.Cursor`` and ``os`` are the seams, the app itself holds no hook.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_AUDITED = ("open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "os.link")
_WRITES = ("write", "flush", "truncate")


@dataclass
class Plan:
    """What happens at the ``at``-th point: nothing, "kill", or a fault; ``lasting``: at all points after it, too."""

    what: str = ""
    at: int = 0
    lasting: bool = False
    below: tuple[str, ...] = ()
    seen: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)
    hit: int = 0

    def reach(self, point: str) -> None:
        """Come to a point; may not come back."""
        with self.lock:
            self.seen.append(point)
            number = len(self.seen)
        if not self.what or number < self.at or (number > self.at and not self.lasting):
            return
        self.hit += 1
        if self.what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise _fault(point, self.what)

    def ours(self, path: object) -> bool:
        """Tell whether a file lies in the folders that are watched."""
        name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        return bool(name) and os.path.abspath(name).startswith(self.below)


def _fault(point: str, what: str) -> Exception:
    """Return what the system would raise: an OSError at a file, SQLite's own error at a statement."""
    if not point.startswith("sql"):
        return OSError(getattr(errno, what), os.strerror(getattr(errno, what)))
    full = what == "ENOSPC"
    error = sqlite3.OperationalError("database or disk is full" if full else "disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL if full else sqlite3.SQLITE_IOERR
    return error


_plan = Plan()


def follow(plan: Plan) -> None:
    """Have this process follow a plan from here on."""
    global _plan  # noqa: PLW0603 - one per process, and audit hooks cannot be taken away
    _plan = plan


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        _plan.reach(f"sql {' '.join(sql.split())[:60]}")
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        _plan.reach(f"sql {' '.join(sql.split())[:60]}")
        return super().executemany(sql, parameters)

    def fetchall(self) -> Any:
        _plan.reach("sql fetch")
        return super().fetchall()


class _Written:
    """A file opened for writing whose every write is a point."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        if name in _WRITES:
            _plan.reach(f"file {name}")
        return getattr(self._file, name)

    def __enter__(self) -> _Written:
        self._file.__enter__()
        return self

    def __exit__(self, *error: object) -> Any:
        return self._file.__exit__(*error)


def _audit(event: str, given: tuple[Any, ...]) -> None:
    if event in _AUDITED and _plan.below and _plan.ours(given[0]):
        _plan.reach(f"file {event}")


def install() -> None:
    """Put the seams in place; before ``assistant.database`` is imported."""
    assert "assistant.database" not in sys.modules
    sqlite3.Cursor = _Cursor  # type: ignore[misc]
    opened, fsync = io.open, os.fsync

    def open_watched(file: Any, mode: str = "r", *given: Any, **named: Any) -> Any:
        made = opened(file, mode, *given, **named)
        writes = set(mode) & set("wax+")
        mine = _plan.below and writes and (isinstance(file, int) or _plan.ours(file))
        return _Written(made) if mine else made

    def fsync_watched(descriptor: int) -> None:
        if _plan.below:
            _plan.reach("file fsync")
        fsync(descriptor)

    io.open = open_watched  # what Path.write_text and os.fdopen call
    os.fsync = fsync_watched
    sys.addaudithook(_audit)


Action = Callable[..., Any]
