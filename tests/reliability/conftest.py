"""What the tests of hostile input share: whatever a sync meets, it leaves the notes folder as it was."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.knowledge.sync import Sync


def folder_hash(folder: Path) -> str:
    """Name everything below a folder: names, kinds, times, sizes and the bytes of files, opening nothing but regular ones."""
    digest = hashlib.sha256()
    for place, folders, files in os.walk(os.fsencode(folder)):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = os.path.join(place, name)
            try:
                info = os.lstat(path)
            except OSError:  # its path is longer than the system takes
                continue
            digest.update(b"%s %d %d %d\n" % (path, info.st_mode, info.st_size, info.st_mtime_ns))
            if stat.S_ISREG(info.st_mode) and info.st_blocks * 512 >= info.st_size and os.access(path, os.R_OK):
                with open(path, "rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


@pytest.fixture
def notes_change_meanwhile() -> None:
    """Asked for by a test that itself writes notes while a sync is running."""


@pytest.fixture(autouse=True)
def notes_stay_as_they_are(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash the notes folders before and after every sync of the test; they are the same."""
    if "notes_change_meanwhile" in request.fixturenames:
        yield
        return
    differing: list[Path] = []
    run: Callable[..., Any] = Sync.run

    def watched(self: Sync, *args: Any, **more: Any) -> Any:
        folders = [Path(folder) for folder in self._folders]
        before = [folder_hash(folder) for folder in folders]
        try:
            return run(self, *args, **more)
        finally:
            differing.extend(f for f, was in zip(folders, before, strict=True) if folder_hash(f) != was)

    monkeypatch.setattr(Sync, "run", watched)
    yield
    assert differing == []
