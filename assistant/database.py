"""The SQLite file in the data folder: connections, migrations, transactions, the writer's lock. Knows no table's meaning."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.disk_faults import HOLDER, NamedConnection, first_line, named, named_faults, reason
from assistant.errors import AssistantError, Busy, DataFolderError

FILE_NAME = "assistant.db"
LOCK_SECONDS = 30.0


class Database:
    """One SQLite file in WAL mode, with a connection per thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._local = threading.local()
        try:
            with named_faults(folder):
                folder.mkdir(parents=True, exist_ok=True)
                self._migrate()
        except sqlite3.Error as error:
            raise DataFolderError(path=folder, reason=reason(error)) from error

    @property
    def connection(self) -> sqlite3.Connection:
        """The calling thread's own connection; sees whole transactions only."""
        held: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if held is None:
            held = self._connect()
            self._local.connection = held
        return held

    def _connect(self) -> sqlite3.Connection:
        with named_faults(self.folder):
            made = sqlite3.connect(
                self.folder / FILE_NAME, timeout=LOCK_SECONDS, isolation_level=None, factory=NamedConnection
            )
        made.folder = self.folder
        made.row_factory = sqlite3.Row
        try:
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = FULL")
            made.execute("PRAGMA foreign_keys = ON")
        except (AssistantError, sqlite3.Error):
            made.close()
            raise
        return made

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the block as one transaction: all of it is on disk afterwards, or nothing. A block inside one joins it."""
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise named(error, self.folder) from error
        finally:
            self._roll_back(connection)  # whatever stopped the block, even a stop signal; nothing to do after COMMIT

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Read one state of the database throughout the block, whatever others commit meanwhile; write nothing in it."""
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            self._roll_back(connection)

    @contextlib.contextmanager
    def writer(self, purpose: str, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the lock that only one long-writing process may have; raise ``Busy`` naming the holder after ``seconds``."""
        holder = self.folder / HOLDER
        lock = FileLock(self.folder / "writer.lock", timeout=seconds)
        try:
            lock.acquire()
        except Timeout as error:
            raise Busy(holder=first_line(holder)) from error
        except OSError as error:
            raise named(error, self.folder) from error
        try:
            with named_faults(self.folder):
                holder.write_text(f"{purpose} (pid {os.getpid()})", encoding="utf-8")
            yield
        finally:
            with contextlib.suppress(OSError):  # the name of a former holder does no harm, a lock that is kept does
                holder.unlink(missing_ok=True)
            lock.release()

    def close(self) -> None:
        """Close the calling thread's connection."""
        held: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if held is not None:
            held.close()
            self._local.connection = None

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        """Leave no transaction open; a connection that cannot even do that is given up: the next one would join it."""
        if not connection.in_transaction:
            return
        try:
            connection.execute("ROLLBACK")
        except (AssistantError, sqlite3.Error):
            connection.close()
            self._local.connection = None

    def _migrate(self) -> None:
        newest = len(_steps())
        version = version_of(self.connection)
        if version > newest:
            raise DataFolderError(path=self.folder, reason=f"database version {version} > {newest}")
        if version < newest:
            with self.transaction() as connection:
                migrate(connection)


def version_of(connection: sqlite3.Connection) -> int:
    """Return how many migrations a database has been through."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Run the migrations that a database has not seen, in order, inside the caller's transaction."""
    steps = _steps()
    for step in steps[version_of(connection) :]:
        for statement in _statements(resources.files("assistant.migrations").joinpath(step).read_text("utf-8")):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(steps)}")


def _steps() -> list[str]:
    names = (file.name for file in resources.files("assistant.migrations").iterdir())
    return sorted(name for name in names if name.endswith(".sql"))


def _statements(script: str) -> Iterator[str]:
    """Cut a script into statements; ``executescript`` would commit each of them on its own."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
