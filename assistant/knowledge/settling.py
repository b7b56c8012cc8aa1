"""Tells a file that is being saved at this moment from one that is broken, and waits for it. Knows no format."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from assistant.errors import Cancelled, NoteError, UnreadableNote

ROUNDS = 3  # how often a sync asks for a file that is not at rest
_REST = 1.0  # seconds without a change, after which a file counts as saved
_GLANCE = 0.1


def is_being_written(file: Path) -> bool:
    """Tell whether a file changed a moment ago; one that is gone again was a step of somebody's saving."""
    try:
        changed = file.stat().st_mtime
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return abs(time.time() - changed) < _REST


def may_settle(file: Path, error: NoteError) -> bool:
    """Tell whether asking again can help: it is being written, or another program holds it although we may read it."""
    return is_being_written(file) or (isinstance(error, UnreadableNote) and os.access(file, os.R_OK))


def wait_for_rest(files: Iterable[Path], cancelled: Callable[[], bool]) -> None:
    """Wait until none of the files changed for a moment, but not much longer than that; raise ``Cancelled`` if asked to."""
    waiting, end = list(files), time.monotonic() + 2 * _REST
    time.sleep(_GLANCE)  # who holds a file without writing needs a moment too
    while any(map(is_being_written, waiting)) and time.monotonic() < end:
        if cancelled():
            raise Cancelled()
        time.sleep(_GLANCE)
