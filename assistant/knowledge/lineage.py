"""What must be done to a library that goes back to a former state, so that nobody takes it for the one that was. Knows no file."""

from __future__ import annotations

import sqlite3
import time

from assistant.database import Database

# Ids that others hold on to: indexes in memory and on servers, answers that are still being written.
_NEVER_REUSED = ("chunks", "gone_chunks", "turns")


def part_ways(database: Database, leap: int | None = None) -> None:
    """Leap over every number that the other line may have given out; each index that follows it then builds itself anew.

    ``leap`` is larger each time: the milliseconds of the clock.
    """
    leap = leap or int(time.time() * 1000)
    with database.transaction() as connection:
        for table in _NEVER_REUSED:
            connection.execute("INSERT INTO sqlite_sequence SELECT ?1, 0 WHERE ?1 NOT IN (SELECT name FROM sqlite_sequence)", (table,))  # fmt: skip
            connection.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?", (leap, table))
        # The first entry behind a gap tells an index that it has slept through more than is remembered.
        connection.execute("INSERT INTO gone_chunks (chunk_id, text_hash) VALUES (0, '')")
        connection.execute("UPDATE generation SET number = number + ?", (leap,))


def take_over_paid(connection: sqlite3.Connection) -> None:
    """Add the vectors and recognised pages of ``other``: kept under the hash of what they were made from, they fit any state."""
    connection.execute("INSERT OR IGNORE INTO vectors SELECT * FROM other.vectors")
    connection.execute("INSERT OR IGNORE INTO ocr_pages SELECT * FROM other.ocr_pages")
