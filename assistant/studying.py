"""What grows out of the notes for the learner to study: cards and quizzes, made with a model or without. Chooses no part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.chosen import Chosen
from assistant.connections import Choice
from assistant.database import Database
from assistant.errors import Language
from assistant.knowledge.chunks import Chunk
from assistant.knowledge.store import Store
from assistant.knowledge.stored import PROGRAM, UPLOADS
from assistant.study.card_job import CardJob
from assistant.study.card_writing import CardsDraft, prepare_cards
from assistant.study.cards import Cards
from assistant.study.freshness import refresh
from assistant.study.guide import PURPOSE as GUIDE
from assistant.study.guide_call import subject_of
from assistant.study.guide_job import GuideJob
from assistant.study.guide_parts import GuideParts
from assistant.study.guide_plan import Plan, plan
from assistant.study.guide_words import Form
from assistant.study.job import Jobs
from assistant.study.quiz_job import QuizJob
from assistant.study.quiz_making import Wish
from assistant.study.quiz_model import QuizDraft, prepare_quiz
from assistant.study.quiz_store import Quizzes
from assistant.study.reviews import Reviews, reviews_of
from assistant.study.scope import chunks_within


@dataclass(kw_only=True)
class Studying(Chosen):
    """The learner's cards and quizzes, beside what was chosen."""

    database: Database
    store: Store
    cards: Cards
    quizzes: Quizzes
    cards_checked: int = -1  # the store's generation that the cards were held against
    card_jobs: Jobs[CardJob] = field(default_factory=Jobs[CardJob])
    quiz_jobs: Jobs[QuizJob] = field(default_factory=Jobs[QuizJob])
    guide_jobs: Jobs[GuideJob] = field(default_factory=Jobs[GuideJob])

    @property
    def reviews(self) -> Reviews:
        """What to review, by how the learner wants to study."""
        return reviews_of(self.cards, self.preferences.all().get("study"))

    def prepare_cards(self, within: Sequence[str] | None = None, choice: Choice | None = None) -> CardsDraft:
        """Write the calls for cards by a model, the chosen one unless another is named; nothing is sent."""
        return prepare_cards(chunks_within(self.store, within), self.connections.chat(choice or self.chat_choice))

    def write_cards(self, draft: CardsDraft) -> CardJob:
        """Have a model write cards in the background; while it does, that run is returned."""
        return self.card_jobs.start(CardJob(draft, self.cards, self.ledger))

    def note_root(self, path: str) -> Path | None:
        """Return the folder that a note and its pictures are in; None for what lies in no folder of the learner's."""
        note = next((note for note in self.store.notes() if note.place.path == path), None)
        return None if note is None or note.place.root in (UPLOADS, PROGRAM) else Path(note.place.root)

    def refresh_cards(self) -> None:
        """Mark the cards whose passage a sync has changed; costs next to nothing where none was."""
        generation = self.store.generation()
        if generation != self.cards_checked:
            refresh(self.cards, self.store)
            self.cards_checked = generation

    def prepare_quiz(self, wish: Wish, choice: Choice | None = None) -> QuizDraft:
        """Write the calls of a quiz by a model, the chosen one unless another is named; nothing is sent."""
        connection = self.connections.chat(choice or self.chat_choice, "quiz")
        return prepare_quiz(wish, chunks_within(self.store, wish.within), connection, self.quizzes.count())

    def make_quiz(self, draft: QuizDraft) -> QuizJob:
        """Start making a quiz in the background; while one is being made, that one is returned."""
        return self.quiz_jobs.start(QuizJob(draft, self.quizzes, self.ledger))

    def stop_jobs(self) -> None:
        """Stop what a model is writing for the learner, and wait a moment until what came of it is kept."""
        for jobs in (self.card_jobs, self.quiz_jobs, self.guide_jobs):
            jobs.stop()

    @property
    def guide_parts(self) -> GuideParts:
        """The parts of guides that are written, by the calls that wrote them."""
        return GuideParts(self.database)

    def plan_guide(self, chunks: Sequence[Chunk], form: Form, language: Language, *, anew: bool = False) -> Plan:
        """Write the calls of a guide by the chosen model, or of its second writing; nothing is sent.

        One that is just being written stays as it was begun.
        """
        connection, job = self.connections.chat(self.chat_choice, GUIDE), self.guide_jobs.current
        place = self.guide_parts.anew if anew else self.guide_parts
        subject = subject_of(chunks, form, language, connection)
        if job and job.running and (job.plan.subject, job.anew) == (subject, anew):
            return job.plan.kept_by(place)
        return plan(chunks, form, language, connection, place)

    def write_guide(self, made: Plan, *, anew: bool = False) -> GuideJob:
        """Have a planned guide written in the background; while another one is being written, that one is returned."""
        return self.guide_jobs.start(GuideJob(made, self.guide_parts, self.ledger, anew=anew))
