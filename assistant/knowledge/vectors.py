"""FAISS, derived from the vectors in the store and never trusted over them. Knows no text and no model, only ids and numbers."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from assistant.knowledge.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class VectorIndex:
    """Inner products over one embedder's unit vectors, kept in step with the store.

    FAISS crashes when one thread adds while another searches, and this object is shared by all sessions: every call
    into FAISS happens under one lock. Ids are the store's chunk ids, which are never reused.
    """

    def __init__(self, store: Store, embedder: str) -> None:
        self._store = store
        self._embedder = embedder
        self._lock = threading.Lock()
        self._index: Any = None
        self._ids: set[int] = set()
        self._generation = -1

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def dimension(self) -> int | None:
        """How long the vectors are that it holds, None while it holds none."""
        return None if self._index is None else int(self._index.d)

    def search(
        self, vector: NDArray[np.float32], limit: int, only: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the ``limit`` nearest chunk ids with their cosine, best first; ``only`` restricts them to these ids."""
        import faiss
        import numpy as np

        with self._lock:
            self._refresh()
            if not self._ids:
                return []
            parameters: Any = None
            if only is not None:
                wanted = np.fromiter(only, dtype=np.int64, count=len(only))
                parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(wanted))  # type: ignore[call-arg]  # SWIG
            cosines, ids = self._index.search(vector.reshape(1, -1), min(limit, len(self._ids)), params=parameters)
        return [(int(id_), float(cosine)) for id_, cosine in zip(ids[0], cosines[0], strict=True) if id_ >= 0]

    def refresh(self) -> None:
        """Take over what was committed since; the first call builds the whole index."""
        with self._lock:
            self._refresh()

    def _refresh(self) -> None:
        generation = self._store.generation()
        if generation == self._generation:
            return
        import faiss
        import numpy as np

        current = set(self._store.chunk_ids())
        gone = self._ids - current
        if gone:
            self._index.remove_ids(np.fromiter(gone, dtype=np.int64, count=len(gone)))
            self._ids -= gone
        new = current - self._ids
        if new:
            ids, matrix = self._store.vectors(self._embedder, None if len(new) == len(current) else new)
            if ids:
                if self._index is None:
                    self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(matrix.shape[1]))
                self._index.add_with_ids(matrix, np.array(ids, dtype=np.int64))
                self._ids |= set(ids)
        self._generation = generation
