"""An answer becomes a note where the learner said, and never at the cost of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answers.note_file import note_name, save_note
from assistant.errors import NoteNotSaved


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("什么是过拟合？", "什么是过拟合？"), ("../../etc/passwd", "etc passwd"), (".hidden", "hidden"), ("a.md", "a"), ("C:\\x", "C x"),
        ("con", "_con"), ("LPT1.txt", "_LPT1.txt"), (" . ", ""), ("a\u202eb\x00", "a b"), ("长" * 300, "长" * 66),
    ],
)  # fmt: skip
def test_a_name_is_one_that_every_system_takes(wanted: str, name: str) -> None:
    assert note_name(wanted) == name


def test_a_note_is_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = save_note(tmp_path, "过拟合", "# 过拟合\n", [tmp_path])

    assert file == tmp_path / "过拟合.md"
    assert file.read_bytes() == "# 过拟合\n".encode()
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_there_already_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("mine")

    with pytest.raises(NoteNotSaved) as refused:
        save_note(tmp_path, "a", "other", [tmp_path])
    assert "a.md" in refused.value.message("zh")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.md", "mine")]


def test_nothing_is_written_outside_the_notes_folders_or_through_a_link(tmp_path: Path) -> None:
    notes, outside = tmp_path / "notes", tmp_path / "outside"
    notes.mkdir()
    outside.mkdir()
    (notes / "link").symlink_to(outside)

    for folder in (outside, notes / "link", notes / "missing", notes / ".." / "outside"):
        with pytest.raises(NoteNotSaved):
            save_note(folder, "a", "text", [notes])
    assert list(outside.iterdir()) == []


def test_a_name_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoteNotSaved):
        save_note(tmp_path, "///", "text", [tmp_path])
    assert list(tmp_path.iterdir()) == []
