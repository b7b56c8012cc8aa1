"""From a wish to a quiz: which chunks it is about, and the making of it without a model. Knows no screen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from assistant.errors import NothingToAsk
from assistant.knowledge.chunks import Chunk
from assistant.knowledge.store import Store
from assistant.study.quiz import KINDS, Kind
from assistant.study.quiz_offline import offline_questions
from assistant.study.quiz_store import Quizzes

NUMBER = 5  # questions of a quiz that nobody has said more about
MOST = 30


@dataclass(frozen=True, slots=True)
class Wish:
    """What a learner wants to be asked; nothing chosen is everything. ``within`` names notes or folders."""

    number: int = NUMBER
    kinds: tuple[Kind, ...] = KINDS
    within: frozenset[str] | None = None

    @property
    def title(self) -> str:
        """Name the quiz by what it is about; '' for all notes."""
        return "、".join(sorted(self.within)[:3]) + ("…" if len(self.within) > 3 else "") if self.within else ""


def chunks_within(store: Store, within: Collection[str] | None = None) -> list[Chunk]:
    """Return the chunks of these notes and folders in reading order; None: of all notes."""
    ids = dict.fromkeys(store.chunk_ids(within))
    return sorted(store.chunks(list(ids)), key=lambda chunk: (chunk.note, chunk.piece.chars))


def make_offline(wish: Wish, store: Store, quizzes: Quizzes) -> str:
    """Make a quiz from definitions and tables, keep it, and return its first attempt; raise ``NothingToAsk``."""
    made = offline_questions(
        chunks_within(store, wish.within),
        min(wish.number, MOST),
        wish.kinds,
        seed=quizzes.count(),
        refused=quizzes.refused(),
        known=quizzes.known(),
    )
    if not made:
        raise NothingToAsk
    return quizzes.add(wish.title, made)
