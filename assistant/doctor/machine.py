"""The checks of this machine: data folder, vocabularies, notes folders, agreement of the library. Sends nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from assistant.bootstrap import Assistant
from assistant.doctor.checks import Finding, Step, failed, ok
from assistant.doctor.key_file import key_files
from assistant.doctor.texts import said
from assistant.knowledge.consistency import contradictions
from assistant.knowledge.milvus import MilvusIndex
from assistant.knowledge.notes import Found, walk
from assistant.money.vocabularies import VOCABULARIES, encoding


def machine_steps(assistant: Assistant) -> Iterator[Step]:
    """Return every check of this machine, for a data folder that could be opened."""
    yield Step("machine", "data_folder", lambda: data_folder(assistant.database.folder))
    yield Step("machine", "vocabularies", vocabularies)
    yield from notes_steps(assistant)


def notes_steps(assistant: Assistant) -> Iterator[Step]:
    """Return the checks of the notes, of what was made of them, and of what must not lie among them."""
    yield Step("machine", "key_files", lambda: key_files(assistant.given.keys, assistant.settings.notes))
    for folder in assistant.settings.notes:
        yield Step("machine", "notes_folder", partial(_notes_folder, folder))
    yield Step("machine", "consistency", lambda: _consistency(assistant))
    index = assistant.index
    if isinstance(index, MilvusIndex):
        yield Step("machine", "vector_store", lambda: _vector_store(index))


def data_folder(folder: Path) -> Finding:
    """Look whether the folder can be written to, and how much room there is."""
    path = folder.absolute()
    if not os.access(path, os.W_OK):
        return failed(said("read_only", path=path), said("choose_data"))
    return ok(said("free", path=path, free=f"{shutil.disk_usage(path).free / 1e9:.1f}"))


def vocabularies() -> Finding:
    """Load every vocabulary: without them nothing can be counted beforehand."""
    for name in VOCABULARIES:
        encoding(name)
    return ok(said("plain", text=", ".join(VOCABULARIES)))


def _notes_folder(folder: Path) -> Finding:
    if not folder.is_dir():
        return failed(said("missing", path=folder), said("choose_notes"))
    return ok(said("files", path=folder, count=sum(isinstance(found, Found) for found in walk(folder))))


def _vector_store(index: MilvusIndex) -> Finding:
    """Have Milvus take over what it lacks; what keeps it from that is an error of its own."""
    version = index.version()
    index.refresh()
    return ok(said("vectors_held", version=version, count=len(index)))


def _consistency(assistant: Assistant) -> Finding:
    wrong = contradictions(assistant.database, assistant.embedder.key)
    if wrong:
        return failed(said("plain", text="; ".join(wrong)), said("sync"))
    return ok(said("consistent"))
