"""Going back to a backup, beginning anew, deleting everything: always made ready aside first, and put in place in one step.

Knows folders and backups; notes folders it never sees.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from assistant import data_folder
from assistant.backups import FOLDER, Backup, Backups, copy, parts_of, put_in_place, version_in
from assistant.database import FILE_NAME, LOCK_SECONDS, Database, newest_version, writing
from assistant.disk_faults import named
from assistant.errors import BackupRefused, DamagedData, Said
from assistant.knowledge.lineage import part_ways, take_over_paid
from assistant.money.ledger import take_over_calls
from assistant.providers.catalog import OWN
from assistant.study.guide_parts import take_over_parts

UPLOADS = "uploads"
_UPLOAD = re.compile(r"[0-9a-f]{64}\.\w+|\w+\.part")
_BACKUP = re.compile(r"\d{8}T\d{12}Z-[a-z]+\.(db|part)|damaged-\d{8}T\d{6}-.+")
_NO_DATABASE: Said = {"zh": "它不是本应用的数据库", "en": "it is no database of this app"}
_NEWER: Said = {"zh": "它是更新版本的应用写的", "en": "a later version of the app wrote it"}


def restore(folder: Path, backup: Path, seconds: float = LOCK_SECONDS) -> Backup | None:
    """Put a backup in the place of the present database; return the backup made of that, None where it was set aside as damaged.

    Calls that were paid for since stay in the ledger, and what they bought stays bought.
    """
    data_folder.prepare(folder)
    with _own_errors(folder), writing(folder, "restore", seconds), _workplace(folder) as aside:
        _fetch(backup, aside)
        former = _back_up_or_set_aside(folder)
        with closing(Database(aside)) as made:
            if former and former.version == newest_version():
                _take_over(made, former.file)
            part_ways(made)
        put_in_place(aside / FILE_NAME, folder / FILE_NAME)
    return former


def begin_anew(folder: Path, seconds: float = LOCK_SECONDS) -> Backup | None:
    """Put an empty database in the place of the present one, which is backed up or, damaged, set aside."""
    data_folder.prepare(folder)
    with _own_errors(folder), writing(folder, "restore", seconds), _workplace(folder) as aside:
        former = _back_up_or_set_aside(folder)
        _make_empty(aside)
        put_in_place(aside / FILE_NAME, folder / FILE_NAME)
    return former


def delete_all(folder: Path, *, backups: bool, seconds: float = LOCK_SECONDS) -> None:
    """Delete what this app has written into the data folder, by name: chats, cards, ledger, index, choices, uploads, own catalogue.

    Unless ``backups`` go as well, one is made first. Other files in the folder stay, as do notes folders and ``.env``.
    """
    with _own_errors(folder), writing(folder, "delete", seconds):
        with _workplace(folder) as aside:
            if not backups:
                Backups(folder, FILE_NAME).make("delete")
            _make_empty(aside)
            put_in_place(aside / FILE_NAME, folder / FILE_NAME)
        _clear(folder / UPLOADS, _UPLOAD)
        if backups:
            _clear(folder / FOLDER, _BACKUP)
        (folder / OWN).unlink(missing_ok=True)


def _clear(folder: Path, ours: re.Pattern[str]) -> None:
    """Delete the files that this app has named, and the folder when nothing else is in it."""
    for file in folder.iterdir() if folder.is_dir() and not folder.is_symlink() else ():
        if ours.fullmatch(file.name) and file.is_file():
            file.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _fetch(backup: Path, aside: Path) -> None:
    """Copy a backup to the workplace; refuse what is damaged, foreign, or of a later version."""
    if not backup.is_file() or version_in(backup) == 0:
        raise BackupRefused(name=backup.name, reason=_NO_DATABASE)
    if version_in(backup) > newest_version():
        raise BackupRefused(name=backup.name, reason=_NEWER)
    try:
        copy(backup, aside / FILE_NAME)
    except DamagedData as error:
        raise BackupRefused(name=backup.name, reason=error.details["reason"]) from error


def _back_up_or_set_aside(folder: Path) -> Backup | None:
    """Keep the present state, whatever it is like."""
    if not (folder / FILE_NAME).exists():
        return None
    try:
        return Backups(folder, FILE_NAME).make("restore")
    except DamagedData:
        now = datetime.now(UTC)
        for part in reversed(
            parts_of(folder / FILE_NAME)
        ):  # the log before the file: a crash in between is damage once more
            part.replace(folder / FOLDER / f"damaged-{now:%Y%m%dT%H%M%S}-{part.name}")
        return None


def _take_over(made: Database, former: Path) -> None:
    with made.beside(former), made.transaction() as connection:
        take_over_paid(connection)
        take_over_parts(connection)
        take_over_calls(connection)


def _make_empty(aside: Path) -> None:
    with closing(Database(aside)) as made:
        part_ways(made)


@contextlib.contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """Make a folder beside the backups, on the same disk, and take it away again."""
    (folder / FOLDER).mkdir(exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix="staging-", dir=folder / FOLDER))
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _own_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.DatabaseError) as error:
        raise named(error, folder) from error
