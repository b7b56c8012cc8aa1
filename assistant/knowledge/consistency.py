"""Compares notes, chunks, vectors and keywords with each other. Only reads; a sync repairs what is derived."""

from __future__ import annotations

from assistant.database import Database
from assistant.knowledge.changes import is_whole

_CHECKS = {
    "chunks without their note": "SELECT count(*) FROM chunks WHERE note_id NOT IN (SELECT id FROM notes)",
    "readable notes with text but no chunk": (
        "SELECT count(*) FROM notes WHERE failure IS NULL AND trim(text) != '' AND id NOT IN (SELECT note_id FROM chunks)"
    ),
    "chunks without a vector": (
        "SELECT count(*) FROM chunks WHERE text_hash NOT IN (SELECT text_hash FROM vectors WHERE embedder = ?)"
    ),
    "chunks without keywords": "SELECT count(*) FROM chunks WHERE id NOT IN (SELECT chunk_id FROM keyword_texts)",
    "keywords without their chunk": "SELECT count(*) FROM keyword_texts WHERE chunk_id NOT IN (SELECT id FROM chunks)",
    "chunks that are not the text of their note": (
        "SELECT count(*) FROM chunks c JOIN notes n ON n.id = c.note_id"
        " WHERE substr(n.text, c.char_start + 1, c.char_end - c.char_start) != c.text"
    ),
}


def contradictions(database: Database, embedder: str) -> list[str]:
    """Return one line per contradiction in the database, none when all is well."""
    wrong: list[str] = []
    for text, query in _CHECKS.items():
        values = [embedder] if "?" in query else []
        count = database.connection.execute(query, values).fetchone()[0]
        if count:
            wrong.append(f"{count} {text}")
    vectors = database.connection.execute("SELECT vector, checksum FROM vectors WHERE embedder = ?", (embedder,))
    if damaged := sum(not is_whole(row) for row in vectors):
        wrong.append(f"{damaged} vectors that are not what was written")
    damage = database.connection.execute("PRAGMA integrity_check").fetchone()[0]
    return wrong if damage == "ok" else [*wrong, str(damage)]


def notes_without_vector(database: Database, embedder: str) -> set[int]:
    """Return the ids of notes with a chunk for which this embedder has no vector: after another one, or a crash."""
    rows = database.connection.execute(
        "SELECT DISTINCT note_id FROM chunks c WHERE NOT EXISTS"
        " (SELECT 1 FROM vectors v WHERE v.text_hash = c.text_hash AND v.embedder = ?)",
        (embedder,),
    )
    return {row[0] for row in rows}
