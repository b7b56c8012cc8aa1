"""The pairs and triples of characters in scripts without spaces, and their checksums, for many texts at once.

What zlib.crc32 says of each gram in UTF-8, computed over whole arrays: one by one that was most of a first sync.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.providers.gram_counts import Grams, counted, different, nothing_taken, take

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BITS = 21  # of a character


def dense_grams(texts: Sequence[Sequence[str]]) -> Grams:
    """Return the different grams of the texts, each given as its runs.

    A run of one character is a gram by itself. All characters are beyond U+07FF, as these scripts are.
    """
    import numpy as np

    # Two zeros part the runs, so that no pair or triple reaches over.
    joined = ["".join(f"{run}\0\0" for run in runs) for runs in texts]
    signs = np.frombuffer(("\0\0" + "".join(joined)).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    codes, names = _all_grams(signs)
    of_text = np.repeat(np.arange(-1, len(texts)), [2, *map(len, joined)])  # the first zeros are of none
    there = names > 0  # what is no gram has no name
    return counted(np.broadcast_to(of_text, names.shape)[there], *different(names[there], codes[there]), None)


def _all_grams(signs: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Return for each place the checksums and names of the single sign, the pair and the triple that end there."""
    import numpy as np

    before, before_that = np.roll(signs, 1), np.roll(signs, 2)
    after = np.roll(signs, -1)
    bits = np.uint64(_BITS)
    pairs = np.where((signs > 0) & (before > 0), (before << bits) | signs, np.uint64(0))
    triples = np.where((pairs > 0) & (before_that > 0), (before_that << (bits + bits)) | pairs, np.uint64(0))
    singles = np.where((before == 0) & (after == 0), signs, np.uint64(0))
    one = _step(nothing_taken(len(signs)), signs)
    two = _step(np.roll(one, 1), signs)
    three = _step(np.roll(two, 1), signs)
    return ~np.stack([one, two, three]), np.stack([singles, pairs, triples])


def _step(state: NDArray[np.uint32], signs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Take one character of three bytes into each checksum, or of four where there are such."""
    import numpy as np

    sign = signs.astype(np.uint32)
    six, more = np.uint32(0x3F), np.uint32(0x80)
    low, middle = more | (sign & six), more | ((sign >> np.uint32(6)) & six)
    done = take(take(take(state, np.uint32(0xE0) | (sign >> np.uint32(12))), middle), low)
    large = sign > 0xFFFF
    if not large.any():
        return done
    third = more | ((sign >> np.uint32(12)) & six)
    longer = take(take(take(take(state, np.uint32(0xF0) | (sign >> np.uint32(18))), third), middle), low)
    return np.where(large, longer, done)
