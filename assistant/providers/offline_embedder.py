"""An embedder without weights: texts that share character n-grams get similar vectors. Knows spelling, not meaning.

Needs no download, key or network, and gives the same vectors in every process and on every platform.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.language.normalise import normalise
from assistant.language.words import DENSE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DIMENSION = 512
# Four signed places for each n-gram, one by each factor: two that collide in one place still differ in the others.
# The upper 9 bits of a product are the place, bit 20 is the sign; any odd factors with scattered bits would do.
_FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)
_RUN = re.compile(rf"(?P<dense>[{DENSE}]+)|(?:(?![{DENSE}])\w)+")


class OfflineEmbedder:
    """Hashes the character n-grams of a text into a unit vector; implements ``Embedder``."""

    @property
    def key(self) -> str:
        """Name what the vectors depend on; a change of the code that changes them changes the number."""
        return "offline/hashed-ngrams-512-v1"

    @property
    def dimension(self) -> int:
        """The length of every vector."""
        return _DIMENSION

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text, of length 1, or 0 for a text without a letter or digit."""
        import numpy as np

        rows = np.zeros((len(texts), _DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            counts = Counter(_grams(text))
            # crc32, not hash(): Python salts hash() anew in every process.
            codes = np.fromiter((zlib.crc32(gram.encode("utf-8", "surrogatepass")) for gram in counts), np.uint32)
            weights = 1 + np.log(np.fromiter(counts.values(), np.float64))
            summed = np.zeros(_DIMENSION)
            for factor in _FACTORS:
                mixed = (codes ^ (codes >> np.uint32(15))) * np.uint32(factor)
                signs = np.where(mixed & np.uint32(1 << 20), weights, -weights)
                summed += np.bincount(mixed >> np.uint32(23), signs, minlength=_DIMENSION)
            row[:] = summed / (np.linalg.norm(summed) or 1.0)
        return rows


def _grams(text: str) -> Iterator[str]:
    for run in _RUN.finditer(normalise(text)):
        if run["dense"]:
            yield from _slices(run[0], (2, 3) if len(run[0]) > 1 else (1,))
        else:
            word = f"^{run[0].lower()}$"
            yield word
            yield from _slices(word, (3, 4))


def _slices(run: str, sizes: tuple[int, ...]) -> Iterator[str]:
    return (run[start : start + size] for size in sizes for start in range(len(run) - size + 1))
