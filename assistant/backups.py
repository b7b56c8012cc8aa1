"""Copies of the database: made whole or not at all, checked before they count, thinned as they age. Knows no table's meaning."""

from __future__ import annotations

import contextlib
import filecmp
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Hashable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, cast, get_args

from assistant.data_folder import explained, make_sure_of_room
from assistant.errors import AssistantError, DamagedData

Reason = Literal["use", "hand", "migration", "restore", "delete", "trash"]

FOLDER = "backups"
EVERY = timedelta(minutes=30)  # what a learner would have to do again at worst; Anki's default as well
ALL_FOR = timedelta(days=2)  # what went wrong today or yesterday is found by the half hour
DAYS, WEEKS, MONTHS = 14, 8, 12  # then one a day, one a week, one a month: mistakes found late lie further back
ROOM = 2_000_000_000  # bytes that all copies together may take: an eighth of a small laptop's free disk
NEWEST = 3  # stay whatever they take

_NAME = re.compile(r"(\d{8}T\d{12})Z-([a-z]+)\.db")
_MOMENT = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Backup:
    """One checked copy; ``version``: of the schema in it."""

    file: Path
    at: datetime
    reason: Reason
    size: int
    version: int


class Backups:
    """The copies of one data folder's database."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder / FOLDER
        self._database = folder / database
        self._lock = threading.Lock()
        self._looked = datetime.min.replace(tzinfo=UTC)
        self.trouble: AssistantError | None = None  # what kept the last automatic copy from being made

    def all(self) -> list[Backup]:
        """List the copies, newest first; files of other names are nobody's business."""
        found = []
        for file in self.folder.glob("*.db") if self.folder.is_dir() else ():
            named = _NAME.fullmatch(file.name)
            if named and named[2] in get_args(Reason):
                at = datetime.strptime(named[1], _MOMENT).replace(tzinfo=UTC)
                found.append(Backup(file, at, cast("Reason", named[2]), file.stat().st_size, version_in(file)))
        return sorted(found, key=lambda backup: backup.at, reverse=True)

    def make(self, reason: Reason, now: datetime | None = None) -> Backup:
        """Copy the database as it is committed now; a copy equal to the newest is not kept twice. Raise ``DamagedData``."""
        now = now or datetime.now(UTC)
        with self._lock:
            file = self.folder / f"{now.astimezone(UTC):{_MOMENT}}Z-{reason}.db"
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._forget_halves()
                kept = self._copy(file)
            except OSError as error:
                raise explained(self._database.parent, error) from error
            for old in thinned(self.all(), now):
                old.file.unlink(missing_ok=True)
            return next(backup for backup in self.all() if backup.file == kept)

    def make_if_due(self, now: datetime | None = None) -> Backup | None:
        """Make one where the newest is older than half an hour; asked at any time, it looks once in half an hour."""
        now = now or datetime.now(UTC)
        if now - self._looked < EVERY:
            return None
        self._looked = now
        newest = next(iter(self.all()), None)
        return self.make("use", now) if newest is None or now - newest.at >= EVERY else None

    def keep_up(self, now: datetime | None = None) -> None:
        """Make one if it is due, in the background; what keeps it from being made is told as ``trouble`` and stops nobody."""
        now = now or datetime.now(UTC)
        if now - self._looked >= EVERY:
            threading.Thread(target=self.attempt, args=(now,), name="backup", daemon=True).start()

    def attempt(self, now: datetime | None = None) -> None:
        """Make one if it is due; where that fails, only ``trouble`` says so."""
        try:
            self.make_if_due(now)
            self.trouble = None
        except AssistantError as error:
            self.trouble = error

    def _copy(self, file: Path) -> Path:
        newest = next(iter(self.all()), None)
        size = sum(part.stat().st_size for part in parts_of(self._database))
        make_sure_of_room(self.folder, size)
        half = file.with_suffix(".part")
        try:
            copy(self._database, half)
            if newest and newest.size == half.stat().st_size and filecmp.cmp(newest.file, half, shallow=False):
                return newest.file
            half.replace(file)
        finally:
            half.unlink(missing_ok=True)
        return file

    def _forget_halves(self) -> None:
        """Remove what a crash left of an unfinished copy; another process may be writing a young one."""
        for half in self.folder.glob("*.part*"):
            with contextlib.suppress(OSError):
                if datetime.now(UTC).timestamp() - half.stat().st_mtime > EVERY.total_seconds():
                    half.unlink()


def thinned(backups: Sequence[Backup], now: datetime) -> list[Backup]:
    """Return which of the copies, newest first, may go: by age, then for want of room. Age spares what was made by hand."""
    by_hand = [backup for backup in backups if backup.reason == "hand"]
    young = [backup for backup in backups if now - backup.at < ALL_FOR]
    earned = [  # in the order in which they earn their room
        *backups[:NEWEST],
        *by_hand,
        *_newest_of_each(backups, lambda at: (at.year, at.month))[:MONTHS],
        *_newest_of_each(backups, lambda at: at.isocalendar()[:2])[:WEEKS],
        *_newest_of_each(backups, lambda at: at.date())[:DAYS],
        *young,
    ]
    staying: set[Backup] = set()
    taken = 0
    for backup in dict.fromkeys(earned):
        taken += backup.size
        if len(staying) < NEWEST or taken <= ROOM:
            staying.add(backup)
    return [backup for backup in backups if backup not in staying]


def _newest_of_each(backups: Sequence[Backup], span: Callable[[datetime], Hashable]) -> list[Backup]:
    newest: dict[Hashable, Backup] = {}
    for backup in backups:
        newest.setdefault(span(backup.at), backup)
    return list(newest.values())


def copy(database: Path, file: Path) -> None:
    """Copy a database as it is committed now into one file of its own; raise ``DamagedData`` where it, or the copy, is not whole."""
    file.unlink(missing_ok=True)
    try:
        with closing(read_only(database)) as source, closing(sqlite3.connect(file)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # no second file beside it
            whole(target)
    except sqlite3.DatabaseError as error:
        raise DamagedData(path=database, reason=str(error)) from error
    with file.open("rb+") as written:
        os.fsync(written.fileno())


def put_in_place(made: Path, database: Path) -> None:
    """Give a database the content of another in one transaction, since others have it open; where there is none, by renaming."""
    if not database.exists():
        made.replace(database)
        return
    with closing(read_only(made)) as source, closing(sqlite3.connect(database, timeout=30)) as target:
        target.execute("PRAGMA synchronous = FULL")
        source.backup(target)
        whole(target)
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what was there before is in no log either


def whole(connection: sqlite3.Connection) -> None:
    """Raise SQLite's own error where pages, indexes or references of a database do not fit together."""
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def read_only(database: Path) -> sqlite3.Connection:
    """Open a database that must be there already, and write nothing into it."""
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30)


def version_in(database: Path) -> int:
    """Read the schema's version out of the file's header, without opening the database; 0 where there is none."""
    with database.open("rb") as file:
        header = file.read(64)
    return int.from_bytes(header[60:64], "big") if header.startswith(b"SQLite format 3\0") else 0


def parts_of(database: Path) -> list[Path]:
    """Return the files that a database consists of just now: what is in its log belongs to it."""
    return [file for end in ("", "-wal", "-shm") if (file := database.with_name(database.name + end)).is_file()]
