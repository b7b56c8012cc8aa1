"""From a question to the chunks that matter, or honestly none: keywords lead, vectors add. Knows no prompt.

A model that charges for vectors, or lives elsewhere, is sent each question once; without it keywords answer alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from assistant.errors import ModelError
from assistant.knowledge import keywords, relevance
from assistant.knowledge.asked import NO_VECTOR, Asked, QuestionVectors, Sent
from assistant.knowledge.chunks import Match, Scores
from assistant.knowledge.expansion import Expansion
from assistant.knowledge.fusion import Fusion
from assistant.knowledge.nearest import Nearest
from assistant.knowledge.passages import collapsed, joined, spread
from assistant.knowledge.store import Store
from assistant.language.dictionary import Dictionary
from assistant.money.metering import MeteredEmbedder

CANDIDATES = 50
_ATTEMPTS = 3  # while notes are saved all the time: then the vectors may be of a moment before
_LOOKED_AT = 24  # of them for a short list: a copy stands close to its like
# Hashed vectors carry no meaning of their own; a model's do. Tuned and judged in bench/results/fusion.md.
OFFLINE = Fusion(0.05, stretched=False)
SERVED = Fusion(0.45, stretched=True)


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
        index: Nearest,
        embedder: MeteredEmbedder,
        wanted: Callable[[], bool] = lambda: True,
        dictionary: Dictionary | None = None,
    ) -> None:
        self._store = store
        self._wanted = wanted
        self._expansion = Expansion(dictionary)
        self.use(index, embedder)

    def use(self, index: Nearest, embedder: MeteredEmbedder) -> None:
        """Search with other vectors from now on; both change together, or a query would meet vectors of another model."""
        self._legs = QuestionVectors(index, embedder, self._wanted)
        self.fusion = OFFLINE if embedder.offline else SERVED

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
        asked = NO_VECTOR
        for attempt in range(1, _ATTEMPTS + 1):
            state, cosines = self._store.generation(), dict[int, float]()
            only = self._only(within)
            if by_vectors and only != []:
                text = f"{context} {question}" if context else question
                latest, cosines = self._legs.nearest(text, CANDIDATES, only)
                asked = replace(latest, sent=latest.sent or asked.sent)
            with self._store.database.snapshot():  # a note that is being replaced is there in its old or its new state
                if attempt == _ATTEMPTS or self._store.generation() == state:
                    return self._findings(question, limit, context, self._only(within), asked, cosines)
        raise AssertionError("the last attempt returns")

    def _only(self, within: Collection[str] | None) -> list[int] | None:
        return None if within is None else self._store.chunk_ids(within)

    def _findings(
        self,
        question: str,
        limit: int,
        context: str,
        only: Collection[int] | None,
        asked: Asked,
        cosines: Mapping[int, float],
    ) -> Findings:
        """Search the keywords and fuse what they find with the nearest vectors, all in one state of the database."""
        if only is not None and not only:
            return Findings((), relevant=False)
        connection = self._store.database.connection
        groups = self._expansion.groups(connection, question)
        found = keywords.search(connection, question, CANDIDATES, context=context, only=only, groups=groups)
        hits = {hit.chunk_id: hit for hit in found}
        fused = self.fusion.scores({id_: hit.score for id_, hit in hits.items()}, cosines)
        first = sorted(fused, key=lambda id_: (-fused[id_], id_))[: max(_LOOKED_AT, 2 * limit)]
        ordered = collapsed(self._store.chunks(first))
        also = {chunk.id: copies for chunk, copies in ordered}
        best = spread([chunk for chunk, _ in ordered], fused, limit)
        matches = [
            Match(
                chunk,
                fused[chunk.id],
                Scores(hits[chunk.id].score if chunk.id in hits else None, cosines.get(chunk.id)),
                also[chunk.id],
            )
            for chunk in best
        ]
        relevant = relevance.answered(connection, question, [chunk.id for chunk in best], context, groups)
        return Findings(tuple(self._joined(matches)), relevant=relevant, asked=asked)

    def _joined(self, matches: list[Match]) -> list[Match]:
        ordinals = self._store.ordinals([match.chunk.id for match in matches])
        return joined(matches, ordinals, lambda path: self._store.note_text(path)[2])
