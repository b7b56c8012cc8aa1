"""Looks whether the files that hold keys are seen by nobody else, and whether a key is one at all. Reads no key aloud."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from assistant.doctor.checks import Finding, failed, ok
from assistant.doctor.texts import NOTHING, joined, said
from assistant.errors import Said
from assistant.settings import Keys

_FILES = (".env", ".streamlit/secrets.toml")


def key_files(keys: Keys, notes: Sequence[Path], folder: Path | None = None) -> Finding:
    """Look at ``.env`` and ``secrets.toml`` of the folder that the app was started in, and at the keys found anywhere."""
    folder = (folder or Path.cwd()).absolute()
    there = [folder / name for name in _FILES if (folder / name).is_file()]
    wrong: list[tuple[Said, Said]] = []
    for file in there:
        if _seen_by_others(file):
            wrong.append((said("keys_open", path=file), said("close_keys", path=file)))
        if any(file.resolve().is_relative_to(root.resolve()) for root in notes):
            wrong.append((said("keys_in_notes", path=file), said("move_keys")))
        if _in_git(file):
            wrong.append((said("keys_in_git", path=file), said("renew_keys", path=file)))
    empty = sorted(keys.placeholders())
    if empty:
        wrong.append((said("keys_placeholder", names=", ".join(empty)), said("real_key")))
    if wrong:
        return failed(joined(*(message for message, _ in wrong)), joined(*(hint for _, hint in wrong)))
    return ok(said("keys_kept", count=len(there)), NOTHING)


def _seen_by_others(file: Path) -> bool:
    # Windows has other permissions, which os.stat does not tell.
    return os.name == "posix" and bool(stat.S_IMODE(file.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH))


def _in_git(file: Path) -> bool:
    """Tell whether git keeps a file, by its index: the name stands there behind its length."""
    root = next((parent for parent in file.parents if (parent / ".git").is_dir()), None)
    if root is None:
        return False
    try:
        index = (root / ".git" / "index").read_bytes()
    except OSError:
        return False
    name = file.relative_to(root).as_posix().encode()
    return bytes([len(name) & 0xFF]) + name + b"\0" in index
