"""Reads a passage as lines that can be quoted: sentences, list items, table rows, formulas and code, each with its place.

Knows Markdown's outward signs, no question and no score. Every line's text stands in the passage, apart from spacing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from textwrap import dedent
from typing import Literal

from assistant.language.sentences import sentences

Kind = Literal["sentence", "item", "row", "formula", "code"]

LONGEST_ITEM = 220  # a list item up to here is quoted whole; a longer one by its sentences
LONGEST_CLAUSES = 120  # clauses that a semicolon joins stay together up to here

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_UNDERLINE = re.compile(r"\s{0,3}(?:={3,}|-{3,})\s*$")
_DELIMITER = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*$")
_ITEM = re.compile(
    r"(?P<indent>[ \t\u3000]*)(?P<mark>[-*+•]|\d{1,3}[.)、])(?:[ \t\u3000]+|$)(?:\[[ xX]\](?:\s+|$))?(?P<text>.*)"
)
_NOTHING = re.compile(
    r"\s*(?:[-=_*]{3,}|\[toc\]|!\[[^\]]*\]\([^)]*\)|[|\s:+-]+|[^\n]{0,60}\s[·•—–]\s*\d{1,4}\s*/\s*\d{1,4}|(?:p\.?|page|第)?\s*\d{1,4}\s*页?)\s*$",
    re.IGNORECASE,
)  # rules, pictures, empty rows, and what stands at the edge of a page: its number
_QUOTE = re.compile(r"[ \t]*>[ \t]?")
_PICTURE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
_JOINED = "；;"
_LOOK_BACK = 200  # characters: enough to see whether a sentence goes on, and long paragraphs stay cheap


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to quote; ``index`` is its place among the lines of its passage.

    ``above`` is the index of the line it belongs to: its parent item, or what announces it.

    ``group`` is shared by the items of one list and the rows of one table; ``head`` is a row's table head as Markdown.
    """

    text: str
    kind: Kind
    index: int
    headings: tuple[str, ...] = ()
    mark: str = ""
    above: int | None = None
    group: int | None = None
    head: str = ""

    @property
    def announces(self) -> bool:
        """Whether something must follow for this line to say anything."""
        return re.search(r"[：:，,]\s*[*_]*\s*$", self.text) is not None


def lines_of(passage: str) -> list[Line]:
    """List the quotable lines of a passage in reading order."""
    return _Reader(passage).read()


class _Reader:
    """Walks the rows of a passage once, keeping the headings and list items that it stands under."""

    def __init__(self, passage: str) -> None:
        self.rows = passage.expandtabs(4).splitlines()
        self.at = 0
        self.found: list[Line] = []
        self.headings: list[tuple[int, str]] = []
        self.open_items: list[tuple[int, int, int, str]] = []  # indent, index of the line, group, kind of mark
        self.previous: int | None = None  # what a list, table, formula or fence may hang on
        self.groups = 0

    def read(self) -> list[Line]:
        while self.at < len(self.rows):
            self._next()
        return self.found

    def _next(self) -> None:
        row = self.rows[self.at]
        following = self.rows[self.at + 1] if self.at + 1 < len(self.rows) else ""
        if _FENCE.match(row):
            self._fence(row)
        elif row.strip(" >").startswith(("$$", "\\[")):
            self._formula(row)
        elif heading := _HEADING.match(row):
            self._heading(len(heading[1]), heading[2])
        elif "|" in row and "|" in following and _DELIMITER.match(following):
            self._table()
        elif _NOTHING.match(row) or not row.strip():
            self.at += 1
        elif row.strip() and _UNDERLINE.match(following) and not _ITEM.match(row):
            self._heading(1 if "=" in following else 2, row.strip())
            self.at += 1
        elif row.lstrip().startswith("|"):
            self._rows("")
        elif item := _ITEM.match(row):
            self._item(item)
        else:
            self._paragraph(row)

    def _add(
        self, text: str, kind: Kind, above: int | None, *, mark: str = "", group: int | None = None, head: str = ""
    ) -> int:
        headings = tuple(heading for _, heading in self.headings)
        self.found.append(Line(text, kind, len(self.found), headings, mark, above, group, head))
        return len(self.found) - 1

    def _heading(self, level: int, text: str) -> None:
        self.headings = [*(one for one in self.headings if one[0] < level), (level, text)]
        self.open_items, self.previous = [], None
        self.at += 1

    def _fence(self, row: str) -> None:
        fence = _FENCE.match(row)
        sign = fence[1] if fence else "```"
        end = self._find(lambda line: _QUOTE.sub("", line).strip().startswith(sign))
        body = self.rows[self.at : end + 1]
        closed = body if len(body) > 1 and body[-1].strip(" >").startswith(sign) else [*body, sign]
        if any(re.search(r"\w", line) for line in body[1:]):
            text = dedent("\n".join(_QUOTE.sub("", line) for line in closed))
            self._add(text, "code", self.previous)
        self.at = end + 1

    def _formula(self, row: str) -> None:
        opening = row.strip(" >")
        close = "$$" if opening.startswith("$$") else "\\]"
        end = self.at if close in opening[2:] else self._find(lambda line: close in line)
        inside = " ".join(_QUOTE.sub("", line).strip() for line in self.rows[self.at : end + 1])
        tex, _, after = inside[2:].partition(close)
        if tex.strip():
            self._add(f"$$\n{tex.strip()}\n$$", "formula", self.previous)
        if re.search(r"\w", after):
            self._sentences(after.strip(), self.open_items[-1][1] if self.open_items else None)
        self.at = end + 1

    def _find(self, closes: Callable[[str], bool]) -> int:
        """Return the row that closes what opens here, or the last one."""
        return next((at for at in range(self.at + 1, len(self.rows)) if closes(self.rows[at])), len(self.rows) - 1)

    def _table(self) -> None:
        head = _cells(self.rows[self.at])
        rule = "| " + " | ".join("---" for _ in head) + " |"
        self.at += 2
        self._rows(f"{_row(head)}\n{rule}")

    def _rows(self, head: str) -> None:
        self.groups += 1
        width = head.split("\n", maxsplit=1)[0].count("|") - 1
        above = self.previous
        while self.at < len(self.rows) and "|" in self.rows[self.at] and self.rows[self.at].strip():
            row = self.rows[self.at]
            if re.search(r"\w", row) and not _DELIMITER.match(row):
                cells = _cells(row)
                cells += [""] * (width - len(cells))
                self._add(_row(cells), "row", above, group=self.groups, head=head)
            self.at += 1
        self.previous = None

    def _item(self, item: re.Match[str]) -> None:
        indent, sort = len(item["indent"]), "1" if item["mark"][0].isdigit() else item["mark"]
        self.open_items = [one for one in self.open_items if one[0] <= indent]
        sibling = self.open_items.pop() if self.open_items and self.open_items[-1][0] == indent else None
        parent = self.open_items[-1][1] if self.open_items else None
        if sibling is None or sibling[3] != sort:
            self.groups += 1
            announced = sibling is None and parent is None and self.previous is not None
            above = self.previous if announced and self.found[self.previous or 0].announces else parent
        else:
            above = self.found[sibling[1]].above
        group = sibling[2] if sibling and sibling[3] == sort else self.groups
        text = self._gather(item["text"], indent + 1)
        if not re.search(r"\w", text):
            return
        index = self._add("", "item", above, mark=item["mark"] if sort == "1" else "-", group=group)
        self._whole_or_sentences(text, index)
        self.open_items.append((indent, index, group, sort))
        self.previous = index

    def _whole_or_sentences(self, text: str, index: int) -> None:
        item = self.found.pop(index)
        parts = [text] if len(text) <= LONGEST_ITEM else _clauses(text)
        self._add(parts[0], "item", item.above, mark=item.mark, group=item.group)
        for part in parts[1:]:
            self._add(part, "sentence", index)

    def _paragraph(self, row: str) -> None:
        indent = len(row) - len(row.lstrip())
        self.open_items = [one for one in self.open_items if one[0] < indent]
        parent = self.open_items[-1][1] if self.open_items else None
        text = self._gather(_QUOTE.sub("", row).strip(), 0 if parent is None else indent)
        self._sentences(text, parent)

    def _sentences(self, text: str, above: int | None) -> None:
        for part in _clauses(text):
            self.previous = self._add(part, "sentence", above)

    def _gather(self, text: str, indent: int) -> str:
        """Add the rows that continue this one: those indented under it, or those that its sentence runs on into."""
        self.at += 1
        while self.at < len(self.rows):
            row = self.rows[self.at]
            plain = _QUOTE.sub("", row).strip()
            inside = len(row) - len(row.lstrip()) >= indent
            if not plain or self._begins_something(row) or not (inside or _runs_on(text, plain)):
                break
            text = f"{text}\n{plain}"
            self.at += 1
        return _PICTURE.sub("", text).strip()

    def _begins_something(self, row: str) -> bool:
        following = self.rows[self.at + 1] if self.at + 1 < len(self.rows) else ""
        stripped = row.strip(" >")
        return bool(
            _FENCE.match(row) or _HEADING.match(row) or _ITEM.match(row) or _NOTHING.match(row)
            or stripped.startswith(("$$", "\\[", "|")) or ("|" in row and _DELIMITER.match(following) and "|" in following)
        )  # fmt: skip


def _runs_on(before: str, after: str) -> bool:
    """Tell whether no sentence ends where a row ends: then the row was only folded."""
    before = before[-_LOOK_BACK:]
    return all(end != len(before) for _, end in sentences(f"{before}\n{after}"))


def _clauses(text: str) -> list[str]:
    """Split into sentences; what a semicolon joins stays together while it is short."""
    spans = sentences(text)
    cuts = [
        after[0]
        for before, after in pairwise(spans)
        if text[before[1] - 1] not in _JOINED or "\n" in text[before[1] : after[0]]
    ]
    wholes = [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]
    parts = [part for whole in wholes for part in ([whole] if len(whole) <= LONGEST_CLAUSES else _split(whole))]
    return [joined for part in parts if (joined := _unfolded(part)) and re.search(r"\w", joined)]


def _split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _unfolded(text: str) -> str:
    """Join folded rows the way their script is written."""
    text = re.sub(r"(?<=[^\x00-\x7f])\s*\n\s*(?=[^\x00-\x7f])", "", text.strip())
    return re.sub(r"\s*\n\s*", " ", text)


def _cells(row: str) -> list[str]:
    stripped = re.sub(r"^\s*>?\s*\|?|(?<!\\)\|\s*$", "", row)
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", stripped)]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
