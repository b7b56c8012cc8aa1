"""Settings in, parts out: the single place that chooses the real parts."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answers import ask
from assistant.answers.ask import Draft
from assistant.answers.connection import Connection
from assistant.answers.conversation_search import ConversationSearch
from assistant.answers.conversations import Conversations
from assistant.answers.drafts import Drafts
from assistant.answers.pictures import Pictures
from assistant.answers.prompt import Exchange
from assistant.answers.rewriting import Rewritten
from assistant.answers.scope import NO_LIMIT, Reach, Scopes
from assistant.answers.turn import Turn, Turns
from assistant.chosen import searches_with_vectors
from assistant.connections import Choice, Connections, given_embedding
from assistant.database import Database
from assistant.errors import AssistantError, NoteError
from assistant.evaluate.job import Comparisons
from assistant.knowledge.job import SyncJob, SyncJobs
from assistant.knowledge.live import LiveFolders
from assistant.knowledge.nearest import Nearest
from assistant.knowledge.notes import Found
from assistant.knowledge.readers import content_hash
from assistant.knowledge.recognition import Recognition
from assistant.knowledge.reembed import Reembedding
from assistant.knowledge.search import Search
from assistant.knowledge.store import Store
from assistant.knowledge.stored import PROGRAM, UPLOADS
from assistant.knowledge.sync import Sync
from assistant.knowledge.unfinished import Unfinished
from assistant.knowledge.uploads import Uploads
from assistant.knowledge.vectors import VectorIndex
from assistant.language.dictionary import open_dictionary
from assistant.money.experience import Experience
from assistant.money.ledger import Ledger
from assistant.money.metering import MeteredEmbedder
from assistant.preferences import Preferences
from assistant.providers.base import Picture
from assistant.providers.catalog import OWN, open_catalog
from assistant.providers.keys import Secret
from assistant.providers.ollama_pull import Pulls
from assistant.settings import Settings
from assistant.study.cards import Cards
from assistant.study.quiz_store import Quizzes
from assistant.studying import Studying

if TYPE_CHECKING:
    from assistant.answers.engine import StudyQueryEngine
    from assistant.knowledge.nodes import StudyRetriever


@dataclass(kw_only=True)
class Assistant(Studying):
    """The parts of one data folder, wired together; shared by all pages and threads of a process."""

    database: Database
    uploads: Uploads
    conversations: Conversations
    conversation_search: ConversationSearch
    scopes: Scopes
    pictures: Pictures
    embedder: MeteredEmbedder
    search: Search
    index: Nearest
    turns: Turns = field(default_factory=Turns)
    drafts: Drafts = field(default_factory=Drafts)
    jobs: SyncJobs = field(default_factory=SyncJobs)
    pulls: Pulls = field(default_factory=Pulls)
    comparisons: Comparisons = field(default_factory=Comparisons)

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

    def sync(self, *, spends: bool = True) -> Sync:
        """Return a sync of the folders as they are set now; one that does not spend leaves what is charged for."""
        return Sync(self.store, self.uploads, self.embedder, self.settings.notes, spends=spends)

    @property
    def sync_is_free(self) -> bool:
        """Whether reading notes costs nothing; an unknown price may be any, and must not be run into unasked."""
        try:
            _, entry = self.connections.embedder(self.embedding_choice)
        except AssistantError:
            return False
        return entry.local or entry.price == 0

    @cached_property
    def live(self) -> LiveFolders:
        """The folders as they live; nothing is watched before ``follow_folders``."""
        return LiveFolders(
            Unfinished(self.database),
            self.jobs,
            lambda spends: self.sync(spends=spends),
            lambda: self.sync_is_free,
            lambda: self.settings.notes,
            self.database.folder,
        )

    def follow_folders(self) -> None:
        """Watch the folders, or stop watching them, as the learner wants it now."""
        self.live.follow(self.watches)

    def reembedding(self, choice: Choice) -> Reembedding:
        """Return the work of building another model's vectors beside those in use; it switches over when nothing is missing."""
        embedder = self.meter(choice)
        return Reembedding(self.store, embedder, lambda: self._switch_embedder(choice, embedder))

    def meter(self, choice: Choice) -> MeteredEmbedder:
        """Connect to an embedding model whose calls are entered in the ledger; nothing is sent yet."""
        return MeteredEmbedder(*self.connections.embedder(choice), self.ledger)

    def _switch_embedder(self, choice: Choice, embedder: MeteredEmbedder) -> None:
        index = vector_index(self.given, self.store, embedder.key)
        index.refresh()
        self.choose_embedding(choice)
        self.embedder, self.index = embedder, index
        self.search.use(index, embedder.booked_as("question"))

    def start_sync(self) -> SyncJob:
        """Start a sync in the background, or have the running one look again; what was paused goes on."""
        return self.live.start()

    def start_ocr(self, pages: Mapping[str, Sequence[int]] | None, *, embed: bool) -> SyncJob:
        """Read these pages (None: all that need it) by OCR in the background; ``embed``: and take them in at once."""
        return self.jobs.start(Recognition(self.store, self.uploads, self.sync() if embed else None, pages))

    def changed_since_sync(self, path: str) -> bool:
        """Tell whether a note's file is no longer what was read; False where the file is gone or cannot be opened."""
        note = next((note for note in self.store.notes() if note.place.path == path), None)
        if note is None or note.place.root in (UPLOADS, PROGRAM):
            return False
        file = Path(note.place.root) / note.place.file
        try:
            return content_hash(Found(path, file, note.kind, note.size)) != note.content_hash
        except NoteError:
            return False

    def prepare(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        within: Collection[str] | None = None,
        reach: Reach = NO_LIMIT,
        pictures: Sequence[Picture] = (),
        rewritten: Rewritten | None = None,
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
            rewritten=rewritten,
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
    index = vector_index(settings, store, embedder.key)  # asks nobody anything: opening must not reach the network
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
        quizzes=Quizzes(database),
        ledger=ledger,
        connections=connections,
        embedder=embedder,
        search=Search(
            store,
            index,
            embedder.booked_as("question"),
            lambda: searches_with_vectors(preferences),
            open_dictionary(),
        ),
        index=index,
        cards=Cards(database),
    )


def vector_index(settings: Settings, store: Store, embedder: str) -> Nearest:
    """Choose what searches an embedder's vectors; both follow the database, so that changing over embeds nothing again."""
    if settings.vector_store == "faiss":
        return VectorIndex(store, embedder, settings.vector_precision)
    from assistant.knowledge.milvus import TOKEN, MilvusIndex

    token = Secret(settings.keys.reveal(TOKEN)) if TOKEN in settings.keys.names() else None
    address = settings.milvus_uri or str((settings.data / "milvus.db").absolute())
    return MilvusIndex(store, embedder, address, token)


def demo_settings(notes: Mapping[str, str]) -> Settings:
    """Return settings over a new folder holding these notes, for examples and doctests; it goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="study-assistant-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, text in notes.items():
        (folder / "notes" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "notes" / name).write_text(text, encoding="utf-8")
    return Settings(notes=(folder / "notes",), data=folder / "data")
