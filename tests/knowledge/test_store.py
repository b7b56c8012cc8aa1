"""Notes, chunks, vectors and keywords stay in step in a real SQLite file."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.database import Database
from assistant.errors import NotFound, PasswordNeeded
from assistant.knowledge.consistency import contradictions
from assistant.knowledge.notes import Note
from assistant.knowledge.split import split
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Place, embedding_text, text_hash

EMBEDDER = "test/2"


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(Database(tmp_path))


def note(text: str, path: str = "a.md") -> Note:
    return Note(path, path.removesuffix(".md"), "markdown", text_hash(text), text, "utf-8")


def save(store: Store, text: str, path: str = "a.md") -> list[int]:
    """Save a note as a sync does: vectors and note in one transaction; return its chunk ids."""
    read = note(text, path)
    pieces = split(read)
    keys = [text_hash(embedding_text(read.title, path, piece)) for piece in pieces]
    with store.database.transaction():
        store.save_vectors(EMBEDDER, {key: np.array([1, 0], np.float32) for key in keys})
        store.save(Place("/notes", path, path), read, len(text), pieces)
    return [chunk.id for chunk in store.chunks_of(path)]


THREE = "# One\n\nfirst body\n\n# Two\n\nsecond body\n\n# Three\n\nthird body\n"


def test_a_saved_note_comes_back_whole(store: Store) -> None:
    save(store, THREE)

    root, file, text, pages = store.note_text("a.md")
    assert (root, file, text, pages) == ("/notes", "a.md", THREE, ())
    assert [chunk.piece.heading for chunk in store.chunks_of("a.md")] == [("One",), ("Two",), ("Three",)]
    assert all(text[slice(*chunk.piece.chars)] == chunk.text for chunk in store.chunks_of("a.md"))
    assert contradictions(store.database, EMBEDDER) == []


def test_an_edit_keeps_the_ids_of_chunks_that_did_not_change(store: Store) -> None:
    before = save(store, THREE)
    after = save(store, THREE.replace("second", "another"))

    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] not in before
    assert contradictions(store.database, EMBEDDER) == []


def test_chunks_that_change_places_keep_their_ids(store: Store) -> None:
    before = save(store, THREE)
    after = save(store, "# Three\n\nthird body\n\n# One\n\nfirst body\n")

    assert after == [before[2], before[0]]
    assert contradictions(store.database, EMBEDDER) == []


def test_ids_are_never_used_again(store: Store) -> None:
    first = save(store, THREE)
    store.remove([store.notes()[0].id])
    second = save(store, THREE)

    assert min(second) > max(first)


def test_removing_a_note_leaves_no_chunk_and_no_keyword_but_its_vectors(store: Store) -> None:
    save(store, THREE)
    keys = {row[0] for row in store.database.connection.execute("SELECT text_hash FROM chunks")}
    store.remove([store.notes()[0].id])

    assert (store.notes(), store.chunk_ids()) == ([], [])
    assert store.without_vector(EMBEDDER, keys) == set()
    assert contradictions(store.database, EMBEDDER) == []


def test_notes_may_swap_their_names(store: Store) -> None:
    save(store, "# A\n\nalpha\n", "a.md")
    save(store, "# B\n\nbeta\n", "b.md")
    ids = {stored.place.path: stored.id for stored in store.notes()}

    store.rename([(ids["a.md"], Place("/notes", "b.md", "b.md")), (ids["b.md"], Place("/notes", "a.md", "a.md"))])

    assert "beta" in store.note_text("a.md")[2]
    assert {stored.place.path: stored.title for stored in store.notes()} == {"a.md": "a", "b.md": "b"}
    assert contradictions(store.database, EMBEDDER) == []


def test_a_failure_is_remembered_with_its_sentence(store: Store) -> None:
    save(store, THREE)
    store.save_failure(Place("/notes", "a.md", "a.md"), "pdf", "hash", 3, PasswordNeeded(path="a.md"))

    stored = store.notes()[0]
    assert (stored.state, stored.kind, stored.chunks) == ("failed", "pdf", 0)
    assert stored.error is not None
    assert stored.error.message("zh") == PasswordNeeded(path="a.md").message("zh")

    save(store, THREE)
    assert store.notes()[0].state == "ready"


def test_every_change_of_chunks_counts_up_the_generation(store: Store) -> None:
    seen = [store.generation()]
    save(store, THREE)
    seen.append(store.generation())
    store.rename([(store.notes()[0].id, Place("/notes", "b.md", "b.md"))])
    seen.append(store.generation())
    store.remove([store.notes()[0].id])
    seen.append(store.generation())

    assert seen == sorted(set(seen))


def test_a_folder_names_the_notes_below_it_and_no_neighbour(store: Store) -> None:
    inside = save(store, "inside\n", "maths/a.md")
    save(store, "beside\n", "maths2/a.md")

    assert store.chunk_ids(["maths"]) == store.chunk_ids(["maths/"]) == inside
    assert store.chunk_ids(["maths/a.md"]) == inside
    assert store.chunk_ids(["nowhere"]) == []


def test_a_title_that_is_only_a_file_name_is_not_embedded(store: Store) -> None:
    piece = split(note("body\n"))[0]

    assert embedding_text("a", "x/a.md", piece) == embedding_text("b", "b.md", piece)
    assert embedding_text("Gradients", "a.md", piece).startswith("Gradients\n")


def test_an_unknown_note_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.note_text("nowhere.md")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM vectors", "chunks without a vector"),
        ("DELETE FROM keyword_texts", "chunks without keywords"),
        ("UPDATE chunks SET char_start = char_start + 1", "chunks that are not the text of their note"),
        ("DELETE FROM chunks", "keywords without their chunk"),
    ],
)
def test_the_check_finds_what_is_out_of_step(store: Store, damage: str, said: str) -> None:
    save(store, THREE)
    with store.database.transaction() as connection:
        connection.execute(damage)

    assert any(said in line for line in contradictions(store.database, EMBEDDER))
