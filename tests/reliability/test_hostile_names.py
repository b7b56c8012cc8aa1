"""Names that lie, break lines, climb or take the place of the app's own files."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.cli import main
from tests.conftest import write

Open = Callable[..., Assistant]
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as a name")

NAMES = [
    "line\nbreak", "tab\tname", "esc\x1b[31mred", "bell\x07", "evil\u202edm.fdp", "zero\u200bwidth", "café", unicodedata.normalize("NFD", "café"),
    "Note", "note", "NOTE", "a" * 252, "学" * 84, " leading", "trailing ", "dots.", "CON", "NUL", "aux.txt", "..\\..\\climb", "%2e%2e%2fclimb",
    "$(touch pwned)", "`touch pwned`", "; rm -rf x", "' OR 1=1 --", "x; DROP TABLE notes", "<img src=x onerror=alert(1)>", "![a](http:leak)", "[a](b)",
    "*bold*", "$x^2$", ":red[x]", "-rf", "--help", "~", "{context_str}", "%s%n", "a|b", '"quoted"', "emoji 👩\u200d👧", "\u2028line",
]  # fmt: skip


@only_linux
@pytest.mark.case(51)
def test_notes_of_forty_hostile_names_are_read_found_and_shown_on_one_line(
    open_app: Open, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "names"
    write(folder, {f"{name}.md": f"# T{number}\n\nmarker{number:03} text\n" for number, name in enumerate(NAMES)})
    before = sorted(os.listdir(tmp_path))
    app = open_app(folder)
    report = app.sync().run()

    assert report.failed == []
    assert len(report.added) == len(set(report.added)) == len(NAMES)
    for number in range(len(NAMES)):
        assert f"marker{number:03}" in app.search.find(f"marker{number:03}").matches[0].chunk.piece.text
    for path in report.added:
        path.encode("utf-8")
        assert len(path.splitlines()) == 1
        assert not any(unicodedata.category(letter) == "Cc" or "\u202a" <= letter <= "\u202e" for letter in path)
    assert sorted({*os.listdir(tmp_path)} - {*before}) == ["data"]

    assert main(["sync", "--json", "--notes", str(folder), "--data", str(tmp_path / "data")]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["unchanged"] == len(NAMES)
    assert "\x1b" not in printed.out + printed.err


@only_linux
@pytest.mark.case(52)
def test_a_name_that_is_no_text_goes_through_store_search_and_commands(
    open_app: Open, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(os.fsencode(notes) + b"/bad\xff\xfe.md", "wb") as file:
        file.write(b"# Bytes\n\nunspeakable name\n")
    app = open_app()
    assert app.sync().run().failed == []
    assert app.search.find("unspeakable").matches[0].chunk.note == "bad\\xff\\xfe.md"

    command = ["search", "unspeakable", "--json", "--notes", str(notes), "--data", str(tmp_path / "data")]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["matches"][0]["note"] == "bad\\xff\\xfe.md"


@pytest.mark.case(62)
@pytest.mark.parametrize(
    "name",
    [
        "assistant.db",
        "assistant.db-wal",
        "assistant.lock",
        "uploads",
        "../assistant.db",
        "index.faiss",
        "assistant.db.md",
        "../assistant.db.txt",
    ],
)
def test_an_upload_called_like_a_file_of_the_app_replaces_nothing(app: Assistant, name: str) -> None:
    folder = app.database.folder
    before = {file.name for file in folder.iterdir()}
    ids = app.store.chunk_ids()
    try:
        upload, _ = app.uploads.add(name, b"# not a database\n\nfalse friend\n")
    except Exception as error:  # noqa: BLE001
        assert getattr(error, "kind", "") == "not_text"
    else:
        assert (folder / "uploads" / f"{upload.content_hash}{upload.suffix}").is_file()
    assert {file.name for file in folder.iterdir()} - before <= {"uploads"}
    app.sync().run()
    assert set(ids) <= set(app.store.chunk_ids())


@only_linux
@pytest.mark.case(63)
@pytest.mark.parametrize(
    "name", ["ATTENTION.md", "deep/er/attention.md", "café attention.md", unicodedata.normalize("NFD", "café") + ".md"]
)
def test_a_note_that_is_moved_or_spelled_otherwise_is_not_embedded_again(
    app: Assistant, notes: Path, name: str
) -> None:
    ids = app.store.chunk_ids(["attention.md"])
    (notes / name).parent.mkdir(parents=True, exist_ok=True)
    (notes / "attention.md").rename(notes / name)
    report = app.sync().run()

    assert (report.embedded_chunks, len(report.renamed)) == (0, 1)
    new = report.renamed[0][1]
    assert app.store.chunk_ids([new]) == ids
    assert new == unicodedata.normalize("NFC", name)


@only_linux
@pytest.mark.case(60)
def test_a_tree_deeper_than_a_path_may_be_ends(open_app: Open, notes: Path) -> None:
    here = os.open(notes, os.O_RDONLY)
    for _ in range(40):  # 40 x 201 characters: more than the 4096 that a path may have
        os.mkdir("d" * 200, dir_fd=here)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    report = open_app().sync().run()

    assert report.notes == 3
    assert {skipped.reason for skipped in report.skipped} <= {"unreadable", "too_deep"}
    assert report.skipped
