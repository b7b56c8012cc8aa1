"""The only retry loop: waits as long as the provider asks, says so, and can be stopped. Knows no provider.

Only what failed before its first word is tried again; a request that has begun to answer is never sent twice.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from assistant.errors import Cancelled, ModelError
from assistant.providers.base import Delta

T = TypeVar("T")

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0
_TICK = 0.2  # how often a waiting learner is heard


def retrying(
    call: Callable[[], T],
    on_wait: Callable[[ModelError, float], None],
    cancelled: Callable[[], bool],
    budget_seconds: float = 120,
    attempts: int = 6,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> T:
    """Call until it succeeds; give up on what waiting cannot mend, after ``attempts``, or when the budget would not last.

    ``on_wait`` hears the error and the seconds still to wait, several times a second.
    """
    started = clock()
    for attempt in itertools.count(1):
        if cancelled():
            raise Cancelled
        try:
            return call()
        except ModelError as error:
            failure = error
        wait = _wait_after(failure, attempt, chance)
        if not failure.retryable or attempt >= attempts or clock() - started + wait > budget_seconds:
            raise failure
        _wait(wait, failure, on_wait, cancelled, clock, sleep)
    raise AssertionError("unreachable")


class Begun:
    """An answer whose first piece has come; closing it closes the stream, also before anything was taken from it."""

    def __init__(self, first: Delta | None, stream: Iterator[Delta]) -> None:
        self._first = first
        self._stream = stream

    def __iter__(self) -> Iterator[Delta]:
        return self

    def __next__(self) -> Delta:
        first, self._first = self._first, None
        return next(self._stream) if first is None else first

    def close(self) -> None:
        """End the answer; nothing more will come."""
        self._first = None
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


def begun(stream: Iterator[Delta], cancelled: Callable[[], bool]) -> Begun:
    """Wait for the first piece of an answer, so that a failure before it can be retried."""
    for first in stream:
        if first != Delta():
            return Begun(first, stream)
        if cancelled():
            Begun(None, stream).close()
            raise Cancelled
    return Begun(None, iter(()))


def _wait_after(failure: ModelError, attempt: int, chance: Callable[[], float]) -> float:
    asked = failure.retry_after
    doubled = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (attempt - 1))
    # Spread out, so that two processes that were refused together do not come back together.
    return doubled * (0.75 + 0.5 * chance()) if asked is None else asked


def _wait(
    seconds: float,
    failure: ModelError,
    on_wait: Callable[[ModelError, float], None],
    cancelled: Callable[[], bool],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    end = clock() + seconds
    while (left := end - clock()) > 0:
        if cancelled():
            raise Cancelled
        on_wait(failure, left)
        sleep(min(_TICK, left))
