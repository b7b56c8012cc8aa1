"""What the learner wants left alone: the rules of ``.assistantignore`` files, written as for Git. Knows paths, no notes."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

FILE_NAME = ".assistantignore"

_MOST_BYTES = 16 << 10
# A pattern becomes a regular expression, and each star multiplies what matching may take: with four in one name
# 255 letters took a second.
_MOST_STARS = 3
_STARS = re.compile(r"\*+")


class IgnoreRules:
    """The rules that hold below one folder; each folder's file is read when it is first asked for.

    As with Git, a file deeper down has the last word, and nothing inside an ignored folder can be taken back.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._specs: dict[str, GitIgnoreSpec | None] = {}

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether a rule matches this path itself, relative to the root and with forward slashes.

        Raises ``OSError`` where rules are there but cannot be read: then nobody knows what was to be left alone.
        """
        for folder, inside in _places(path):
            spec = self._spec(folder)
            found = spec.check_file(inside + "/" * is_folder).include if spec else None
            if found is not None:
                return found
        return False

    def ignores_within(self, path: str) -> bool:
        """Tell whether a file is ignored, by itself or because a folder above it is."""
        parts = path.split("/")
        above = ("/".join(parts[:length]) for length in range(1, len(parts)))
        return any(self.ignores(folder, is_folder=True) for folder in above) or self.ignores(path, is_folder=False)

    def _spec(self, folder: str) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            self._specs[folder] = _read(self._root / folder / FILE_NAME)
        return self._specs[folder]


def _places(path: str) -> Iterator[tuple[str, str]]:
    """Pair each folder above a path, the nearest first, with the path as seen from there."""
    end = path.rfind("/")
    while end >= 0:
        yield path[:end], path[end + 1 :]
        end = path.rfind("/", 0, end)
    yield "", path


def _read(file: Path) -> GitIgnoreSpec | None:
    try:
        info = os.lstat(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(info.st_mode) or info.st_size > _MOST_BYTES:
        raise OSError(f"{FILE_NAME} is no small file")
    from pathspec import GitIgnoreSpec

    lines = file.read_bytes().decode("utf-8-sig", "replace").splitlines()
    return GitIgnoreSpec([pattern for line in lines for pattern in _patterns(line)])


def _patterns(line: str) -> list[GitIgnoreSpecPattern]:
    """Return what a line says: nothing, like Git, where it is no pattern, or could only be there to keep us busy."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    stars = [len(_STARS.findall(name)) for name in line.split("/")]
    if max(stars) > _MOST_STARS or line.count("**") > _MOST_STARS:
        return []
    try:
        return [GitIgnoreSpecPattern(line)]
    except (ValueError, re.error):
        return []
