"""Builds the vectors of another embedding model beside those in use. Knows no price and no screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from assistant.errors import Cancelled
from assistant.knowledge.chunks import Chunk
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Stored, embedding_text, text_hash
from assistant.knowledge.sync import Progress, SyncReport
from assistant.providers.base import Embedder


class Reembedding:
    """One pass over all notes with a new embedder; runs as a ``SyncJob`` does, and goes on where it was stopped."""

    def __init__(self, store: Store, embedder: Embedder, finished: Callable[[], None]) -> None:
        self._store = store
        self._embedder = embedder
        self._finished = finished

    def estimate(self) -> SyncReport:
        """Count the chunks that have no vector of the new model yet, and their tokens; sends nothing."""
        report = SyncReport(cost=None)
        for note, lacking in self._open():
            report.changed.append(note.place.path)
            report.embedded_chunks += len(lacking)
            report.embedding_tokens += sum(chunk.piece.tokens for chunk in lacking)
        return report

    def run(
        self,
        on_progress: Callable[[Progress], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> SyncReport:
        """Embed note by note, keeping each at once; switch over only when nothing is missing."""
        started = time.perf_counter()
        report = SyncReport(cost=None)
        with self._store.database.writer("embedding"):
            todo = list(self._open())
            for done, (note, lacking) in enumerate(todo):
                if cancelled():
                    raise Cancelled
                on_progress(Progress(done, len(todo), note.place.path))
                self._embed(lacking)
                report.changed.append(note.place.path)
                report.embedded_chunks += len(lacking)
                report.embedding_tokens += sum(chunk.piece.tokens for chunk in lacking)
        self._finished()
        notes = self._store.notes()
        report.notes = sum(note.state != "failed" for note in notes)
        report.chunks = sum(note.chunks for note in notes)
        report.seconds = time.perf_counter() - started
        return report

    def _open(self) -> Iterator[tuple[Stored, list[Chunk]]]:
        for note in self._store.notes():
            lacking = self._store.chunks_without_vector(note.id, self._embedder.key) if note.chunks else []
            if lacking:
                yield note, lacking

    def _embed(self, chunks: list[Chunk]) -> None:
        texts = [embedding_text(chunk.title, chunk.note, chunk.piece) for chunk in chunks]
        by_hash = {text_hash(text): text for text in texts}
        vectors = self._embedder.embed(list(by_hash.values()))
        self._store.save_vectors(self._embedder.key, dict(zip(by_hash, vectors, strict=True)))
