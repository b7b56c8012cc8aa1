"""When the files of notes were last changed. Owns its table; knows no text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from assistant.database import Database


def date_of(file: Path) -> str:
    """Return the day on which a file was last changed, '' where the system does not tell."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime).astimezone().date().isoformat()
    except (OSError, OverflowError, ValueError):  # gone meanwhile; a time that no calendar has
        return ""


def keep_dates(database: Database, dates: Mapping[int, str]) -> None:
    """Keep the days of these notes by their ids; what is kept already is not written again."""
    known = dict(database.connection.execute("SELECT note_id, modified_at FROM note_dates").fetchall())
    new = [(note_id, day) for note_id, day in dates.items() if day and known.get(note_id) != day]
    if new:
        with database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO note_dates VALUES (?, ?)", new)
