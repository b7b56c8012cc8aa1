"""The one door to the terminal: no text of a note, a model or a file name can steer it or begin a line of its own."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

# Escape sequences, returns to the beginning of a line, and marks that turn the direction of what follows.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff]"
)


class _Calm(io.TextIOBase):
    """Writes to a stream what cannot steer it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(_STEERING.sub("\N{REPLACEMENT CHARACTER}", text))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


@contextmanager
def calm_terminal(*, json: bool) -> Iterator[None]:
    """Guard both streams while a command runs; JSON on stdout is for programs and escapes what it has to by itself."""
    with redirect_stderr(_Calm(sys.stderr)), redirect_stdout(sys.stdout if json else _Calm(sys.stdout)):
        yield


def printable(text: str) -> str:
    """Replace what would steer the terminal: a model may be named by anybody's server."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
