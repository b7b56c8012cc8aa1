"""Notes that were read and not yet written: what costs nothing to read again is saved many notes at a time.

SQLite ends a transaction, and its word index a part of itself, with far more work than a note takes. A crash loses a
second of reading at most, and nothing that was paid for. Knows no folder.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from assistant.knowledge.chunks import Piece
from assistant.knowledge.embedding import keep
from assistant.knowledge.notes import Note
from assistant.knowledge.plan import Job
from assistant.knowledge.report import SyncReport
from assistant.knowledge.store import Store
from assistant.knowledge.unfinished import Unfinished
from assistant.money.metering import MeteredEmbedder

_NOTES, _CHARACTERS, _SECONDS = 32, 1_000_000, 1.0


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note with its pieces, and those of their texts by hash that have no vector yet."""

    job: Job
    note: Note
    pieces: list[Piece]
    missing: dict[str, str]


class Unsaved:
    """Gathers notes, and writes them with their vectors in one transaction."""

    def __init__(self, store: Store, embedder: MeteredEmbedder, unfinished: Unfinished) -> None:
        self._store, self._embedder, self._unfinished = store, embedder, unfinished
        self._read: list[ReadNote] = []
        self._saved_at = -math.inf  # so the first note is written at once

    def add(self, read: ReadNote, report: SyncReport) -> None:
        """Take a note, and save them all when they are many, or nothing was saved for a while."""
        self._read.append(read)
        many = len(self._read) >= _NOTES or sum(len(each.note.text) for each in self._read) >= _CHARACTERS
        if many or time.monotonic() - self._saved_at >= _SECONDS:
            self.save(report)

    def save(self, report: SyncReport) -> None:
        """Write what was gathered; all of it is on disk afterwards, or nothing."""
        read, self._read = self._read, []
        if not read:
            return
        missing = {key: text for each in read for key, text in each.missing.items()}  # a passage in two notes is one
        made = list(self._embedder.embed_each(list(missing.values())))
        with self._store.database.transaction():
            for batch in made:
                keep(self._store, self._embedder, missing, batch)
            self._store.save_all([(each.job.place, each.note, each.job.found.size, each.pieces) for each in read])
            self._unfinished.step(len(read))
        for batch in made:
            report.add(batch)
        for each in read:
            report.sort(each.job.place.path, new=each.job.stored is None)
        self._saved_at = time.monotonic()
