"""Writes an answer as a note where the learner has just chosen: the only write into a notes folder. Replaces nothing."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import unicodedata
import uuid
from collections.abc import Iterable
from pathlib import Path

from assistant.errors import NoteNotSaved

SUFFIX = ".md"
_LONGEST = 200  # bytes: with suffix and the name of a half-written file below every system's limit of 255
_FORBIDDEN = re.compile(
    r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+'
)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)  # Windows opens devices by these
_CANNOT_LINK = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES, errno.EINVAL}


def note_name(wanted: str) -> str:
    """Make a file name of what a learner typed: no folders, nothing hidden or reserved anywhere; '' if nothing is left."""
    name = _FORBIDDEN.sub(" ", unicodedata.normalize("NFC", wanted)).removesuffix(SUFFIX)
    name = " ".join(name.split()).strip(". ")
    name = name.encode("utf-8")[:_LONGEST].decode("utf-8", "ignore").rstrip(". ")
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def save_note(folder: Path, name: str, text: str, roots: Iterable[Path]) -> Path:
    """Write a new note into one of the notes folders or a folder below; return its path.

    Raises ``NoteNotSaved`` and leaves everything as it was, above all where there is a file of that name already.
    """
    chosen = note_name(name)
    target = folder / f"{chosen}{SUFFIX}"
    if not chosen:
        raise NoteNotSaved(path=name.strip() or "?", reason="name · 名称")
    if not any(_is_within(folder, root) for root in roots):
        raise NoteNotSaved(path=target, reason="notes folder · 笔记文件夹")
    half = folder / f".{uuid.uuid4().hex}.tmp"  # hidden: a sync passes it over
    try:
        with half.open("xb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(half, target)
    except FileExistsError as error:
        raise NoteNotSaved(path=target, reason="已有同名文件 · it exists already") from error
    except OSError as error:
        raise NoteNotSaved(path=target, reason=error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
    return target


def _put_in_place(half: Path, target: Path) -> None:
    """Give the written file its name, unless that is taken; where there are no links the name is claimed first."""
    try:
        os.link(half, target)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        with target.open("xb"):
            pass
        half.replace(target)


def _is_within(folder: Path, root: Path) -> bool:
    """Tell whether a folder lies in a notes folder in truth: a link may lead out of it."""
    try:
        return folder.resolve(strict=True).is_relative_to(root.resolve(strict=True))
    except OSError:
        return False
