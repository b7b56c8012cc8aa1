"""Real PDFs through the real child process: pages, titles, scans, passwords, damage and limits."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from assistant.errors import (
    DamagedNote,
    EmptyNote,
    NoTextLayer,
    NotFound,
    NotText,
    PasswordNeeded,
    TooBig,
    UnreadableNote,
)
from assistant.knowledge.notes import Note, Problem
from assistant.knowledge.readers import page_picture, pdf_process, read
from assistant.knowledge.readers import pdf as pdf_reader
from tests.documents import found, note_from, pdf, pdf_in_columns, raw_pdf


def text_of_page(note: Note, number: int) -> str:
    ends = [*note.page_starts[1:], len(note.text)]
    return note.text[note.page_starts[number - 1] : ends[number - 1]].strip()


def test_every_page_is_found_where_it_starts(tmp_path: Path) -> None:
    pages = [f"第{number}页\n推理与部署 {number}\nspeculative decoding" for number in range(1, 10)]

    note = read(found(pdf(tmp_path / "讲义.pdf", pages)))

    assert len(note.page_starts) == 9
    assert text_of_page(note, 7) == pages[6]
    assert (note.kind, note.problems) == ("pdf", ())


def test_progress_is_told_page_by_page(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    read(found(pdf(tmp_path / "a.pdf", ["one", "two", "three"])), lambda done, pages: told.append((done, pages)))

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_reader_that_is_stopped_leaves_no_child_behind(tmp_path: Path) -> None:
    import psutil

    before = set(psutil.Process().children())  # servers of other tests

    def stop(done: int, pages: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(found(pdf(tmp_path / "a.pdf", ["one", "two"])), stop)

    assert set(psutil.Process().children()) <= before


def test_a_chinese_paragraph_is_one_line_without_spaces(tmp_path: Path) -> None:
    lines = ["投机解码用一个小模型先起草若干个候选词元", "再由大模型一次并行验证从而减少了前向次数", "关键是接受率"]

    note = read(found(pdf(tmp_path / "a.pdf", ["\n".join(lines)])))

    assert note.text == "".join(lines) + "\n\n"


def test_two_columns_are_not_mixed(tmp_path: Path) -> None:
    left = ["The left column tells how a query is", "turned into a vector and compared."]
    right = ["The right column tells how the best", "passages are ranked and then quoted."]

    note = read(found(pdf_in_columns(tmp_path / "a.pdf", [left, right])))

    assert note.text.strip().split("\n\n") == [" ".join(left), " ".join(right)]


def test_compatibility_letters_are_folded_but_punctuation_and_powers_stay(tmp_path: Path) -> None:
    note = read(found(pdf(tmp_path / "a.pdf", ["⼀⼒⼤砖，Ａ１（二）：……①"])))

    assert note.text.strip() == "一力大砖，A1（二）：……①"


@pytest.mark.parametrize(
    ("metadata", "title"),
    [
        ("大模型推理讲义", "大模型推理讲义"),
        ("Deep Learning", "Deep Learning"),
        ("untitled", "file"),
        ("(anonymous)", "file"),
        ("无标题文档", "file"),
        ("Microsoft Word - draft.docx", "file"),
        ("PowerPoint 演示文稿", "file"),
        ("slides_v3.pptx", "file"),
        ("C:\\temp\\a", "file"),
        ("https://example.org/a", "file"),
        ("12", "file"),
        ("", "file"),
    ],
)
def test_the_title_is_the_one_an_author_gave_or_the_name_of_the_file(tmp_path: Path, metadata: str, title: str) -> None:
    assert read(found(pdf(tmp_path / "file.pdf", ["text"], title=metadata))).title == title


@pytest.mark.case(6)
def test_a_scan_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(NoTextLayer) as caught:
        read(found(pdf(tmp_path / "scan.pdf", [None, None, None])))

    assert caught.value.details == {"path": "scan.pdf", "pages": "3"}


@pytest.mark.case(6)
def test_scanned_pages_among_others_are_named(tmp_path: Path) -> None:
    note = read(found(pdf(tmp_path / "a.pdf", ["one", None, "three", None])))

    assert note.problems == (Problem("no_text", (2, 4)),)
    assert note.page_starts == (0, 5, 5, 12)
    assert text_of_page(note, 3) == "three"


def test_a_page_left_blank_on_purpose_is_no_problem(tmp_path: Path) -> None:
    assert read(found(pdf(tmp_path / "a.pdf", ["one", "", "three"]))).problems == ()


def test_a_pdf_of_blank_pages_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyNote):
        read(found(pdf(tmp_path / "a.pdf", ["", ""])))


@pytest.mark.case(4)
def test_a_locked_pdf_asks_for_its_password(tmp_path: Path) -> None:
    with pytest.raises(PasswordNeeded):
        read(found(pdf(tmp_path / "a.pdf", ["secret"], password="opensesame")))


@pytest.mark.case(5)
def test_a_pdf_that_only_forbids_printing_is_read(tmp_path: Path) -> None:
    assert read(found(pdf(tmp_path / "a.pdf", ["open"], owner="owner"))).text.strip() == "open"


@pytest.mark.case(2)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_pdf_gives_its_text_or_says_it_is_damaged(tmp_path: Path, share: float) -> None:
    data = pdf(tmp_path / "whole.pdf", ["one page of text"]).read_bytes()

    try:
        note = note_from(tmp_path / "cut.pdf", data[: int(len(data) * share)])
    except DamagedNote as error:
        assert error.details["path"] == "cut.pdf"
    else:
        assert note.text.strip() == "one page of text"


@pytest.mark.case(3)
def test_lines_before_the_header_do_no_harm(tmp_path: Path) -> None:
    data = b"X-Mail-Gateway: passed\n" * 20 + pdf(tmp_path / "a.pdf", ["inside"]).read_bytes()

    assert note_from(tmp_path / "b.pdf", data).text.strip() == "inside"


@pytest.mark.case(8)
@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"  <!DOCTYPE html><title>Login</title>", "HTML"),
        (b"PK\x03\x04" + bytes(40), "ZIP"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"just words", "text"),
        ("只是文字".encode(), "text"),
        (bytes(50), "binary"),
    ],
)
def test_what_is_only_called_pdf_never_reaches_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str
) -> None:
    monkeypatch.delattr(pdf_reader, "PdfChild")

    with pytest.raises(NotText) as caught:
        note_from(tmp_path / "a.pdf", content)

    assert caught.value.details["found"] == name


@pytest.mark.case(1)
def test_an_empty_file_and_a_bare_header_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(EmptyNote):
        note_from(tmp_path / "a.pdf", b"")
    with pytest.raises(DamagedNote):
        note_from(tmp_path / "a.pdf", b"%PDF-1.7\n")


def test_a_pdf_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.pdf").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(TooBig):
        read(found(tmp_path / "a.pdf"))


@pytest.mark.case(17)
def test_control_characters_never_leave_the_reader(tmp_path: Path) -> None:
    note = read(found(raw_pdf(tmp_path / "a.pdf", rb"BT /F 12 Tf 72 700 Td (a\000b\001\033[31mRED\007 word) Tj ET")))

    assert note.text.strip() == "ab[31mRED word"


def test_a_page_of_glyph_numbers_is_garbled_and_not_indexed(tmp_path: Path) -> None:
    garbled = "(cid:12)(cid:7)(cid:33)(cid:4)"

    note = read(found(pdf(tmp_path / "a.pdf", ["readable", garbled])))

    assert note.problems == (Problem("garbled", (2,)),)
    assert note.qualities == ("text", "garbled")
    assert "cid" not in note.text


@pytest.mark.case(9)
def test_a_page_that_swells_costs_the_child_and_not_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_process, "MAX_MEMORY", 1 << 20)  # less than Python needs to start

    with pytest.raises(TooBig) as caught:
        read(found(pdf(tmp_path / "a.pdf", ["x" * 50] * 200)))

    assert "MB" in caught.value.details["limit"]


@pytest.mark.case(10)
def test_a_pdf_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reader, "SECONDS", -1.0)

    with pytest.raises(TooBig) as caught:
        read(found(pdf(tmp_path / "a.pdf", ["x"] * 4)))

    assert caught.value.details["limit"].endswith(" s")


def test_after_a_page_that_kills_the_library_the_next_ones_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = pdf(tmp_path / "a.pdf", ["one", "kill", "three", "four"])
    child = tmp_path / "child"
    child.write_text(_CHILD_THAT_DIES.format(path=sys.path))
    popen = subprocess.Popen

    def start(command: list[str], **options: object) -> object:
        return popen([command[0], str(child), *command[3:]], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", start)

    note = read(found(file))

    assert note.problems == (Problem("damaged_page", (2,)),)
    assert [text_of_page(note, number) for number in (1, 2, 3, 4)] == ["one", "", "three", "four"]


_CHILD_THAT_DIES = """
import os, sys
sys.path[:] = {path!r}
from assistant.knowledge.readers import pdf_child
say = pdf_child._say
def say_or_die(**message):
    if "kill" in str(message):
        os.abort()
    say(**message)
pdf_child._say = say_or_die
sys.exit(pdf_child.main(sys.argv[1:]))
"""


@pytest.mark.case(11)
def test_more_pages_than_the_limit_are_cut_and_said(tmp_path: Path) -> None:
    note = read(found(pdf(tmp_path / "a.pdf", ["x1"] * 2003)))

    assert len(note.page_starts) == 2000
    assert note.problems == (Problem("page_limit", (2001, 2002, 2003)),)


def test_a_pdf_that_changes_while_it_is_read_is_left_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = iter(range(100))
    monkeypatch.setattr(pdf_reader, "version", lambda _: (1, next(versions)))

    with pytest.raises(UnreadableNote):
        read(found(pdf(tmp_path / "a.pdf", ["x"])))


def png_size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_page_is_drawn_as_a_png_of_the_width_asked_for(tmp_path: Path) -> None:
    png = page_picture(pdf(tmp_path / "a.pdf", ["first", None]), 2, width=306).png

    width, height = png_size(png)
    rows = zlib.decompress(png[png.index(b"IDAT") + 4 : -16])
    middle = (height // 2) * (3 * width + 1) + 3 * (width // 2) + 1
    assert (width, height) == (306, 396)
    assert rows[middle : middle + 3] == b"\x00\x00\x00"
    assert rows[1:4] == b"\xff\xff\xff"


@pytest.mark.case(16)
@pytest.mark.parametrize("box", ["0 0 1000000000 1000000000", "0 0 1 100000", "0 0 100000 1"])
def test_a_page_of_any_claimed_size_makes_a_bounded_picture(tmp_path: Path, box: str) -> None:
    try:
        width, height = png_size(page_picture(raw_pdf(tmp_path / "a.pdf", b"", box=box), 1, width=4000).png)
    except DamagedNote:
        return
    assert width * height <= 20_000_000


@pytest.mark.parametrize("page", [0, 3, -1])
def test_a_page_that_is_not_there_is_not_found(tmp_path: Path, page: int) -> None:
    with pytest.raises(NotFound):
        page_picture(pdf(tmp_path / "a.pdf", ["one", "two"]), page)


def test_a_picture_of_no_pdf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"words")

    with pytest.raises(DamagedNote):
        page_picture(tmp_path / "a.pdf", 1)


def test_the_child_starts_without_the_heavy_parts() -> None:
    code = "import sys, assistant.knowledge.readers.pdf_child; print([m for m in sys.modules if m in %r])"
    heavy = ["llama_index", "numpy", "faiss", "streamlit", "openai", "psutil", "PIL"]

    result = subprocess.run([sys.executable, "-c", code % heavy], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
