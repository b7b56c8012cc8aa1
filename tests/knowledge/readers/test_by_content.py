"""Which reader a file gets, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import NotText, PasswordNeeded
from assistant.knowledge.readers.by_content import kind_by_content
from tests.documents import found
from tests.formats import (
    book,
    notebook_by_nbformat,
    notebook_of_version_3,
    slides_by_hand,
    slides_by_python_pptx,
    word_by_hand,
    word_by_python_docx,
    workbook_by_openpyxl,
    workbook_by_xlsxwriter,
)

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pptx", word_by_python_docx(), "word"),
        ("a.pdf", word_by_hand(""), "word"),
        ("a.docx", slides_by_python_pptx(), "slides"),
        ("a.docx", slides_by_hand(""), "slides"),
        ("a.txt", workbook_by_openpyxl({"S": [[1]]}), "table"),
        ("a.xls", workbook_by_xlsxwriter({"S": [[1]]}), "table"),
        ("a.html", book(2, {}, contents={}), "book"),
        ("a.md", b"%PDF-1.7\n", "pdf"),
        ("a.txt", notebook_by_nbformat(("code", "1", "")), "notebook"),
        ("a.md", notebook_of_version_3(), "notebook"),
        ("a.txt", b"\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:02.000\nx", "subtitles"),
        ("a.txt", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nx", "subtitles"),
        ("a.txt", b"<!-- saved from url=(0014) -->\n<!DOCTYPE html>\n<p>x", "html"),
        ("a.xls", b"<html xmlns:x='urn:excel'><table>", "html"),
        ("a.md", b"A note on <!doctype html> and %PDF-1.7", "markdown"),
        ("a.md", b"<div>inline</div>", "markdown"),
        ("a.py", b"<!doctype html>", "code"),
        ("a.pdf", b"<!doctype html><h1>404 Not Found</h1>", "pdf"),
        ("a.csv", b"a,b\n", "table"),
        ("a.xls", OLD_OFFICE + "Workbook".encode("utf-16-le"), "table"),
    ],
)  # fmt: skip
def test_content_decides_and_the_suffix_only_between_kinds_of_text(
    name: str, data: bytes, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(data)

    assert kind_by_content(found(file)) == kind


@pytest.mark.case(28)
@pytest.mark.parametrize(
    ("data", "error"),
    [(OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"), PasswordNeeded), (OLD_OFFICE, NotText)],
    ids=["encrypted", "old word"],
)
def test_old_office_files_are_called_what_they_are(data: bytes, error: type[Exception], tmp_path: Path) -> None:
    file = tmp_path / "a.docx"
    file.write_bytes(data)

    with pytest.raises(error):
        kind_by_content(found(file))
