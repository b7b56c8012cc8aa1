"""FAISS, derived from the vectors in the store and never trusted over them. Knows no text and no model, only ids and numbers."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

from assistant.knowledge.changes import Changes, Mark
from assistant.knowledge.segments import Precision, Segment
from assistant.knowledge.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class VectorIndex:
    """Inner products over one embedder's unit vectors, kept in step with the store; implements ``Nearest``.

    FAISS crashes when one thread adds while another searches, and this object is shared by all sessions: every call
    into FAISS happens under one lock. Ids are the store's chunk ids, which are never reused.
    """

    def __init__(self, store: Store, embedder: str, precision: Precision = "full") -> None:
        self._store = store
        self._changes = Changes(store.database, embedder)
        self._precision = precision
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._segments: list[Segment] = []
        self._waiting: set[int] = set()  # chunks whose vectors are not there yet
        self._mark: Mark | None = None

    def __len__(self) -> int:
        return sum(len(segment) for segment in self._segments)

    @property
    def dimension(self) -> int | None:
        """How long the vectors are that it holds, None while it holds none."""
        return self._segments[0].dimension if self._segments else None

    @property
    def size(self) -> int:
        """How many bytes its vectors take in memory."""
        return sum(segment.size for segment in self._segments)

    def search(
        self, vector: NDArray[np.float32], limit: int, only: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the ``limit`` nearest chunk ids with their cosine, best first; ``only`` restricts them to these ids."""
        import numpy as np

        wanted = None if only is None else np.fromiter(only, dtype=np.int64, count=len(only))
        with self._lock:
            self._refresh()
            found = [pair for segment in self._segments for pair in segment.search(vector, limit, wanted)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def refresh(self) -> None:
        """Take over what was committed since; the first call builds the whole index."""
        with self._lock:
            self._refresh()

    def _refresh(self) -> None:
        if self._mark is not None and self._mark.generation == self._store.generation():
            return
        since, self._mark = self._mark, None  # whatever fails from here on: the next call builds anew
        with self._store.database.snapshot():
            mark = self._changes.mark()
            went = self._changes.went(since) if since else None
            if since is None or went is None:  # the first time, or so long ago that nobody remembers what went
                self._clear()
                self._waiting = self._changes.ids()
                self._append(None)
            else:
                self._waiting |= self._changes.came(since).keys()
                self._drop(went)
                self._append(self._waiting)
        self._changes.give_damaged(self._store.put_aside)
        self._mark = mark

    def _append(self, ids: set[int] | None) -> None:
        """Take in the vectors of these chunks, or of all; those that have none go on waiting."""
        if ids is not None and not ids:
            return
        for found, rows in self._changes.vectors(ids):
            self._waiting -= set(found)
            taken = 0
            while taken < len(found):
                if not self._segments or self._segments[-1].full:
                    self._segments.append(Segment(rows.shape[1], self._precision))
                taken += self._segments[-1].add(found[taken:], rows[taken:])

    def _drop(self, ids: Collection[int]) -> None:
        import numpy as np

        if ids:
            self._waiting -= set(ids)
            gone = np.fromiter(ids, dtype=np.int64, count=len(ids))
            for segment in self._segments:
                segment.drop(gone)
            self._segments = [segment for segment in self._segments if len(segment)]
