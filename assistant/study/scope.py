"""Which passages a quiz or a set of cards is about: those of some notes and folders, or of all. Knows no model."""

from __future__ import annotations

from collections.abc import Collection

from assistant.knowledge.chunks import Chunk
from assistant.knowledge.store import Store


def chunks_within(store: Store, within: Collection[str] | None = None) -> list[Chunk]:
    """Return the chunks of these notes and folders in reading order, each once; None: of all notes."""
    ids = dict.fromkeys(store.chunk_ids(within))
    return sorted(store.chunks(list(ids)), key=lambda chunk: (chunk.note, chunk.piece.chars))


def inside(path: str, within: Collection[str] | None) -> bool:
    """Tell whether a note is one of these notes, or lies in one of these folders; None: in any case."""
    return within is None or any(path == one or path.startswith(one.rstrip("/") + "/") for one in within)
