"""The lines of a note that are prose, and its headings as a tree. Knows text only: no note, no database, no screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

_FENCE = re.compile(r"[ >]*(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_NO_TITLE = re.compile(r"[>|#\s]|[-*+•][ \t]|\d{1,3}[.)、][ \t]|`{3}|~{3}|\$\$|(?:[-*_][ \t]*){3,}$|$")
_LONGEST = 80  # characters of a line that a rule below it makes a heading; longer ones are prose above a rule
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_MARKUP = re.compile(r"!\[[^\]]*\]\([^)]*\)|[*`]{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)|\\(?=[\\`*_{}\[\]()#+\-.!])")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Row:
    """A line outside code, formulas and comments, with its number from 1; ``path`` are the headings that it stands under.

    Of code and of a formula on lines of its own there is one row, ``skipped``, which tells that something is there.
    """

    number: int
    text: str
    path: tuple[str, ...]
    level: int = 0  # of a heading; 0 for other lines
    skipped: bool = False


@dataclass(slots=True)
class Branch:
    """A heading with what stands below it; the root is the note itself."""

    title: str
    lines: tuple[int, int]
    level: int = 0
    children: list[Branch] = field(default_factory=list)

    def count(self) -> int:
        """Count all headings from here down, this one included."""
        return 1 + sum(child.count() for child in self.children)


def rows(text: str) -> Iterator[Row]:
    """Yield the lines of a note that say something to a reader, blank ones too, without front matter, code and formulas."""
    path: list[tuple[int, str]] = []
    fence = ""
    front = text.startswith("---\n") and re.search(r"^(?:---|\.\.\.)\s*$", text[4:], re.MULTILINE) is not None
    lines = [line.rstrip("\r") for line in _uncommented(text).split("\n")]
    underlines = _underlines(lines)
    for number, line in enumerate(lines, start=1):
        if front:
            front = number == 1 or line.rstrip() not in ("---", "...")
            continue
        mark = _FENCE.match(line)
        formula = line.strip().startswith("$$") and not (line.count("$$") > 1)
        if fence:
            fence = "" if (mark and mark[1].startswith(fence)) or (fence == "$$" and "$$" in line) else fence
            continue
        if mark or formula:
            fence = mark[1] if mark else "$$"
            yield Row(number, fence, tuple(title for _, title in path), skipped=True)
            continue
        heading = _HEADING.match(line)
        level = len(heading[1]) if heading and heading[2] else underlines.get(number, 0)
        if level:
            title = plain_title(heading[2] if heading else line)
            path = [one for one in path if one[0] < level] + [(level, title)]
            yield Row(number, title, tuple(title for _, title in path[:-1]), level)
        elif number - 1 not in underlines:
            yield Row(number, line, tuple(title for _, title in path))


def _underlines(lines: list[str]) -> dict[int, int]:
    """Return the numbers of lines that a rule below them makes headings, with their level: a single line, by itself."""
    found: dict[int, int] = {}
    for number, (line, rule) in enumerate(pairwise(lines), start=1):
        before = lines[number - 2] if number > 1 else ""
        alone = not before.strip() or _HEADING.match(before) is not None
        if alone and len(line) <= _LONGEST and not _NO_TITLE.match(line) and _UNDERLINE.match(rule):
            found[number] = 1 if "=" in rule else 2
    return found


def plain_title(title: str) -> str:
    """Return a heading's words without marks of emphasis, links and pictures."""
    return _MARKUP.sub("", _LINK.sub(r"\1", title)).strip()


def outline(title: str, text: str) -> Branch:
    """Return a note's headings as a tree under its title; a single first heading that repeats the title is the root itself."""
    last = text.rstrip("\n").count("\n") + 1
    root = Branch(title, (1, last))
    open_: list[Branch] = [root]
    for row in (row for row in rows(text) if row.level):
        branch = Branch(row.text, (row.number, last), row.level)
        while open_[-1].level >= row.level and len(open_) > 1:
            open_.pop()
        open_[-1].children.append(branch)
        open_.append(branch)
    _close(root, last)
    if len(root.children) == 1 and root.children[0].level == 1:
        return Branch(root.children[0].title, root.lines, 0, root.children[0].children)
    return root


def _close(branch: Branch, last: int) -> None:
    """Let each branch end where its next sibling begins."""
    branch.lines = (branch.lines[0], last)
    for place, child in enumerate(branch.children):
        after = branch.children[place + 1].lines[0] - 1 if place + 1 < len(branch.children) else last
        _close(child, after)


def _uncommented(text: str) -> str:
    """Blank out comments, keeping the lines that they stand on."""
    return _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
