"""Makes a large library for bench/size.py: real sentences shuffled into chunks, and clustered vectors. Measures nothing."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.database import Database
from assistant.evaluate.beir import read_collection
from assistant.knowledge.chunks import Piece
from assistant.knowledge.notes import Note
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Place, embedding_text, text_hash
from assistant.language import words

EMBEDDER = "bench/clustered"
CHUNKS_PER_NOTE = 20
_SENTENCE = re.compile(r"[^。！？.!?\n]{12,}[。！？.!?]?")
_CLUSTER_SIZE = 50  # chunks to a subject
_SPREAD = 0.6  # length of the noise around a subject, whose own length is 1: neighbours have cosines around 0.7


def sentences(folder: Path) -> dict[str, list[str]]:
    """Return the sentences of each BEIR set below a folder."""
    sets = sorted(path for path in folder.iterdir() if (path / "qrels").is_dir())
    read = {path.name: [document.text for document in read_collection(path).documents] for path in sets}
    return {name: [found for text in texts for found in _SENTENCE.findall(text)] for name, texts in read.items()}


def questions(folder: Path, count: int) -> list[str]:
    """Return real questions, equally many of each set."""
    sets = sorted(path for path in folder.iterdir() if (path / "qrels").is_dir())
    chance = random.Random(3)
    asked = [query for path in sets for query in chance.sample(read_collection(path).judged, -(-count // len(sets)))]
    chance.shuffle(asked)
    return [query.text for query in asked[:count]]


def clustered(count: int, dimension: int, seed: int, subjects: int) -> Iterator[NDArray[np.float32]]:
    """Yield unit vectors by the thousand: each is a subject's vector with noise; the subjects are the same for any seed."""
    centres = np.random.default_rng(1).standard_normal((subjects, dimension), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    chance = np.random.default_rng(seed)
    for first in range(0, count, 1000):
        size = min(1000, count - first)
        noise = chance.standard_normal((size, dimension), dtype=np.float32)
        noise *= _SPREAD / np.linalg.norm(noise, axis=1, keepdims=True)
        rows = centres[chance.integers(subjects, size=size)] + noise
        yield rows / np.linalg.norm(rows, axis=1, keepdims=True)


def vectors(count: int, dimension: int, seed: int, library: int) -> NDArray[np.float32]:
    """Return so many vectors about the subjects of a library of ``library`` chunks."""
    return np.concatenate(list(clustered(count, dimension, seed, max(1, library // _CLUSTER_SIZE))))


def note(
    number: int, pool: list[str], chance: random.Random, chunks: int = CHUNKS_PER_NOTE
) -> tuple[Note, list[Piece]]:
    """Put together a note of passages of four to eight sentences each."""
    pieces: list[Piece] = []
    at, line, texts = 0, 1, []
    for ordinal in range(chunks):
        text = " ".join(chance.sample(pool, chance.randint(4, 8)))
        heading = (chance.choice(pool)[:20].strip(), f"{ordinal}")
        pieces.append(Piece(text, heading, None, (line, line), (at, at + len(text)), len(text) // 3))
        texts.append(text)
        at, line = at + len(text) + 2, line + 2
    text = "\n\n".join(texts)
    return Note(f"note-{number}.md", f"note-{number}", "markdown", text_hash(text), text, "utf-8"), pieces


def put(store: Store, made: Note, pieces: list[Piece], rows: NDArray[np.float32]) -> None:
    """Save a note with its vectors, as a sync does it: in one transaction each."""
    keys = [text_hash(embedding_text(made.title, made.path, piece)) for piece in pieces]
    store.save_vectors(EMBEDDER, dict(zip(keys, rows, strict=True)))
    store.save(Place("/bench", made.path, made.path), made, len(made.text), pieces)


def build(data: Path, texts: Path, chunks: int, dimension: int) -> None:
    """Fill a data folder with a library, and write the plain keyword table that ours is compared with."""
    store, pools, chance = Store(Database(data)), list(sentences(texts).values()), random.Random(5)
    rows = clustered(chunks, dimension, 2, max(1, chunks // _CLUSTER_SIZE))
    per_batch = 1000 // CHUNKS_PER_NOTE
    for first, batch in enumerate(rows):
        with store.database.transaction():  # a measurement may lose what a learner's note must not
            for offset in range(0, len(batch), CHUNKS_PER_NOTE):
                number = first * per_batch + offset // CHUNKS_PER_NOTE
                few = batch[offset : offset + CHUNKS_PER_NOTE]
                put(store, *note(number, chance.choice(pools), chance, len(few)), few)
    plain(data, store)
    store.database.close()


def plain(data: Path, store: Store) -> None:
    """Write what one would write by hand: one FTS5 column that holds the segmented words of each chunk."""
    connection = sqlite3.connect(data / "plain.db")
    connection.execute("CREATE VIRTUAL TABLE plain USING fts5 (text, tokenize = \"ascii tokenchars '_-.+#~'\")")
    rows = store.database.connection.execute("SELECT chunk_id, title_words || body_words AS said FROM keyword_texts")
    connection.executemany("INSERT INTO plain (rowid, text) VALUES (?, ?)", ((row[0], row[1]) for row in rows))
    connection.commit()
    connection.close()


def plain_search(connection: sqlite3.Connection, question: str, limit: int) -> list[int]:
    """Ask the plain table for any of the question's words, ordered by FTS5's own BM25."""
    asked = dict.fromkeys(words.query_terms(question))
    match = " OR ".join('"' + term.replace('"', "") + '"' for term in asked)
    if not match:
        return []
    query = f"SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT {limit}"
    return [row[0] for row in connection.execute(query, (match,))]
