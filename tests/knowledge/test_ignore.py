"""What ``.assistantignore`` names is left alone, as Git would; a rule that cannot be read lets nothing in."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.knowledge.ignore import IgnoreRules
from assistant.knowledge.notes import Found, Skipped, walk
from tests.conftest import write


def found(folder: Path) -> list[str]:
    return [entry.path for entry in walk(folder) if isinstance(entry, Found)]


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ("*.txt\n", ["attention.md", "机器学习/过拟合.md"]),
        ("# 注释\n机器学习/\n", ["attention.md", "寄存.txt"]),
        ("*\n!attention.md\n", ["attention.md"]),
        ("/过拟合.md\n", ["attention.md", "寄存.txt", "机器学习/过拟合.md"]),
        ("**/过拟合.md\n", ["attention.md", "寄存.txt"]),
        ("机器学习/\n!机器学习/过拟合.md\n", ["attention.md", "寄存.txt"]),  # inside a folder that is ignored
        ("[z-a]\n\\\n!\n*.txt", ["attention.md", "机器学习/过拟合.md"]),  # bad lines say nothing
        ("*a*t*e*n*t*i*o*n*.md\n", ["attention.md", "寄存.txt", "机器学习/过拟合.md"]),  # only there to keep us busy
    ],
)
def test_rules_are_those_of_git(notes: Path, rules: str, left: list[str]) -> None:
    write(notes, {".assistantignore": rules})

    assert found(notes) == left


def test_a_file_deeper_down_has_the_last_word(notes: Path) -> None:
    write(notes, {".assistantignore": "*.md\n", "机器学习/.assistantignore": "!过拟合.md\n"})

    assert found(notes) == ["寄存.txt", "机器学习/过拟合.md"]


def test_what_is_ignored_is_said_and_a_byte_order_mark_does_not_matter(notes: Path) -> None:
    write(notes, {".assistantignore": b"\xef\xbb\xbfattention.md\r\n"})

    assert Skipped("attention.md", "ignored") in list(walk(notes))


@pytest.mark.parametrize("spoil", ["folder", "huge", "link"])
def test_rules_that_cannot_be_read_let_nothing_in(notes: Path, tmp_path: Path, spoil: str) -> None:
    file = notes / "机器学习" / ".assistantignore"
    if spoil == "folder":
        file.mkdir()
    elif spoil == "huge":
        file.write_text("x\n" * 20_000)
    else:
        (tmp_path / "rules").write_text("")
        file.symlink_to(tmp_path / "rules")

    assert found(notes) == ["attention.md", "寄存.txt"]
    assert Skipped("机器学习/过拟合.md", "unreadable") in list(walk(notes))


def test_a_link_into_an_ignored_folder_is_refused(notes: Path) -> None:
    write(notes, {".assistantignore": "private/\n", "private/data.bin": "secret words\n"})
    (notes / "open.md").symlink_to(notes / "private" / "data.bin")

    assert "open.md" not in found(notes)
    assert IgnoreRules(notes).ignores_within("private/data.bin")


def test_an_indexed_note_that_becomes_ignored_goes_and_comes_back_for_nothing(app: Assistant, notes: Path) -> None:
    write(notes, {".assistantignore": "*\n"})
    assert len(app.sync().run().removed) == 3
    assert app.store.notes() == []
    (notes / ".assistantignore").unlink()
    report = app.sync().run()

    assert (len(report.added), report.embedded_chunks) == (3, 0)
