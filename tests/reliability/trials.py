"""What is killed and failed: the learner's actions on three notes, and what must be true when the folder is opened again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from assistant.bootstrap import Assistant, open_assistant
from assistant.connections import Choice
from assistant.errors import AssistantError
from assistant.knowledge.consistency import contradictions
from assistant.knowledge.vectors import VectorIndex
from assistant.settings import Settings
from assistant.study.card import NewCard
from tests.conftest import NOTES, write

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUESTION = "什么是过拟合？"
KEPT = "kept question"
OFFLINE = "offline"  # this file says that a trial begins with the model that needs no server
CARDS = ("front a", "front b")
PREFERENCES = {"language": "en", "top_k": 4, "budget": {"day": "1.00"}}


def assistant(folder: Path, url: str, *, served: bool = True) -> Assistant:
    """Open the data folder of a trial; ``served``: with the embedding model on loopback, which counts what is bought."""
    where: dict[str, Any] = {"base_url": f"{url}/v1", "provider": "custom", "model": "m"}
    if served:
        where |= {"embedding_provider": "custom", "embedding_model": "tiny", "embedding_base_url": f"{url}/v1"}
    return open_assistant(Settings(notes=(folder / "notes",), data=folder / "data", **where))


def warm_up() -> None:
    """Load in this process what every trial needs: packages, vocabularies, the dictionary. Leaves nothing open."""
    import openai

    client = openai.OpenAI(api_key="k", base_url="http://127.0.0.1:9")
    assert client.chat.completions and client.embeddings
    client.close()
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "notes"), NOTES)
        app = assistant(Path(folder), "http://127.0.0.1:9", served=False)
        app.sync().run()
        app.prepare(QUESTION)
        app.cards.accept(app.cards.propose([NewCard("front", "back", "hand")], NOW).ids, NOW)
        app.reviews.grade(app.cards.all()[0], 3, NOW)
        app.database.close()


# --- the actions: first what stands before, then what is interrupted --------------------------------------------------


def nothing(folder: Path, url: str) -> None:
    """Leave an empty data folder: the first start is part of the trial."""


def synced(folder: Path, url: str) -> None:
    """Read the three notes."""
    assistant(folder, url).sync().run()


def edited(folder: Path, url: str) -> None:
    """Read three notes, then change one, rename one and delete one."""
    synced(folder, url)
    notes = folder / "notes"
    write(notes, {"attention.md": NOTES["attention.md"] + "\n## More\n\nHeads look at different places.\n"})
    (notes / "机器学习" / "过拟合.md").rename(notes / "renamed.md")
    (notes / "寄存.txt").unlink()


def offline_synced(folder: Path, url: str) -> None:
    """Read the three notes with the model that needs no server."""
    (folder / OFFLINE).touch()
    assistant(folder, url, served=False).sync().run()


def lived_in(folder: Path, url: str) -> None:
    """Read the notes, keep an answer, an upload, two cards and a setting."""
    app = assistant(folder, url)
    app.sync().run()
    id_, turn = app.conversations.ask(None, KEPT)
    app.conversations.save(turn, "kept answer", "complete", {})
    app.conversations.trash(id_, NOW)
    app.uploads.add("dropped.md", b"# Dropped\n\nBy the learner.\n")
    app.cards.accept(app.cards.propose([NewCard(front, "back", "hand") for front in CARDS], NOW).ids, NOW)
    app.preferences.choose("language", "zh")


def sync(folder: Path, url: str) -> None:
    """Bring the store in step with the folder."""
    assistant(folder, url).sync().run()


def reembed(folder: Path, url: str) -> None:
    """Build another model's vectors and switch over."""
    assistant(folder, url, served=False).reembedding(Choice("custom", "tiny", f"{url}/v1")).run()


def delete(folder: Path, url: str) -> None:
    """Delete what was thrown away and an upload, for good."""
    app = assistant(folder, url)
    for conversation in app.conversations.trashed():
        app.conversations.delete(conversation.id)
    for upload in app.uploads.all():
        app.uploads.remove(upload.content_hash)
    app.sync().run()


def upload(folder: Path, url: str) -> None:
    """Drop another file on the app, and read it."""
    app = assistant(folder, url)
    app.uploads.add("second.md", b"# Second\n\nDropped later.\n")
    app.sync().run()


def chat(folder: Path, url: str) -> None:
    """Ask, and wait for the answer."""
    app = assistant(folder, url)
    draft = app.prepare(QUESTION)
    turn = app.answer(*app.conversations.ask(None, QUESTION), draft)
    turn.wait()
    if turn.error is not None:
        raise turn.error


def review(folder: Path, url: str) -> None:
    """Grade both cards, once."""
    app = assistant(folder, url)
    for card in app.cards.all():
        if not any(one.card_id == card.id for one in app.reviews.log()):
            app.reviews.grade(card, 3, NOW, 2.0)


def settings(folder: Path, url: str) -> None:
    """Choose three things."""
    app = assistant(folder, url)
    for name, value in PREFERENCES.items():
        app.preferences.choose(name, value)


TRIALS: Mapping[str, tuple[Callable[[Path, str], None], Callable[[Path, str], None]]] = {
    "first sync": (nothing, sync),
    "sync": (edited, sync),
    "re-embed": (offline_synced, reembed),
    "delete": (lived_in, delete),
    "upload": (lived_in, upload),
    "chat": (synced, chat),
    "review": (lived_in, review),
    "settings": (lived_in, settings),
}


# --- the self-check ---------------------------------------------------------------------------------------------------


def units(app: Assistant) -> dict[str, Any]:
    """Return everything that is saved as one, by name: each is either as it was or as it shall be, and never in between."""
    found: dict[str, Any] = {}
    for note in app.store.notes():
        chunks = [[chunk.piece.path, chunk.piece.text] for chunk in app.store.chunks_of(note.place.path)]
        found[f"note {note.content_hash}"] = [note.place.path, chunks, app.store.note_text(note.place.path)[2]]
    for saved in [*app.conversations.all(), *app.conversations.trashed()]:
        (turn,) = app.conversations.turns(saved.id)
        found[f"question {turn.question}"] = True
        if turn.state == "complete":
            found[f"answer {turn.question}"] = turn.answer
    found["bill"] = sum(entry.purpose == "answer" and entry.state == "complete" for entry in app.ledger.entries())
    graded = [review.card_id for review in app.reviews.log()]
    for card in app.cards.all():
        found[f"card {card.front}"] = [card.memory.state, graded.count(card.id)]
    found |= {f"preference {name}": value for name, value in app.preferences.all().items()}
    found |= {f"upload {one.name}": (app.uploads.folder / one.file_name).is_file() for one in app.uploads.all()}
    return found


def self_check(folder: Path, url: str) -> dict[str, Any]:
    """Open the folder as a fresh process does; say what contradicts itself, and what is there."""
    app = assistant(folder, url, served=not (folder / OFFLINE).exists())
    app.index.refresh()
    wrong = contradictions(app.database, app.embedder.key)
    searched, chunks = len(cast("VectorIndex", app.index)), len(app.store.chunk_ids())
    wrong += [] if searched == chunks else [f"{searched} vectors searched, {chunks} chunks"]
    kept = app.database.connection.execute("SELECT text_hash FROM vectors WHERE embedder = 'custom/tiny'").fetchall()
    named = {one.file_name for one in app.uploads.all()}
    files = {file.name for file in app.uploads.folder.iterdir()} if app.uploads.folder.is_dir() else set()
    return {
        "wrong": wrong,
        "units": units(app),
        "kept": [row[0] for row in kept],
        "unnamed": sorted(files - named),
        "embedder": app.embedder.key,
    }


def attempt(action: Callable[[Path, str], Any], folder: Path, url: str) -> dict[str, Any]:
    """Do it; an error of ours is an outcome, anything else a defect."""
    started = time.monotonic()
    try:
        result = action(folder, url)
    except AssistantError as error:
        return {"error": error.kind, "message": error.message("en"), "hint": error.hint("en")}
    return {"result": result, "seconds": time.monotonic() - started}
