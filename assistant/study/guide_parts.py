"""Finished parts of study guides, kept so that nothing is paid for twice. Owns their table; knows no model and no note."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import UTC, datetime

from assistant.database import Database

_ANEW = "anew "  # before the key of a call whose second writing is not finished as a whole
_LAYOUT = "layout "  # before the name of a guide: how many passages each of its parts holds


class GuideParts:
    """Texts by the key of the call that wrote them."""

    def __init__(self, database: Database, prefix: str = "") -> None:
        self.database = database
        self._prefix = prefix

    @property
    def anew(self) -> GuideParts:
        """A place beside this one for the second writing of the same calls: what waits there is not found here."""
        return GuideParts(self.database, _ANEW)

    def known(self, keys: Collection[str]) -> dict[str, str]:
        """Return the texts of those parts that are finished."""
        found: dict[str, str] = {}
        for key in keys:
            row = self.database.connection.execute(
                "SELECT text FROM guide_parts WHERE key = ?", (self._prefix + key,)
            ).fetchone()
            if row:
                found[key] = row["text"]
        return found

    def keep(self, key: str, text: str) -> None:
        """Keep a part at once, before the next one is paid for."""
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO guide_parts VALUES (?, ?, ?)",
                (self._prefix + key, text, datetime.now(UTC).isoformat(timespec="seconds")),
            )

    def layout(self, subject: str) -> tuple[int, ...]:
        """Return how many passages each part of a guide was given when its writing began; nothing where it never did."""
        text = self.known([_LAYOUT + subject]).get(_LAYOUT + subject, "")
        return tuple(map(int, text.split()))

    def keep_layout(self, subject: str, sizes: Collection[int]) -> None:
        """Keep how a guide is cut into parts, so that they are found again."""
        self.keep(_LAYOUT + subject, " ".join(map(str, sizes)))

    def forget(self, subject: str, keys: Collection[str]) -> None:
        """Drop a guide that nobody wants to read any more."""
        self._drop([_LAYOUT + subject, *keys])

    def replace(self, subject: str, keys: Collection[str], gone: Collection[str]) -> None:
        """Let the second writing of a guide take the place of the first, and drop ``gone``: all of it or nothing."""
        moved = [_LAYOUT + subject, *keys]
        with self.database.transaction() as connection:
            self._drop(gone)
            connection.executemany(
                "UPDATE OR REPLACE guide_parts SET key = ? WHERE key = ?", [(key, _ANEW + key) for key in moved]
            )

    def _drop(self, keys: Collection[str]) -> None:
        with self.database.transaction() as connection:
            connection.executemany("DELETE FROM guide_parts WHERE key = ?", [(self._prefix + key,) for key in keys])


def take_over_parts(connection: sqlite3.Connection) -> None:
    """Add the parts that only ``other`` has: they were paid for, and their key says for which call."""
    connection.execute("INSERT OR IGNORE INTO guide_parts SELECT * FROM other.guide_parts")
