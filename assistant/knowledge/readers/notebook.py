"""Reads Jupyter notebooks of every version: Markdown, code and what it printed, cell by cell. Pictures stay outside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.errors import DamagedNote, EmptyNote
from assistant.knowledge.readers.document import Document, Writing, fenced, one_line
from assistant.knowledge.readers.markup import markdown_of_html
from assistant.knowledge.readers.plain_bytes import decoded

MAX_BYTES = 100 << 20  # pictures in it count, but are not kept
_LONGEST_OUTPUT = 20_000
_HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_OVERWRITTEN = re.compile(r"[^\n\r]*\r(?!\n)")


def read_notebook(data: bytes, path: str) -> Document:
    """Read a notebook; each cell is a part, under the headings of the cells above it."""
    text, encoding, _ = decoded(data, path, MAX_BYTES)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(notebook, dict):
        raise _damaged(path)
    cells = list(_cells(notebook, path))
    language = _language(notebook)
    writing = Writing()
    headings: list[tuple[int, str]] = []
    begun: int | None = None  # where a cell that is only a heading begins: it goes with the cell below it
    for number, cell in enumerate(cells, start=1):
        kind, source = _content(cell)
        own = list(_headings(source)) if kind == "markdown" else []
        if begun is None:
            highest = min((level for level, _ in own), default=7)
            writing.part([name for level, name in headings if level < highest])
            begun = writing.length
        if kind == "code":
            _write_code(writing, cell, source, str(cell.get("language") or language))
        else:
            writing.block(source if kind == "markdown" else fenced(source, "text") if source.strip() else "")
        for heading in own:
            headings[:] = [*(above for above in headings if above[0] < heading[0]), heading]
        if not own or not _only_headings(source) or number == len(cells):
            writing.mark(f"Cell {number}", start=begun)
            begun = None
    if writing.empty:
        raise EmptyNote(path=path)
    return writing.document(title=_title(notebook, cells), encoding=encoding)


def _damaged(path: str) -> DamagedNote:
    return DamagedNote(path=path, reason="not a valid Jupyter notebook / 不是有效的 Jupyter 笔记本")


def _cells(notebook: Mapping[str, Any], path: str) -> Iterator[Mapping[str, Any]]:
    """Yield the cells, which version 3 keeps in worksheets; what is no cell is passed over."""
    sheets = notebook.get("worksheets")
    holders = [notebook, *(sheets if isinstance(sheets, list) else [])]
    lists = [holder.get("cells") for holder in holders if isinstance(holder, dict)]
    if not any(isinstance(cells, list) for cells in lists):
        raise _damaged(path)
    for cells in lists:
        yield from (cell for cell in cells or [] if isinstance(cell, dict))


def _joined(source: object) -> str:
    """A source is a text or a list of lines."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _level(cell: Mapping[str, Any]) -> int:
    level = cell.get("level")
    return min(max(level, 1), 6) if isinstance(level, int) else 1


def _content(cell: Mapping[str, Any]) -> tuple[str, str]:
    """Return the kind of a cell and what is written in it; a heading of version 3 becomes Markdown."""
    source = _joined(cell.get("source", cell.get("input", "")))
    if cell.get("cell_type") == "heading":
        return "markdown", f"{'#' * _level(cell)} {one_line(source)}"
    return str(cell.get("cell_type", "raw")), source


def _headings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the headings of a Markdown cell, so that the cells below it know what they belong to."""
    fence = ""
    for line in source.splitlines():
        if marker := _FENCE.match(line):
            fence = "" if fence and marker[1].startswith(fence) else fence or marker[1]
        elif not fence and (heading := _HEADING.match(line)) and heading[2]:
            yield len(heading[1]), one_line(heading[2])


def _only_headings(source: str) -> bool:
    return all(not line.strip() or _HEADING.match(line) for line in source.splitlines())


def _language(notebook: Mapping[str, Any]) -> str:
    metadata = notebook.get("metadata")
    for name, field in (("language_info", "name"), ("kernelspec", "language")):
        described = metadata.get(name) if isinstance(metadata, dict) else None
        if isinstance(described, dict) and isinstance(described.get(field), str):
            language = described[field].lower()
            return language if re.fullmatch(r"[a-z0-9+#-]{1,20}", language) else ""
    return "python"


def _write_code(writing: Writing, cell: Mapping[str, Any], source: str, language: str) -> None:
    if source.strip():
        writing.block(fenced(source, language))
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        if isinstance(output, dict):
            writing.block(_output(output))


def _output(output: Mapping[str, Any]) -> str:
    """Return what a cell printed, as text; pictures and widgets say nothing here."""
    kind = output.get("output_type")
    if kind in ("stream",):
        return _printed(_joined(output.get("text")))
    if kind in ("error", "pyerr"):
        return _printed(f"{_joined(output.get('ename'))}: {_joined(output.get('evalue'))}")
    data = output.get("data", output)  # version 3 has no data around them
    if not isinstance(data, dict):
        return ""
    for name in ("text/markdown", "text/latex", "latex"):
        if said := _joined(data.get(name)):
            return said[:_LONGEST_OUTPUT]
    if (page := _joined(data.get("text/html", data.get("html")))) and "<table" in page:
        return markdown_of_html(page[: 10 * _LONGEST_OUTPUT])[:_LONGEST_OUTPUT]
    return _printed(_joined(data.get("text/plain", data.get("text"))))


def _printed(text: str) -> str:
    """Write what a terminal would show in the end: without colours, and of a line drawn over only the last state."""
    shown = _OVERWRITTEN.sub("", _COLOURS.sub("", text)).strip("\n")
    if len(shown) > _LONGEST_OUTPUT:
        shown = shown[: _LONGEST_OUTPUT // 2] + "\n…\n" + shown[-_LONGEST_OUTPUT // 2 :]
    return fenced(shown, "text") if shown.strip() else ""


def _title(notebook: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> str:
    """Take the title in the metadata, else the first heading if it is of the first level."""
    metadata = notebook.get("metadata")
    told = metadata.get("title", metadata.get("name")) if isinstance(metadata, dict) else None
    if isinstance(told, str) and told.strip():
        return one_line(told)
    contents = map(_content, cells)
    first = next((heading for kind, source in contents if kind == "markdown" for heading in _headings(source)), None)
    return first[1] if first and first[0] == 1 else ""
