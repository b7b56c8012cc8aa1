"""Notes, chunks and vectors in the database, whole notes at a time. Owns these tables; knows no file, model or FAISS."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from assistant.database import Database
from assistant.errors import NoteError, NotFound
from assistant.knowledge import keywords, terms
from assistant.knowledge.chunks import Chunk, Piece
from assistant.knowledge.notes import Note, Quality
from assistant.knowledge.stored import (
    CHUNK_COLUMNS,
    NOTE_COLUMNS,
    Place,
    Stored,
    chunk_of,
    chunk_values,
    embedding_text,
    keyword_texts,
    links_of_row,
    note_values,
    stored_of,
    text_hash,
)
from assistant.language.wiki import WikiLink

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Store:
    """The notes as they were last read."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def generation(self) -> int:
        """Count the committed changes to chunks; equal numbers mean equal chunks."""
        return int(self._all("SELECT number FROM generation")[0][0])

    def notes(self) -> list[Stored]:
        """List all notes by path, failed ones too."""
        rows = self._all(
            "SELECT n.id, root, file, path, title, kind, content_hash, size, encoding, page_starts, problems, failure, synced_at, tags, aliases,"
            " (SELECT modified_at FROM note_dates d WHERE d.note_id = n.id) AS modified_at,"
            " count(c.id) AS chunks, coalesce(sum(c.tokens), 0) AS tokens"
            " FROM notes n LEFT JOIN chunks c ON c.note_id = n.id GROUP BY n.id ORDER BY path"
        )
        return [stored_of(row) for row in rows]

    def note_text(self, path: str) -> tuple[str, str, str, tuple[int, ...]]:
        """Return root, file, decoded text and page starts of the note that the learner knows as ``path``."""
        rows = self._all("SELECT root, file, text, page_starts FROM notes WHERE path = ?", path)
        if not rows:
            raise NotFound(what=path)
        return rows[0]["root"], rows[0]["file"], rows[0]["text"], tuple(json.loads(rows[0]["page_starts"]))

    def qualities(self, path: str) -> tuple[Quality, ...]:
        """Return what each page of a note is, nothing where that is not known."""
        rows = self._all("SELECT qualities FROM notes WHERE path = ?", path)
        return tuple(json.loads(rows[0][0])) if rows and rows[0][0] else ()

    def links(self) -> dict[str, tuple[WikiLink, ...]]:
        """Return the links of all notes that have any, by path."""
        rows = self._all("SELECT path, links FROM notes WHERE links IS NOT NULL AND links != '[]'")
        return {row["path"]: links_of_row(row["links"]) for row in rows}

    def path_of_text(self, text: str) -> str | None:
        """Return a note that holds this very passage, one or (if long enough) several chunks: where a renamed note went."""
        rows = self._all(
            "SELECT n.path FROM chunks c JOIN notes n ON n.id = c.note_id WHERE c.text = ?1 UNION ALL"
            " SELECT path FROM notes WHERE length(?1) > 100 AND instr(text, ?1) > 0 LIMIT 1", text,
        )  # fmt: skip
        return rows[0][0] if rows else None

    def chunks(self, ids: Sequence[int]) -> list[Chunk]:
        """Return the chunks of these ids in their order; ids that are gone are left out."""
        found = {
            row["id"]: chunk_of(row)
            for row in self._chunk_rows("c.id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))
        }
        return [found[id_] for id_ in ids if id_ in found]

    def chunks_of(self, path: str) -> list[Chunk]:
        """Return a note's chunks from top to bottom."""
        return [chunk_of(row) for row in self._chunk_rows("n.path = ? ORDER BY c.ordinal", path)]

    def chunk_ids(self, paths: Collection[str] | None = None) -> list[int]:
        """List all chunk ids, or those of the notes (or folders of notes) named by ``paths``."""
        if paths is None:
            return [row[0] for row in self._all("SELECT id FROM chunks")]
        ids: list[int] = []
        for path in paths:
            folder = path.rstrip("/") + "/"
            ids += [
                row[0]
                for row in self._all(
                    "SELECT c.id FROM chunks c JOIN notes n ON n.id = c.note_id WHERE n.path = ? OR substr(n.path, 1, ?) = ?",
                    path, len(folder), folder,
                )
            ]  # fmt: skip
        return ids

    def text_hashes(self, ids: Sequence[int]) -> dict[int, str]:
        """Map chunk ids to the hash of their embedded text; equal hashes are equal passages."""
        query = "SELECT id, text_hash FROM chunks WHERE id IN (SELECT value FROM json_each(?))"
        return {row[0]: row[1] for row in self._all(query, json.dumps(list(ids)))}

    def ordinals(self, ids: Sequence[int]) -> dict[int, int]:
        """Map chunk ids to their places in their notes, counted from 0."""
        rows = self._all("SELECT id, ordinal FROM chunks WHERE id IN (SELECT value FROM json_each(?))", json.dumps(ids))
        return {row[0]: row[1] for row in rows}

    def chunks_without_vector(self, note_id: int, embedder: str) -> list[Chunk]:
        """Return a note's chunks for which this embedder has no vector."""
        return [
            chunk_of(row)
            for row in self._chunk_rows(
                "n.id = ? AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.text_hash = c.text_hash AND v.embedder = ?)",
                note_id, embedder,
            )
        ]  # fmt: skip

    def without_vector(self, embedder: str, hashes: Collection[str]) -> set[str]:
        """Return those hashes for which this embedder has no vector yet."""
        query = "SELECT text_hash FROM vectors WHERE embedder = ? AND text_hash IN (SELECT value FROM json_each(?))"
        return set(hashes) - {row[0] for row in self._all(query, embedder, json.dumps(list(hashes)))}

    def dimension(self, embedder: str) -> int | None:
        """Return how long this embedder's vectors are, None while there is none."""
        rows = self._all("SELECT length(vector) / 4 FROM vectors WHERE embedder = ? LIMIT 1", embedder)
        return int(rows[0][0]) if rows else None

    def save(self, place: Place, note: Note, size: int, pieces: Sequence[Piece]) -> tuple[int, int]:
        """Put a note in the place of what stood there, keeping chunks whose text did not change; return (kept, new)."""
        return self.save_all([(place, note, size, pieces)])

    def save_all(self, notes: Iterable[tuple[Place, Note, int, Sequence[Piece]]]) -> tuple[int, int]:
        """Do what ``save`` does for many notes in one transaction; return (kept, new) of all together."""
        kept, new, words = 0, 0, []
        with self.database.transaction() as connection:
            for place, note, size, pieces in notes:
                note_id = self._write_note(connection, _known(connection, place), place, note, size)
                again, rows = self._replace_chunks(connection, note_id, note.title, place.path, pieces)
                terms.write(connection, note_id, note.text)
                kept, new = kept + again, new + len(pieces) - again
                words += rows
            # Last and at once: FTS5 writes what it holds to disk as soon as another table is changed.
            keywords.add(connection, words)
            _advance(connection)
        return kept, new

    def save_failure(self, place: Place, kind: str, content_hash: str, size: int, error: NoteError) -> None:
        """Remember that a file could not be read and why, so that it is not tried again until it changes."""
        failure = json.dumps({"kind": error.kind, "details": error.details})
        empty = Note(place.path, PurePosixPath(place.path).stem, "text", content_hash, "", "")
        with self.database.transaction() as connection:
            note_id = self._write_note(connection, _known(connection, place), place, empty, size)
            self._replace_chunks(connection, note_id, empty.title, place.path, ())
            connection.execute("UPDATE notes SET failure = ?, kind = ? WHERE id = ?", (failure, kind, note_id))
            _advance(connection)

    def rename(self, moves: Sequence[tuple[int, Place]]) -> None:
        """Give notes new places; their chunks, ids and vectors stay."""
        if not moves:
            return
        with self.database.transaction() as connection:
            titles = {note_id: self._free_path(connection, note_id) for note_id, _ in moves}
            for note_id, place in moves:
                self._move(connection, note_id, place, *titles[note_id])
            _advance(connection)

    def _free_path(self, connection: sqlite3.Connection, note_id: int) -> tuple[str, str]:
        """Take a note's place off the board, so that others may swap places; return its former path and title."""
        row = connection.execute("SELECT path, title FROM notes WHERE id = ?", (note_id,)).fetchone()
        aside = f"/moving/{note_id}"
        connection.execute("UPDATE notes SET file = ?, path = ? WHERE id = ?", (aside, aside, note_id))
        return row["path"], row["title"]

    def _move(self, connection: sqlite3.Connection, note_id: int, place: Place, old_path: str, old_title: str) -> None:
        title = PurePosixPath(place.path).stem if old_title == PurePosixPath(old_path).stem else old_title
        connection.execute(
            "UPDATE notes SET root = ?, file = ?, path = ?, title = ? WHERE id = ?",
            (place.root, place.file, place.path, title, note_id),
        )
        if title != old_title:  # the title is searched with every chunk
            chunks = connection.execute(
                "SELECT id, heading, lead, text FROM chunks WHERE note_id = ?", (note_id,)
            ).fetchall()
            keywords.remove(connection, [chunk["id"] for chunk in chunks])
            keywords.add(
                connection,
                [
                    (c["id"], *keyword_texts(place.path, title, json.loads(c["heading"]), c["lead"], c["text"]))
                    for c in chunks
                ],
            )

    def remove(self, note_ids: Collection[int]) -> None:
        """Forget notes with their chunks; vectors stay for the case that the text comes back."""
        with self.database.transaction() as connection:
            for note_id in note_ids:
                ids = [row[0] for row in connection.execute("SELECT id FROM chunks WHERE note_id = ?", (note_id,))]
                keywords.remove(connection, ids)
                connection.execute("DELETE FROM notes WHERE id = ?", (note_id,))
            _advance(connection)

    def tag_older(self, tags_of: Callable[[str], Sequence[str]]) -> None:
        """Give tags to Markdown notes that were read before tags were known; their chunks stay as they are."""
        with self.database.transaction() as connection:
            for row in self._all("SELECT id, text FROM notes WHERE tags IS NULL AND kind = 'markdown'"):
                tags = json.dumps(tags_of(row["text"]), ensure_ascii=False)
                connection.execute("UPDATE notes SET tags = ? WHERE id = ?", (tags, row["id"]))

    def save_vectors(self, embedder: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep vectors under the hash of their text."""
        with self.database.transaction() as connection:
            rows = ((embedder, key, vector.astype("<f4").tobytes()) for key, vector in vectors.items())
            checked = ((*row, zlib.crc32(row[2])) for row in rows)
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", checked)
            _advance(connection)

    def put_aside(self, embedder: str, hashes: Collection[str]) -> None:
        """Keep damaged vectors under another name, where nothing is searched; the next sync makes these anew."""
        with self.database.transaction() as connection:
            aside = "UPDATE OR REPLACE vectors SET embedder = ? WHERE embedder = ? AND text_hash = ?"
            connection.executemany(aside, [(f"{embedder} (damaged)", embedder, key) for key in hashes])
            _advance(connection)

    def _write_note(
        self, connection: sqlite3.Connection, note_id: int | None, place: Place, note: Note, size: int
    ) -> int:
        values = note_values(place, note, size)
        if note_id is None:
            added = f"INSERT INTO notes ({NOTE_COLUMNS}) VALUES ({','.join('?' * len(values))})"
            return int(connection.execute(added, values).lastrowid or 0)
        assignments = ", ".join(f"{column.strip()} = ?" for column in NOTE_COLUMNS.split(","))
        connection.execute(f"UPDATE notes SET {assignments}, failure = NULL WHERE id = ?", (*values, note_id))
        return note_id

    def _replace_chunks(
        self, connection: sqlite3.Connection, note_id: int, title: str, path: str, pieces: Sequence[Piece]
    ) -> tuple[int, list[tuple[int, str, str]]]:
        """Write a note's chunks; one whose embedded text stood there before keeps its id. Return how many did, and what is to be indexed."""
        old: dict[str, list[int]] = {}
        for row in connection.execute(
            "SELECT id, text_hash FROM chunks WHERE note_id = ? ORDER BY ordinal", (note_id,)
        ).fetchall():
            old.setdefault(row["text_hash"], []).append(row["id"])
        everything = [id_ for ids in old.values() for id_ in ids]
        connection.execute("UPDATE chunks SET ordinal = -ordinal - 1 WHERE note_id = ?", (note_id,))
        rows, kept = [], set()
        for ordinal, piece in enumerate(pieces):
            key = text_hash(embedding_text(title, path, piece))
            reused = old[key].pop(0) if old.get(key) else None
            if reused is not None:
                kept.add(reused)
            id_ = _write_chunk(connection, reused, note_id, ordinal, key, piece)
            rows.append((id_, *keyword_texts(path, title, piece.heading, piece.lead, piece.text)))
        keywords.remove(connection, everything)
        connection.execute("DELETE FROM chunks WHERE note_id = ? AND ordinal < 0", (note_id,))
        return len(kept), rows

    def _chunk_rows(self, where: str, *values: object) -> list[sqlite3.Row]:
        return self._all(
            "SELECT c.*, n.path, n.title, n.kind, coalesce(json_extract(n.qualities, '$[' || (c.page - 1) || ']') = 'ocr', 0) AS ocr"
            f" FROM chunks c JOIN notes n ON n.id = c.note_id WHERE {where}",
            *values,
        )

    def _all(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self.database.connection.execute(query, values).fetchall()


def _known(connection: sqlite3.Connection, place: Place) -> int | None:
    row = connection.execute("SELECT id FROM notes WHERE root = ? AND file = ?", (place.root, place.file)).fetchone()
    return row["id"] if row else None


def _write_chunk(
    connection: sqlite3.Connection, id_: int | None, note_id: int, ordinal: int, key: str, piece: Piece
) -> int:
    values = chunk_values(note_id, ordinal, key, piece)
    marks = ",".join("?" * len(values))
    if id_ is None:
        added = f"INSERT INTO chunks ({CHUNK_COLUMNS}) VALUES ({marks})"
        return int(connection.execute(added, values).lastrowid or 0)
    connection.execute(f"UPDATE chunks SET ({CHUNK_COLUMNS}) = ({marks}) WHERE id = ?", (*values, id_))
    return id_


def _advance(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE generation SET number = number + 1")
