"""An embedder without weights: texts that share character n-grams get similar vectors. Knows spelling, not meaning.

Needs no download, key or network, and gives the same vectors in every process and on every platform.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant.language.normalise import normalise
from assistant.language.words import DENSE
from assistant.providers.dense_grams import dense_grams

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from assistant.providers.dense_grams import Grams

_DIMENSION = 512
# Four signed places for each n-gram, one by each factor: two that collide in one place still differ in the others.
# The upper 9 bits of a product are the place, bit 20 is the sign; any odd factors with scattered bits would do.
_FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)
_DENSE_RUN = re.compile(f"[{DENSE}]+")
_WORD = re.compile(rf"[^\W{DENSE}]+")


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
        split = [_runs(text) for text in texts]
        dense = dense_grams([runs for runs, _ in split])
        for row, (codes, counts), (_, spelt) in zip(rows, dense, split, strict=True):
            more, often = _word_grams(spelt)
            _fill(row, np.concatenate([codes, more]), np.concatenate([counts, often]))
        return rows


def _fill(row: NDArray[np.float32], codes: NDArray[np.uint32], counts: NDArray[np.float64]) -> None:
    import numpy as np

    weights = 1 + np.log(counts)
    mixed = (codes ^ (codes >> np.uint32(15))) * np.array(_FACTORS, np.uint32)[:, None]
    signed = np.where(mixed & np.uint32(1 << 20), weights, -weights)
    summed = np.bincount((mixed >> np.uint32(23)).ravel(), signed.ravel(), minlength=_DIMENSION)
    row[:] = summed / (np.linalg.norm(summed) or 1.0)


def _runs(text: str) -> tuple[list[str], Counter[str]]:
    """Part a text into its runs of Chinese and the like, and its words with how often they stand there."""
    normal = normalise(text)
    spelt: Counter[str] = Counter()
    for word, often in Counter(_WORD.findall(normal)).items():
        spelt[word.lower()] += often
    return _DENSE_RUN.findall(normal), spelt


def _word_grams(spelt: Counter[str]) -> Grams:
    """Return the codes of all grams of some words, and how often each occurs."""
    import numpy as np

    if not spelt:
        return np.zeros(0, np.uint32), np.zeros(0)
    keys = [_keys(word) for word in spelt]
    often = np.repeat(np.fromiter(spelt.values(), np.float64), [len(each) for each in keys])
    unique, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    return (unique & np.uint64(0xFFFFFFFF)).astype(np.uint32), np.bincount(inverse.ravel(), often).astype(np.float64)


@lru_cache(maxsize=20_000)
def _keys(word: str) -> NDArray[np.uint64]:
    """Name each gram of a word: its code, and above it another checksum, so that two grams do not pass for one."""
    import numpy as np

    marked = f"^{word}$"
    grams = [marked, *_slices(marked, (3, 4))]
    # crc32, not hash(): Python salts hash() anew in every process.
    named = [
        (zlib.adler32(gram) << 32) | zlib.crc32(gram) for gram in (g.encode("utf-8", "surrogatepass") for g in grams)
    ]
    return np.array(named, np.uint64)


def _slices(run: str, sizes: tuple[int, ...]) -> Iterator[str]:
    return (run[start : start + size] for size in sizes for start in range(len(run) - size + 1))
