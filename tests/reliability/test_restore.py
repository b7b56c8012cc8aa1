"""Backups brought back: nothing of the state that was saved is missing, and nothing of the one that it replaces is lost."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from assistant import restoring
from assistant.answers.conversations import Conversations
from assistant.backups import Backups, version_in
from assistant.bootstrap import Assistant, open_assistant
from assistant.cli import main
from assistant.database import FILE_NAME, Database
from assistant.errors import BackupRefused, Busy, DamagedData
from assistant.export_all import export_all
from assistant.preferences import Preferences
from assistant.settings import Keys, Settings
from assistant.study.card import NewCard
from tests.conftest import write

ROOT = Path(__file__).parents[2]
Opens = Callable[..., Assistant]
CANARY = "sk-canary-0123456789abcdef"
# What tells a restored library from the one it replaces; see knowledge/lineage.py.
OUTSIDE = {"sqlite_sequence", "generation", "gone_chunks"}


def content(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for the counters of the lineage."""
    with closing(sqlite3.connect(file)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: sorted(connection.execute(f'SELECT * FROM "{table}"').fetchall(), key=repr)
            for table in tables
            if table not in OUTSIDE and not table.startswith(("keyword_index", "turn_words"))
        }


def ask(app: Assistant, question: str) -> str:
    conversation, turn = app.conversations.ask(None, question)
    app.conversations.save(turn, f"answer to {question}", "complete", {})
    return conversation


def titles(app: Assistant) -> set[str]:
    return {chat.title for chat in app.conversations.all()}


def damage(folder: Path, how: str) -> bytes:
    """Close the database's files and damage them; return what they hold then."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = folder / FILE_NAME
    whole = file.read_bytes()
    flipped = bytearray(whole)
    flipped[100] ^= 8  # the kind of the first page of the schema's tree
    file.write_bytes(
        {
            "page": whole[:8192] + b"\xa5" * 81920 + whole[90112:],
            "bit": bytes(flipped),
            "cut": whole[: len(whole) // 2],
            "garbage": b"no database at all " * 5000,
            "empty": b"",
        }[how]
    )
    return file.read_bytes()


@pytest.mark.case(94)
def test_a_restore_brings_back_every_row_and_keeps_what_it_replaces(app: Assistant, open_app: Opens) -> None:
    ask(app, "before")
    app.cards.add(NewCard(kind="basic", front="front", back="back", origin="hand"))
    backup = app.database.backups.make("hand")
    saved = content(backup.file)
    ask(app, "after")
    present = content(app.database.folder / FILE_NAME)

    former = restoring.restore(app.database.folder, backup.file)

    assert former is not None
    assert former.reason == "restore"
    assert content(former.file) == present
    assert content(app.database.folder / FILE_NAME) == saved
    again = open_app()
    assert titles(again) == {"before"}
    restoring.restore(app.database.folder, former.file)
    assert content(app.database.folder / FILE_NAME) == present
    assert titles(open_app()) == {"before", "after"}


@pytest.mark.case(94)
def test_after_a_restore_the_search_answers_from_the_restored_notes_and_a_sync_brings_what_changed(
    app: Assistant, open_app: Opens, notes: Path
) -> None:
    other = open_app()  # another process, which goes on through it all
    other.index.refresh()
    backup = app.database.backups.make("hand")
    write(notes, {"attention.md": "# Attention\n\nRewritten about penguins in the snow.\n"})
    app.sync().run()
    other.index.refresh()

    restoring.restore(app.database.folder, backup.file)
    for reader in (other, open_app()):
        assert reader.search.find("square root of the key dimension").matches[0].chunk.note == "attention.md"
        assert len(reader.index) == len(reader.store.chunk_ids())  # type: ignore[arg-type]
    report = open_app().sync().run()
    assert report.changed == ["attention.md"]
    for reader in (other, open_app()):
        assert "penguins" in reader.search.find("penguins in the snow").matches[0].chunk.text


@pytest.mark.case(94)
def test_what_was_paid_for_since_the_backup_stays_bought_and_booked(app: Assistant, notes: Path) -> None:
    backup = app.database.backups.make("hand")
    with app.database.transaction() as connection:
        connection.execute("INSERT INTO vectors VALUES ('dashscope/e', 'hash', x'00000000', NULL)")
        connection.execute("INSERT INTO guide_parts VALUES ('key', 'text', '2026-11-23')")
        connection.execute(
            "INSERT INTO ledger (at, purpose, provider, model, state, predicted_tokens, currency, amount, seconds)"
            " VALUES ('2026-11-23T00:00:00+00:00', 'embedding', 'dashscope', 'e', 'complete', 1, 'CNY', '0.5', 1.0)"
        )
    booked = [entry.paid for entry in app.ledger.entries()]
    restoring.restore(app.database.folder, backup.file)
    restoring.restore(app.database.folder, backup.file)  # twice, and still booked once

    assert [entry.paid for entry in app.ledger.entries()] == booked
    rows = app.database.connection.execute("SELECT embedder FROM vectors WHERE embedder != ?", (app.embedder.key,))
    assert [row[0] for row in rows] == ["dashscope/e"]
    assert app.database.connection.execute("SELECT text FROM guide_parts").fetchone()[0] == "text"


@pytest.mark.case(86)
@pytest.mark.parametrize("how", ["page", "bit", "cut", "garbage", "empty"])
def test_a_damaged_database_is_met_with_a_sentence_and_a_backup_brings_it_back(
    app: Assistant, open_app: Opens, how: str
) -> None:
    ask(app, "kept")
    backup = app.database.backups.make("use")
    saved = content(backup.file)
    folder = app.database.folder
    app.database.close()
    damaged = damage(folder, how)

    with pytest.raises(DamagedData) as met:
        open_app()
    assert "restore" in met.value.hint("en")
    assert (folder / FILE_NAME).read_bytes() == damaged
    restoring.restore(folder, backup.file)
    again = open_app()
    assert content(folder / FILE_NAME) == saved
    assert again.search.find("square root").relevant
    if damaged:
        assert damaged in [file.read_bytes() for file in (folder / "backups").glob("damaged-*")]


@pytest.mark.case(86)
def test_without_a_backup_one_can_begin_anew_and_the_damaged_file_is_kept(app: Assistant, open_app: Opens) -> None:
    folder = app.database.folder
    app.database.close()
    damaged = damage(folder, "garbage")

    assert restoring.begin_anew(folder) is None
    again = open_app()
    again.sync().run()
    assert again.search.find("square root").relevant
    assert [file.read_bytes() for file in (folder / "backups").glob("damaged-*")] == [damaged]


@pytest.mark.case(94)
@pytest.mark.parametrize("wrong", ["text", "cut", "newer", "missing", "foreign"])
def test_a_backup_that_is_none_is_refused_and_nothing_changes(app: Assistant, tmp_path: Path, wrong: str) -> None:
    ask(app, "kept")
    file = tmp_path / "backup.db"
    whole = app.database.backups.make("hand").file.read_bytes()
    if wrong == "foreign":
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE theirs (id)")
    elif wrong != "missing":
        newer = whole[:60] + (99).to_bytes(4, "big") + whole[64:]
        file.write_bytes({"text": b"hello", "cut": whole[: len(whole) // 3], "newer": newer}[wrong])
    present = content(app.database.folder / FILE_NAME)

    with pytest.raises(BackupRefused):
        restoring.restore(app.database.folder, file)
    assert content(app.database.folder / FILE_NAME) == present
    assert not list((app.database.folder / "backups").glob("staging-*"))


@pytest.mark.case(94)
def test_nothing_is_restored_while_somebody_writes(app: Assistant) -> None:
    backup = app.database.backups.make("hand")
    ask(app, "after")

    with app.database.writer("sync"), pytest.raises(Busy, match="sync"):
        restoring.restore(app.database.folder, backup.file, seconds=0.05)
    assert titles(app) == {"after"}


@pytest.mark.case(94)
def test_a_restore_that_is_killed_leaves_one_state_or_the_other(app: Assistant, open_app: Opens) -> None:
    with app.database.transaction() as connection:
        connection.executemany("INSERT INTO guide_parts VALUES (?, ?, '')", ((str(n), "a" * 500) for n in range(4000)))
    ask(app, "before")
    backup = app.database.backups.make("hand")
    ask(app, "after")
    folder = app.database.folder
    app.database.close()
    seen = set()
    for pause in (0.0, 0.02, 0.05, 0.1):
        code = (
            "import sys; from pathlib import Path; from assistant import restoring\n"
            "print('ready', flush=True); restoring.restore(Path(sys.argv[1]), Path(sys.argv[2]))"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(folder), str(backup.file)], cwd=ROOT, stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(pause)
            child.kill()
        again = Database(folder)
        assert again.connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        state = frozenset(chat.title for chat in Conversations(again).all())
        assert state in ({"before"}, {"before", "after"})
        seen.add(state)
        with again.writer("next", seconds=10):
            pass
        again.close()
    assert seen


def test_delete_all_takes_what_the_app_wrote_and_nothing_else(app: Assistant, open_app: Opens, notes: Path) -> None:
    ask(app, "a very particular question")
    app.uploads.add("dropped.md", b"# Dropped\n\nA very particular upload.")
    folder = app.database.folder
    app.database.backups.make("hand")
    ask(app, "another")
    write(folder, {"mine.txt": "mine", "uploads/mine.txt": "mine", "backups/mine.db": "mine"})
    before = {file: file.read_bytes() for file in notes.rglob("*") if file.is_file()}

    restoring.delete_all(folder, backups=False)
    assert [one.reason for one in Backups(folder, FILE_NAME).all()] == ["delete", "hand"]
    again = open_app()
    assert (titles(again), again.ledger.entries(), again.uploads.all(), again.store.notes()) == (set(), [], [], [])
    restoring.delete_all(folder, backups=True)

    left = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    ours = {FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", "writer.lock"}
    assert left - ours == {"mine.txt", "uploads/mine.txt", "backups/mine.db"}
    for name in left:
        assert b"particular" not in (folder / name).read_bytes(), name
    assert {file: file.read_bytes() for file in notes.rglob("*") if file.is_file()} == before


@pytest.mark.case(94)
def test_everything_is_exported_into_one_zip_without_a_key(notes: Path, tmp_path: Path) -> None:
    settings = Settings(
        notes=(notes,), data=tmp_path / "data", provider="dashscope", keys=Keys({"DASHSCOPE_API_KEY": CANARY})
    )
    app = open_assistant(settings)
    app.sync().run()
    ask(app, "what: a/b?")
    app.cards.add(NewCard(kind="basic", front="front", back="back", origin="hand"))
    app.uploads.add("../dropped.md", b"# Dropped\n\nText.")
    app.preferences.choose("chat", {"provider": "custom", "base_url": f"http://me:{CANARY}@127.0.0.1/v1"})
    names = export_all(app, tmp_path / "all.zip", "en")
    app.preferences.choose("chat", None)

    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert sorted(archive.namelist()) == sorted(names)
        parts = {name: archive.read(name) for name in names}
    kinds = {(name.split("/")[0], name.rsplit(".", 1)[-1]) for name in names}
    assert kinds == {
        ("README.txt", "txt"), ("conversations", "md"), ("conversations", "json"), ("cards", "apkg"), ("cards", "csv"),
        ("ledger.csv", "csv"), ("settings.json", "json"), ("uploads", "md"), (FILE_NAME, "db"),
    }  # fmt: skip
    assert "uploads/dropped.md" in names
    assert json.loads(parts["settings.json"])["chat"]["base_url"] == "http://127.0.0.1/v1"
    assert not [name for name, part in parts.items() if CANARY.encode() in part and name != FILE_NAME]
    (tmp_path / "copy.db").write_bytes(parts[FILE_NAME])
    assert content(tmp_path / "copy.db")["conversations"] == content(app.database.folder / FILE_NAME)["conversations"]
    assert not list(tmp_path.glob("*.part"))
    app.database.close()


@pytest.mark.case(94)
def test_the_terminal_backs_up_restores_and_exports(
    app: Assistant, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--notes", str(notes), "--data", str(app.database.folder), "--json"]

    def run(*arguments: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert main([*arguments, *folders]) == code
        result = json.loads(capsys.readouterr().out)
        assert isinstance(result, dict)
        return result

    ask(app, "before")
    name = run("backup")["backup"]["name"]
    assert [one["name"] for one in run("backup", "--list")["backups"]] == [name]
    ask(app, "after")
    assert run("restore", name, code=1)["error"]["kind"] == "needs_yes"
    assert titles(app) == {"before", "after"}
    done = run("restore", name, "--yes")
    assert done["former"]["reason"] == "restore"
    assert titles(app) == {"before"}
    app.database.close()
    damage(app.database.folder, "garbage")
    assert run("search", "q", code=1)["error"]["kind"] == "damaged_data"
    done = run("restore", "--yes")
    assert Path(done["damaged"]).read_bytes().startswith(b"no database")
    assert "conversations/" in " ".join(run("export-all", str(tmp_path / "all.zip"))["names"])
    assert run("restore", "--empty", "--yes")["restored"] is None
    assert run("conversations") == {"conversations": []}
    assert main(["backup", "--list", *folders[:4]]) == 0
    assert "-restore.db" in capsys.readouterr().out


def test_emptying_the_trash_makes_a_backup_first(app: Assistant) -> None:
    """The page's part is in tests/ui/test_backup_view.py; here: that a thrown-away chat comes back with it."""
    from datetime import UTC, datetime

    id_ = ask(app, "thrown away")
    app.conversations.trash(id_, datetime.now(UTC))
    backup = app.database.backups.make("trash")
    app.conversations.delete(id_)
    restoring.restore(app.database.folder, backup.file)

    assert [chat.id for chat in app.conversations.trashed()] == [id_]


def test_a_backup_holds_no_key(notes: Path, tmp_path: Path) -> None:
    app = open_assistant(Settings(notes=(notes,), data=tmp_path / "data", keys=Keys({"OPENAI_API_KEY": CANARY})))
    app.sync().run()
    Preferences(app.database).choose("language", "en")
    backup = app.database.backups.make("hand")
    app.database.close()

    assert CANARY.encode() not in backup.file.read_bytes()
    assert version_in(backup.file) == version_in(app.database.folder / FILE_NAME)
