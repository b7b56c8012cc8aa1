"""Reads Word documents: headings, lists, tables, formulas, text boxes and footnotes, as Markdown. Pictures stay outside.

What a reviewer deleted is not read, what was inserted is; the table of contents only repeats the headings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assistant.errors import EmptyNote
from assistant.knowledge.readers.archive import Archive, texts
from assistant.knowledge.readers.document import Document, Writing, fenced, one_line, table
from assistant.knowledge.readers.office_math import tex_of
from assistant.knowledge.readers.word_styles import Numbering, Style, local, numbering_of, styles_of, value

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DEEPEST = 60
_AROUND = {
    "sdt",
    "sdtContent",
    "ins",
    "moveTo",
    "smartTag",
    "customXml",
    "hyperlink",
    "fldSimple",
    "dir",
    "bdo",
    "txbxContent",
}
_GONE = {"del", "moveFrom", "Fallback", "instrText", "delText", "delInstrText"}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


def read_word(data: bytes, path: str) -> Document:
    """Read a DOCX file."""
    archive = Archive(data, path)
    main = archive.main_part()
    if main not in archive.names or not main.endswith(".xml") or main.startswith(("ppt/", "xl/")):
        raise archive.damaged("不是 Word 文档", "not a Word document")
    relations = dict(archive.relations(main).values())
    reading = _Reading(
        styles_of(archive, relations.get("styles", "")),
        numbering_of(archive, relations.get("numbering", "")),
        _notes(archive, relations),
    )
    writing = Writing()
    for body in (one for one in archive.xml(main) if local(one) == "body"):
        for block in reading.blocks(body, 0):
            writing.block(block)
    if writing.empty:
        raise EmptyNote(path=path)
    return writing.document(title=one_line(archive.title()) or reading.title, encoding="docx")


def _notes(archive: Archive, relations: dict[str, str]) -> dict[str, Element]:
    """Return foot- and endnotes by kind and number; those with a type are only rules."""
    found = {}
    for kind, tag in (("footnotes", "footnote"), ("endnotes", "endnote")):
        if relations.get(kind) in archive.names:
            for one in archive.xml(relations[kind]):
                if local(one) == tag and not value(one, "type"):
                    found[f"{tag}Reference{value(one, 'id')}"] = one
    return found


class _Reading:
    """Turns the paragraphs and tables of one document into blocks of Markdown."""

    def __init__(self, styles: dict[str, Style], numbering: Numbering, notes: dict[str, Element]) -> None:
        self.title = ""
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._beside: list[str] = []  # text boxes and footnotes of the paragraph that is being read

    def blocks(self, container: Element, depth: int) -> Iterator[str]:
        """Yield the blocks of a container; items of one list are one block, and so are lines of code."""
        run: list[str] = []
        kind = ""
        for block_kind, text in self._each(container, depth):
            if run and (block_kind != kind or kind not in ("item", "code")):
                yield _together(kind, run)
                run = []
            kind = block_kind
            run.append(text)
        if run:
            yield _together(kind, run)

    def _each(self, container: Element, depth: int) -> Iterator[tuple[str, str]]:
        if depth > _DEEPEST:
            return
        for one in container:
            name = local(one)
            if name == "p":
                yield from self._paragraph(one)
            elif name == "tbl":
                yield "table", self._table(one, depth + 1)
            elif name in _AROUND:
                yield from self._each(one, depth + 1)
            elif name == "AlternateContent":
                yield from self._each(next(iter(one), one), depth + 1)

    def _paragraph(self, paragraph: Element) -> Iterator[tuple[str, str]]:
        properties = next((one for one in paragraph if local(one) == "pPr"), None)
        style = self._styles.get(_child_value(properties, "pStyle"), Style())
        if style.contents:
            return
        words = self._words(paragraph, 0)
        beside, self._beside = self._beside, []
        if style.code:
            yield "code", words
        elif words.strip():
            yield self._said(words, style, properties)
        yield from (("text", text) for text in beside)

    def _said(self, words: str, style: Style, properties: Element | None) -> tuple[str, str]:
        own = _child_value(properties, "outlineLvl")
        level = int(own) + 1 if own in tuple("012345678") else style.level
        if level:
            name = one_line(words)
            if style.title and not self.title:
                self.title = name
            return "heading", f"{'#' * min(level, 6)} {name}"
        lines = [" ".join(line.split()) for line in words.split("\n")]
        text = "\n".join(line for line in lines if line)
        sign = self._numbering.sign(properties, style)
        if sign:
            return "item", sign + text.replace("\n", "\n" + " " * len(sign))
        return ("text", f"> {text}".replace("\n", "\n> ")) if style.quotation else ("text", text)

    def _words(self, element: Element, depth: int) -> str:
        """Join what a paragraph says; formulas as TeX."""
        if depth > _DEEPEST:
            return "".join(texts(element, "t"))
        said: list[str] = []
        for one in element:
            name = local(one)
            if name == "t":
                said.append(one.text or "")
            elif name in _SIGNS:
                said.append(_SIGNS[name])
            elif name == "oMathPara":
                said += [f"\n$${tex}$$\n" for math in one if local(math) == "oMath" and (tex := tex_of(math))]
            elif name == "oMath":
                said.append(f"${tex}$" if (tex := tex_of(one)) else "")
            elif name in ("footnoteReference", "endnoteReference"):
                said.append(self._note(f"{name}{value(one, 'id')}"))
            elif name in ("drawing", "pict", "object"):
                self._boxes(one, depth + 1)
            elif name == "AlternateContent":
                said.append(self._words(next(iter(one), one), depth + 1))
            elif name not in _GONE and not name.endswith("Pr"):
                said.append(self._words(one, depth + 1))
        return "".join(said)

    def _note(self, key: str) -> str:
        """Put a footnote below its paragraph, once, and leave a sign where it belongs."""
        note = self._notes.pop(key, None)
        if note is None:
            return ""
        outer, self._beside = self._beside, []
        text = " ".join(" ".join(self.blocks(note, _DEEPEST // 2)).split())
        self._beside = [*outer, f"† {text}"] if text else outer
        return " †"

    def _boxes(self, drawing: Element, depth: int) -> None:
        """Keep what stands in text boxes, and what a picture is called, for below the paragraph."""
        for box in (one for one in drawing.iter() if local(one) == "txbxContent"):
            outer, self._beside = self._beside, []
            self._beside = [*outer, *self.blocks(box, depth + 1)]
        for one in drawing.iter():
            if local(one) == "docPr" and len(said := one_line(one.get("descr", ""), 300)) > 2:
                self._beside.append(f"({said})")

    def _table(self, tbl: Element, depth: int) -> str:
        """Write a table; one with a single cell is a box around text."""
        rows = [[self._cell(cell, depth) for cell in _cells(row)] for row in _rows(tbl)]
        widths = [[_span(cell) for cell in _cells(row)] for row in _rows(tbl)]
        flat = [
            [part for cell, width in zip(row, spans, strict=True) for part in (cell, *[""] * (width - 1))]
            for row, spans in zip(rows, widths, strict=True)
        ]
        flat = [row for row in flat if any(row)]
        if all(len(row) == 1 for row in flat):
            return "\n\n".join(row[0] for row in flat)
        return table([[" ".join(cell.split()) for cell in row] for row in flat])

    def _cell(self, cell: Element, depth: int) -> str:
        return "\n\n".join(self.blocks(cell, depth))


def _rows(tbl: Element) -> Iterator[Element]:
    for one in tbl:
        if local(one) == "tr":
            yield one
        elif local(one) in _AROUND:
            yield from _rows(one)


def _cells(row: Element) -> Iterator[Element]:
    for one in row:
        if local(one) == "tc":
            yield one
        elif local(one) in _AROUND:
            yield from _cells(one)


def _span(cell: Element) -> int:
    properties = next((one for one in cell if local(one) == "tcPr"), None)
    span = _child_value(properties, "gridSpan")
    return min(int(span), 100) if span.isdecimal() else 1


def _child_value(properties: Element | None, name: str) -> str:
    children: Iterable[Element] = properties if properties is not None else ()
    return next((value(one, "val") for one in children if local(one) == name), "")


def _together(kind: str, run: list[str]) -> str:
    if kind == "code":
        return fenced("\n".join(run), "") if any(line.strip() for line in run) else ""
    return "\n".join(run) if kind == "item" else "\n\n".join(run)
