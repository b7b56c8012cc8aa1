"""Settings in, parts out: the single place that chooses the real parts."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answers import ask
from assistant.answers.ask import Draft
from assistant.answers.conversations import Conversations
from assistant.answers.prompt import Exchange
from assistant.answers.turn import Turn, Turns
from assistant.database import Database
from assistant.errors import NoteError, SettingsError
from assistant.knowledge.job import SyncJob, SyncJobs
from assistant.knowledge.notes import KINDS, Found
from assistant.knowledge.readers import content_hash
from assistant.knowledge.search import Search
from assistant.knowledge.store import Store
from assistant.knowledge.stored import PROGRAM, UPLOADS
from assistant.knowledge.sync import Sync
from assistant.knowledge.uploads import Uploads
from assistant.knowledge.vectors import VectorIndex
from assistant.preferences import Preferences
from assistant.providers.base import ChatModel, Embedder
from assistant.providers.offline import OfflineModel
from assistant.providers.offline_embedder import OfflineEmbedder
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.answers.engine import StudyQueryEngine


@dataclass
class Assistant:
    """The parts of one data folder, wired together; shared by all pages and threads of a process."""

    given: Settings
    database: Database
    store: Store
    uploads: Uploads
    preferences: Preferences
    conversations: Conversations
    embedder: Embedder
    model: ChatModel
    search: Search
    index: VectorIndex
    turns: Turns = field(default_factory=Turns)
    jobs: SyncJobs = field(default_factory=SyncJobs)

    @property
    def settings(self) -> Settings:
        """What was given from outside, completed by what the learner chose in the app."""
        return self.given.preferring(self.preferences.all())

    @cached_property
    def engine(self) -> StudyQueryEngine:
        """The LlamaIndex query engine over these parts; the first access imports LlamaIndex, which takes seconds."""
        from assistant.answers.engine import StudyQueryEngine
        from assistant.knowledge.nodes import StudyRetriever

        return StudyQueryEngine(StudyRetriever(self.search), self.model)

    def sync(self) -> Sync:
        """Return a sync of the folders as they are set now."""
        return Sync(self.store, self.uploads, self.embedder, self.settings.notes)

    def start_sync(self) -> SyncJob:
        """Start a sync in the background, or return the one that runs."""
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

    def prepare(self, question: str, history: Sequence[Exchange] = (), within: Collection[str] | None = None) -> Draft:
        """Search and write the messages, without LlamaIndex, so that a terminal need not wait for its import."""
        return ask.prepare(question, search=self.search, model=self.model, history=history, within=within)

    def answer(self, conversation: str, turn_id: int, draft: Draft) -> Turn:
        """Start answering a draft in the background; while the conversation waits for another answer, that one goes first."""
        turn = self.turns.start(conversation, Turn(turn_id, draft, self.model, self.conversations))
        if turn.id != turn_id:
            self.conversations.save(turn_id, "", "stopped", {})
        return turn


def open_assistant(settings: Settings) -> Assistant:
    """Open the data folder and choose the parts that the settings name."""
    database = Database(settings.data)
    store = Store(database)
    embedder = _embedder(settings)
    index = VectorIndex(store, embedder.key, embedder.dimension)
    return Assistant(
        given=settings,
        database=database,
        store=store,
        uploads=Uploads(database),
        preferences=Preferences(database),
        conversations=Conversations(database),
        embedder=embedder,
        model=_model(settings),
        search=Search(store, index, embedder),
        index=index,
    )


def demo_settings(notes: Mapping[str, str]) -> Settings:
    """Return settings over a new temporary folder holding these notes, for examples and doctests."""
    folder = Path(tempfile.mkdtemp(prefix="study-assistant-"))
    for name, text in notes.items():
        (folder / "notes" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "notes" / name).write_text(text, encoding="utf-8")
    return Settings(notes=(folder / "notes",), data=folder / "data")


def _model(settings: Settings) -> ChatModel:
    if settings.provider != "offline":
        raise SettingsError(name="ASSISTANT_PROVIDER", value=settings.provider, allowed="offline")
    return OfflineModel()


def _embedder(settings: Settings) -> Embedder:
    if settings.embedding_provider != "offline":
        raise SettingsError(name="ASSISTANT_EMBEDDING_PROVIDER", value=settings.embedding_provider, allowed="offline")
    return OfflineEmbedder()
