"""The vector of a question: asked for once, remembered, and done without where it cannot be had. Knows no keyword.

A question goes to its model only where there are vectors to compare it with: nobody gets those without a yes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import BadAnswer, ModelError, VectorStoreDown
from assistant.knowledge.nearest import Nearest
from assistant.money.cost import Paid
from assistant.money.metering import Batch, MeteredEmbedder
from assistant.providers.reasons import because

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REMEMBERED = 64  # questions: enough for every conversation that is open


@dataclass(frozen=True, slots=True)
class Sent:
    """What went to an embedding model so that a question could be searched; ``cost`` None is unknown."""

    provider: str
    model: str
    tokens: int
    cost: Paid | None
    local: bool

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with an answer, and given to scripts."""
        return {
            "provider": self.provider,
            "model": self.model,
            "tokens": self.tokens,
            "cost": self.cost.as_json() if self.cost else None,
            "local": self.local,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question was turned into a vector: ``used`` or not, what was ``sent`` for it, or why it failed."""

    used: bool = False
    sent: Sent | None = None
    failure: ModelError | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with an answer, an error in both languages."""
        error = self.failure
        said = error and {
            "kind": error.kind,
            **{language: error.message(language) for language in ("zh", "en")},
            "hint": {language: error.hint(language) for language in ("zh", "en")},
        }
        return {"vectors": self.used, "sent": self.sent.as_json() if self.sent else None, "without_vectors": said}


NO_VECTOR = Asked()


class QuestionVectors:
    """The vector half of a search: one index, and the model that its vectors are of."""

    def __init__(self, index: Nearest, embedder: MeteredEmbedder, wanted: Callable[[], bool]) -> None:
        self._index = index
        self._embedder = embedder
        self._wanted = wanted
        self._lock = threading.Lock()
        self._remembered: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def nearest(self, text: str, limit: int, only: Collection[int] | None) -> tuple[Asked, dict[int, float]]:
        """Return the cosines of the nearest chunks by id; none where vectors are not wanted or cannot be had."""
        try:
            self._index.refresh()
            if not len(self._index) or not text.strip() or not (self._embedder.offline or self._wanted()):
                return NO_VECTOR, {}
            vector, sent = self._vector(text)
        except ModelError as error:  # no network, a wrong key, no vector store: keywords find what they can
            return Asked(failure=error), {}
        if self._index.dimension not in (None, len(vector)):
            reason = because("length", found=len(vector), kept=self._index.dimension)
            return Asked(sent=sent, failure=BadAnswer(provider=self._embedder.entry.provider, reason=reason)), {}
        try:
            return Asked(used=True, sent=sent), dict(self._index.search(vector, limit, only))
        except VectorStoreDown as error:
            return Asked(sent=sent, failure=error), {}

    def _vector(self, text: str) -> tuple[NDArray[np.float32], Sent | None]:
        """Return a text's vector from memory, else from the model."""
        with self._lock:
            if text in self._remembered:
                self._remembered.move_to_end(text)
                return self._remembered[text], None
        batch = self._embedder.embed_once(text)
        with self._lock:
            self._remembered[text] = batch.rows[0]
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return batch.rows[0], None if self._embedder.offline else self._sent(batch)

    def _sent(self, batch: Batch) -> Sent:
        entry = self._embedder.entry
        return Sent(entry.provider, entry.name, batch.tokens, batch.cost, entry.local)
