"""Copies of the database: whole, checked, not made twice, thinned as they age."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant import backups as module
from assistant.backups import EVERY, NEWEST, Backup, Backups, Reason, thinned
from assistant.database import FILE_NAME, Database, newest_version
from assistant.errors import DamagedData
from assistant.preferences import Preferences

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "data")


def made(hours: float, reason: Reason = "use", size: int = 1) -> Backup:
    at = NOW - timedelta(hours=hours)
    return Backup(Path(f"{at:%Y%m%dT%H%M%S}-{reason}.db"), at, reason, size, 14)


def stays(backups: list[Backup]) -> list[Backup]:
    gone = set(thinned(backups, NOW))
    return [backup for backup in backups if backup not in gone]


def chosen(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM preferences ORDER BY name")]


def test_a_backup_holds_what_was_committed_and_is_one_file(database: Database) -> None:
    Preferences(database).choose("kept", 1)
    with database.transaction() as connection:
        connection.execute("INSERT INTO preferences VALUES ('open', '1')")
        backup = database.backups.make("hand", NOW)

    assert chosen(backup.file) == ["kept"]
    assert [file.name for file in database.backups.folder.iterdir()] == ["20261123T120000000000Z-hand.db"]
    assert (backup.at, backup.reason, backup.size) == (NOW, "hand", backup.file.stat().st_size)
    assert backup.version == newest_version()


def test_what_has_not_changed_is_not_kept_twice(database: Database) -> None:
    first = database.backups.make("use", NOW)

    assert database.backups.make("hand", NOW + timedelta(hours=1)) == first
    Preferences(database).choose("new", 1)
    second = database.backups.make("hand", NOW + timedelta(hours=2))
    assert database.backups.all() == [second, first]


def test_one_is_due_after_half_an_hour_and_looked_for_no_oftener(database: Database) -> None:
    first = database.backups.make_if_due(NOW)
    Preferences(database).choose("new", 1)

    assert first is not None
    assert database.backups.make_if_due(NOW + EVERY / 2) is None
    second = database.backups.make_if_due(NOW + EVERY)
    assert second is not None
    assert chosen(second.file) == ["new"]
    assert Backups(database.folder, FILE_NAME).make_if_due(NOW + EVERY * 1.5) is None  # another start of the app
    assert Backups(database.folder, FILE_NAME).make_if_due(NOW + EVERY * 2) == second  # nothing has changed


def test_what_a_crash_left_of_a_copy_is_no_backup_and_goes(database: Database) -> None:
    database.backups.make("use", NOW)
    half = database.backups.folder / "20261123T110000000000Z-use.part"
    half.write_bytes(b"half")
    os.utime(half, (0, 0))

    assert len(database.backups.all()) == 1
    database.backups.make("hand", NOW + EVERY)
    assert not half.exists()


def test_a_damaged_database_is_not_copied_over_what_is_good(database: Database) -> None:
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO preferences VALUES (?, ?)", ((f"more {number}", "y" * 300) for number in range(2000))
        )
    good = database.backups.make("use", NOW)
    database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    overwrite_pages(database.folder / FILE_NAME)

    with pytest.raises(DamagedData):
        database.backups.make("hand", NOW + EVERY)
    assert database.backups.all() == [good]
    assert [file.name for file in database.backups.folder.iterdir()] == [good.file.name]


def overwrite_pages(file: Path, first: int = 20, last: int = 40) -> None:
    """Write nonsense over some pages in the middle of a database."""
    with file.open("r+b") as database:
        database.seek(first * 4096)
        database.write(b"\xa5" * 4096 * (last - first))


def test_trouble_with_an_automatic_backup_is_told_and_stops_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.data_folder.shutil.disk_usage", lambda _: type("Usage", (), {"free": 5_000}))
    database.backups.attempt(NOW)

    assert database.backups.trouble is not None
    assert "0.0 MB" in database.backups.trouble.message("en")
    assert database.backups.all() == []
    monkeypatch.undo()
    database.backups.attempt(NOW + EVERY)
    assert database.backups.trouble is None
    assert len(database.backups.all()) == 1


def test_all_of_two_days_stay_then_one_a_day_a_week_a_month() -> None:
    there = [made(hours / 2) for hours in range(2 * 24 * 400)]
    staying = stays(there)

    assert [backup for backup in there if backup.at > NOW - timedelta(days=2)] == staying[: 2 * 48]
    older = staying[2 * 48 :]
    assert max(Counter(backup.at.date() for backup in older).values()) == 1
    assert {backup.at.date() for backup in staying} >= {(NOW - timedelta(days=day)).date() for day in range(14)}
    months = {(backup.at.year, backup.at.month) for backup in staying}
    assert len(months) == 12
    assert len(older) < 14 + 8 + 12
    assert thinned(staying, NOW) == []


def test_what_was_made_by_hand_is_not_thinned_by_age() -> None:
    there = [made(24 * 31 * month) for month in range(20)] + [made(24 * 900, "hand")]

    assert thinned(there, NOW) == there[14:20]


def test_for_want_of_room_the_many_young_go_first_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROOM", 100)
    there = [made(hours / 2, size=10) for hours in range(2 * 24 * 60)]
    staying = stays(there)

    assert staying[:NEWEST] == there[:NEWEST]
    assert len(staying) == 10
    assert NOW - staying[-1].at > timedelta(days=20)
    large = [made(hours, size=90) for hours in range(9)]
    assert stays(large) == large[:NEWEST]
