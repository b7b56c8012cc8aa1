"""What the styles and the numbering of a Word document mean: headings, lists, code. Knows no text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from assistant.knowledge.readers.archive import Archive

_HEADING = re.compile(r"(?:heading|标题|標題|überschrift|titre) ?([1-9])", re.IGNORECASE)
_TITLE = re.compile(r"title|标题|標題|titel|titre", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|contents|目录|目錄) ?(?:\d|heading)", re.IGNORECASE)
_CODE = re.compile(r"html preformatted|preformatted|source ?code|code(?: block)?$|代码|plain text|macro", re.IGNORECASE)
_QUOTATION = re.compile(r"(?:intense )?quote|quotations?|block text|引用", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph style makes of a paragraph; ``level`` 0 is no heading, ``list`` its numbering and depth."""

    level: int = 0
    title: bool = False
    contents: bool = False
    code: bool = False
    quotation: bool = False
    list: tuple[str, str] = ("", "")


@dataclass(slots=True)
class Numbering:
    """The lists of a document: which depths of which are counted rather than dotted, and how far the count is."""

    counted: dict[str, dict[str, bool]] = field(default_factory=dict)
    _at: dict[str, list[int]] = field(default_factory=dict)

    def sign(self, properties: Element | None, style: Style) -> str:
        """Return what stands before an item, with its indentation, or nothing for a paragraph in no list."""
        number, depth = style.list
        for one in properties if properties is not None else ():
            if local(one) == "numPr":
                given = {local(part): value(part, "val") for part in one}
                number, depth = given.get("numId", number), given.get("ilvl", depth or "0")
        if number not in self.counted:
            return ""
        level = int(depth) if depth in tuple("012345678") else 0
        counts = self._at.setdefault(number, [0] * 9)
        counts[level] += 1
        counts[level + 1 :] = [0] * (8 - level)
        sign = f"{counts[level]}." if self.counted[number].get(str(level), False) else "-"
        # Under "1. " an item needs three blanks to stand below it, under "- " two are enough.
        return f"{'   ' * level}{sign} "


def styles_of(archive: Archive, name: str) -> dict[str, Style]:
    """Return the paragraph styles by their ids, each with what it inherits."""
    if name not in archive.names:
        return {}
    elements = {value(one, "styleId"): one for one in archive.xml(name) if local(one) == "style"}
    return {key: _style(key, elements) for key in elements}


def numbering_of(archive: Archive, name: str) -> Numbering:
    """Return the lists of a document."""
    if name not in archive.names:
        return Numbering()
    root = archive.xml(name)
    kinds = {
        value(one, "abstractNumId"): {
            value(level, "ilvl"): _first(level, "numFmt") not in ("bullet", "none", "")
            for level in one
            if local(level) == "lvl"
        }
        for one in root
        if local(one) == "abstractNum"
    }
    return Numbering(
        {value(one, "numId"): kinds.get(_first(one, "abstractNumId"), {}) for one in root if local(one) == "num"}
    )


def _style(key: str, elements: dict[str, Element]) -> Style:
    level, numbering = 0, ("", "")
    names: list[str] = []
    for _ in range(20):  # a style may be based on itself
        element = elements.get(key)
        if element is None:
            break
        names.append(_first(element, "name"))
        level = level or _level(element, names[-1])
        numbering = numbering if numbering[0] else _list(element)
        key = _first(element, "basedOn")
    own = names[0] if names else ""
    title = bool(_TITLE.fullmatch(own))
    return Style(
        level=1 if title else level,
        title=title,
        contents=bool(_CONTENTS.match(own)),
        code=any(_CODE.match(name) for name in names),
        quotation=any(_QUOTATION.fullmatch(name) for name in names),
        list=numbering,
    )


def _level(element: Element, name: str) -> int:
    if heading := _HEADING.match(name):
        return int(heading[1])
    for properties in (one for one in element if local(one) == "pPr"):
        outline = _first(properties, "outlineLvl")
        if outline in tuple("012345678"):
            return int(outline) + 1
    return 0


def _list(element: Element) -> tuple[str, str]:
    for properties in (one for one in element if local(one) == "pPr"):
        for one in (part for part in properties if local(part) == "numPr"):
            return _first(one, "numId"), _first(one, "ilvl") or "0"
    return "", ""


def _first(element: Iterable[Element], name: str) -> str:
    return next((value(one, "val") for one in element if local(one) == name), "")


def local(element: Element) -> str:
    """Return an element's name without its namespace: strict files have other ones."""
    return element.tag.rsplit("}", 1)[-1]


def value(element: Element, name: str) -> str:
    """Return an attribute by its name without namespace."""
    return next((said for key, said in element.attrib.items() if key.rsplit("}", 1)[-1] == name), "")
