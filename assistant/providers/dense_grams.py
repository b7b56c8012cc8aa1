"""The pairs and triples of characters in scripts without spaces, and their checksums, for many texts at once.

What zlib.crc32 says of each gram in UTF-8, computed over whole arrays: one by one that was most of a first sync.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grams = tuple[NDArray[np.uint32], NDArray[np.float64]]

_BITS = 21  # of a character


def dense_grams(texts: Sequence[Sequence[str]]) -> list[Grams]:
    """Return for each text, given as its runs, the checksums of its different grams and how often each occurs.

    A run of one character is a gram by itself. All characters are beyond U+07FF, as these scripts are.
    """
    import numpy as np

    # Two zeros part the runs, so that no pair or triple reaches over.
    joined = ["".join(f"{run}\0\0" for run in runs) for runs in texts]
    signs = np.frombuffer(("\0\0" + "".join(joined)).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    codes, names = _all_grams(signs)
    found, start = [], 2
    for text in joined:
        place = slice(start, start + len(text))
        start = place.stop
        name, code = names[:, place], codes[:, place]
        there = name > 0  # what is no gram has no name
        _, first, counts = np.unique(name[there], return_index=True, return_counts=True)
        found.append((code[there][first], counts.astype(np.float64)))
    return found


def _all_grams(signs: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Return for each place the checksums and names of the single sign, the pair and the triple that end there."""
    import numpy as np

    before, before_that = np.roll(signs, 1), np.roll(signs, 2)
    after = np.roll(signs, -1)
    bits = np.uint64(_BITS)
    pairs = np.where((signs > 0) & (before > 0), (before << bits) | signs, np.uint64(0))
    triples = np.where((pairs > 0) & (before_that > 0), (before_that << (bits + bits)) | pairs, np.uint64(0))
    singles = np.where((before == 0) & (after == 0), signs, np.uint64(0))
    one = _step(np.full(signs.shape, 0xFFFFFFFF, np.uint32), signs)
    two = _step(np.roll(one, 1), signs)
    three = _step(np.roll(two, 1), signs)
    return ~np.stack([one, two, three]), np.stack([singles, pairs, triples])


def _step(state: NDArray[np.uint32], signs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Take one character of three bytes into each checksum, or of four where there are such."""
    import numpy as np

    sign = signs.astype(np.uint32)
    six, more = np.uint32(0x3F), np.uint32(0x80)
    low, middle = more | (sign & six), more | ((sign >> np.uint32(6)) & six)
    done = _take(_take(_take(state, np.uint32(0xE0) | (sign >> np.uint32(12))), middle), low)
    large = sign > 0xFFFF
    if not large.any():
        return done
    third = more | ((sign >> np.uint32(12)) & six)
    longer = _take(_take(_take(_take(state, np.uint32(0xF0) | (sign >> np.uint32(18))), third), middle), low)
    return np.where(large, longer, done)


def _take(state: NDArray[np.uint32], byte: NDArray[np.uint32]) -> NDArray[np.uint32]:
    import numpy as np

    taken: NDArray[np.uint32] = (state >> np.uint32(8)) ^ _table()[(state ^ byte) & np.uint32(0xFF)]
    return taken


@cache
def _table() -> NDArray[np.uint32]:
    """Return what each byte does to an empty checksum, as zlib has it."""
    import numpy as np

    return np.array([~zlib.crc32(bytes([byte]), 0xFFFFFFFF) & 0xFFFFFFFF for byte in range(256)], np.uint32)
