"""Counts the grams of many texts at once, and takes bytes into checksums as zlib.crc32 does, over whole arrays. Knows no script."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Grams:
    """The different grams of some texts: of which text, with which checksum, how often there; text by text."""

    texts: NDArray[np.int64]
    codes: NDArray[np.uint32]
    counts: NDArray[np.float64]


def different(names: NDArray[np.uint64], codes: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
    """Number the grams by their names, and return the numbers and the checksum of each number."""
    import numpy as np

    unique, numbers = np.unique(names, return_inverse=True)  # asked where each is first, it would sort far slower
    by_number = np.zeros(len(unique), np.uint32)
    by_number[numbers] = codes
    return numbers, by_number


def counted(
    texts: NDArray[np.int64], grams: NDArray[np.intp], codes: NDArray[np.uint32], often: NDArray[np.float64] | None
) -> Grams:
    """Add up how ``often`` (once each if None) each text holds each gram, which is a place in ``codes``."""
    import numpy as np

    if not len(grams):
        return Grams(np.zeros(0, np.int64), codes[:0], np.zeros(0))
    # A table of all texts by all grams: far sooner filled than pairs of them are sorted.
    table = np.bincount(texts * len(codes) + grams, often)
    held = np.flatnonzero(table > 0)
    return Grams(held // len(codes), codes[held % len(codes)], table[held].astype(np.float64))


def nothing_taken(length: int) -> NDArray[np.uint32]:
    """Return so many checksums that have taken in no byte yet; what has taken all is read as its complement."""
    import numpy as np

    return np.full(length, 0xFFFFFFFF, np.uint32)


def take(state: NDArray[np.uint32], byte: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Take one more byte into each checksum."""
    import numpy as np

    taken: NDArray[np.uint32] = (state >> np.uint32(8)) ^ _table()[(state ^ byte) & np.uint32(0xFF)]
    return taken


@cache
def _table() -> NDArray[np.uint32]:
    """Return what each byte does to an empty checksum, as zlib has it."""
    import numpy as np

    return np.array([~zlib.crc32(bytes([byte]), 0xFFFFFFFF) & 0xFFFFFFFF for byte in range(256)], np.uint32)
