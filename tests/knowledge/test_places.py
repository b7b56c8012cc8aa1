"""What is only away is never taken for gone; folders keep apart, whatever the order in which they are named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.knowledge import notes as finding
from assistant.knowledge.consistency import contradictions
from assistant.knowledge.notes import Found, Mounted, Skipped
from assistant.knowledge.unfinished import Unfinished
from tests.conftest import write

Open = Callable[..., Assistant]


def paths(app: Assistant) -> list[str]:
    return [note.place.path for note in app.store.notes()]


def test_notes_below_a_folder_that_cannot_be_opened_stay(
    app: Assistant, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refused(folder: Path) -> Iterator[os.DirEntry[str]]:
        if Path(folder).name == "机器学习":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(finding.os, "scandir", refused)
    report = app.sync().run()

    assert report.removed == []
    assert Skipped("机器学习", "unreadable") in report.skipped
    assert "机器学习/过拟合.md" in paths(app)


def test_a_disk_inside_the_folder_that_is_not_mounted_keeps_its_notes(
    app: Assistant, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = finding.walk

    def with_disk(folder: Path) -> Iterator[Found | Skipped | Mounted]:
        yield Mounted("机器学习")
        yield from walk(folder)

    with monkeypatch.context() as patched:
        patched.setattr("assistant.knowledge.places.walk", with_disk)
        app.sync().run()
    assert Unfinished(app.database).mounts() == {(str(notes), "机器学习")}

    (notes / "机器学习" / "过拟合.md").rename(notes.parent / "on-the-disk.md")  # the mount point is empty now
    for _ in range(2):
        report = app.sync().run()
        assert report.missing_folders == [str(notes / "机器学习")]
        assert report.removed == []
    assert app.search.find("什么是过拟合").relevant

    (notes.parent / "on-the-disk.md").rename(notes / "机器学习" / "过拟合.md")
    report = app.sync().run()
    assert (report.unchanged, report.missing_folders, report.embedded_chunks) == (3, [], 0)
    (notes / "机器学习" / "过拟合.md").unlink()
    assert app.sync().run().removed == ["机器学习/过拟合.md"]  # it was mounted: gone is gone


def test_the_same_path_in_two_folders_is_two_notes_whatever_their_order(
    open_app: Open, notes: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "notes"
    write(other, {"attention.md": "# Attention\n\nPay attention in class.\n"})
    app = open_app(notes, other)
    app.sync().run()
    found = {note.place.path: note.place.root for note in app.store.notes() if note.place.file == "attention.md"}
    ids = app.store.chunk_ids()
    turned = open_app(other, notes)
    report = turned.sync().run()

    assert found == {"notes/attention.md": str(notes), "notes (2)/attention.md": str(other)}
    assert (report.renamed, report.embedded_chunks, turned.store.chunk_ids()) == ([], 0, ids)
    (match, *_) = turned.search.find("pay attention in class").matches
    assert match.chunk.note == "notes (2)/attention.md"
    assert turned.store.note_text(match.chunk.note)[2][slice(*match.chunk.piece.chars)] == match.chunk.piece.text


def test_a_folder_chosen_together_with_one_above_it_is_read_once(open_app: Open, notes: Path) -> None:
    app = open_app(notes, notes / "机器学习")
    report = app.sync().run()

    assert report.notes == 3
    assert sorted(paths(app)) == ["notes/attention.md", "notes/寄存.txt", "notes/机器学习/过拟合.md"]


def test_a_moved_folder_and_swapped_names_cost_nothing_and_keep_every_chunk(app: Assistant, notes: Path) -> None:
    write(notes, {"wallaby.md": "# Wallaby\n\nA quokka is one.\n"})
    app.sync().run()
    ids = {note.title: app.store.chunk_ids([note.place.path]) for note in app.store.notes()}
    (notes / "机器学习").rename(notes / "ML")
    (notes / "attention.md").rename(notes / "aside")
    (notes / "wallaby.md").rename(notes / "attention.md")
    (notes / "aside").rename(notes / "wallaby.md")
    report = app.sync().run()

    assert report.embedded_chunks == 0
    assert app.store.chunk_ids(["ML"]) == ids["过拟合与正则化"]
    assert contradictions(app.database, app.embedder.key) == []


def test_copies_of_one_text_keep_their_chunks_when_all_of_them_move(app: Assistant, notes: Path) -> None:
    write(notes, {"a/x.md": "# Same\n\nThe same text.\n", "b/x.md": "# Same\n\nThe same text.\n"})
    app.sync().run()
    ids = sorted(app.store.chunk_ids(["a", "b"]))
    (notes / "a").rename(notes / "c")
    (notes / "b").rename(notes / "d")
    report = app.sync().run()

    assert sorted(report.renamed) == [("a/x.md", "c/x.md"), ("b/x.md", "d/x.md")]
    assert sorted(app.store.chunk_ids(["c", "d"])) == ids


def test_a_note_that_moved_and_changed_embeds_only_what_changed(app: Assistant, notes: Path) -> None:
    text = (notes / "attention.md").read_text("utf-8")
    (notes / "attention.md").unlink()
    write(notes, {"deep/attention.md": text + "\n## More\n\nMulti-head attention has several heads.\n"})
    report = app.sync().run()

    assert (report.added, report.removed, report.embedded_chunks) == (["deep/attention.md"], ["attention.md"], 1)
