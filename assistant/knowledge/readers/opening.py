"""Opens a found file so that only a regular, unchanging one is ever read. Knows no format.

The file may have been exchanged since it was found: the name is opened without following a link and without
waiting for a pipe, and what was opened must be what the name stands for.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from assistant.errors import EmptyNote, NoteError, TooBig, UnreadableNote
from assistant.knowledge.notes import Found

OnPage = Callable[[int, int], None]

_FLAGS = ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT")
LARGEST = 300 << 20  # what the most patient reader takes, that of PDFs
_BLOCK = 1 << 20


@contextmanager
def opened(found: Found) -> Iterator[BinaryIO]:
    """Open the file for reading in bytes; whatever the system refuses becomes an ``UnreadableNote``."""
    try:
        with os.fdopen(_descriptor(found), "rb") as file:
            yield file
    except OSError as error:
        raise UnreadableNote(path=found.path, reason=error.strerror or type(error).__name__) from error


def version(file: BinaryIO) -> tuple[int, int]:
    """Tell two states of an open file apart: its size and the moment of its last change."""
    info = os.fstat(file.fileno())
    return info.st_size, info.st_mtime_ns


def read_whole(found: Found, limit: int) -> bytes:
    """Read all bytes of a file that did not change meanwhile; the limit holds before anything is read."""
    for _ in range(2):
        with opened(found) as file:
            before = version(file)
            if before[0] > limit:
                raise TooBig(path=found.path, limit=megabytes(limit))
            data = file.read(limit + 1)
            if version(file) == before and len(data) == before[0]:
                break
    else:
        raise still_changing(found)
    if not data:
        raise EmptyNote(path=found.path)
    return data


def still_changing(found: Found) -> NoteError:
    """Say that a file was never at rest, which the next sync will see settled."""
    return UnreadableNote(path=found.path, reason="it keeps changing / 仍在被写入")


def megabytes(limit: int) -> str:
    """Write a limit of ours as people read it."""
    return f"{limit >> 20} MB"


def digest(data: bytes) -> str:
    """Name a content by its SHA-256."""
    return hashlib.sha256(data).hexdigest()


def digest_of(file: BinaryIO) -> str:
    """Name the content of an open file without holding it in memory, and go back to its start."""
    hashed = hashlib.sha256()
    while block := file.read(_BLOCK):
        hashed.update(block)
    file.seek(0)
    return hashed.hexdigest()


def content_hash(found: Found) -> str:
    """Name the content of a file by its SHA-256; one that no reader takes by its size and time, without reading it."""
    with opened(found) as file:
        size, changed = version(file)
        return digest(f"{size} {changed}".encode()) if size > LARGEST else digest_of(file)


def _descriptor(found: Found) -> int:
    flags = os.O_RDONLY
    for name in _FLAGS:
        flags |= getattr(os, name, 0)
    descriptor = os.open(found.file, flags)
    info = os.fstat(descriptor)
    # Where O_NOFOLLOW is missing (Windows), this is what refuses a link.
    if stat.S_ISREG(info.st_mode) and os.path.samestat(info, os.lstat(found.file)):
        return descriptor
    os.close(descriptor)
    raise UnreadableNote(path=found.path, reason="not a regular file / 不是普通文件")
