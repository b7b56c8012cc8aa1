"""Runs the app's own splitting, store and search over a BEIR set and measures what comes out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psutil

from assistant.evaluate.beir import Collection, Document, Query
from assistant.evaluate.metrics import judge
from assistant.knowledge.notes import Note
from assistant.knowledge.search import Search
from assistant.knowledge.split import split
from assistant.knowledge.store import Store
from assistant.knowledge.stored import PROGRAM, Place, embedding_text, text_hash
from assistant.providers.base import Embedder

BATCH = 200  # documents in one transaction: a measurement may lose what a learner's note must not
CHUNKS_PER_DOCUMENT = 4  # chunks asked for per document wanted, since several may belong to one


def evaluate(collection: Collection, store: Store, search: Search, embedder: Embedder, depth: int) -> dict[str, Any]:
    """Index the documents into an empty store, ask every judged query, and return the contract's figures."""
    started = time.perf_counter()
    fill(collection, store, embedder)
    search.find("warm up")  # the first search builds the vector index
    index_seconds = time.perf_counter() - started
    chunks = len(store.chunk_ids())

    seconds: list[float] = []
    run = {query.id: _ranked(query, search, depth, seconds) for query in collection.judged}
    figures = judge(run, collection.qrels)
    return {
        "queries": figures.queries,
        "ndcg_at_10": round(figures.ndcg_at_10, 4),
        "recall_at_5": round(figures.recall_at_5, 4),
        "mrr_at_10": round(figures.mrr_at_10, 4),
        "documents": len(collection.documents),
        "chunks": chunks,
        "index_seconds": round(index_seconds, 2),
        "chunks_per_second": round(chunks / index_seconds, 1) if index_seconds else None,
        "query_ms": {"p50": quantile(seconds, 0.5), "p95": quantile(seconds, 0.95)},
        "peak_rss_mb": round(peak_memory() / 1e6, 1),
    }


def fill(collection: Collection, store: Store, embedder: Embedder | None) -> None:
    """Index the documents of a set into an empty store; without an embedder only for keywords."""
    for first in range(0, len(collection.documents), BATCH):
        with store.database.transaction():
            for document in collection.documents[first : first + BATCH]:
                _index(document, store, embedder)


def _index(document: Document, store: Store, embedder: Embedder | None) -> None:
    note = Note(document.id, document.title, "text", text_hash(document.text), document.text, "utf-8")
    pieces = split(note)
    texts = {text_hash(text): text for text in (embedding_text(note.title, note.path, piece) for piece in pieces)}
    if texts and embedder is not None:
        store.save_vectors(embedder.key, dict(zip(texts, embedder.embed(list(texts.values())), strict=True)))
    store.save(Place(PROGRAM, note.path, note.path), note, len(note.text), pieces)


def _ranked(query: Query, search: Search, depth: int, seconds: list[float]) -> list[str]:
    """Return document ids, each at the place of its best chunk."""
    started = time.perf_counter()
    matches = search.find(query.text, depth * CHUNKS_PER_DOCUMENT).matches
    seconds.append(time.perf_counter() - started)
    return list(dict.fromkeys(match.chunk.note for match in matches))[:depth]


def quantile(seconds: Sequence[float], share: float) -> float | None:
    """Return the time that this share of the calls stayed below, in milliseconds; None without a call."""
    ordered = sorted(seconds)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else None


def peak_memory() -> int:
    """Return the most bytes that this process has held so far."""
    memory = psutil.Process().memory_info()
    try:
        import resource
        import sys
    except ImportError:  # Windows keeps the peak elsewhere
        return int(getattr(memory, "peak_wset", memory.rss))
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
