"""Vectors that came from outside, as the rows that the store keeps: checked, in float32 and of length 1. Knows no server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.providers.base import Embedder, ServedEmbedder
from assistant.providers.failures import Call
from assistant.providers.reasons import because

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Requests are limited in tokens as well (OpenAI: 300 000), and no vocabulary in use makes more than two of a character.
_MOST_CHARACTERS = 150_000


def batches(texts: Sequence[str], most: int) -> Iterator[slice]:
    """Cut texts into requests of at most ``most``, fewer where they are long."""
    start = size = 0
    for place, text in enumerate(texts):
        if place > start and (place - start >= most or size + len(text) > _MOST_CHARACTERS):
            yield slice(start, place)
            start, size = place, 0
        size += len(text)
    if start < len(texts):
        yield slice(start, len(texts))


def embed_all(embedder: ServedEmbedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Embed texts request by request, for those who need no bill."""
    return stacked([embedder.embed_batch(texts[place]).rows for place in batches(texts, embedder.max_texts)])


def stacked(parts: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Lay the rows of several requests below each other; those that held blank texts alone may not know their length."""
    import numpy as np

    width = max((part.shape[1] for part in parts), default=0)
    wide = [part if part.shape[1] else np.zeros((len(part), width), dtype=np.float32) for part in parts]
    return np.concatenate(wide) if wide else np.zeros((0, width), dtype=np.float32)


def unit_rows(
    count: int, wanted: Sequence[int], vectors: Sequence[Sequence[float]], dimension: int | None, call: Call
) -> NDArray[np.float32]:
    """Lay vectors into the rows ``wanted`` of ``count``; a wrong length, a wrong number or a vector of zeros is refused."""
    import numpy as np

    if not wanted:
        return np.zeros((count, dimension or 0), dtype=np.float32)
    try:
        found = np.asarray(vectors, dtype=np.float64)
    except (ValueError, TypeError):  # rows of different lengths, or no numbers
        raise call.bad(because("uneven")) from None
    if found.ndim != 2 or len(found) != len(wanted) or found.shape[1] != (dimension or found.shape[1]):
        raise call.bad(because("shape", found=found.shape, wanted=(len(wanted), dimension)))
    # A server that is set up wrongly answers with zeros, and everything would be equally near to them.
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise call.bad(because("zeros"))
    rows = np.zeros((count, found.shape[1]), dtype=np.float32)
    rows[np.asarray(wanted)] = found / lengths
    return rows


def learned_dimension(embedder: Embedder) -> int:
    """Find out how long a model's vectors are, by asking for one."""
    return int(embedder.embed(["a"]).shape[1])
