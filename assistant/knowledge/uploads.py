"""Files that the learner dropped on the app: stored in the data folder under their content's hash, their names in the database.

A name is text from outside and never becomes part of a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from assistant.database import Database
from assistant.disk_faults import named_faults
from assistant.errors import NotText
from assistant.knowledge.notes import Found, displayable, kind_of


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored upload; ``name`` is what the learner's file was called, made fit to show."""

    content_hash: str
    name: str
    suffix: str
    size: int

    @property
    def file_name(self) -> str:
        """The name under which it is stored."""
        return self.content_hash + self.suffix


class Uploads:
    """The uploads of one data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.folder = database.folder / "uploads"

    def all(self) -> list[Upload]:
        """List the uploads, oldest first."""
        rows = self._database.connection.execute(
            "SELECT content_hash, name, suffix, size FROM uploads ORDER BY added_at, name"
        )
        return [Upload(*row) for row in rows]

    def add(self, name: str, content: bytes) -> tuple[Upload, bool]:
        """Store a file; return it and whether it is new. The same content twice stays one upload, under its first name."""
        name = displayable(name.replace("\\", "/").rsplit("/", 1)[-1]).strip() or "upload"
        suffix = PurePosixPath(name).suffix.lower()
        if kind_of(name) is None:
            raise NotText(path=name, found=suffix or "no suffix")
        upload = Upload(hashlib.sha256(content).hexdigest(), name, suffix, len(content))
        known = {old.content_hash: old for old in self.all()}.get(upload.content_hash)
        if known is not None:
            return known, False
        with self._database.transaction() as connection:  # holds off ``sweep`` until the file has its name
            connection.execute(
                "INSERT INTO uploads VALUES (?, ?, ?, ?, ?)",
                (upload.content_hash, name, suffix, upload.size, datetime.now(UTC).isoformat()),
            )
            with named_faults(self._database.folder):
                _write(self.folder / upload.file_name, content)
        return upload, True

    def remove(self, content_hash: str) -> None:
        """Forget an upload and delete its file; the next sync removes it from the index."""
        for upload in self.all():
            if upload.content_hash == content_hash:
                with self._database.transaction() as connection:
                    connection.execute("DELETE FROM uploads WHERE content_hash = ?", (content_hash,))
                with contextlib.suppress(OSError):  # the next sync sweeps it up
                    (self.folder / upload.file_name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete the files that no upload names: what a crash left in the middle of adding or removing one."""
        with self._database.transaction():  # nobody adds one meanwhile
            named = {upload.file_name for upload in self.all()}
            with contextlib.suppress(OSError):  # no folder yet, or no permission now: there will be another sync
                for file in self.folder.iterdir():
                    if file.name not in named:
                        file.unlink(missing_ok=True)

    def found(self) -> list[Found]:
        """Return the uploads as files to read, each under its name, numbered where names repeat."""
        taken: set[str] = set()
        files = []
        for upload in self.all():
            path = _unique(upload.name, taken)
            taken.add(path)
            kind = kind_of(upload.file_name)
            if kind is not None:  # the package that read it may be gone
                files.append(Found(path=path, file=self.folder / upload.file_name, kind=kind, size=upload.size))
        return files


def _unique(name: str, taken: set[str]) -> str:
    path, number = name, 2
    while path in taken:
        pure = PurePosixPath(name)
        path = f"{pure.stem} ({number}){pure.suffix}"
        number += 1
    return path


def _write(file: Path, content: bytes) -> None:
    """Write beside and rename: a crash leaves the whole file or none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(beside).replace(file)
    finally:
        Path(beside).unlink(missing_ok=True)
