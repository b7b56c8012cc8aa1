"""Reads the structure of one part that a format marks: Markdown of a chapter or cell, rows of a sheet, lines of code.

Knows where things stand in the text; knows no format, no tokens and no pieces.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from assistant.knowledge.blocks import Block, Lines, Section, markdown, plain, shorten
from assistant.knowledge.parts import Part

LONGEST_HEAD = 600  # characters of a table's head that go with every piece of it
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_BLANK_LINES = re.compile(r"(?:\r\n?|\n)(?:[^\S\r\n]*(?:\r\n?|\n))+")


def in_part(text: str, part: Part, end: int, title: str) -> list[Section]:
    """Return the sections of the part that ends before ``end``, under its headings and on its page."""
    if not text[part.start : end].strip():
        return []
    if part.heading[:1] == (title,):
        part = replace(part, heading=part.heading[1:])  # the title goes before every heading anyway
    if part.form == "markdown":
        body = text[part.start : end]
        return [_moved(section, part) for section in markdown(body, title, Lines(body))]
    if part.form == "rows":
        block = _rows(text, part.start, end)
    elif part.form == "code":
        block = _code(text, part.start, end)
    else:
        block = plain(text, part.start, end).block
    return [Section(part.heading, block, part.page)]


def _moved(section: Section, part: Part) -> Section:
    """Put a section that was read by itself where it stands, its first heading not said twice."""
    own = section.heading[1:] if section.heading[:1] == part.heading[-1:] else section.heading
    return Section((*part.heading, *own), _shifted(section.block, part.start), part.page)


def _shifted(block: Block, by: int) -> Block:
    children = tuple(_shifted(child, by) for child in block.children)
    return replace(block, start=block.start + by, end=block.end + by, children=children)


def _rows(text: str, start: int, end: int) -> Block:
    """Read a table: its head with the rule under it, which every later piece repeats, then row by row."""
    lines = [found.start() for found in _LINE.finditer(text, start, end) if found.start() < end]
    bounds = [start, *lines[2:], end]
    rows = [Block("row", first, last) for first, last in pairwise(bounds)]
    if len(rows) > 1:
        rows[0] = replace(rows[0], leans=True)
    head = "\n".join(shorten(line, LONGEST_HEAD) for line in text[start : bounds[1]].split("\n")[:2])
    return Block("section", start, end, (Block("table", start, end, tuple(rows), head),))


def _code(text: str, start: int, end: int) -> Block:
    """Read code as what its writer kept together between blank lines; later pieces repeat the line that defines it."""
    bounds = [start, *(gap.end() for gap in _BLANK_LINES.finditer(text, start, end) if gap.end() < end), end]
    blocks = tuple(Block("code", first, last) for first, last in pairwise(bounds))
    return Block("section", start, end, blocks, _first_line(text, start, end))


def _first_line(text: str, start: int, end: int) -> str:
    line = next((found[0] for found in _LINE.finditer(text, start, end) if found[0].strip()), "")
    return shorten(line.strip())
