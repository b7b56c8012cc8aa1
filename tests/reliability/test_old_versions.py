"""Databases of every version that there was open with their rows, after a backup; one of a later version is left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

from assistant import restoring
from assistant.backups import version_in
from assistant.bootstrap import Assistant
from assistant.cli import main
from assistant.database import FILE_NAME, Database, newest_version
from assistant.errors import NewerData

SCRIPTS = sorted(file.name for file in resources.files("assistant.migrations").iterdir() if file.name.endswith(".sql"))
ROWS = {
    1: (
        "INSERT INTO notes VALUES (1, '/n', 'a.md', 'a.md', 'A', 'markdown', 'h', 3, 'utf-8', 'abc', '[]', '[]', NULL, '2026-01-01')",
        "INSERT INTO chunks VALUES (7, 1, 0, 'th', '[]', '', NULL, 1, 1, 0, 3, 1, 'abc')",
        "INSERT INTO vectors VALUES ('offline/hashed-ngrams', 'th', x'0000803f')",
        "INSERT INTO uploads VALUES ('u', 'up.md', '.md', 1, '2026-01-01')",
        "INSERT INTO conversations VALUES ('c', 'asked', '2026-01-01', '2026-01-01')",
        "INSERT INTO turns VALUES (5, 'c', 'q', 'a', 'complete', '{}', '2026-01-01')",
        "INSERT INTO preferences VALUES ('language', '\"en\"')",
    ),
    2: (
        "INSERT INTO ledger (at, purpose, provider, model, state, predicted_tokens, currency, amount, seconds)"
        " VALUES ('2026-01-01T00:00:00+00:00', 'answer', 'deepseek', 'm', 'complete', 9, 'CNY', '0.01', 1.0)",
    ),
    7: ("INSERT INTO ocr_pages VALUES ('h', 1, 'read', 0.9, '2026-01-01')",),
    12: ("INSERT INTO dropped_cards VALUES ('k')",),
    13: ("INSERT INTO quizzes VALUES ('z', 'quiz', '2026-01-01', 0)",),
    14: ("INSERT INTO guide_parts VALUES ('g', 'text', '2026-01-01')",),
}
KEPT = {
    1: {
        "SELECT path, text FROM notes": ("a.md", "abc"),
        "SELECT id, text FROM chunks": (7, "abc"),
        "SELECT vector FROM vectors": (b"\x00\x00\x80\x3f",),
        "SELECT name FROM uploads": ("up.md",),
        "SELECT id, title FROM conversations": ("c", "asked"),
        "SELECT id, question, answer FROM turns": (5, "q", "a"),
        "SELECT value FROM preferences": ('"en"',),
    },
    2: {"SELECT model, amount FROM ledger": ("m", "0.01")},
    7: {"SELECT text FROM ocr_pages": ("read",)},
    12: {"SELECT key FROM dropped_cards": ("k",)},
    13: {"SELECT title FROM quizzes": ("quiz",)},
    14: {"SELECT text FROM guide_parts": ("text",)},
}


def old_database(folder: Path, version: int) -> Path:
    """Make the database as the app of that version left it, with rows in its tables."""
    folder.mkdir(exist_ok=True)
    file = folder / FILE_NAME
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for number, script in enumerate(SCRIPTS[:version], start=1):
            connection.executescript(resources.files("assistant.migrations").joinpath(script).read_text("utf-8"))
            for row in ROWS.get(number, ()):
                connection.execute(row)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    return file


@pytest.mark.case(92)
@pytest.mark.parametrize("version", range(1, len(SCRIPTS) + 1))
def test_data_of_every_earlier_version_opens_with_its_rows_after_a_backup(tmp_path: Path, version: int) -> None:
    file = old_database(tmp_path / "data", version)
    database = Database(tmp_path / "data")
    try:
        assert version_in(file) == version or version_in(file) == newest_version()
        assert database.connection.execute("PRAGMA user_version").fetchone()[0] == newest_version()
        for since, kept in KEPT.items():
            for query, row in kept.items() if since <= version else ():
                assert [tuple(found) for found in database.connection.execute(query)] == [row], query
        assert database.connection.execute("PRAGMA foreign_key_check").fetchall() == []
        made = [(one.reason, one.version) for one in database.backups.all()]
        assert made == ([("migration", version)] if version < newest_version() else [])
    finally:
        database.close()


@pytest.mark.case(92)
def test_the_app_works_over_data_of_the_first_version(
    tmp_path: Path, notes: Path, open_app: Callable[..., Assistant]
) -> None:
    old_database(tmp_path / "data", 1)
    app = open_app()
    app.sync().run()

    assert app.search.find("square root").relevant
    assert [chat.title for chat in app.conversations.all()] == ["asked"]
    assert app.settings.language == "en"


@pytest.mark.case(92)
def test_a_backup_of_an_earlier_version_is_restored_and_brought_up_to_date(tmp_path: Path) -> None:
    old_database(tmp_path / "data", 3)
    Database(tmp_path / "data").close()
    database = Database(tmp_path / "data")
    (before,) = database.backups.all()
    with database.transaction() as connection:
        connection.execute("DELETE FROM conversations")

    restoring.restore(database.folder, before.file)
    assert [row[0] for row in database.connection.execute("SELECT title FROM conversations")] == ["asked"]
    assert database.connection.execute("PRAGMA user_version").fetchone()[0] == newest_version()
    database.close()


@pytest.mark.case(92)
def test_data_of_a_later_version_is_said_and_left_as_it_is_and_its_last_backup_leads_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    old_database(folder, 5)
    Database(folder).close()
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:  # what an update would do
        connection.execute("CREATE TABLE later (id)")
        connection.execute("PRAGMA user_version = 99")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    with pytest.raises(NewerData) as refused:
        Database(folder)
    assert "99" in refused.value.message("zh")
    assert main(["search", "q", "--data", str(folder), "--json"]) == 1
    assert '"newer_data"' in capsys.readouterr().out
    assert {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before

    assert main(["restore", "--yes", "--json", "--data", str(folder)]) == 0
    again = Database(folder)
    assert [row[0] for row in again.connection.execute("SELECT title FROM conversations")] == ["asked"]
    assert sorted(one.version for one in again.backups.all()) == [5, 99]
    again.close()
