"""E-books of both versions, whole and broken."""

from __future__ import annotations

import pytest

from assistant.errors import DamagedNote
from assistant.knowledge.notes import Problem
from assistant.knowledge.readers.book import read_book
from tests.formats import archive, book

CHAPTERS = {
    "z.xhtml": "<html><head><title>t</title></head><body><h1>Early days</h1><p>It began.</p></body></html>",
    "a.xhtml": "<html><body><p>It went on &nbsp; and on.</p></body></html>",
    "b.xhtml": "<html><body><p>它结束了。</p></body></html>",
}


@pytest.mark.parametrize("version", [2, 3])
def test_chapters_come_in_reading_order_under_the_names_of_the_contents(version: int) -> None:
    document = read_book(book(version, CHAPTERS, contents={"z.xhtml": "Early days", "b.xhtml": "结局"}), "a.epub")

    assert document.title == "A book"
    assert [part.heading for part in document.parts] == [("Early days",), ("Early days",), ("结局",)]
    assert document.text == "# Early days\n\nIt began.\n\nIt went on and on.\n\n它结束了。\n\n"


def test_a_chapter_whose_file_is_missing_is_said() -> None:
    data = book(3, CHAPTERS, contents={})
    document = read_book(data.replace(b"OEBPS/text/a.xhtml", b"OEBPS/text/x.xhtml"), "a.epub")

    assert document.problems == (Problem("damaged_page"),)
    assert "It began." in document.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (archive({"mimetype": "application/epub+zip", "a.txt": "x"}), "EPUB"),
        (
            archive({
                "META-INF/encryption.xml": '<e xmlns:x="urn:x"><x:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></e>'
            }),
            "DRM",
        ),
        (archive({"x.opf": "<package><metadata>"}), "XML"),
    ],
    ids=["no package", "protected", "bad xml"],
)  # fmt: skip
def test_a_book_that_cannot_be_read_says_why(data: bytes, words: str) -> None:
    with pytest.raises(DamagedNote, match=words):
        read_book(data, "a.epub")
