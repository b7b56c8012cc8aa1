"""What a vector index can do, whichever keeps it. Knows none of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Nearest(Protocol):
    """Finds chunks by one embedder's vectors, and follows the store."""

    def __len__(self) -> int: ...

    @property
    def dimension(self) -> int | None:
        """How long the vectors are that it holds, None while it holds none."""

    def search(
        self, vector: NDArray[np.float32], limit: int, only: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the ``limit`` nearest chunk ids with their cosine, best first; ``only`` restricts them to these ids."""

    def refresh(self) -> None:
        """Take over what was committed since; the first call takes over everything."""
