"""Reads a stream in a thread of its own, so that whoever listens can always stop: also while nothing comes.

Knows nothing of what is read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Literal

from assistant.errors import ModelError
from assistant.providers.base import Delta

BEAT = 0.2  # seconds of silence after which the listener gets an empty Delta, and with it the chance to stop
_LEAVE = 1.0  # seconds that a cut reader may take to let go of its connection

End = Literal["end", "defect"]


def pumped(read: Callable[[], Iterator[Delta]], cut: Callable[[], None]) -> Iterator[Delta]:
    """Yield what ``read`` yields, and an empty ``Delta`` for each beat of silence; closing calls ``cut`` and ends the reading."""
    queue: SimpleQueue[Delta | ModelError | End] = SimpleQueue()
    reader = threading.Thread(target=_read, args=(read, queue), name="model-stream", daemon=True)
    reader.start()
    try:
        while True:
            try:
                piece = queue.get(timeout=BEAT)
            except Empty:
                yield Delta()
                continue
            if isinstance(piece, Delta):
                yield piece
            elif isinstance(piece, ModelError):
                raise piece
            elif piece == "end":
                return
            else:
                raise RuntimeError("reading the stream failed; the log holds the traceback")
    finally:
        cut()
        reader.join(_LEAVE)


def _read(read: Callable[[], Iterator[Delta]], queue: SimpleQueue[Delta | ModelError | End]) -> None:
    end: ModelError | End = "defect"
    try:
        for piece in read():
            queue.put(piece)
        end = "end"
    except ModelError as error:
        end = error
    finally:
        queue.put(end)
