"""The SQLite file: whole transactions, migrations once, one long writer."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from assistant.database import FILE_NAME, Database
from assistant.errors import Busy, DataFolderError


def names(database: Database) -> list[str]:
    return [row[0] for row in database.connection.execute("SELECT name FROM preferences ORDER BY name")]


def choose(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("INSERT INTO preferences VALUES (?, '1')", (name,))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "data")


def test_a_block_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        choose(connection, "a")
        1 / 0  # noqa: B018

    assert names(database) == []
    with database.transaction() as connection:
        choose(connection, "b")
    assert names(database) == ["b"]


def test_a_block_inside_a_block_joins_it(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as outer:
        choose(outer, "outer")
        with database.transaction() as inner:
            choose(inner, "inner")
        1 / 0  # noqa: B018

    assert names(database) == []


def test_another_thread_sees_only_what_is_committed(database: Database) -> None:
    seen: list[list[str]] = []

    def look() -> None:
        seen.append(names(database))
        database.close()

    with database.transaction() as connection:
        choose(connection, "a")
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    assert seen == [[]]
    assert names(database) == ["a"]


def test_the_data_survives_opening_it_again(database: Database) -> None:
    with database.transaction() as connection:
        choose(connection, "kept")
    database.close()

    assert names(Database(database.folder)) == ["kept"]


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    database.close()
    with closing(sqlite3.connect(database.folder / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.commit()

    with pytest.raises(DataFolderError) as refused:
        Database(database.folder)
    assert "99" in refused.value.message("zh")


def test_a_data_folder_that_is_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    with pytest.raises(DataFolderError):
        Database(tmp_path / "data")


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"something else " * 1000)

    with pytest.raises(DataFolderError):
        Database(tmp_path)


def test_a_second_writer_is_told_who_holds_the_lock(database: Database) -> None:
    with database.writer("sync"), pytest.raises(Busy) as busy, database.writer("other", seconds=0.05):
        pass

    assert "sync (pid " in busy.value.message("en")


def test_the_lock_is_free_again_after_a_failure(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writer("sync"):
        1 / 0  # noqa: B018

    with database.writer("next", seconds=0.05):
        pass
