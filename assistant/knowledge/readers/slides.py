"""Reads PowerPoint files slide by slide: titles, text, tables, charts and speaker notes. Pictures stay outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.errors import NoTextLayer
from assistant.knowledge.notes import Problem
from assistant.knowledge.readers.archive import Archive, texts
from assistant.knowledge.readers.document import Document, Writing, one_line, table
from assistant.knowledge.readers.office_math import tex_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TITLES = {"title", "ctrTitle"}
_NOT_SAID = {"dt", "ftr", "sldNum", "hdr"}  # date, footer, number: the same on every slide
_MOST_SHAPES = 20_000


def read_slides(data: bytes, path: str) -> Document:
    """Read a presentation; each slide is a part with its number as its page, the hidden ones too, as they are counted."""
    archive = Archive(data, path)
    main = archive.main_part()
    if not main.startswith("ppt/") and "presentation" not in main:
        raise archive.damaged("不是 PowerPoint 演示文稿", "not a PowerPoint presentation")
    relations = archive.relations(main)
    writing = Writing()
    silent: list[int] = []
    damaged: list[int] = []
    for number, one in enumerate(_local(archive.xml(main), "sldId"), start=1):
        name = relations.get(_relation(one), ("", ""))[1]
        if name not in archive.names:
            damaged.append(number)
            continue
        title, body = _slide(archive, name)
        writing.part([title] if title else [], number)
        text = "\n\n".join(part for part in (title and f"# {title}", body) if part)
        writing.block(text or " ")
        if not text:
            silent.append(number)
    if writing.empty:
        raise NoTextLayer(path=path, pages=len(silent) + len(damaged))
    problems = [Problem("no_text", tuple(silent))] if silent else []
    problems += [Problem("damaged_page", tuple(damaged))] if damaged else []
    return writing.document(title=one_line(archive.title()), encoding="pptx", problems=problems)


def _relation(element: Element) -> str:
    """Return the id of a relation; files that keep to the strict standard have other namespaces."""
    return next((value for key, value in element.attrib.items() if key.endswith("}id")), "")


def _local(root: Element, name: str) -> Iterator[Element]:
    return (one for one in root.iter() if one.tag.rsplit("}", 1)[-1] == name)


def _name(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _slide(archive: Archive, name: str) -> tuple[str, str]:
    """Return the title and the text of a slide, its speaker notes last."""
    root = archive.xml(name)
    relations = archive.relations(name)
    title = ""
    blocks: list[str] = []
    for shape in _shapes(root):
        role = next((one.get("type", "") for one in _local(shape, "ph")), None)
        if role in _NOT_SAID:
            continue
        if role in _TITLES and not title:
            title = one_line(" ".join(_paragraphs(shape)))
            continue
        blocks += _said(archive, shape, relations, outline=role is not None)
    notes = next((target for kind, target in relations.values() if kind == "notesSlide"), "")
    if notes in archive.names:
        said = [
            line
            for shape in _shapes(archive.xml(notes))
            if next((one.get("type", "") for one in _local(shape, "ph")), "body") == "body"
            for line in _paragraphs(shape)
        ]
        blocks.append("\n>\n".join(f"> {line}" for line in said))
    return title, "\n\n".join(block for block in blocks if block)


def _shapes(root: Element) -> Iterator[Element]:
    """Yield shapes and graphic frames in their order, those of groups where the group stands; of two versions the first."""
    open_ones = [one for tree in _local(root, "spTree") for one in tree][::-1]
    seen = 0
    while open_ones and seen < _MOST_SHAPES:
        seen += 1
        one = open_ones.pop()
        match _name(one):
            case "grpSp":
                open_ones += list(one)[::-1]
            case "AlternateContent":
                choice = next(iter(one), None)
                open_ones += list(choice if choice is not None else [])[::-1]
            case "sp" | "graphicFrame" | "cxnSp":
                yield one


def _said(archive: Archive, shape: Element, relations: dict[str, tuple[str, str]], *, outline: bool) -> Iterator[str]:
    """Yield what a shape says: its paragraphs, a table, the figures of a chart, the words of a diagram."""
    if tables := list(_local(shape, "tbl")):
        yield from (table(_rows(one)) for one in tables)
        return
    for one in (*_local(shape, "chart"), *_local(shape, "relIds")):
        target = next((relations[value][1] for value in one.attrib.values() if value in relations), "")
        if target in archive.names:
            root = archive.xml(target)
            yield _chart(root) if _name(one) == "chart" else "\n".join(f"- {line}" for line in _diagram(root))
    lines = list(_paragraphs(shape, listed=outline))
    yield ("\n" if outline else "\n\n").join(lines)


def _rows(tbl: Element) -> list[list[str]]:
    return [[" ".join(_paragraphs(cell)) for cell in _local(row, "tc")] for row in _local(tbl, "tr")]


def _paragraphs(shape: Element, *, listed: bool = False) -> Iterator[str]:
    """Yield the paragraphs of a shape; those of an outline as items at their level."""
    for paragraph in _local(shape, "p"):
        words = " ".join(_words(paragraph).split())
        if words:
            level = next((one.get("lvl", "0") for one in _local(paragraph, "pPr")), "0")
            yield f"{'  ' * min(int(level) if level.isdigit() else 0, 8)}- {words}" if listed else words


def _words(paragraph: Element) -> str:
    """Join the runs of a paragraph, formulas as TeX."""
    said: list[str] = []
    for one in paragraph:
        name = _name(one)
        if name in ("r", "fld"):
            said += [text.text or "" for text in one if _name(text) == "t"]
        elif name == "br":
            said.append(" ")
        elif name in ("m", "AlternateContent", "oMath", "oMathPara"):
            said += [f" ${tex}$ " for math in _local(one, "oMath") if (tex := tex_of(math))]
    return "".join(said)


def _chart(root: Element) -> str:
    """Write a chart as the table it was drawn from."""
    title = next((one_line("".join(texts(one, "t"))) for one in _local(root, "title")), "")
    series = [
        (one_line("".join(_cached(one, "tx"))), list(_cached(one, "cat", "xVal")), list(_cached(one, "val", "yVal")))
        for one in _local(root, "ser")
    ]
    if not series:
        return title
    names = max((categories for _, categories, _ in series), key=len)
    rows = [["", *(name for name, _, _ in series)]]
    for place in range(min(max(len(values) for _, _, values in series), 200)):
        rows.append(
            [names[place] if place < len(names) else "", *(v[place] if place < len(v) else "" for _, _, v in series)]
        )
    return "\n\n".join(part for part in (title, table(rows)) if part)


def _cached(series: Element, *names: str) -> Iterator[str]:
    for one in series:
        if _name(one) in names:
            yield from texts(one, "v")


def _diagram(root: Element) -> Iterator[str]:
    for point in _local(root, "pt"):
        if words := one_line("".join(texts(point, "t")), 500):
            yield words
