"""From a wish to a quiz: which chunks it is about, and the making of it without a model. Knows no screen."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.errors import NothingToAsk
from assistant.knowledge import terms
from assistant.knowledge.store import Store
from assistant.study.quiz import KINDS, Kind
from assistant.study.quiz_offline import offline_questions
from assistant.study.quiz_store import Quizzes
from assistant.study.scope import chunks_within

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


def make_offline(wish: Wish, store: Store, quizzes: Quizzes) -> str:
    """Make a quiz from definitions and tables, keep it, and return its first attempt; raise ``NothingToAsk``."""
    made = offline_questions(
        chunks_within(store, wish.within),
        min(wish.number, MOST),
        wish.kinds,
        seed=quizzes.count(),
        refused=quizzes.refused(),
        known=quizzes.known(),
        terms=[mined.name for mined in terms.read(store.database.connection)],
    )
    if not made:
        raise NothingToAsk
    return quizzes.add(wish.title, made)
