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

from assistant import data_folder
from assistant.backups import Backups, version_in
from assistant.disk_faults import FILE_NAME, HOLDER, NamedConnection, first_line, named, named_faults
from assistant.errors import AssistantError, Busy, DamagedData, DataFolderGone, NewerData, Said

__all__ = ["FILE_NAME", "LOCK_SECONDS", "Database", "migrate", "newest_version", "version_of", "writing"]

LOCK_SECONDS = 30.0
LOOKED_THROUGH = (
    64_000_000  # bytes: checking a larger file would be felt at each start (1.5 ms per MB); its backups are checked
)


_EMPTY: Said = {"zh": "文件是空的，而备份还在", "en": "the file is empty, and there are backups"}


class Database:
    """One SQLite file in WAL mode, with a connection per thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.backups = Backups(folder, FILE_NAME)
        self._file = folder / FILE_NAME
        self._local = threading.local()
        data_folder.prepare(folder)
        try:
            with named_faults(folder):
                self._look()
                self._migrate()
        except AssistantError:
            self.close()
            raise

    @property
    def connection(self) -> sqlite3.Connection:
        """The calling thread's own connection; sees whole transactions only."""
        held: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if held is not None and not held.in_transaction and self._local.file != _identity(self._file):
            self.close()  # what it would write now, nobody would find again
            held = None
        if held is None:
            held = self._connected()
            self._local.connection = held
        return held

    def _connected(self) -> sqlite3.Connection:
        self._local.file = _identity(self._file)
        if self._local.file is None:
            raise DataFolderGone(path=self.folder)
        with named_faults(self.folder):
            opened = sqlite3.connect(self._file, timeout=LOCK_SECONDS, isolation_level=None, factory=NamedConnection)
        opened.folder = self.folder
        opened.row_factory = sqlite3.Row
        try:
            opened.execute("PRAGMA journal_mode = WAL")
            opened.execute("PRAGMA synchronous = FULL")
            opened.execute("PRAGMA foreign_keys = ON")
        except (AssistantError, sqlite3.Error):
            opened.close()
            raise
        return opened

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
        with writing(self.folder, purpose, seconds):
            yield

    @contextlib.contextmanager
    def beside(self, database: Path) -> Iterator[sqlite3.Connection]:
        """Read another database as ``other`` next to this one, throughout the block."""
        self.connection.execute("ATTACH ? AS other", (str(database),))
        try:
            yield self.connection
        finally:
            self.connection.execute("DETACH other")

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

    def _look(self) -> None:
        """Make the file, or look whether it may be opened at all: a newer one must not be touched, a damaged one not written to."""
        if not self._file.exists():
            self._file.touch()
        elif (
            not self._file.stat().st_size
            and self.backups.all()
            and not self._file.with_name(f"{FILE_NAME}-wal").exists()
        ):
            raise DamagedData(path=self._file, reason=_EMPTY)
        if version_in(self._file) > newest_version():
            raise NewerData(path=self._file, version=version_in(self._file), known=newest_version())
        if self._file.stat().st_size <= LOOKED_THROUGH:
            found = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise DamagedData(path=self._file, reason=found)

    def _migrate(self) -> None:
        newest = newest_version()
        version = version_of(self.connection)
        if version > newest:  # the header did not know: it stands in the log
            raise NewerData(path=self._file, version=version, known=newest)
        if version < newest:
            if version:
                self.backups.make("migration")
            with self.transaction() as connection:
                migrate(connection)


@contextlib.contextmanager
def writing(folder: Path, purpose: str, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the writer's lock of a data folder whose database need not be open, or fit to be; see ``Database.writer``."""
    if not folder.is_dir():
        raise DataFolderGone(path=folder)
    holder = folder / HOLDER
    lock = FileLock(folder / "writer.lock", timeout=seconds)
    try:
        lock.acquire()
    except Timeout as error:
        raise Busy(holder=first_line(holder)) from error
    except OSError as error:
        raise named(error, folder) from error
    try:
        with named_faults(folder):
            holder.write_text(f"{purpose} (pid {os.getpid()})", encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):  # the name of a former holder does no harm, a lock that is kept does
            holder.unlink(missing_ok=True)
        lock.release()


def newest_version() -> int:
    """Return the version of the schema that this app writes."""
    return len(_steps())


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


def _identity(file: Path) -> tuple[int, int] | None:
    """Tell a file from another that came to stand in its place; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
