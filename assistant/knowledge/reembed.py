"""Builds the vectors of another embedding model beside those in use. Knows no screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from assistant.errors import Cancelled
from assistant.knowledge.embedding import fill, lacking
from assistant.knowledge.report import Progress, SyncReport, waiting
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Stored
from assistant.money.metering import MeteredEmbedder


class Reembedding:
    """One pass over all notes with a new embedder; runs as a ``SyncJob`` does, and goes on where it was stopped."""

    def __init__(self, store: Store, embedder: MeteredEmbedder, finished: Callable[[], object]) -> None:
        self._store = store
        self._embedder = embedder
        self._finished = finished

    def estimate(self) -> SyncReport:
        """Report the chunks that have no vector of the new model yet, and what that will take; sends nothing."""
        report, asked = SyncReport(), set[str]()
        for note, texts in self._open():
            report.changed.append(note.place.path)
            new = [text for key, text in texts.items() if key not in asked]  # a passage in two notes is sent once
            asked |= texts.keys()
            report.embedding_tokens += self._embedder.tokens(new)
        report.embedded_chunks = len(asked)
        report.cost = self._embedder.forecast(report.embedding_tokens)
        report.minutes = self._embedder.minutes(report.embedding_tokens)
        return self._counted(report)

    def run(
        self,
        on_progress: Callable[[Progress], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> SyncReport:
        """Embed note by note, keeping each request's vectors at once; switch over only when nothing is missing."""
        started = time.perf_counter()
        report = SyncReport()
        with self._store.database.writer("embedding"):
            todo = [note for note, _ in self._open()]
            for done, note in enumerate(todo):
                if cancelled():
                    raise Cancelled
                progress = Progress(done, len(todo), note.place.path)
                on_progress(progress)
                texts = lacking(self._store, self._embedder, note)
                for batch in fill(self._store, self._embedder, texts, waiting(progress, on_progress), cancelled):
                    report.add(batch)
                report.changed.append(note.place.path)
        self._finished()
        report.seconds = time.perf_counter() - started
        report.minutes = report.seconds / 60
        return self._counted(report)

    def _open(self) -> Iterator[tuple[Stored, dict[str, str]]]:
        for note in self._store.notes():
            texts = lacking(self._store, self._embedder, note)
            if texts:
                yield note, texts

    def _counted(self, report: SyncReport) -> SyncReport:
        notes = self._store.notes()
        report.notes = sum(note.error is None for note in notes)
        report.chunks = sum(note.chunks for note in notes)
        report.known_chunks = report.chunks - report.embedded_chunks
        report.noticed = [(note.place.path, notice) for note in notes for notice in note.notices]
        return report
