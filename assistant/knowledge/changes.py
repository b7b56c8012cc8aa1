"""What an index needs to follow the store: which chunks came and went since it last looked, and their vectors. Only reads."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.database import Database

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_ONCE = 4096  # vectors: 16 MB of 1 024 numbers each, and a power of two, so that a segment grows without waste


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the chunks stood at one time: how often they had changed, the newest of them, and the last that went."""

    generation: int
    newest: int
    gone: int


class Changes:
    """The chunks and vectors of one embedder, as an index sees them."""

    def __init__(self, database: Database, embedder: str) -> None:
        self.database = database
        self.embedder = embedder
        self.damaged: set[str] = set()  # texts whose vectors were read and are not what was written

    def mark(self) -> Mark:
        """Return where the chunks stand now, to ask later what has changed since."""
        row = self._all(
            "SELECT (SELECT number FROM generation), (SELECT coalesce(max(id), 0) FROM chunks),"
            " (SELECT coalesce(max(number), 0) FROM gone_chunks)"
        )[0]
        return Mark(*row)

    def came(self, since: Mark) -> dict[int, str]:
        """Map the chunks that came since to the hashes of their texts; ids only ever grow."""
        return {
            row["id"]: row["text_hash"]
            for row in self._all("SELECT id, text_hash FROM chunks WHERE id > ?", since.newest)
        }

    def went(self, since: Mark) -> dict[int, str] | None:
        """Map the chunks that went since to the hashes of their texts; None where that was forgotten already."""
        rows = self._all("SELECT * FROM gone_chunks WHERE number > ? ORDER BY number", since.gone)
        if rows and rows[0]["number"] > since.gone + 1:
            return None
        return {row["chunk_id"]: row["text_hash"] for row in rows}

    def ids(self) -> set[int]:
        """Return the ids of all chunks."""
        return {row[0] for row in self._all("SELECT id FROM chunks")}

    def texts(self) -> set[str]:
        """Return the hashes of all chunks' texts."""
        return {row[0] for row in self._all("SELECT DISTINCT text_hash FROM chunks")}

    def ids_of(self, texts: Sequence[str]) -> dict[str, list[int]]:
        """Map texts to the chunks that hold them; those that none holds are left out."""
        found: dict[str, list[int]] = {}
        query = "SELECT text_hash, id FROM chunks WHERE text_hash IN (SELECT value FROM json_each(?)) ORDER BY id"
        for row in self._all(query, json.dumps(texts)):
            found.setdefault(row["text_hash"], []).append(row["id"])
        return found

    def searchable(self, texts: Collection[str] | None = None) -> set[str]:
        """Return which texts, or which of these, stand in a chunk and have a vector."""
        given: tuple[str, ...]
        if texts is None:
            tables, given = "vectors v", ()
        else:
            tables, given = "json_each(?) j CROSS JOIN vectors v ON v.text_hash = j.value", (json.dumps(list(texts)),)
        query = (
            f"SELECT v.text_hash FROM {tables} WHERE v.embedder = ?"
            " AND EXISTS (SELECT 1 FROM chunks c WHERE c.text_hash = v.text_hash)"
        )
        return {row[0] for row in self._all(query, *given, self.embedder)}

    def vectors(self, ids: Collection[int] | None = None) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Yield the vectors of all chunks, or of these, some thousands at once: ids, and an array of as many rows."""
        # The cross joins fix the order: all are read as they lie on the disk, a few are looked up one by one.
        given: tuple[str, ...]
        if ids is None:
            tables, given = "vectors v CROSS JOIN chunks c ON c.text_hash = v.text_hash", ()
        else:
            tables = (
                "json_each(?) j CROSS JOIN chunks c ON c.id = j.value CROSS JOIN vectors v ON v.text_hash = c.text_hash"
            )
            given = (json.dumps(list(ids)),)
        query = f"SELECT c.id, v.vector, v.checksum, v.text_hash FROM {tables} WHERE v.embedder = ?"
        found = self.database.connection.execute(query, (*given, self.embedder))
        while read := found.fetchmany(_AT_ONCE):
            rows = [row for row in read if is_whole(row)]
            self.damaged |= {row["text_hash"] for row in read} - {row["text_hash"] for row in rows}
            if rows:
                yield [row[0] for row in rows], _matrix(rows)

    def vectors_of(self, texts: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
        """Return those of these texts that have a vector, and an array of as many rows."""
        query = (
            "SELECT text_hash, vector, checksum FROM vectors"
            " WHERE embedder = ? AND text_hash IN (SELECT value FROM json_each(?))"
        )
        read = self._all(query, self.embedder, json.dumps(texts))
        rows = [row for row in read if is_whole(row)]
        self.damaged |= {row["text_hash"] for row in read} - {row["text_hash"] for row in rows}
        return [row[0] for row in rows], _matrix(rows)

    def give_damaged(self, put_aside: Callable[[str, Collection[str]], None]) -> None:
        """Hand over which vectors were damaged, once; not in the middle of a snapshot, where nothing may be written."""
        if self.damaged and not self.database.connection.in_transaction:
            put_aside(self.embedder, self.damaged)
            self.damaged = set()

    def library(self) -> str:
        """Name this library apart from all others, for a server that several may share."""
        return str(self._all("SELECT id FROM library")[0][0])

    def _all(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self.database.connection.execute(query, values).fetchall()


def is_whole(row: sqlite3.Row) -> bool:
    """Tell whether a vector is what was written, by its checksum where it has one."""
    return row["checksum"] is None or zlib.crc32(row["vector"]) == row["checksum"]


def _matrix(rows: Sequence[sqlite3.Row]) -> NDArray[np.float32]:
    """Put the second column together; an empty list has no width to tell."""
    import numpy as np

    matrix = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4").astype(np.float32, copy=False)
    return matrix.reshape(len(rows), -1) if rows else matrix.reshape(0, 0)
