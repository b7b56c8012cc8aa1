"""The same lecture from three PDF programs: what each of them does to tables, columns, edges and letters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import NoTextLayer
from assistant.knowledge.notes import Note, Problem
from assistant.knowledge.readers import read
from assistant.knowledge.split import split
from tests.conftest import do_without
from tests.documents import found, pdf
from tests.printed import CHINESE, FORMULA, LATIN, PAGES, PRODUCERS, ROWS, by_fpdf2, picture, scanned, without_letters


@pytest.fixture(scope="module", params=PRODUCERS)
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The lecture as one of the programs prints it."""
    target = tmp_path_factory.mktemp(request.param) / "讲义.pdf"
    if request.param == "chromium":
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if chromium is None:
            do_without("browser", "no Chromium to print with")
        yield PRODUCERS["chromium"](target, chromium)
    else:
        yield PRODUCERS[request.param](target)


@pytest.fixture
def note(file: Path) -> Note:
    return read(found(file))


def latin(cell: str) -> str:
    return "".join(letter for letter in cell if letter < "\u2e80").strip()


def test_every_page_has_its_text(note: Note) -> None:
    assert note.qualities == ("text",) * PAGES
    assert note.problems == ()


def test_headers_and_page_numbers_are_gone(note: Note) -> None:
    for running in ("检索增强生成讲义 Lecture", "Lecture on retrieval", "第 1 页", "第 2 页", "2 / 3"):
        assert running not in note.text


def test_titles_that_differ_by_their_number_alone_stay(note: Note) -> None:
    titles = [line for line in note.text.splitlines() if "讲的标题" in line or line.startswith("Chapter")]

    assert len(set(titles)) == PAGES


def test_a_table_keeps_its_rows_and_cells(note: Note) -> None:
    table = [line for line in note.text.splitlines() if line.startswith("|")]

    rows = [[latin(cell) for cell in line.strip("|").split("|")] for line in table if "---" not in line]
    assert rows == [[latin(cell) for cell in row] for row in ROWS] * PAGES


def test_columns_are_read_one_after_the_other(note: Note) -> None:
    paragraphs = note.text.split("\n\n")

    assert [paragraph for paragraph in paragraphs if paragraph in LATIN][:2] == list(LATIN[:2])


def test_formulas_and_chinese_lines_are_whole(note: Note) -> None:
    assert note.text.count(FORMULA) == PAGES
    assert CHINESE in note.text or ("BM25 | 71.2" in note.text and "检索" not in note.text)


@pytest.mark.parametrize("producer", ["fpdf2", "chromium"])
def test_a_pdf_that_keeps_its_letters_to_itself_is_not_taken_for_text(tmp_path: Path, producer: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if producer == "chromium" and chromium is None:
        do_without("browser", "no Chromium to print with")
    source = PRODUCERS[producer](tmp_path / "a.pdf", *([chromium] if producer == "chromium" else []))

    with pytest.raises(NoTextLayer) as caught:
        read(found(without_letters(tmp_path / "b.pdf", source)))

    assert caught.value.details["pages"] == str(PAGES)


def test_garbled_pages_among_others_are_named_and_stay_out(tmp_path: Path) -> None:
    pages = ["Readable text about attention.", "(cid:12)(cid:7)(cid:33)", "/g12 /g7 /g33 /g12", "More readable text."]

    note = read(found(pdf(tmp_path / "a.pdf", pages)))

    assert note.problems == (Problem("garbled", (2, 3)),)
    assert note.text.split() == ["Readable", "text", "about", "attention.", "More", "readable", "text."]


def test_a_page_that_is_a_picture_with_a_scanners_mark_needs_ocr(tmp_path: Path) -> None:
    scan = picture(["words on paper"])

    note = read(found(scanned(tmp_path / "a.pdf", ["Typed text.", scan, None, scan, scan], mark="CamScanner")))

    assert note.qualities == ("text", "scanned", "blank", "scanned", "scanned")
    assert note.problems == (Problem("no_text", (2, 4, 5)),)


def test_a_small_picture_beside_text_does_not_make_a_scan(tmp_path: Path) -> None:
    file = by_fpdf2(tmp_path / "a.pdf")

    assert set(read(found(file)).qualities) == {"text"}


def test_a_long_table_of_a_pdf_carries_its_head_into_every_chunk(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842), invariant=True)
    rows = [("Symbol", "Meaning", "Unit"), *((f"x{n}", f"quantity {n} as measured", f"m{n}") for n in range(55))]
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            canvas.drawString(60 + 170 * column, 800 - 13 * number, cell)
    canvas.save()

    pieces = split(read(found(tmp_path / "a.pdf")))

    assert len(pieces) > 1
    assert all("Symbol | Meaning | Unit" in piece.text + piece.lead for piece in pieces)


def test_wrapped_cells_stay_one_cell(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842), invariant=True)
    cells = {(60, 700): "Name", (200, 700): "What it does", (400, 700): "Year"}
    cells |= {
        (60, 670): "GQA",
        (200, 670): "shares keys and values",
        (200, 656): "among groups of heads",
        (400, 670): "2023",
    }
    cells |= {(60, 626): "MLA", (200, 626): "keeps a small vector", (400, 626): "2024"}
    for (left, bottom), text in cells.items():
        canvas.drawString(left, bottom, text)
    canvas.save()

    assert "| GQA | shares keys and values among groups of heads | 2023 |" in read(found(tmp_path / "a.pdf")).text


@pytest.mark.parametrize("pages", [1, 2])
def test_what_repeats_on_few_pages_may_be_the_text_itself(tmp_path: Path, pages: int) -> None:
    note = read(found(pdf(tmp_path / "a.pdf", ["The same words\nand only these"] * pages)))

    assert note.text.count("The same words") == pages
