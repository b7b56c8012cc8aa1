"""Finds what a note leaves open: ``??``, lists of things to study, empty terms, unticked boxes, to-do marks, headings without a body.

Knows the text of one note; no database, no states, no screen.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from assistant.language.folding import fold
from assistant.study.outline import Row, plain_title, rows

Kind = Literal["question", "list", "definition", "box", "todo", "heading"]

_LIST_NAME = re.compile(
    r"(?:\d+[.、]?\s*)?[\W_]*(?:等?待(?:研究|学习|了解|理解|解决|弄懂|补充|查)(?:的?(?:问题|内容|清单|列表))?"
    r"|to (?:study|learn|research|understand|read|look up)|open (?:questions|points)|still to (?:study|learn|understand))[\W_]*",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?P<name>[^：:]{2,40})[：:]\s*(?P<rest>.*)$")
_ITEM = re.compile(r"(?P<indent>[ \t\u3000]*)(?:>[ \t]*)*(?:[-*+•]|\d{1,3}[.)、])[ \t\u3000]+(?P<text>.*)$")
_BOX = re.compile(r"\[(?P<tick>[ xX])\](?:[ \t]+(?P<text>.*))?$")
_TO_DO = re.compile(r"(?<![\w/#-])(?:TO-?DO|FIX-?ME|To-?do(?=[:：])|todo(?=[:：])|待办(?=[:：]))(?![\w-])[:：]?\s*")
_DOUBT = re.compile(r"[?？]{2,}")
_CODE = re.compile(r"`[^`]*`|https?://\S+|\$[^$\n]+\$")
_TERM = re.compile(r"(?P<name>[^：:。！？；，,;!?|]{1,40})[：:]$")
_EXPLAINED = re.compile(r"[：:]\s*\S")
_SHORT_LINE = 80  # below such a heading, longer prose is what the learner has found out already
_NO_TERM = re.compile(
    r"如下|以下|包括|例如|比如|步骤|注意|总结|其中|可以|分为|有[两三四五六几]|following|example|note|steps|include|such as|are$|is$|答$|问$",
    re.IGNORECASE,
)
_NO_BODY_NEEDED = re.compile(r"目录|参考|附录|更新|contents|references|links|appendix|\[toc\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something that a note leaves open; ``key`` depends on its own words and heading only, not on where they stand."""

    kind: Kind
    text: str
    heading: tuple[str, ...]
    lines: tuple[int, int]
    key: str


@lru_cache(maxsize=512)
def open_points(text: str) -> tuple[OpenPoint, ...]:
    """List what a note leaves open from top to bottom, each line at most once."""
    seen: Counter[str] = Counter()
    points = []
    for row, kind, said in _found(list(rows(text))):
        own = f"{kind}\n{fold(said).text}\n{row.path[-1] if row.path else ''}"
        seen[own] += 1
        key = hashlib.sha256(f"{own}\n{seen[own]}".encode()).hexdigest()[:12]
        points.append(OpenPoint(kind, said, row.path, (row.number, row.number), key))
    return tuple(points)


def _found(lines: Sequence[Row]) -> Iterator[tuple[Row, Kind, str]]:
    listing = _Listing()
    for row, following in zip(lines, _followings(lines), strict=True):
        if row.level:
            listing.heading(row)
            if not _LIST_NAME.fullmatch(row.text) and _is_empty(row, following):
                yield row, "heading", row.text
            continue
        found = None if row.skipped else _of_line(row, following, listing)
        if found:
            yield row, *found


def _followings(lines: Sequence[Row]) -> list[Row | None]:
    """Return for each line the next one that is not blank."""
    found: list[Row | None] = []
    following: Row | None = None
    for row in reversed(lines):
        found.append(following)
        following = row if row.text.strip() else following
    return found[::-1]


class _Listing:
    """Whether lines are items of a list of things to study: below a heading of that name, or below a label."""

    def __init__(self) -> None:
        self._under: int = 0  # the level of the heading
        self._label: int | None = None  # the indent of the label
        self._blank = False

    def heading(self, row: Row) -> None:
        """Take a heading in: it opens such a list, or ends one."""
        self._label = None
        if _LIST_NAME.fullmatch(row.text):
            self._under = row.level
        elif row.level <= self._under:
            self._under = 0

    def opens(self, line: str, indent: int) -> str | None:
        """Return what stands behind a label that opens such a list, None where the line is none."""
        label = _LABEL.match(line)
        name = label["name"] if label else line
        if not _LIST_NAME.fullmatch(name) or (label is None and len(line) > 12):
            return None
        rest = plain_title(label["rest"]) if label else ""
        if not rest:
            self._label, self._blank = indent, False
        return rest

    def holds(self, line: str, indent: int, item: bool) -> bool:
        """Tell whether a line belongs to the list; a label's list ends with the first line that is no item of it."""
        if self._under:
            return item or (0 < len(line) <= _SHORT_LINE and not _EXPLAINED.search(line))
        if self._label is None:
            return False
        if not line:
            self._blank = True
            return False
        deeper = indent > self._label or (self._label == 0 and item and not self._blank) or (item and indent > 0)
        if not item or not (deeper or self._label == -1):
            self._label = None
            return False
        return True


def _of_line(row: Row, following: Row | None, listing: _Listing) -> tuple[Kind, str] | None:
    item = _ITEM.match(row.text)
    line = (item["text"] if item else row.text).strip()
    indent = len(item["indent"].expandtabs(4)) if item else -1
    box = _BOX.match(line) if item else None
    said = plain_title(box["text"] or "" if box else line)
    rest = listing.opens(said, indent) if said else None
    if rest is not None:
        return ("list", rest) if rest else None
    held = listing.holds(said, indent, item is not None)
    if box:
        return ("box", said) if box["tick"] == " " and said else None
    if not said or re.fullmatch(r"[-=_*| :+]+", said):
        return None
    prose = _CODE.sub("", line)
    if held:
        return "list", said
    todo = _TO_DO.search(prose)
    if todo:
        return "todo", plain_title(prose[todo.end() :]) or plain_title(prose[: todo.start()]) or said
    if _DOUBT.search(prose):
        return "question", said
    term = _TERM.fullmatch(said)
    if term and _stands_alone(row, item is not None, indent, following) and not _NO_TERM.search(term["name"]):
        return "definition", term["name"].strip()
    return None


def _stands_alone(row: Row, is_item: bool, indent: int, following: Row | None) -> bool:
    """Tell whether nothing that explains it follows a term with a colon."""
    if following is None or following.level:
        return True
    other = _ITEM.match(following.text)
    next_line = following.number == row.number + 1
    if following.skipped:
        return False
    if is_item:
        deeper = len(following.text) - len(following.text.lstrip()) > indent
        return not deeper and (other is not None or not next_line)
    return other is None and next_line and _LABEL.match(following.text) is not None


def _is_empty(row: Row, following: Row | None) -> bool:
    """Tell whether a heading has neither text nor headings below it; the title of a note without anything is none."""
    if _NO_BODY_NEEDED.search(row.text):
        return False
    if following is None:
        return bool(row.path)
    return 0 < following.level <= row.level
