"""An embedder without weights: texts that share character n-grams get similar vectors. Knows spelling, not meaning.

Needs no download, key or network, and gives the same vectors in every process and on every platform.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.language.normalise import normalise
from assistant.language.words import DENSE
from assistant.providers.dense_grams import dense_grams
from assistant.providers.word_grams import word_grams

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DIMENSION = 512
# Four signed places for each n-gram, one by each factor: two that collide in one place still differ in the others.
# The upper 9 bits of a product are the place, bit 20 is the sign; any odd factors with scattered bits would do.
_FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)
_DENSE_RUN = re.compile(f"[{DENSE}]+")
_WORD = re.compile(rf"[^\W{DENSE}]+")
_TOGETHER = 32  # texts: enough that arrays pay, and few enough that they stay small


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

        parts = [_rows(texts[at : at + _TOGETHER]) for at in range(0, len(texts), _TOGETHER)]
        return np.concatenate(parts) if parts else np.zeros((0, _DIMENSION), np.float32)


def _rows(texts: Sequence[str]) -> NDArray[np.float32]:
    import numpy as np

    split = [_runs(text) for text in texts]
    dense, spelt = dense_grams([runs for runs, _ in split]), word_grams([words for _, words in split])
    codes = np.concatenate([dense.codes, spelt.codes])
    weights = 1 + np.log(np.concatenate([dense.counts, spelt.counts]))
    mixed = (codes ^ (codes >> np.uint32(15))) * np.array(_FACTORS, np.uint32)[:, None]
    signed = np.where(mixed & np.uint32(1 << 20), weights, -weights)
    places = (mixed >> np.uint32(23)) + np.concatenate([dense.texts, spelt.texts]) * _DIMENSION
    summed = np.bincount(places.ravel(), signed.ravel(), len(texts) * _DIMENSION).reshape(-1, _DIMENSION)
    norms = np.linalg.norm(summed, axis=1, keepdims=True)
    return (summed / np.where(norms, norms, 1)).astype(np.float32)


def _runs(text: str) -> tuple[list[str], Counter[str]]:
    """Part a text into its runs of Chinese and the like, and its words with how often they stand there."""
    normal = normalise(text)
    return _DENSE_RUN.findall(normal), Counter(map(str.lower, _WORD.findall(normal)))
