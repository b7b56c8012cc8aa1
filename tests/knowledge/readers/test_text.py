"""Plain text and the guarding of files: limits, exchanged files, false suffixes, offsets that hold."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from assistant.errors import DamagedNote, EmptyNote, NotText, TooBig, UnreadableNote
from assistant.knowledge.notes import Problem
from assistant.knowledge.readers import content_hash, opening, read
from assistant.knowledge.readers.text import MAX_BYTES
from tests.documents import found, note_from, pdf


def test_a_text_is_titled_by_its_name_and_named_by_its_bytes(tmp_path: Path) -> None:
    note = note_from(tmp_path / "读书笔记.txt", "第一行\n")

    assert (note.path, note.title, note.kind, note.encoding) == ("读书笔记.txt", "读书笔记", "text", "utf-8")
    assert note.content_hash == hashlib.sha256("第一行\n".encode()).hexdigest()
    assert note.content_hash == content_hash(found(tmp_path / "读书笔记.txt"))
    assert note.page_starts == ()


def test_line_ends_stay_so_that_offsets_are_those_of_the_file(tmp_path: Path) -> None:
    text = "a\r\nb\rc\n\u2028d\x0be\x0cf"

    note = note_from(tmp_path / "mixed.txt", b"\xef\xbb\xbf" + text.encode())

    assert note.text == text


@pytest.mark.case(20)
def test_replaced_bytes_are_a_problem_of_the_note(tmp_path: Path) -> None:
    note = note_from(tmp_path / "a.txt", "监督学习使用带标签的数据。".encode() + b"\xff")

    assert note.problems == (Problem("replaced_characters"),)


@pytest.mark.case(22)
@pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe", "\u3000\n".encode()])
def test_a_file_without_content_is_empty(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(EmptyNote):
        note_from(tmp_path / "a.txt", content)


@pytest.mark.case(21)
@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "PNG"),
        (b"PK\x03\x04 and so on", "ZIP"),
        (b"\x1f\x8b\x08\x00abc", "gzip"),
        (b"\x7fELF" + bytes(100), "ELF"),
        (b"{\\rtf1 hello}", "RTF"),
        (bytes(100), "binary"),
    ],
)
def test_another_format_under_the_name_of_a_text_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(NotText) as caught:
        note_from(tmp_path / "a.md", content)

    assert caught.value.details == {"path": "a.md", "found": name}


@pytest.mark.case(21)
def test_a_pdf_named_like_a_note_is_read_as_the_pdf_it_is(tmp_path: Path) -> None:
    pdf(tmp_path / "a.pdf", ["text"]).rename(tmp_path / "a.md")
    (tmp_path / "b.md").write_bytes(b"%PDF-1.7\n")

    note = read(found(tmp_path / "a.md"))
    assert (note.kind, note.text.strip(), len(note.page_starts)) == ("pdf", "text", 1)
    with pytest.raises(DamagedNote):
        read(found(tmp_path / "b.md"))


@pytest.mark.case(23)
def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse.md").open("wb") as file:
        file.truncate(1 << 40)  # a terabyte of nothing: reading it would not end

    with pytest.raises(TooBig) as caught:
        read(found(tmp_path / "sparse.md"))

    assert caught.value.details["limit"] == "5 MB"


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    assert len(note_from(tmp_path / "a.txt", b"a" * MAX_BYTES).text) == MAX_BYTES


def test_a_file_that_is_gone_is_an_error_of_that_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("here")
    gone = found(tmp_path / "a.md")
    (tmp_path / "a.md").unlink()

    with pytest.raises(UnreadableNote) as caught:
        read(gone)

    assert caught.value.details["path"] == "a.md"
    assert str(tmp_path) not in caught.value.message("en")


@pytest.mark.case(59)
@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
@pytest.mark.parametrize("suffix", ["md", "txt", "pdf"])
def test_a_file_exchanged_for_a_link_after_it_was_found_is_refused(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a.{suffix}"
    file.write_text("innocent")
    (tmp_path / "private").write_text("%PDF- secret")
    seen = found(file)
    file.unlink()
    file.symlink_to(tmp_path / "private")

    with pytest.raises(UnreadableNote):
        read(seen)
    with pytest.raises(UnreadableNote):
        content_hash(seen)


@pytest.mark.case(58)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_file_exchanged_for_a_pipe_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("innocent")
    seen = found(tmp_path / "a.md")
    (tmp_path / "a.md").unlink()
    os.mkfifo(tmp_path / "a.md")

    with pytest.raises(UnreadableNote):
        read(seen)


def test_a_file_that_never_rests_is_left_for_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = iter(range(100))
    monkeypatch.setattr(opening, "version", lambda _: (5, next(versions)))

    with pytest.raises(UnreadableNote):
        note_from(tmp_path / "a.md", "12345")


def test_a_file_that_changed_once_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = iter([(5, 0), (6, 1), (5, 2), (5, 2)])
    monkeypatch.setattr(opening, "version", lambda _: next(versions))

    assert note_from(tmp_path / "a.md", "12345").text == "12345"
