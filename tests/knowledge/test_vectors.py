"""FAISS and Milvus follow the store, from every thread and from another process's writes: the same tests for both."""

from __future__ import annotations

import importlib.util
import random
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from assistant.database import Database
from assistant.errors import VectorStoreDown, VectorStoreMissing
from assistant.knowledge import changes, segments
from assistant.knowledge.milvus import MilvusIndex
from assistant.knowledge.nearest import Nearest
from assistant.knowledge.notes import Note
from assistant.knowledge.split import split
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Place, embedding_text, text_hash
from assistant.knowledge.vectors import VectorIndex
from assistant.providers.keys import Secret
from assistant.providers.offline_embedder import OfflineEmbedder
from tests.conftest import do_without

EMBEDDER = OfflineEmbedder()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(Database(tmp_path))


def milvus_of(store: Store) -> MilvusIndex:
    if importlib.util.find_spec("pymilvus") is None or importlib.util.find_spec("milvus_lite") is None:
        do_without("milvus", "the extra milvus is not installed: no pymilvus with its milvus-lite here")
    return MilvusIndex(store, EMBEDDER.key, str(store.database.folder / "milvus.db"))


@pytest.fixture(params=["full", "half", "byte", "milvus"])
def index_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Store], Nearest]:
    """Make an index of each kind; segments are small, so that these few notes fill, compress and clear them."""
    monkeypatch.setattr(segments, "ROWS", 16)
    if request.param == "milvus":
        return milvus_of
    return lambda store: VectorIndex(store, EMBEDDER.key, request.param)


def save(store: Store, path: str, text: str) -> None:
    note = Note(path, path, "text", text_hash(text), text, "utf-8")
    pieces = split(note)
    texts = {text_hash(key): key for key in (embedding_text(note.title, path, piece) for piece in pieces)}
    with store.database.transaction():
        store.save_vectors(EMBEDDER.key, dict(zip(texts, EMBEDDER.embed(list(texts.values())), strict=True)))
        store.save(Place("/n", path, path), note, len(text), pieces)


def found(store: Store, index: Nearest, text: str) -> str:
    best = index.search(EMBEDDER.embed([f"{text}"])[0], 1)
    return store.chunks([best[0][0]])[0].text


def test_an_empty_index_finds_nothing(store: Store, index_of: Callable[[Store], Nearest]) -> None:
    assert index_of(store).search(EMBEDDER.embed(["x"])[0], 5) == []


def test_the_nearest_comes_first_with_its_cosine(store: Store, index_of: Callable[[Store], Nearest]) -> None:
    save(store, "a", "gradient descent")
    save(store, "b", "completely unrelated words")

    matches = index_of(store).search(EMBEDDER.embed(["gradient descent"])[0], 5)

    assert store.chunks([matches[0][0]])[0].note == "a"
    assert matches[0][1] > matches[1][1]
    assert all(-1.01 <= cosine <= 1.01 for _, cosine in matches)


def test_after_thirty_edits_of_fifty_notes_every_text_still_finds_its_own_note(
    store: Store, index_of: Callable[[Store], Nearest]
) -> None:
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


def test_what_another_process_wrote_is_found(store: Store, index_of: Callable[[Store], Nearest]) -> None:
    index = index_of(store)
    save(store, "a", "alpha")
    index.refresh()
    other = Store(Database(store.database.folder))
    save(other, "b", "beta gamma")

    assert found(store, index, "beta gamma") == "beta gamma"


def test_only_the_chunks_asked_for_are_found(store: Store, index_of: Callable[[Store], Nearest]) -> None:
    save(store, "a", "same words")
    save(store, "b", "same words too")
    wanted = store.chunk_ids(["b"])

    assert [id_ for id_, _ in index_of(store).search(EMBEDDER.embed(["same words"])[0], 5, wanted)] == wanted


def test_searching_while_others_write_neither_crashes_nor_errs(
    store: Store, index_of: Callable[[Store], Nearest]
) -> None:
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


def test_a_chunk_whose_vector_comes_later_is_found_from_then_on(
    store: Store, index_of: Callable[[Store], Nearest]
) -> None:
    save(store, "a", "alpha")
    note = Note("b", "b", "text", text_hash("beta"), "beta", "utf-8")
    store.save(Place("/n", "b", "b"), note, 4, split(note))
    index = index_of(store)
    index.refresh()
    before = len(index)

    store.save_vectors(EMBEDDER.key, {text_hash("beta"): EMBEDDER.embed(["beta"])[0]})

    assert before == 1
    assert found(store, index, "beta") == "beta"


def test_an_index_that_slept_through_too_much_builds_itself_anew(
    store: Store, index_of: Callable[[Store], Nearest], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        save(store, f"n{number}", f"text {number}")
    index = index_of(store)
    index.refresh()
    for stored in store.notes()[:3]:
        store.remove([stored.id])
    store.database.connection.execute("DELETE FROM gone_chunks WHERE number = 1")
    forgotten = changes.Changes(store.database, EMBEDDER.key).went(changes.Mark(0, 0, 0))

    assert forgotten is None
    assert found(store, index, "text 5") == "text 5"
    assert len(index) == 3


def test_after_a_failed_refresh_nothing_is_missing_and_nothing_twice(
    store: Store, index_of: Callable[[Store], Nearest], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, "a", "alpha")
    index = index_of(store)
    index.refresh()
    save(store, "b", "beta")
    with monkeypatch.context() as patched, pytest.raises(sqlite3.OperationalError):
        for name in ("vectors", "vectors_of"):
            patched.setattr(changes.Changes, name, failing_after(getattr(changes.Changes, name)))
        index.refresh()

    assert sorted(id_ for id_, _ in index.search(EMBEDDER.embed(["beta"])[0], 9)) == store.chunk_ids()
    assert len(index) == 2


def failing_after(read: Callable[..., Any]) -> Callable[..., Any]:
    """Let FAISS have what was read before the disk fails; what Milvus reads comes whole or not at all."""

    def vectors(*given: Any) -> Any:
        made = read(*given)
        if isinstance(made, tuple):
            raise sqlite3.OperationalError("disk I/O error")
        return broken_off(made)

    def broken_off(made: Iterator[Any]) -> Iterator[Any]:
        yield next(made)
        raise sqlite3.OperationalError("disk I/O error")

    return vectors


def test_a_deleted_note_leaves_nothing_to_be_found(store: Store, index_of: Callable[[Store], Nearest]) -> None:
    for number in range(40):
        save(store, f"n{number}", f"text number {number}")
    index = index_of(store)
    index.refresh()
    kept = [stored for stored in store.notes() if stored.place.path.endswith("7")]

    store.remove([stored.id for stored in store.notes() if stored not in kept])

    ids = {id_ for id_, _ in index.search(EMBEDDER.embed(["text number 3"])[0], 40)}
    assert ids == set(store.chunk_ids())
    assert len(ids) == len(kept) == 4


def test_equal_passages_of_two_notes_are_both_found(store: Store, index_of: Callable[[Store], Nearest]) -> None:
    save(store, "a", "the same words")
    save(store, "b", "the same words")
    index = index_of(store)

    assert sorted(id_ for id_, _ in index.search(EMBEDDER.embed(["the same words"])[0], 5)) == store.chunk_ids()
    store.remove([stored.id for stored in store.notes() if stored.place.path == "a"])
    assert [id_ for id_, _ in index.search(EMBEDDER.embed(["the same words"])[0], 5)] == store.chunk_ids()


def test_from_faiss_to_milvus_and_back_nothing_is_embedded_again(store: Store) -> None:
    for number, text in enumerate(["gradient descent", "steepest descent", "descending chords", "bread", "向量数据库"]):
        save(store, f"n{number}", text)
    question = EMBEDDER.embed(["gradient descent"])[0]
    in_faiss = VectorIndex(store, EMBEDDER.key).search(question, 5)
    vectors = store.database.connection.execute("SELECT * FROM vectors").fetchall()

    in_milvus = milvus_of(store).search(question, 5)
    back = VectorIndex(store, EMBEDDER.key).search(question, 5)

    assert dict(in_milvus) == pytest.approx(dict(in_faiss), abs=1e-5)
    assert in_milvus[0][0] == in_faiss[0][0]
    assert back == in_faiss
    assert store.database.connection.execute("SELECT * FROM vectors").fetchall() == vectors


def test_what_an_earlier_process_sent_to_milvus_is_found_without_sending_it_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, "a", "alpha")
    index = milvus_of(store)
    script = (
        "import sys; from pathlib import Path; from assistant.database import Database\n"
        "from assistant.knowledge.milvus import MilvusIndex; from assistant.knowledge.store import Store\n"
        "MilvusIndex(Store(Database(Path(sys.argv[1]))), sys.argv[2], sys.argv[3]).refresh()"
    )
    folder = store.database.folder
    subprocess.run([sys.executable, "-c", script, str(folder), EMBEDDER.key, index.address], check=True)
    sent: list[object] = []
    monkeypatch.setattr(changes.Changes, "vectors_of", lambda self, texts: sent.append(texts))

    assert found(store, index, "alpha") == "alpha"
    assert sent == []


def test_what_changed_while_faiss_was_used_is_repaired_in_milvus(store: Store) -> None:
    save(store, "a", "alpha")
    save(store, "b", "beta")
    milvus_of(store).refresh()
    store.remove([stored.id for stored in store.notes() if stored.place.path == "a"])
    save(store, "c", "gamma")

    again = milvus_of(store)

    assert found(store, again, "gamma") == "gamma"
    assert {id_ for id_, _ in again.search(EMBEDDER.embed(["alpha"])[0], 9)} == set(store.chunk_ids())


def test_two_libraries_share_a_server_without_mixing(store: Store, tmp_path) -> None:
    other = Store(Database(tmp_path / "other"))
    save(store, "a", "alpha")
    save(other, "b", "beta")
    milvus_of(store).refresh()
    theirs = MilvusIndex(other, EMBEDDER.key, str(store.database.folder / "milvus.db"))

    assert [chunk.text for chunk in other.chunks([theirs.search(EMBEDDER.embed(["alpha"])[0], 9)[0][0]])] == ["beta"]
    assert found(store, milvus_of(store), "alpha") == "alpha"


def test_more_notes_than_can_be_named_are_searched_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.knowledge.milvus._NAMED", 2)
    for number in range(30):
        save(store, f"n{number}", f"text number {number}")
    index = milvus_of(store)
    wanted = store.chunk_ids()[::3]

    assert {id_ for id_, _ in index.search(EMBEDDER.embed(["text number 2"])[0], 10, wanted)} == set(wanted)


def test_a_server_that_is_not_there_is_named_without_its_token(store: Store, unused_port: int) -> None:
    milvus_of(store)  # only where the extra is there
    save(store, "a", "alpha")
    token = "root:a-long-secret-password"
    index = MilvusIndex(store, EMBEDDER.key, f"http://127.0.0.1:{unused_port}", Secret(token))
    index.seconds = 0.5

    with pytest.raises(VectorStoreDown) as caught:
        index.refresh()

    assert str(unused_port) in caught.value.message("zh")
    assert token not in caught.value.message("en") + caught.value.hint("en")
    assert "ASSISTANT_VECTOR_STORE=faiss" in caught.value.hint("zh")


def test_without_the_extra_the_error_says_what_to_install(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    save(store, "a", "alpha")
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    monkeypatch.setitem(sys.modules, "pymilvus.exceptions", None)

    with pytest.raises(VectorStoreMissing) as caught:
        MilvusIndex(store, EMBEDDER.key, "http://127.0.0.1:1").refresh()

    assert "pip install" in caught.value.hint("en")
    assert "pip install" in caught.value.hint("zh")
