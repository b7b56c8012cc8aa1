"""The learner's own terms: mined from each note when it is stored, looked up by any of their spellings.

Owns the table of terms inside the caller's SQLite connection and transaction; never commits. Knows no search and no screen.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from assistant.knowledge.definitions import definitions
from assistant.knowledge.term_names import Name

VERSION = 1  # of what is mined: raised where it finds other things than before
_MOST = 2000  # of one note: a dictionary among the notes shall not drown the rest


@dataclass(frozen=True, slots=True)
class Mined:
    """A term at one place: the note by its path, and the lines; ``definition`` is empty where it is only named."""

    name: Name
    definition: str
    note: str
    lines: tuple[int, int]


def write(connection: sqlite3.Connection, note_id: int, text: str) -> None:
    """Mine a note and put its terms in the place of what was known of it."""
    connection.execute("DELETE FROM terms WHERE note_id = ?", (note_id,))
    connection.executemany(
        "INSERT INTO terms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (note_id, found.name.zh, found.name.en, found.name.abbreviation, found.text, *found.lines, *found.name.keys)
            for found in definitions(text)[:_MOST]
        ),
    )
    connection.execute("UPDATE notes SET terms_read = ? WHERE id = ?", (VERSION, note_id))


def write_missing(connection: sqlite3.Connection) -> None:
    """Mine the notes that were stored before this version of the miner."""
    for row in connection.execute("SELECT id, text FROM notes WHERE terms_read <> ?", (VERSION,)).fetchall():
        write(connection, row[0], row[1])


def read(connection: sqlite3.Connection) -> list[Mined]:
    """List all terms by note and line."""
    rows = connection.execute(
        "SELECT zh, en, abbreviation, definition, path, line_first, line_last FROM terms t JOIN notes n ON n.id = t.note_id"
        " ORDER BY path, line_first, t.rowid"
    )
    return [Mined(Name(*row[:3]), row[3], row[4], (row[5], row[6])) for row in rows]


def spelled(connection: sqlite3.Connection, keys: Collection[str]) -> list[tuple[tuple[str, str, str], int]]:
    """Return the keys (zh, en, abbreviation) of every term that one of these spells, with how many places have it."""
    wanted = json.dumps(list(keys), ensure_ascii=False)
    same = " UNION ".join(
        f"SELECT rowid FROM terms WHERE {column} IN (SELECT value FROM json_each(:keys))"
        for column in ("zh_key", "en_key", "abbreviation_key")
    )
    rows = connection.execute(
        "SELECT zh_key, en_key, abbreviation_key, count(*) FROM terms"
        f" WHERE rowid IN ({same}) GROUP BY zh_key, en_key, abbreviation_key",
        {"keys": wanted},
    )
    return [((row[0], row[1], row[2]), row[3]) for row in rows]
