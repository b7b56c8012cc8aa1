"""Gives texts the vectors they lack and keeps each request's at once, so that nothing is bought twice. Knows no file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from assistant.errors import BadAnswer
from assistant.knowledge.chunks import Piece
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Stored, embedding_text, text_hash
from assistant.money.metering import Batch, MeteredEmbedder, OnWait
from assistant.providers.reasons import because


def texts_of(title: str, path: str, pieces: Iterable[Piece]) -> dict[str, str]:
    """Return what is embedded for a note's pieces, by hash; equal passages are one."""
    texts = (embedding_text(title, path, piece) for piece in pieces)
    return {text_hash(text): text for text in texts}


def without_vector(store: Store, embedder: MeteredEmbedder, texts: Mapping[str, str]) -> dict[str, str]:
    """Return those texts that this embedder has not seen yet."""
    unseen = store.without_vector(embedder.key, texts)
    return {key: text for key, text in texts.items() if key in unseen}


def lacking(store: Store, embedder: MeteredEmbedder, note: Stored) -> dict[str, str]:
    """Return the texts of a stored note for which this embedder has no vector."""
    chunks = store.chunks_without_vector(note.id, embedder.key) if note.chunks else []
    return {text_hash(text): text for text in (embedding_text(c.title, c.note, c.piece) for c in chunks)}


def fill(
    store: Store,
    embedder: MeteredEmbedder,
    texts: Mapping[str, str],
    on_wait: OnWait,
    cancelled: Callable[[], bool],
) -> Iterator[Batch]:
    """Embed texts request by request; what is yielded is on disk already, whatever becomes of the rest."""
    for batch in embedder.embed_each(list(texts.values()), on_wait, cancelled):
        keep(store, embedder, texts, batch)
        yield batch


def keep(store: Store, embedder: MeteredEmbedder, texts: Mapping[str, str], batch: Batch) -> None:
    """Put a request's vectors on disk, under the hashes of their texts."""
    _check(store, embedder, batch)
    keys = list(texts)[batch.place]
    store.save_vectors(embedder.key, dict(zip(keys, batch.rows, strict=True)))


def _check(store: Store, embedder: MeteredEmbedder, batch: Batch) -> None:
    """Refuse vectors of another length than those that are kept: together they could not be searched at all."""
    kept = store.dimension(embedder.key)
    if kept not in (None, batch.rows.shape[1]):
        reason = because("length", found=batch.rows.shape[1], kept=kept)
        raise BadAnswer(provider=embedder.entry.provider, reason=reason)
