"""Builds real files of the formats students have, each as more than one program writes it. Knows no reader."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"


def archive(members: Mapping[str, str | bytes], *, stored: Sequence[str] = ()) -> bytes:
    """Pack members in their order, those named in ``stored`` uncompressed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return file.getvalue()


def relations(**targets: str) -> str:
    """Write an office part's relations: by their kind, or by ``rId1`` and so on for numbered slides."""
    kinds = {name: _CORE if name == "core" else f"{_OFFICE}/{name.rstrip('0123456789')}" for name in targets}
    rows = "".join(
        f'<Relationship Id="{name}" Type="{kinds[name]}" Target="{target}"/>' for name, target in targets.items()
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}">{rows}</Relationships>'


def word_by_hand(body: str, *, styles: str = "", numbering: str = "", footnotes: str = "") -> bytes:
    """Write a DOCX as LibreOffice lays it out: relations first, the content types last."""
    head = f'xmlns:w="{WORD}" xmlns:m="{MATH}"'
    parts = {"styles": styles, "numbering": numbering, "footnotes": footnotes}
    members = {
        "_rels/.rels": relations(officeDocument="word/document.xml"),
        "word/_rels/document.xml.rels": relations(**{name: f"{name}.xml" for name, xml in parts.items() if xml}),
        "word/document.xml": f'<?xml version="1.0"?><w:document {head}><w:body>{body}</w:body></w:document>',
        **{f"word/{name}.xml": f"<w:{name} {head}>{xml}</w:{name}>" for name, xml in parts.items() if xml},
        "[Content_Types].xml": _TYPES,
    }
    return archive(members)


def word_paragraph(text: str, properties: str = "") -> str:
    """Write one paragraph of a DOCX."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def word_by_python_docx() -> bytes:
    """Write a document with headings, lists and a table through python-docx."""
    import docx

    document = docx.Document()
    document.core_properties.title = "Optimisation notes"
    document.add_heading("Gradient descent", 1)
    document.add_paragraph("The step follows the negative gradient.")
    document.add_heading("Learning rate", 2)
    document.add_paragraph("too small: slow", style="List Bullet")
    document.add_paragraph("too large: diverges", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("Name", "Value", "momentum", "0.9"), strict=True):
        cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def slides_by_python_pptx() -> bytes:
    """Write a presentation with titles, an outline, speaker notes, a table and a chart through python-pptx."""
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    deck: Any = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Overfitting"
    first.placeholders[1].text = "The model memorises noise.\nDropout helps."
    first.notes_slide.notes_text_frame.text = "Tell them about the polynomial."
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "结果"
    table = second.shapes.add_table(2, 2, 0, 0, 1000, 1000).table
    for place, text in enumerate(("方法", "准确率", "基线", "0.81")):
        table.cell(place // 2, place % 2).text = text
    third = deck.slides.add_slide(deck.slide_layouts[6])
    chart = CategoryChartData()
    chart.categories = ["2024", "2025"]
    chart.add_series("loss", (0.5, 0.25))
    third.shapes.add_chart(XL_CHART_TYPE.LINE, 0, 0, 1000, 1000, chart)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def slides_by_hand(*slides: str) -> bytes:
    """Write a presentation by hand, its slides in the opposite order of their file names."""
    names = [f"slide{len(slides) - number}.xml" for number in range(len(slides))]
    listed = "".join(f'<p:sldId id="{256 + n}" r:id="slide{n}"/>' for n in range(len(slides)))
    head = f'xmlns:p="{SLIDES}" xmlns:a="{DRAWING}" xmlns:r="{_OFFICE}"'
    return archive({
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": relations(officeDocument="/ppt/presentation.xml"),
        "ppt/presentation.xml": f"<p:presentation {head}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(**{f"slide{n}": f"slides/{name}" for n, name in enumerate(names)}),
        **{
            f"ppt/slides/{name}": f"<p:sld {head}><p:cSld><p:spTree>{xml}</p:spTree></p:cSld></p:sld>"
            for name, xml in zip(names, slides, strict=True)
        },
    })  # fmt: skip


def shape(text: str, role: str = "") -> str:
    """Write one shape of a slide."""
    place = f'<p:nvPr><p:ph type="{role}"/></p:nvPr>' if role else "<p:nvPr/>"
    paragraphs = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp><p:nvSpPr>{place}</p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>"


def workbook_by_openpyxl(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Write a workbook through openpyxl."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook_by_xlsxwriter(
    sheets: Mapping[str, Sequence[Sequence[object]]], *, first: tuple[int, int] = (0, 0)
) -> bytes:
    """Write a workbook through XlsxWriter, its cells from ``first`` on."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(first[0] + number, first[1], list(row))
    return file.getvalue()


def notebook_by_nbformat(*cells: tuple[str, str, str]) -> bytes:
    """Write a notebook of version 4 through nbformat: kind, source and printed output of each cell."""
    from nbformat import v4, writes

    made = []
    for kind, source, printed in cells:
        if kind == "code":
            outputs = [v4.new_output("stream", text=printed)] if printed else []
            made.append(v4.new_code_cell(source, outputs=outputs))
        else:
            made.append(v4.new_markdown_cell(source))
    book = v4.new_notebook(cells=made, metadata={"language_info": {"name": "python"}})
    return bytes(writes(book), "utf-8")


def notebook_of_version_3() -> bytes:
    """Write a notebook as IPython did in 2013: worksheets, headings as cells, ``input`` instead of ``source``."""
    cells = [
        {"cell_type": "heading", "level": 1, "source": ["Old notebook"]},
        {"cell_type": "markdown", "source": ["Notes on ", "entropy."]},
        {"cell_type": "code", "language": "python", "input": ["print(2 ** 10)"], "collapsed": False,
         "outputs": [{"output_type": "stream", "stream": "stdout", "text": ["1024\n"]},
                     {"output_type": "pyout", "text": ["42"], "prompt_number": 1}]},
    ]  # fmt: skip
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    ).encode()


def notebook_by_vs_code() -> bytes:
    """Write a notebook as VS Code saves it: sources as one text, language in the metadata of a cell, rich output."""
    table = "<table><thead><tr><th></th><th>x</th></tr></thead><tbody><tr><th>0</th><td>7</td></tr></tbody></table>"
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# 数据\n\n先看一眼。"},
        {"cell_type": "code", "metadata": {"vscode": {"languageId": "python"}}, "execution_count": 3, "source": "df.head()",
         "outputs": [{"output_type": "execute_result", "execution_count": 3, "metadata": {},
                      "data": {"text/html": [table], "text/plain": "   x\n0  7", "image/png": "aGVsbG8="}}]},
        {"cell_type": "code", "metadata": {}, "execution_count": None, "source": "1/0",
         "outputs": [{"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": ["\x1b[31m…"]}]},
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}, ensure_ascii=False).encode()


def book(version: int, chapters: Mapping[str, str], *, contents: Mapping[str, str], title: str = "A book") -> bytes:
    """Write an EPUB of version 2 (with an NCX) or 3 (with a nav page); ``contents`` names files."""
    items = "".join(
        f'<item id="c{n}" href="text/{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    if version == 2:
        points = "".join(
            f'<navPoint><navLabel><text>{label}</text></navLabel><content src="text/{name}#top"/></navPoint>'
            for name, label in contents.items()
        )
        toc = ("toc.ncx", "application/x-dtbncx+xml", "", (
            '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
            f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'
        ))  # fmt: skip
    else:
        links = "".join(f'<li><a href="text/{name}">{label}</a></li>' for name, label in contents.items())
        toc = ("nav.xhtml", "application/xhtml+xml", 'properties="nav"', (
            f'<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol>{links}</ol></nav></body></html>'
        ))  # fmt: skip
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf" version="{version}.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:title>{title}</dc:title></metadata><manifest>{items}<item id="toc" href="{toc[0]}" media-type="{toc[1]}" {toc[2]}/>'
        f"</manifest><spine>{spine}</spine></package>"
    )
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>',
            "OEBPS/content.opf": package,
            f"OEBPS/{toc[0]}": toc[3],
            **{f"OEBPS/text/{name}": xhtml for name, xhtml in chapters.items()},
        },
        stored=["mimetype"],
    )
