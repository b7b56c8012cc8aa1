"""Workbooks of openpyxl and XlsxWriter, and separated values as programs of several countries write them."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.errors import DamagedNote, EmptyNote
from assistant.knowledge.notes import Note, Problem
from assistant.knowledge.readers import spreadsheet
from assistant.knowledge.readers.document import Document
from assistant.knowledge.readers.spreadsheet import read_spreadsheet
from assistant.knowledge.split import split
from tests.formats import workbook_by_openpyxl, workbook_by_xlsxwriter

MARKS = [["Name", "Score"], *([f"student {number}", number] for number in range(200))]


def note(document: Document) -> Note:
    return Note("a", "a", "table", "", document.text, "", parts=document.parts, marks=document.marks)


@pytest.mark.parametrize("write", [workbook_by_openpyxl, workbook_by_xlsxwriter])
def test_every_piece_of_a_long_sheet_knows_its_rows_and_repeats_the_head(write: object) -> None:
    document = read_spreadsheet(write({"成绩": MARKS, "Empty": []}), "a.xlsx")  # type: ignore[operator]
    pieces = split(note(document))

    assert len(pieces) > 2
    assert {piece.heading for piece in pieces} == {("成绩",)}
    assert all(piece.lead == "| Name | Score |\n| --- | --- |" for piece in pieces[1:])
    assert pieces[0].label.startswith("A1:B")
    assert pieces[-1].label.endswith(":B201")
    for piece in pieces[1:]:
        first_row = int(piece.label.partition(":")[0].removeprefix("A"))
        assert piece.text.startswith(f"| student {first_row - 2} |")


def test_cells_are_counted_as_the_sheet_does_wherever_its_table_begins() -> None:
    sheets = {"S": [["Report of the year", ""], ["", ""], ["k", "v"], ["lr", 0.1]]}
    document = read_spreadsheet(workbook_by_xlsxwriter(sheets, first=(3, 2)), "a.xlsx")

    assert [(mark.first, mark.last) for mark in document.marks] == [("C4", "C4"), ("C6", "D6"), ("C7", "D7")]
    assert document.text == "Report of the year\n\n| k | v |\n| --- | --- |\n| lr | 0.1 |\n\n"


def test_values_are_written_as_people_read_them() -> None:
    row = [3.0, 0.1, date(2026, 3, 1), True, "a|b\nc", 1e20]

    assert (
        "| 3 | 0.1 | 2026-03-01 | TRUE | a\\|b c | 1e+20 |"
        in read_spreadsheet(workbook_by_xlsxwriter({"S": [["a", "b", "c", "d", "e", "f"], row]}), "a.xlsx").text
    )


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"name,score\nAda,1\n", "| Ada | 1 |"),
        ("\ufeff姓名;分数\n小明;98,5\n".encode(), "| 小明 | 98,5 |"),
        ("姓名\t分数\n小明\t98\n小红\t87\n".encode("gb18030"), "| 小红 | 87 |"),
        (b"sep=|\nname|score\nAda|1\n", "| Ada | 1 |"),
        (b'name,remark\r\nAda,"two\r\nlines, one ""cell"""\r\n', '| Ada | two lines, one "cell" |'),
    ],
    ids=["comma", "german", "excel in china", "told", "quoted"],
)  # fmt: skip
def test_separated_values_are_read_whatever_separates_them(data: bytes, line: str) -> None:
    assert line in read_spreadsheet(data, "a.csv").text


def test_a_quotation_mark_that_never_closes_does_not_take_the_file_with_it() -> None:
    text = read_spreadsheet(b'a,b\n1,"2\n' + b"3,4\n" * 400_000, "a.csv").text

    assert "| 3 | 4 |" in text


def test_too_many_rows_are_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 5)
    document = read_spreadsheet(b"a,b\n" + b"1,2\n" * 50, "a.csv")

    assert document.problems == (Problem("character_limit"),)
    assert document.text.count("| 1 | 2 |") == 4


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (workbook_by_openpyxl({"S": []}), EmptyNote),
        (b"PK\x03\x04" + b"\0" * 40, DamagedNote),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, DamagedNote),
        (b",,,\n,,\n", EmptyNote),
    ],
    ids=["empty book", "cut", "no old book", "empty rows"],
)
def test_what_is_no_sheet_is_refused_by_name(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_spreadsheet(data, "a.xlsx")
