"""A data folder that cannot be used: a sentence with the next step, on the page and in the terminal, and no traceback."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.bootstrap import Assistant, open_assistant
from assistant.cli import main
from assistant.database import Database
from assistant.errors import DataFolderError, DataFolderGone
from assistant.preferences import Preferences
from assistant.settings import Settings
from tests.conftest import NOTES, write

ROOT = Path(__file__).parents[2]
NOBODY = 65534


@contextmanager
def somebody_else() -> Iterator[None]:
    """Act as an account that owns nothing, where we are allowed to; root could write anywhere."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every account may look into."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for place in folder.rglob("*"):
        place.chmod(0o755)
    shutil.rmtree(folder)


def a_file(folder: Path) -> Path:
    (folder / "data").write_text("x")
    return folder / "data"


def below_a_file(folder: Path) -> Path:
    return a_file(folder) / "deeper"


def read_only(folder: Path) -> Path:
    Database(folder / "data").close()
    (folder / "data").chmod(0o555)
    return folder / "data"


def not_to_be_made(folder: Path) -> Path:
    (folder / "locked").mkdir(mode=0o555)
    return folder / "locked" / "data"


def of_somebody_else(folder: Path) -> Path:
    Database(folder / "data").close()
    (folder / "data").chmod(0o700)
    return folder / "data"


POSIX_RIGHTS = pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights by lists, not by modes")
KINDS = [
    pytest.param(a_file, "a file", id="a file in its place"),
    pytest.param(below_a_file, "a file", id="below a file"),
    pytest.param(read_only, "cannot be written", id="read-only", marks=POSIX_RIGHTS),
    pytest.param(not_to_be_made, "cannot be written", id="cannot be made", marks=POSIX_RIGHTS),
]


@pytest.mark.case(87)
@pytest.mark.parametrize(("make", "words"), KINDS)
def test_the_terminal_says_why_a_data_folder_cannot_be_used(
    reachable: Path, make: Callable[[Path], Path], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make(reachable)
    before = sorted(reachable.rglob("*"))
    with somebody_else():
        assert main(["search", "q", "--json", "--data", str(folder)]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    with somebody_else(), pytest.raises(DataFolderError) as refused:
        Database(folder)

    assert error["kind"] == "data_folder"
    assert words in refused.value.message("en")
    assert str(folder) in error["message"]
    assert "ASSISTANT_DATA_DIR" in error["hint"]
    assert sorted(reachable.rglob("*")) == before


@pytest.mark.case(87)
@POSIX_RIGHTS
def test_a_data_folder_of_another_account_is_said(reachable: Path) -> None:
    folder = of_somebody_else(reachable)
    if os.geteuid() != 0:
        pytest.skip("only root can act as two accounts")
    with somebody_else(), pytest.raises(DataFolderError) as refused:
        Database(folder)

    assert "another user" in refused.value.message("en")


@pytest.mark.case(87)
def test_a_data_folder_that_is_missing_is_made_with_its_parents(tmp_path: Path) -> None:
    Database(tmp_path / "not" / "there" / "yet").close()

    assert (tmp_path / "not" / "there" / "yet" / "assistant.db").is_file()


@pytest.mark.case(87)
@pytest.mark.skipif(os.name == "nt", reason="Windows does not delete what is open")
def test_a_data_folder_deleted_while_running_is_noticed_before_anything_is_written_into_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "data")
    Preferences(database).choose("kept", 1)
    (tmp_path / "data").rename(tmp_path / "moved")

    with pytest.raises(DataFolderGone):
        Preferences(database).choose("lost", 1)
    with pytest.raises(DataFolderGone):
        Preferences(database).all()
    assert not (tmp_path / "data").exists()
    (tmp_path / "moved").rename(tmp_path / "data")
    Preferences(database).choose("back", 1)
    assert set(Preferences(database).all()) == {"kept", "back"}
    database.close()


@pytest.mark.case(87)
@pytest.mark.skipif(os.name == "nt", reason="Windows does not delete what is open")
def test_a_sync_over_a_data_folder_that_went_away_fails_with_its_sentence(tmp_path: Path) -> None:
    write(tmp_path / "notes", NOTES)
    app: Assistant = open_assistant(Settings(notes=(tmp_path / "notes",), data=tmp_path / "data"))
    sync = app.sync()
    shutil.rmtree(tmp_path / "data")
    with pytest.raises(DataFolderGone):
        app.start_sync()
    job = app.jobs.start(sync)  # as a watcher would that made its sync before
    job.wait(30)

    assert job.state == "failed"
    assert isinstance(job.error, DataFolderGone)
    assert not (tmp_path / "data").exists()
    app.database.close()


@pytest.mark.case(87)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_it_each_time_and_works_once_it_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSISTANT_LANGUAGE", language)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(a_file(tmp_path)))
    st.cache_resource.clear()
    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    for _ in range(3):
        screen.run()
        assert not screen.exception
        (said,) = [error.value for error in screen.error]
        assert {"zh": "是一个文件", "en": "is a file"}[language] in said
    (tmp_path / "data").unlink()
    screen.run()

    assert not screen.exception
    assert not screen.error
    st.cache_resource.clear()
