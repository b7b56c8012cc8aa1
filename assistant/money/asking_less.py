"""Asks an embedding model for less where it refuses so much: fewer texts at once, and a text that is too long by its halves.

Knows texts, rows and two errors; sends nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from assistant.errors import BatchRefused, TextTooLong
from assistant.providers.base import Embedded

Ask = Callable[[Sequence[str]], Embedded]

_SHORTEST = 200  # characters that every model takes: what is refused then is refused for another reason


class Room:
    """How many texts a server has turned out to take in one request; None until it refused more."""

    def __init__(self) -> None:
        self.texts: int | None = None


def asking_less(texts: Sequence[str], place: slice, room: Room, ask: Ask) -> Iterator[tuple[slice, Embedded]]:
    """Yield the rows of ``texts[place]``, request by request, each at most as large as the server takes."""
    waiting = list(_cut(place, room.texts))
    while waiting:
        part = waiting.pop(0)
        batch = texts[part]
        try:
            yield part, ask(batch)
            continue
        except BatchRefused:
            if len(batch) == 1:
                raise
            room.texts = len(batch) // 2
        except TextTooLong:
            if len(batch) == 1:
                yield part, _by_halves(batch[0], ask)
                continue
        half = len(batch) // 2
        waiting = [one for rest in (part, *waiting) for one in _cut(rest, half if rest is part else room.texts)]


def _cut(place: slice, most: int | None) -> Iterator[slice]:
    most = most or max(1, place.stop - place.start)
    for start in range(place.start, place.stop, most):
        yield slice(start, min(place.stop, start + most))


def _by_halves(text: str, ask: Ask) -> Embedded:
    """Give a text that is too long the middle of its halves' vectors: near to what either is about."""
    import numpy as np

    if len(text) < _SHORTEST:
        return ask([text])  # refused once more, and that is told
    cut = text.rfind("\n", len(text) // 4, len(text) // 2) + 1 or len(text) // 2
    parts = [_whole(half, ask) for half in (text[:cut], text[cut:]) if half.strip()]
    middle = sum((part.rows[0] for part in parts), np.zeros_like(parts[0].rows[0]))
    length = float(np.linalg.norm(middle))
    row = middle / length if length else parts[0].rows[0]
    billed = [part.tokens for part in parts if part.tokens is not None]
    return Embedded(row.reshape(1, -1), sum(billed) if len(billed) == len(parts) else None)


def _whole(text: str, ask: Ask) -> Embedded:
    try:
        return ask([text])
    except TextTooLong:
        return _by_halves(text, ask)
