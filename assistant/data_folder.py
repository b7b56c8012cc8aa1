"""Why a data folder cannot be used, as sentences with the next step. Knows the file system, and nothing of what lies in it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from assistant.errors import DataFolderError, DiskFull, Said

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)
_FILE: Said = {"zh": "{place} 是一个文件，不是文件夹", "en": "{place} is a file, not a folder"}
_FILE_STEP: Said = {
    "zh": "把这个文件移走或改名，或用 ASSISTANT_DATA_DIR（--data）换一个文件夹，然后重试。",
    "en": "Move or rename that file, or choose another folder with ASSISTANT_DATA_DIR (--data), then try again.",
}
_AWAY: Said = {"zh": "{place} 不存在或没有接上", "en": "{place} does not exist, or its disk is not connected"}
_AWAY_STEP: Said = {
    "zh": "接上磁盘或网络文件夹，然后重试；不要用了就用 ASSISTANT_DATA_DIR（--data）换一个文件夹。",
    "en": "Connect the disk or network folder, then try again; if it is no longer used, choose another with ASSISTANT_DATA_DIR (--data).",
}
_READ_ONLY: Said = {
    "zh": "{place} 不能写入（磁盘只读，或者它属于另一个用户）",
    "en": "{place} cannot be written to (a read-only disk, or it belongs to another user)",
}
_READ_ONLY_STEP: Said = {
    "zh": "以它所属的用户启动应用，或改它的权限；也可以用 ASSISTANT_DATA_DIR（--data）换一个能写的文件夹。其中的数据没有改动。",
    "en": "Start the app as the user it belongs to, or change its permissions, or choose a folder you may write to with"
    " ASSISTANT_DATA_DIR (--data). What is in it was left alone.",
}
_ROOM_STEP: Said = {
    "zh": "在这个磁盘上腾出一些空间，然后重试；已保存的都在。",
    "en": "Make some room on this disk, then try again; all that was saved is there.",
}
_NO_ROOM: Said = {
    "zh": "备份需要 {needed}，磁盘只剩 {free}",
    "en": "a backup needs {needed} and the disk has {free} left",
}


def prepare(folder: Path) -> None:
    """Make the folder where it is not there; raise ``DataFolderError`` with the reason where nothing can be kept in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explained(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _error(folder, _READ_ONLY, _READ_ONLY_STEP, place=folder)


def explained(folder: Path, error: Exception) -> DataFolderError:
    """Say why the folder refused, judging by the error and by what stands there now."""
    blocking = next((place for place in (folder, *folder.parents) if place.is_file()), None)
    if blocking is not None:
        return _error(folder, _FILE, _FILE_STEP, place=blocking)
    if "full" in str(error) or getattr(error, "errno", None) in _FULL:
        return DiskFull(path=folder, free=_free(folder))
    there = next((place for place in (folder, *folder.parents) if place.is_dir()), None)
    if there is None:
        return _error(folder, _AWAY, _AWAY_STEP, place=folder.anchor or folder)
    refused = isinstance(error, PermissionError) or getattr(error, "errno", None) == errno.EROFS
    if refused or "readonly" in str(error) or not os.access(there, os.W_OK):
        return _error(folder, _READ_ONLY, _READ_ONLY_STEP, place=there)
    reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return DataFolderError(path=folder, reason=reason)


def make_sure_of_room(folder: Path, needed: int) -> None:
    """Raise ``DataFolderError`` where the disk has not this many bytes left."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise _error(folder, _NO_ROOM, _ROOM_STEP, needed=_size(needed), free=_size(free))


def _error(folder: Path, reason: Said, step: Said, **values: object) -> DataFolderError:
    said = {language: text.format(**values) for language, text in reason.items()}
    return DataFolderError(path=folder, reason=said, step=step)


def _free(folder: Path) -> str:
    try:
        return _size(shutil.disk_usage(folder).free)
    except OSError:
        return "?"


def _size(number: int) -> str:
    return f"{number / 1_000_000:.1f} MB"
