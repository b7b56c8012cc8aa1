"""From a question to the chunks that matter, or honestly none: keywords lead, vectors add. Knows no prompt.

A model that charges for vectors, or lives elsewhere, is sent each question once; without it keywords answer alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from assistant.errors import ModelError
from assistant.knowledge import keywords, relevance
from assistant.knowledge.asked import NO_VECTOR, Asked, QuestionVectors, Sent
from assistant.knowledge.chunks import Match, Scores
from assistant.knowledge.expansion import Expansion
from assistant.knowledge.store import Store
from assistant.knowledge.vectors import VectorIndex
from assistant.language.dictionary import Dictionary
from assistant.money.metering import MeteredEmbedder

CANDIDATES = 50
# Share of a vector's cosine in the score. Hashed vectors carry no meaning of their own: see bench/results/retrieval.md.
VECTOR_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Findings:
    """The best matches, best first; ``relevant`` is False where even the best is too weak to answer from.

    ``asked`` says whether vectors helped to find them, and what the question's vector has taken.
    """

    matches: tuple[Match, ...]
    relevant: bool
    asked: Asked = field(default=NO_VECTOR, compare=False)

    @property
    def with_vectors(self) -> bool:
        """Whether vectors were searched, beside keywords."""
        return self.asked.used

    @property
    def without_vectors(self) -> ModelError | None:
        """Why the embedding model gave no vector for the question, where it was asked for one."""
        return self.asked.failure

    @property
    def sent(self) -> Sent | None:
        """What this search has sent to the embedding model; None where nothing left this process."""
        return self.asked.sent


class Search:
    """Fuses the keyword index and the vector index of one store."""

    def __init__(
        self,
        store: Store,
        index: VectorIndex,
        embedder: MeteredEmbedder,
        wanted: Callable[[], bool] = lambda: True,
        dictionary: Dictionary | None = None,
    ) -> None:
        self._store = store
        self._legs = QuestionVectors(index, embedder, wanted)
        self._wanted = wanted
        self._expansion = Expansion(dictionary)

    def use(self, index: VectorIndex, embedder: MeteredEmbedder) -> None:
        """Search with other vectors from now on; both change together, or a query would meet vectors of another model."""
        self._legs = QuestionVectors(index, embedder, self._wanted)

    def find(
        self,
        question: str,
        limit: int = 6,
        *,
        context: str = "",
        within: Collection[str] | None = None,
        by_vectors: bool = True,
    ) -> Findings:
        """Search for ``question``; ``context`` is what a follow-up refers to, ``within`` names notes or folders.

        Without ``by_vectors`` nothing is sent, whatever the embedding model: for questions that nobody has asked.
        """
        only = None if within is None else self._store.chunk_ids(within)
        if only is not None and not only:
            return Findings((), relevant=False)
        connection = self._store.database.connection
        groups = self._expansion.groups(connection, question)
        found = keywords.search(connection, question, CANDIDATES, context=context, only=only, groups=groups)
        hits = {hit.chunk_id: hit for hit in found}
        asked, cosines = NO_VECTOR, dict[int, float]()
        if by_vectors:
            asked, cosines = self._legs.nearest(f"{context} {question}" if context else question, CANDIDATES, only)
        fused = {
            id_: (1 - VECTOR_WEIGHT) * (hits[id_].score if id_ in hits else 0.0)
            + VECTOR_WEIGHT * max(0.0, cosines.get(id_, 0.0))
            for id_ in hits.keys() | cosines.keys()
        }
        best = self._without_repeats(sorted(fused, key=lambda id_: (-fused[id_], id_)), limit)
        matches = tuple(
            Match(
                chunk,
                fused[chunk.id],
                Scores(hits[chunk.id].score if chunk.id in hits else None, cosines.get(chunk.id)),
            )
            for chunk in self._store.chunks(best)
        )
        return Findings(matches, relevant=relevance.answered(connection, question, best, context, groups), asked=asked)

    def _without_repeats(self, ids: list[int], limit: int) -> list[int]:
        """Keep the first of equal passages: learners copy sections from note to note."""
        hashes = self._store.text_hashes(ids)
        seen: set[str] = set()
        best: list[int] = []
        for id_ in ids:
            if hashes.get(id_) not in seen and id_ in hashes:
                seen.add(hashes[id_])
                best.append(id_)
            if len(best) == limit:
                break
        return best
