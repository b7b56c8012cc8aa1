"""A stretch of vectors in FAISS, small enough that growing it and clearing it up stay cheap. Knows no store and no lock.

One index for everything would copy all of it when it grows and move all of it when one vector goes: 0.4 GB for 100 000
chunks of 1 024 numbers. So vectors that went stay as tombstones until they are a quarter of their segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Precision = Literal["full", "half", "byte"]  # 4, 2 or 1 byte for each number
ROWS = 16_384
_TOMBSTONES = 0.25


class Segment:
    """Up to ``ROWS`` vectors with their chunk ids; only a full one is compressed, because it is added to no more."""

    def __init__(self, dimension: int, precision: Precision = "full") -> None:
        import faiss
        import numpy as np

        self.dimension = dimension
        self.full = False
        self._precision = precision
        self._index: Any = faiss.IndexFlatIP(dimension)
        self._ids = np.empty(0, dtype=np.int64)
        self._alive = np.empty(0, dtype=np.bool_)

    def __len__(self) -> int:
        return int(self._alive.sum())

    @property
    def size(self) -> int:
        """How many bytes the vectors take, tombstones too."""
        return int(self._index.ntotal) * int(self._index.code_size)

    def add(self, ids: Sequence[int], rows: NDArray[np.float32]) -> int:
        """Take as many as there is room for, and return how many that were."""
        import numpy as np

        taken = min(len(ids), ROWS - int(self._index.ntotal))
        self._index.add(rows[:taken])
        self._ids = np.concatenate([self._ids, np.array(ids[:taken], dtype=np.int64)])
        self._alive = np.concatenate([self._alive, np.ones(taken, dtype=np.bool_)])
        if self._index.ntotal == ROWS:
            self.full = True
            self._compress()
        return taken

    def drop(self, ids: NDArray[np.int64]) -> None:
        """Bury the vectors of these chunks; ids that are not here are passed over."""
        import numpy as np

        gone = np.isin(self._ids, ids)
        if not gone.any():
            return
        self._alive &= ~gone
        if len(self) < (1 - _TOMBSTONES) * len(self._ids):
            self._index.remove_ids(_selector(~self._alive))
            self._ids = self._ids[self._alive]
            self._alive = np.ones(len(self._ids), dtype=np.bool_)

    def search(
        self, vector: NDArray[np.float32], limit: int, only: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        """Return the nearest living ids with their cosine, in no order across segments."""
        import faiss
        import numpy as np

        open_to = self._alive if only is None else self._alive & np.isin(self._ids, only)
        count = int(open_to.sum())
        if not count:
            return []
        parameters = None
        if count < len(self._ids):
            parameters = faiss.SearchParameters(sel=_selector(open_to))  # type: ignore[call-arg]  # SWIG
        # One question never uses FAISS's other threads, yet they spin while they wait: 70 ms of CPU in place of 21.
        faiss.omp_set_num_threads(1)  # it holds for the calling thread only
        cosines, rows = self._index.search(vector.reshape(1, -1), min(limit, count), params=parameters)
        return [
            (int(self._ids[row]), float(cosine)) for row, cosine in zip(rows[0], cosines[0], strict=True) if row >= 0
        ]

    def _compress(self) -> None:
        """Put the vectors in fewer bytes; one byte each is cut to the range that every number has in this segment."""
        import faiss

        if self._precision == "full":
            return
        kind = faiss.ScalarQuantizer.QT_fp16 if self._precision == "half" else faiss.ScalarQuantizer.QT_8bit
        smaller = faiss.IndexScalarQuantizer(self.dimension, kind, faiss.METRIC_INNER_PRODUCT)
        rows = self._index.reconstruct_n(0, self._index.ntotal)
        smaller.train(rows)
        smaller.add(rows)
        self._index = smaller


def _selector(chosen: NDArray[np.bool_]) -> Any:
    """Return FAISS's view of a choice of rows; it holds on to the bits that it points into."""
    import faiss
    import numpy as np

    return faiss.IDSelectorBitmap(np.packbits(chosen, bitorder="little"))  # type: ignore[call-arg,arg-type]  # SWIG
