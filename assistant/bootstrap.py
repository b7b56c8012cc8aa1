"""Settings in, parts out: the single place that chooses the real parts."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from assistant.answers import ask
from assistant.answers.ask import Draft
from assistant.answers.connection import Connection
from assistant.answers.conversation_search import ConversationSearch
from assistant.answers.conversations import Conversations
from assistant.answers.drafts import AskFirst, Drafts, ask_first_of
from assistant.answers.pictures import Pictures
from assistant.answers.prompt import Exchange
from assistant.answers.scope import NO_LIMIT, Reach, Scopes
from assistant.answers.turn import Turn, Turns
from assistant.connections import Choice, Connections, choice_of, given_chat, given_embedding
from assistant.database import Database
from assistant.errors import Language, NoteError
from assistant.knowledge.job import SyncJob, SyncJobs
from assistant.knowledge.notes import KINDS, Found
from assistant.knowledge.readers import content_hash
from assistant.knowledge.reembed import Reembedding
from assistant.knowledge.search import Search
from assistant.knowledge.store import Store
from assistant.knowledge.stored import PROGRAM, UPLOADS
from assistant.knowledge.sync import Sync
from assistant.knowledge.uploads import Uploads
from assistant.knowledge.vectors import VectorIndex
from assistant.money.budget import Standing, budgets_of, exceeded, standings
from assistant.money.experience import Experience
from assistant.money.ledger import Ledger
from assistant.money.metering import MeteredEmbedder
from assistant.offers import offered
from assistant.preferences import Preferences
from assistant.providers.base import Picture
from assistant.providers.catalog import OWN, open_catalog
from assistant.providers.ollama_pull import Pulls
from assistant.settings import Settings, keep_key
from assistant.study.card_job import CardJob
from assistant.study.card_writing import CardsDraft, prepare_cards
from assistant.study.cards import Cards
from assistant.study.flashcards import chunks_within
from assistant.study.freshness import refresh
from assistant.study.reviews import Reviews, reviews_of

if TYPE_CHECKING:
    from assistant.answers.engine import StudyQueryEngine
    from assistant.knowledge.nodes import StudyRetriever

_FORMER = 8  # addresses of models chosen before


@dataclass
class Assistant:
    """The parts of one data folder, wired together; shared by all pages and threads of a process."""

    given: Settings
    database: Database
    store: Store
    uploads: Uploads
    preferences: Preferences
    conversations: Conversations
    conversation_search: ConversationSearch
    scopes: Scopes
    pictures: Pictures
    ledger: Ledger
    connections: Connections
    embedder: MeteredEmbedder
    search: Search
    index: VectorIndex
    cards: Cards
    card_job: CardJob | None = None  # the newest one
    cards_checked: int = -1  # the store's generation that the cards were held against
    turns: Turns = field(default_factory=Turns)
    drafts: Drafts = field(default_factory=Drafts)
    jobs: SyncJobs = field(default_factory=SyncJobs)
    pulls: Pulls = field(default_factory=Pulls)

    @property
    def settings(self) -> Settings:
        """What was given from outside, completed by what the learner chose in the app."""
        return self.given.preferring(self.preferences.all())

    @property
    def chat_choice(self) -> Choice:
        """The chat model: as chosen in the app, until the environment names another one than it did then."""
        return self.connections.choice(self.preferences.all().get("chat"), given_chat(self.given))

    def choose_chat(self, choice: Choice) -> None:
        """Use a chat model from the next question on; one at an address of its own that it replaces can be found again."""
        left = self.chat_choice
        if left.base_url and left != choice:
            former = [one for one in self._former_choices() if one != left]
            self.preferences.choose("chat_former", [one.as_json() for one in [left, *former][:_FORMER]])
        self.preferences.choose("chat", choice.as_json() | {"instead_of": given_chat(self.given).as_json()})

    @property
    def embedding_choice(self) -> Choice:
        """The embedding model, by the same rule as the chat model."""
        return self.connections.choice(self.preferences.all().get("embedding"), given_embedding(self.given))

    def choose_embedding(self, choice: Choice) -> None:
        """Keep an embedding model; its vectors have to be complete already."""
        self.preferences.choose("embedding", choice.as_json() | {"instead_of": given_embedding(self.given).as_json()})

    @property
    def ask_first(self) -> AskFirst:
        """The learner's rule for what must be shown before it is sent."""
        return ask_first_of(self.preferences.all().get("ask_first"))

    @property
    def answer_language(self) -> Language | None:
        """The language that answers are in, as the learner chose it; None: that of the question."""
        kept = self.preferences.all().get("answer_language")
        return cast("Language", kept) if kept in get_args(Language) else None

    @property
    def budgets(self) -> list[Standing]:
        """The learner's budgets and where each of them stands now."""
        return standings(budgets_of(self.preferences.all().get("budgets")), self.ledger)

    def must_wait(self, draft: Draft) -> bool:
        """Tell whether a draft has to be shown before it is sent, by the learner's rule or for a budget's sake."""
        return self.ask_first.applies_to(draft, bool(exceeded(self.budgets, draft.preview.cost)))

    def choices_beside(self, chosen: Choice) -> list[Choice]:
        """Return every chat model that could be asked now, this one first; see ``offers.offered``."""
        return offered(self.connections, chosen, self._former_choices())

    @property
    def reviews(self) -> Reviews:
        """What to review, by how the learner wants to study."""
        return reviews_of(self.cards, self.preferences.all().get("study"))

    def prepare_cards(self, within: Sequence[str] | None = None, choice: Choice | None = None) -> CardsDraft:
        """Write the calls for cards by a model, the chosen one unless another is named; nothing is sent."""
        return prepare_cards(chunks_within(self.store, within), self.connections.chat(choice or self.chat_choice))

    def write_cards(self, draft: CardsDraft) -> CardJob:
        """Have a model write cards in the background; while it does, that run is returned."""
        if self.card_job is None or not self.card_job.running:
            self.card_job = CardJob(draft, self.cards, self.ledger).start()
        return self.card_job

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

    def _former_choices(self) -> list[Choice]:
        kept = self.preferences.all().get("chat_former")
        return [choice_of(one, Choice()) for one in kept] if isinstance(kept, list) else []

    def keep_key(self, name: str, value: str) -> None:
        """Use a key from now on and write it into .env, where the next start finds it."""
        self.connections.set_key(name, value)
        keep_key(name, value)

    @property
    def connection(self) -> Connection:
        """The chat model that the next question goes to."""
        return self.connections.chat(self.chat_choice)

    @cached_property
    def retriever(self) -> StudyRetriever:
        """The search as LlamaIndex sees it; the first access imports LlamaIndex, which takes seconds."""
        from assistant.knowledge.nodes import StudyRetriever

        return StudyRetriever(self.search)

    @property
    def engine(self) -> StudyQueryEngine:
        """The LlamaIndex query engine over these parts, with the model that is chosen now."""
        from assistant.answers.engine import StudyQueryEngine

        return StudyQueryEngine(self.retriever, self.connection, self.ledger, self.answer_language)

    def sync(self) -> Sync:
        """Return a sync of the folders as they are set now."""
        return Sync(self.store, self.uploads, self.embedder, self.settings.notes)

    def reembedding(self, choice: Choice) -> Reembedding:
        """Return the work of building another model's vectors beside those in use; it switches over when nothing is missing."""
        embedder = self.meter(choice)
        return Reembedding(self.store, embedder, lambda: self._switch_embedder(choice, embedder))

    def meter(self, choice: Choice) -> MeteredEmbedder:
        """Connect to an embedding model whose calls are entered in the ledger; nothing is sent yet."""
        return MeteredEmbedder(*self.connections.embedder(choice), self.ledger)

    def _switch_embedder(self, choice: Choice, embedder: MeteredEmbedder) -> None:
        index = VectorIndex(self.store, embedder.key)
        index.refresh()
        self.choose_embedding(choice)
        self.embedder, self.index = embedder, index
        self.search.use(index, embedder.booked_as("question"))

    def start_sync(self) -> SyncJob:
        """Start a sync in the background, or have the running one look again."""
        return self.jobs.start(self.sync())

    def changed_since_sync(self, path: str) -> bool:
        """Tell whether a note's file is no longer what was read; False where the file is gone or cannot be opened."""
        note = next((note for note in self.store.notes() if note.place.path == path), None)
        if note is None or note.place.root in (UPLOADS, PROGRAM):
            return False
        file = Path(note.place.root) / note.place.file
        try:
            return content_hash(Found(path, file, KINDS[file.suffix.lower()], note.size)) != note.content_hash
        except (NoteError, KeyError):
            return False

    def prepare(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        within: Collection[str] | None = None,
        reach: Reach = NO_LIMIT,
        pictures: Sequence[Picture] = (),
    ) -> Draft:
        """Search and write the messages, without LlamaIndex, so that a terminal need not wait for its import."""
        return ask.prepare(
            question,
            search=self.search,
            connection=self.connection,
            history=history,
            within=within,
            answer_in=self.answer_language,
            reach=reach,
            pictures=pictures,
        )

    def answer(self, conversation: str, turn_id: int, draft: Draft) -> Turn:
        """Start answering a draft in the background; while the conversation waits for another answer, that one goes first."""
        turn = self.turns.start(conversation, Turn(turn_id, draft, self.conversations, self.ledger))
        if turn.id != turn_id:
            self.conversations.save(turn_id, "", "stopped", {})
        return turn


def open_assistant(settings: Settings) -> Assistant:
    """Open the data folder and choose the parts that the settings name."""
    database = Database(settings.data)
    store = Store(database)
    preferences = Preferences(database)
    ledger = Ledger(database)
    connections = Connections(settings, open_catalog(settings.data / OWN), Experience(ledger))
    kept = preferences.all().get("embedding")
    served, entry = connections.embedder(connections.choice(kept, given_embedding(settings)))
    embedder = MeteredEmbedder(served, entry, ledger)
    index = VectorIndex(store, embedder.key)  # asks the embedder nothing: opening must not reach the network
    return Assistant(
        given=settings,
        database=database,
        store=store,
        uploads=Uploads(database),
        preferences=preferences,
        conversations=Conversations(database),
        conversation_search=ConversationSearch(database),
        scopes=Scopes(database),
        pictures=Pictures(database),
        ledger=ledger,
        connections=connections,
        embedder=embedder,
        search=Search(store, index, embedder.booked_as("question"), lambda: searches_with_vectors(preferences)),
        index=index,
        cards=Cards(database),
    )


def searches_with_vectors(preferences: Preferences) -> bool:
    """Tell whether the learner lets the embedding model be asked for each question; yes until it was taken back."""
    return preferences.all().get("search_with_vectors") is not False


def demo_settings(notes: Mapping[str, str]) -> Settings:
    """Return settings over a new folder holding these notes, for examples and doctests; it goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="study-assistant-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, text in notes.items():
        (folder / "notes" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "notes" / name).write_text(text, encoding="utf-8")
    return Settings(notes=(folder / "notes",), data=folder / "data")
