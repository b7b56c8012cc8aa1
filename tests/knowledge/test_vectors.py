"""FAISS follows the store, from every thread and from another process's writes."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

from assistant.database import Database
from assistant.knowledge.notes import Note
from assistant.knowledge.split import split
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Place, embedding_text, text_hash
from assistant.knowledge.vectors import VectorIndex
from assistant.providers.offline_embedder import OfflineEmbedder

EMBEDDER = OfflineEmbedder()


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(Database(tmp_path))


def index_of(store: Store) -> VectorIndex:
    return VectorIndex(store, EMBEDDER.key)


def save(store: Store, path: str, text: str) -> None:
    note = Note(path, path, "text", text_hash(text), text, "utf-8")
    pieces = split(note)
    texts = {text_hash(key): key for key in (embedding_text(note.title, path, piece) for piece in pieces)}
    with store.database.transaction():
        store.save_vectors(EMBEDDER.key, dict(zip(texts, EMBEDDER.embed(list(texts.values())), strict=True)))
        store.save(Place("/n", path, path), note, len(text), pieces)


def found(store: Store, index: VectorIndex, text: str) -> str:
    best = index.search(EMBEDDER.embed([f"{text}"])[0], 1)
    return store.chunks([best[0][0]])[0].text


def test_an_empty_index_finds_nothing(store: Store) -> None:
    assert index_of(store).search(EMBEDDER.embed(["x"])[0], 5) == []


def test_the_nearest_comes_first_with_its_cosine(store: Store) -> None:
    save(store, "a", "gradient descent")
    save(store, "b", "completely unrelated words")

    matches = index_of(store).search(EMBEDDER.embed(["gradient descent"])[0], 5)

    assert store.chunks([matches[0][0]])[0].note == "a"
    assert matches[0][1] > matches[1][1]
    assert all(-1.001 <= cosine <= 1.001 for _, cosine in matches)


def test_after_thirty_edits_of_fifty_notes_every_text_still_finds_its_own_note(store: Store) -> None:
    chance = random.Random(7)
    texts = {f"n{number}": f"note number {number} about subject {chance.random()}" for number in range(50)}
    for path, text in texts.items():
        save(store, path, text)
    index = index_of(store)
    index.refresh()
    for path in chance.sample(sorted(texts), 30):
        texts[path] = f"{path} rewritten {chance.random()}"
        save(store, path, texts[path])
        if chance.random() < 0.3:
            gone = chance.choice(sorted(set(texts) - {path}))
            store.remove([stored.id for stored in store.notes() if stored.place.path == gone])
            del texts[gone]

    assert {path: found(store, index, text) for path, text in texts.items()} == texts
    assert len(index) == len(texts)


def test_what_another_process_wrote_is_found(store: Store) -> None:
    index = index_of(store)
    save(store, "a", "alpha")
    index.refresh()
    other = Store(Database(store.database.folder))
    save(other, "b", "beta gamma")

    assert found(store, index, "beta gamma") == "beta gamma"


def test_only_the_chunks_asked_for_are_found(store: Store) -> None:
    save(store, "a", "same words")
    save(store, "b", "same words too")
    wanted = store.chunk_ids(["b"])

    assert [id_ for id_, _ in index_of(store).search(EMBEDDER.embed(["same words"])[0], 5, wanted)] == wanted


def test_searching_while_others_write_neither_crashes_nor_errs(store: Store) -> None:
    for number in range(20):
        save(store, f"n{number}", f"text {number}")
    index = index_of(store)
    wrong: list[object] = []

    def search() -> None:
        vector = EMBEDDER.embed(["text 3"])[0]
        for _ in range(150):
            cosines = [cosine for _, cosine in index.search(vector, 5)]
            if not np.isfinite(cosines).all() or len(cosines) != 5:
                wrong.append(cosines)
        store.database.close()

    def write() -> None:
        for number in range(60):
            save(store, f"n{number % 30}", f"text {number} again")
        store.database.close()

    threads = [threading.Thread(target=search) for _ in range(3)] + [threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(index) <= len(store.chunk_ids())
    index.refresh()
    assert len(index) == len(store.chunk_ids())
