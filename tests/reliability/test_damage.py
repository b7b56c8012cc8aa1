"""Damaged and foreign files in the data folder: what is derived is made again without a paid call, what cannot be is said."""

from __future__ import annotations

import pickle
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant, open_assistant
from assistant.database import FILE_NAME
from assistant.doctor.checks import run
from assistant.doctor.machine import notes_steps
from assistant.errors import AssistantError, DamagedData
from assistant.knowledge.consistency import contradictions
from assistant.settings import Settings
from tests.providers.vector_server import VectorServer


@pytest.fixture
def server() -> Iterator[VectorServer]:
    with VectorServer(size=8) as server:
        yield server


def opened(server: VectorServer, notes: Path, data: Path) -> Assistant:
    where = {"embedding_provider": "custom", "embedding_model": "tiny", "embedding_base_url": f"{server.url}/v1"}
    return open_assistant(Settings(notes=(notes,), data=data, **where))


@pytest.fixture
def bought(server: VectorServer, notes: Path, tmp_path: Path) -> Path:
    """A data folder, closed and in one file, whose vectors were paid for."""
    app = opened(server, notes, tmp_path / "data")
    app.sync().run()
    app.database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    app.database.close()
    server.bought.clear()
    return tmp_path / "data"


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path(__file__).with_name("pwned"),))  # type: ignore[return-value]


FOREIGN = {
    "cut": b"IxF2" + b"\x08\x00\x00\x00",
    "empty": b"",
    "nothing but zeros": bytes(4096),
    "garbage": random.Random(85).randbytes(4096),
    "a giant header": b"IxFI" + b"\xff" * 64,
    "deep JSON": b"[" * 100_000,
    "JSON of another kind": b'"generation 7"',
    "a pickle": pickle.dumps(Evil()),
}


@pytest.mark.case(83, 85)
@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_index_files_of_another_time_are_neither_read_nor_believed(
    server: VectorServer, bought: Path, notes: Path, content: bytes
) -> None:
    """The index lives in memory and is made of the database each time: there is no file that could be out of step."""
    names = ["index/index.faiss", "index/manifest.json", "index/gen-1/index.faiss", "docstore.json", "id_map.pkl"]
    for name in names:
        (bought / name).parent.mkdir(parents=True, exist_ok=True)
        (bought / name).write_bytes(content)
    app = opened(server, notes, bought)
    app.index.refresh()

    assert len(app.index) == len(app.store.chunk_ids()) > 0  # type: ignore[arg-type]
    assert contradictions(app.database, app.embedder.key) == []
    assert app.sync().run().unchanged == 3
    assert server.bought == []
    assert [(bought / name).read_bytes() for name in names] == [content] * len(names)
    assert not Path(__file__).with_name("pwned").exists()
    app.database.close()


@pytest.mark.case(83, 85)
@pytest.mark.parametrize("name", ["writer.txt", "writer.lock", "assistant.db-shm", "assistant.db-wal"])
@pytest.mark.parametrize(
    "content", [b"", bytes(40_000), random.Random(1).randbytes(40_000)], ids=["cut", "zeros", "noise"]
)
def test_a_damaged_file_beside_the_database_costs_nothing(
    server: VectorServer, bought: Path, notes: Path, name: str, content: bytes
) -> None:
    (bought / name).write_bytes(content)
    app = opened(server, notes, bought)

    assert contradictions(app.database, app.embedder.key) == []
    assert app.sync().run().unchanged == 3
    assert server.bought == []
    app.database.close()


@pytest.mark.case(82)
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 0.99])
def test_a_log_that_was_cut_anywhere_leaves_whole_transactions(
    server: VectorServer, notes: Path, tmp_path: Path, share: float
) -> None:
    """What a power cut may leave of SQLite's log: its tail is missing."""
    app = opened(server, notes, tmp_path / "data")
    app.sync().run()
    torn = tmp_path / "torn"
    shutil.copytree(tmp_path / "data", torn)
    app.database.close()
    log = torn / f"{FILE_NAME}-wal"
    log.write_bytes(log.read_bytes()[: int(log.stat().st_size * share)])
    again = opened(server, notes, torn)

    assert contradictions(again.database, again.embedder.key) == []
    assert again.sync().run().notes == 3
    assert contradictions(again.database, again.embedder.key) == []
    again.database.close()


@pytest.mark.case(86)
def test_one_flipped_bit_in_a_vector_is_found_said_and_made_again(
    server: VectorServer, bought: Path, notes: Path
) -> None:
    with closing(sqlite3.connect(bought / FILE_NAME)) as connection:
        rows = connection.execute("SELECT vector FROM vectors").fetchall()
    file = bought / FILE_NAME
    content = bytearray(file.read_bytes())
    place = next(content.find(row[0]) for row in rows if content.count(row[0]) == 1)
    content[place + 6] ^= 0x40
    file.write_bytes(content)
    app = opened(server, notes, bought)
    chunks = len(app.store.chunk_ids())

    assert contradictions(app.database, app.embedder.key) == ["1 vectors that are not what was written"]
    app.index.refresh()
    assert len(app.index) == chunks - 1  # type: ignore[arg-type]
    assert contradictions(app.database, app.embedder.key) == ["1 chunks without a vector"]
    assert server.bought == []
    aside = "SELECT count(*) FROM vectors WHERE embedder LIKE '% (damaged)'"
    assert app.database.connection.execute(aside).fetchone()[0] == 1
    app.sync().run()
    assert len(server.bought) == 1
    app.index.refresh()
    assert len(app.index) == chunks  # type: ignore[arg-type]
    assert contradictions(app.database, app.embedder.key) == []
    app.database.close()


@pytest.mark.case(86)
def test_flipped_bits_in_pages_of_the_database_are_said_and_never_a_defect(
    server: VectorServer, bought: Path, notes: Path, tmp_path: Path
) -> None:
    """Where a bit tells how a page is built SQLite finds it; a letter inside a text it cannot know (docs/reliability-long.md)."""
    whole, chance = (bought / FILE_NAME).read_bytes(), random.Random(86)
    size = int.from_bytes(whole[16:18], "big")
    found = 0
    for trial in range(24):
        content = bytearray(whole)
        page = chance.randrange(1, len(whole) // size)
        content[page * size + chance.randrange(12)] ^= 1 << chance.randrange(8)  # the header of a page
        data = tmp_path / f"flipped{trial}"
        data.mkdir()
        (data / FILE_NAME).write_bytes(content)
        try:
            app = opened(server, notes, data)
        except AssistantError as error:
            assert error.kind in {"damaged_data", "data_folder"}
            found += 1
            continue
        checks = list(run(notes_steps(app)))
        found += not all(check.ok for check in checks)
        try:
            app.sync().run()
            app.search.find("Self-attention", 3)
        except AssistantError as error:
            assert error.kind in {"damaged_data", "data_folder"}
        app.database.close()
    assert found >= 12


def test_a_database_that_is_none_is_called_damaged_and_left_alone(notes: Path, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all " * 1000)
    with pytest.raises(DamagedData) as refused:
        open_assistant(Settings(notes=(notes,), data=tmp_path))

    assert "restore" in refused.value.hint("zh")
    assert (tmp_path / FILE_NAME).read_bytes().startswith(b"no database")
