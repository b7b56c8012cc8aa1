"""Reads a stream in a thread of its own, so that whoever listens can always stop: also while nothing comes.

Knows nothing of what is read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Literal

from assistant.errors import ModelError
from assistant.providers.base import Delta

BEAT = 0.2  # seconds of silence after which the listener gets an empty Delta, and with it the chance to stop
_LEAVE = 1.0  # seconds that a cut reader may take to let go of its connection

End = Literal["end", "defect"]


def pumped(
    read: Callable[[], Iterator[Delta]], cut: Callable[[], None], limit: tuple[float, ModelError] | None = None
) -> Iterator[Delta]:
    """Yield what ``read`` yields, and an empty ``Delta`` for each beat of silence; closing calls ``cut`` and ends the reading.

    ``limit``: the longest silence in seconds, and the error that it ends in.
    """
    queue: SimpleQueue[Delta | ModelError | End] = SimpleQueue()
    reader = threading.Thread(target=_read, args=(read, queue), name="model-stream", daemon=True)
    reader.start()
    last = time.monotonic()
    try:
        while True:
            try:
                piece = queue.get(timeout=BEAT)
            except Empty:
                if limit is not None and time.monotonic() - last > limit[0]:
                    raise limit[1] from None
                yield Delta()
                continue
            last = time.monotonic()
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
