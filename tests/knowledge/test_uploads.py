"""Uploads are kept by content; their names are text from outside and nothing more."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.errors import DiskFull, NotText
from assistant.knowledge.uploads import Uploads

TEXT = "# 上传\n\n蓝鲸是最大的动物。\n".encode()


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(Database(tmp_path / "data"))


def files_below(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_a_file_is_stored_under_its_content_and_listed_under_its_name(uploads: Uploads) -> None:
    upload, new = uploads.add("鲸鱼.MD", TEXT)

    assert new
    assert (upload.name, upload.suffix, upload.size) == ("鲸鱼.MD", ".md", len(TEXT))
    assert files_below(uploads.folder) == {upload.file_name}
    assert (uploads.folder / upload.file_name).read_bytes() == TEXT
    assert uploads.all() == [upload]
    (found,) = uploads.found()
    assert (found.path, found.kind, found.size) == ("鲸鱼.MD", "markdown", len(TEXT))


@pytest.mark.case(61)
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../x.pdf", "x.pdf"),
        ("/etc/cron.d/x.md", "x.md"),
        ("C:\\a\\b.pdf", "b.pdf"),
        ("..\\..\\b.txt", "b.txt"),
        ("a/b\\c.md", "c.md"),
        ("....md", "....md"),
        ("file:///x.md", "x.md"),
        ("CON.md", "CON.md"),
        ("a:b?.md", "a:b?.md"),
    ],
)
def test_a_path_in_a_name_leads_nowhere(uploads: Uploads, tmp_path: Path, name: str, shown: str) -> None:
    before = files_below(tmp_path)
    upload, _ = uploads.add(name, TEXT)

    assert upload.name == shown
    new = files_below(tmp_path) - before
    assert f"data/uploads/{upload.file_name}" in new
    assert all(path.startswith("data/") for path in new)
    assert upload.file_name == f"{upload.content_hash}{upload.suffix}"


@pytest.mark.case(61)
@pytest.mark.parametrize(
    "name",
    ["nul\x00.md", "turn\u202egpj.md", "line\nbreak.md", "bell\x07.md", "lone\ud800.md", "iso\u2066late\u2069.md"],
)
def test_a_deceptive_name_is_made_fit_to_show(uploads: Uploads, name: str) -> None:
    upload, _ = uploads.add(name, TEXT)

    assert upload.name.isprintable()
    assert upload.name.encode("utf-8")
    assert upload.name.endswith(".md")
    assert uploads.all() == [upload]


@pytest.mark.case(62)
@pytest.mark.parametrize("name", ["x.exe", "x", "x.md.exe", "", ".md", "..", "/", "x.pdf/", "x.md\u202e"])
def test_what_nobody_can_read_is_refused_and_leaves_nothing(uploads: Uploads, name: str) -> None:
    with pytest.raises(NotText) as caught:
        uploads.add(name, TEXT)

    assert caught.value.kind == "not_text"
    assert uploads.all() == []
    assert not uploads.folder.exists()


@pytest.mark.case(61)
def test_the_same_content_twice_is_one_upload_under_its_first_name(uploads: Uploads) -> None:
    first, _ = uploads.add("first.md", TEXT)
    again, new = uploads.add("second.txt", TEXT)

    assert not new
    assert again == first
    assert uploads.all() == [first]


@pytest.mark.case(61)
def test_the_same_name_with_other_content_is_another_upload(uploads: Uploads) -> None:
    uploads.add("a.md", b"one")
    uploads.add("a.md", b"two")
    uploads.add("a.md", b"three")

    assert [found.path for found in uploads.found()] == ["a.md", "a (2).md", "a (3).md"]
    assert len({found.file for found in uploads.found()}) == 3


def test_removing_deletes_the_file_and_the_name(uploads: Uploads) -> None:
    kept, _ = uploads.add("kept.md", b"kept")
    gone, _ = uploads.add("gone.md", b"gone")
    uploads.remove(gone.content_hash)
    uploads.remove("unknown")
    uploads.remove("../assistant")

    assert uploads.all() == [kept]
    assert files_below(uploads.folder) == {kept.file_name}
    assert (uploads.folder.parent / "assistant.db").exists()


def test_a_removed_file_can_be_added_again(uploads: Uploads) -> None:
    first, _ = uploads.add("a.md", TEXT)
    uploads.remove(first.content_hash)

    assert uploads.add("a.md", TEXT) == (first, True)


def test_a_disk_that_refuses_leaves_no_half_file(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="no room"):
        uploads.add("a.md", TEXT)

    assert files_below(uploads.folder) == set()
    assert uploads.all() == []


def test_an_upload_is_found_after_a_sync_and_gone_after_its_removal(app: Assistant) -> None:
    upload, _ = app.uploads.add("../鲸鱼.md", TEXT)
    app.sync().run()
    (match, *_) = app.search.find("最大的动物是什么").matches
    assert match.chunk.note == "鲸鱼.md"

    app.uploads.remove(upload.content_hash)
    report = app.sync().run()
    assert report.removed == ["鲸鱼.md"]
    assert all(found.chunk.note != "鲸鱼.md" for found in app.search.find("最大的动物是什么").matches)


def test_an_upload_with_the_name_of_a_note_stands_beside_it(app: Assistant) -> None:
    app.uploads.add("attention.md", TEXT)
    app.sync().run()

    assert {"attention.md", "attention (2).md"} <= {note.place.path for note in app.store.notes()}


def test_uploads_outlive_the_process(open_app: Callable[..., Assistant]) -> None:
    upload, _ = open_app().uploads.add("a.md", TEXT)

    assert open_app().uploads.all() == [upload]


def test_every_kind_that_is_read_from_a_folder_may_be_uploaded(uploads: Uploads) -> None:
    for name in ("a.docx", "b.pptx", "c.xlsx", "d.csv", "e.epub", "f.ipynb", "g.py", "h.srt", "i.html"):
        uploads.add(name, name.encode())

    assert [found.kind for found in uploads.found()] == [
        "word", "slides", "table", "table", "book", "notebook", "code", "subtitles", "html",
    ]  # fmt: skip
