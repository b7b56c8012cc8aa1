"""Prints the same lecture with three PDF programs, and scans it. Knows reportlab, fpdf2 and Chromium, nothing of what is asserted."""

from __future__ import annotations

import html
import subprocess
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.documents import CHINESE_FONT

HEADER = "检索增强生成讲义 Lecture"
ROWS = (("方法 Method", "召回 Recall", "耗时 Cost"), ("关键词 BM25", "71.2", "3 ms"), ("向量 Dense", "78.9", "41 ms"), ("融合 Fused", "84.0", "45 ms"))  # fmt: skip
LATIN = (
    "Retrieval finds the passages that a question needs, and the model writes its answer from them alone.",
    "When a passage is missing the answer is refused, which learners accept more easily than an invention.",
    "Every statement is followed by a citation whose words can be compared with those of the page itself.",
)
FORMULA = "score(q, d) = 0.7 · cos(q, d) + 0.3 · bm25(q, d)"
CHINESE = "检索先找出与问题有关的段落，再让模型只根据这些段落写出答案；找不到依据时，宁可承认不知道，也不要编造。"
PAGES = 3

_CHINESE_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSerifCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "PingFang.ttc",
    "msyh.ttc",
    "simsun.ttc",
)
_FONT_FOLDERS = ("/usr/share/fonts", "/System/Library/Fonts", "C:/Windows/Fonts")


def by_reportlab(file: Path) -> Path:
    """Print with reportlab: a header, a table without rulings, two columns written line by line across the page."""
    canvas = _canvas(file)
    for page in range(1, PAGES + 1):
        _line(canvas, 200, 815, HEADER, 9)
        _line(canvas, 280, 25, f"第 {page} 页", 9)
        _line(canvas, 60, 760, f"{page} 第{page}讲的标题", 16)
        for number, row in enumerate(ROWS):
            for column, cell in enumerate(row):
                _line(canvas, 60 + 150 * column, 720 - 20 * number, cell, 11)
        _line(canvas, 60, 620, FORMULA, 11)
        left, right = _broken(LATIN[0], 40), _broken(LATIN[1], 40)
        for number in range(max(len(left), len(right))):
            for column, lines in ((60, left), (320, right)):
                if number < len(lines):
                    _line(canvas, column, 580 - 14 * number, lines[number], 10)
        for number, line in enumerate(_broken(CHINESE, 22)):
            _line(canvas, 60, 480 - 18 * number, line, 11)
        canvas.showPage()
    canvas.save()
    return file


def by_fpdf2(file: Path) -> Path:
    """Print with fpdf2: an embedded font, a table with rulings, two columns of justified text."""
    from fpdf import FPDF

    class Lecture(FPDF):
        def header(self) -> None:
            self.set_font("d", size=9)
            self.cell(0, 8, "Lecture on retrieval", align="C")
            self.ln(14)

        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("d", size=9)
            self.cell(0, 8, f"{self.page_no()} / {PAGES}", align="C")

    pdf = Lecture()
    pdf.add_font("d", "", str(latin_font()))
    for page in range(PAGES):
        pdf.add_page()
        pdf.set_font("d", size=16)
        pdf.cell(0, 10, f"Chapter {page + 1} of the lecture")
        pdf.ln(12)
        pdf.set_font("d", size=10)
        with pdf.table(first_row_as_headings=False) as table:
            for row in ROWS:
                cells = table.row()
                for cell in row:
                    cells.cell("".join(letter for letter in cell if letter < "\u2e80").strip())
        pdf.ln(4)
        pdf.cell(0, 8, FORMULA)
        pdf.ln(10)
        with pdf.text_columns(ncols=2, gutter=10, text_align="J") as columns:
            columns.write("\n".join(LATIN * 2))
    pdf.output(str(file))
    return file


def by_chromium(file: Path, chromium: str) -> Path:
    """Print a page of HTML with Chromium: a table, hyphenated columns, margins with a header and page numbers."""
    table = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in ROWS)
    columns = "".join(f"<p>{line}</p>" for line in LATIN * 3)
    pages = "".join(
        f"<section><h1>第{page}讲的标题</h1><table>{table}</table><p>{FORMULA}</p><p>{CHINESE}</p><div lang=en>{columns}</div></section>"
        for page in range(1, PAGES + 1)
    )
    style = (
        f'@page {{ size: A4; margin: 25mm; @top-center {{ content: "{HEADER}" }} @bottom-center {{ content: "第 " counter(page) " 页" }} }}'
        "section { break-after: page } td { padding: 4px 16px; border: 1px solid } div { columns: 2; hyphens: auto; text-align: justify }"
    )
    source = file.with_suffix(".html")
    source.write_text(f"<html lang=zh><meta charset=utf-8><style>{style}</style><body>{pages}</html>", encoding="utf-8")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={file}", source.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return file


def latin_font() -> Path:
    """Return the font that comes with reportlab, so that every machine has it."""
    import reportlab

    return Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"


def chinese_font() -> Path | None:
    """Return a font of this machine that has Chinese, None where none of the usual ones is there."""
    files = (file for folder in _FONT_FOLDERS for name in _CHINESE_FONTS for file in Path(folder).rglob(name))
    return next(files, None)


def picture(lines: Sequence[str], *, font: Path | None = None, beside: Sequence[str] = (), kind: str = "PNG") -> bytes:
    """Draw lines as a picture, as a scanner or a screenshot would show them."""
    from PIL import Image, ImageDraw, ImageFont

    drawn = Image.new("RGB", (1240, 1754), "white")
    pen = ImageDraw.Draw(drawn)
    letters = ImageFont.truetype(str(font or latin_font()), 30)
    for left, column in ((120, lines), (660, beside)):
        for number, line in enumerate(column):
            pen.text((left, 120 + 60 * number), line, font=letters, fill="black")
    content = BytesIO()
    drawn.save(content, kind)
    return content.getvalue()


def scanned(file: Path, pages: Sequence[str | bytes | None], *, mark: str = "") -> Path:
    """Write a PDF whose pages are texts, pictures that cover the page (with a mark the scanner left), or blank."""
    from reportlab.lib.utils import ImageReader

    canvas = _canvas(file)
    for page in pages:
        if isinstance(page, bytes):
            canvas.drawImage(ImageReader(BytesIO(page)), 0, 0, 595, 842)
            _line(canvas, 480, 12, mark, 8)
        elif page is not None:
            _line(canvas, 72, 700, page, 12)
        canvas.showPage()
    canvas.save()
    return file


def without_letters(file: Path, source: Path) -> Path:
    """Write a PDF anew so that it no longer tells which letters its glyphs are."""
    file.write_bytes(source.read_bytes().replace(b"/ToUnicode", b"/ToUnicodX"))
    return file


def _canvas(file: Path) -> Any:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE_FONT))
    return Canvas(str(file), pagesize=(595, 842), invariant=True)


def _line(canvas: Any, left: float, bottom: float, text: str, size: float) -> None:
    canvas.setFont("Helvetica" if text.isascii() else CHINESE_FONT, size)
    canvas.drawString(left, bottom, text)


def _broken(text: str, width: int) -> list[str]:
    """Break a text into lines: Chinese anywhere, English between words."""
    if text.isascii():
        import textwrap

        return textwrap.wrap(text, width)
    return [text[start : start + width] for start in range(0, len(text), width)]


PRODUCERS: dict[str, Callable[..., Path]] = {"reportlab": by_reportlab, "fpdf2": by_fpdf2, "chromium": by_chromium}
