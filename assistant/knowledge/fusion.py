"""Makes one order of two: keyword scores and cosines, each brought to the same scale first. Knows ids and numbers only.

A model's cosines lie close together, and where depends on the model: only their order and distances within one question
tell something. Those of the hashed vectors, which need no model, are small unless texts share their very characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fusion:
    """How much the vectors weigh beside the keywords, 0 to 1, and whether both are stretched to the same range before.

    ``stretched`` off takes both as they are, which suits vectors whose cosine is near 0 where nothing is shared.
    """

    weight: float
    stretched: bool

    def scores(self, keywords: Mapping[int, float], cosines: Mapping[int, float]) -> dict[int, float]:
        """Return every id's score, 0 to 1; what one side does not know counts there as its weakest."""
        if not keywords or not cosines or not self.stretched:
            return self._as_they_are(keywords, cosines)
        best, nearest, farthest = max(keywords.values()), max(cosines.values()), min(cosines.values())
        by_word = {id_: score / best for id_, score in keywords.items()} if best > 0 else dict(keywords)
        spread = nearest - farthest
        by_vector = {id_: (cosine - farthest) / spread if spread else 1.0 for id_, cosine in cosines.items()}
        # Back to a scale on which different questions can be compared: what the two legs gave at best.
        scale = self._sum(best, max(0.0, nearest))
        return {
            id_: scale * self._sum(by_word.get(id_, 0.0), by_vector.get(id_, 0.0))
            for id_ in keywords.keys() | cosines.keys()
        }

    def _as_they_are(self, keywords: Mapping[int, float], cosines: Mapping[int, float]) -> dict[int, float]:
        return {
            id_: self._sum(keywords.get(id_, 0.0), max(0.0, cosines.get(id_, 0.0)))
            for id_ in keywords.keys() | cosines.keys()
        }

    def _sum(self, keyword: float, vector: float) -> float:
        return (1 - self.weight) * keyword + self.weight * vector
