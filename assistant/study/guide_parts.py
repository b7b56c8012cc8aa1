"""Finished parts of study guides, kept so that nothing is paid for twice. Owns their table; knows no model and no note."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import UTC, datetime

from assistant.database import Database


class GuideParts:
    """Texts by the key of the call that wrote them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, keys: Collection[str]) -> dict[str, str]:
        """Return the texts of those parts that are finished."""
        found: dict[str, str] = {}
        for key in keys:
            row = self._database.connection.execute("SELECT text FROM guide_parts WHERE key = ?", (key,)).fetchone()
            if row:
                found[key] = row["text"]
        return found

    def keep(self, key: str, text: str) -> None:
        """Keep a part at once, before the next one is paid for."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO guide_parts VALUES (?, ?, ?)",
                (key, text, datetime.now(UTC).isoformat(timespec="seconds")),
            )

    def forget(self, keys: Collection[str]) -> None:
        """Drop parts that the learner wants written anew."""
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM guide_parts WHERE key = ?", [(key,) for key in keys])


def take_over_parts(connection: sqlite3.Connection) -> None:
    """Add the parts that only ``other`` has: they were paid for, and their key says for which call."""
    connection.execute("INSERT OR IGNORE INTO guide_parts SELECT * FROM other.guide_parts")
