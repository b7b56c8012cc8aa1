"""Gives what the disk and SQLite refuse a name that a learner can act on. Knows no table and no folder's meaning."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from assistant.data_folder import explained
from assistant.errors import AssistantError, Busy, DamagedData

FILE_NAME = "assistant.db"
HOLDER = "writer.txt"  # who writes for long, beside the lock


class NamedConnection(sqlite3.Connection):
    """A connection whose failures are errors of ours; ``folder`` is the data folder that they speak of."""

    folder = Path()

    def cursor(self, factory: Any = None) -> Any:
        """Return a cursor that names its failures too, also those that come row by row."""
        made = super().cursor(factory or NamedCursor)
        if isinstance(made, NamedCursor):
            made.folder = self.folder
        return made

    def execute(self, sql: str, parameters: Any = (), /) -> NamedCursor:
        """Run one statement through a cursor of ours; SQLite's own shortcut makes another kind."""
        return cast("NamedCursor", self.cursor().execute(sql, parameters))

    def executemany(self, sql: str, parameters: Any, /) -> NamedCursor:
        """Run one statement for each row of values, likewise."""
        return cast("NamedCursor", self.cursor().executemany(sql, parameters))


class NamedCursor(sqlite3.Cursor):
    """A cursor that raises ``DiskFull``, ``Busy``, ``DamagedData`` or ``DataFolderError`` for what is no defect of ours."""

    folder = Path()

    def execute(self, sql: str, parameters: Any = (), /) -> NamedCursor:
        """Run one statement."""
        with named_faults(self.folder):
            super().execute(sql, parameters)
        return self

    def executemany(self, sql: str, parameters: Any, /) -> NamedCursor:
        """Run one statement for each row of values."""
        with named_faults(self.folder):
            super().executemany(sql, parameters)
        return self

    def fetchone(self) -> Any:
        """Return the next row, None after the last."""
        with named_faults(self.folder):
            return super().fetchone()

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows."""
        with named_faults(self.folder):
            return super().fetchmany(self.arraysize if size is None else size)

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        with named_faults(self.folder):
            return super().fetchall()

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            raise named(error, self.folder) from error


@contextlib.contextmanager
def named_faults(folder: Path) -> Iterator[None]:
    """Run the block; what the disk or SQLite refuses in it is raised as an error that says what to do."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as error:
        raise named(error, folder) from error


def named(error: Exception, folder: Path) -> Exception:
    """Return the error of ours that stands for a refusal of the disk, or the error itself where it is a defect of ours."""
    if isinstance(error, sqlite3.DatabaseError):
        return _named_by_sqlite(error, folder)
    return explained(folder, error)


def first_line(file: Path) -> str:
    """Return who holds the writer's lock, as it said of itself."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip() or "another process"
    except OSError:
        return "another process"


def _named_by_sqlite(error: sqlite3.DatabaseError, folder: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF  # the bytes above only tell apart what the disk was doing
    about: dict[int, AssistantError] = {
        sqlite3.SQLITE_CORRUPT: DamagedData(path=folder / FILE_NAME, reason=str(error)),
        sqlite3.SQLITE_NOTADB: DamagedData(path=folder / FILE_NAME, reason=str(error)),
        sqlite3.SQLITE_BUSY: Busy(holder=first_line(folder / HOLDER)),
        sqlite3.SQLITE_LOCKED: Busy(holder=first_line(folder / HOLDER)),
    }
    if primary in about:
        return about[primary]
    ours = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.NotSupportedError, sqlite3.DataError)
    if primary == sqlite3.SQLITE_ERROR or isinstance(error, ours):
        return error
    return explained(folder, error)
