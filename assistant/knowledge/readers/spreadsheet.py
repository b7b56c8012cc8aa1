"""Reads spreadsheets and CSV: each sheet a Markdown table, each row marked with its cells. Formulas by their results."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from assistant.errors import DamagedNote, EmptyNote, PasswordNeeded, TooBig
from assistant.knowledge.notes import Problem
from assistant.knowledge.readers.archive import Archive
from assistant.knowledge.readers.document import Document, Writing, one_line, row_line
from assistant.knowledge.readers.opening import megabytes
from assistant.knowledge.readers.plain_bytes import decoded

MAX_BYTES = 100 << 20
MAX_CSV = 20 << 20
MAX_COLUMNS = 200
MAX_ROWS = 100_000  # of one sheet
_LONGEST_CELL = 2_000
_SAMPLE = 20_000
_HEAD_WITHIN = 20  # rows; above its head a sheet may have a title and remarks

Row = tuple[int, list[str]]


def read_spreadsheet(data: bytes, path: str) -> Document:
    """Read a workbook or a file of separated values, whichever it is."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        return _read_workbook(data, path)
    return _read_separated(data, path)


def _read_separated(data: bytes, path: str) -> Document:
    text, encoding, replaced = decoded(data, path, MAX_CSV)
    writing = Writing()
    rows = ((number, row) for number, row in enumerate(_separated(text), start=1))
    _write_sheet(writing, [], rows)
    if writing.empty:
        raise EmptyNote(path=path)
    problems = [Problem("replaced_characters")] if replaced else []
    return writing.document(encoding=encoding, problems=problems)


def _separated(text: str) -> Iterator[list[str]]:
    """Yield the rows; a quotation mark that never closes ends with its line instead of swallowing the file."""
    first, _, rest = text.partition("\n")
    told = first.strip().lower().startswith("sep=") and len(first.strip()) == 5
    separator = first.strip()[4] if told else _separator(text[:_SAMPLE])
    csv.field_size_limit(1 << 20)
    body = rest if told else text
    try:
        yield from csv.reader(io.StringIO(body, newline=""), delimiter=separator, skipinitialspace=True, strict=False)
    except csv.Error:
        yield from (line.split(separator) for line in body.splitlines())


def _separator(sample: str) -> str:
    """Choose the sign that divides most lines alike."""
    lines = [line for line in sample.splitlines()[:50] if line.strip()]
    best, most = ",", 0
    for sign in ",;\t|":
        counts = [line.count(sign) for line in lines]
        usual = max(set(counts), key=counts.count) if counts else 0
        if usual and counts.count(usual) * min(usual, 5) > most:
            best, most = sign, counts.count(usual) * min(usual, 5)
    return best


def _read_workbook(data: bytes, path: str) -> Document:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

    if len(data) > MAX_BYTES:
        raise TooBig(path=path, limit=megabytes(MAX_BYTES))
    title = ""
    if data.startswith(b"PK"):
        archive = Archive(data, path)
        for name in archive.names:
            if name.endswith(".xml") and name.startswith(("xl/worksheets/", "xl/sharedStrings", "content.xml")):
                archive.read(name)  # counts what really comes out, before another parser unpacks it
        title = one_line(archive.title())
    writing = Writing()
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for sheet in workbook.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                found = workbook.get_sheet_by_name(sheet.name)
                _write_sheet(writing, [one_line(sheet.name)], _cells(found), left=found.start[1] if found.start else 0)
    except PasswordError as error:
        raise PasswordNeeded(path=path) from error
    except (CalamineError, ValueError, OSError) as error:
        raise DamagedNote(path=path, reason="not a valid workbook / 不是有效的工作簿") from error
    if writing.empty:
        raise EmptyNote(path=path)
    return writing.document(title=title, encoding="xlsx")


def _cells(sheet: Any) -> Iterator[Row]:
    """Yield the rows as the sheet counts them; the library leaves out the empty columns before the first cell."""
    for number, row in enumerate(sheet.iter_rows(), start=1):
        yield number, [_said(cell) for cell in row[:MAX_COLUMNS]]


def _said(cell: object) -> str:
    """Write a value as people read it: whole numbers without a point, dates without midnight."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.12g}"
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(cell)


def _write_sheet(writing: Writing, heading: Sequence[str], rows: Iterable[Row], left: int = 0) -> None:
    """Write a sheet as a part: what stands above its head as lines, then the head and the rows under it."""
    filled = [(number, [cell.strip()[:_LONGEST_CELL] for cell in row]) for number, row in rows if any(row)]
    if not filled:
        return
    if len(filled) > MAX_ROWS:
        writing.full = True
    filled = filled[:MAX_ROWS]
    width = min(max(_width(row) for _, row in filled), MAX_COLUMNS)
    head = _head(filled)
    writing.part(heading, form="plain")
    for number, row in filled[:head]:
        writing.mark(_name(number, left), _name(number, left + max(_width(row) - 1, 0)))
        writing.block(" ".join(cell for cell in row if cell))
    writing.part(heading, form="rows")
    for place, (number, row) in enumerate(filled[head:]):
        writing.mark(_name(number, left), _name(number, left + width - 1))
        writing.add(row_line([*row, *[""] * (width - len(row))][:width]) + "\n")
        if place == 0:
            writing.add("|" + " --- |" * width + "\n")
    writing.add("\n")


def _width(row: Sequence[str]) -> int:
    return next((place for place in range(len(row), 0, -1) if row[place - 1]), 0)


def _head(rows: Sequence[Row]) -> int:
    """Find the row of column names: the first of the upper rows that is filled nearly as far as any of them."""
    upper = [sum(1 for cell in row if cell) for _, row in rows[:_HEAD_WITHIN]]
    widest = max(upper)
    return next(place for place, count in enumerate(upper) if count * 4 >= widest * 3)


def _name(row: int, column: int) -> str:
    """Name a cell as spreadsheets do."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
