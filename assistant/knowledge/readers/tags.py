"""Finds the tags of a Markdown text: those in its front matter, and words like #this in it. Knows no file and no database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MOST = 50  # of one note; a page of colour codes or a dump is no list of tags
_LONGEST = 60
_FRONT_LINES = 200
_FIELD = re.compile(r"(?:tags?|keywords|标签)[ \t]*[:：][ \t]*(.*)", re.IGNORECASE)
_ITEM = re.compile(r"[ \t]*-[ \t]+(.+)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE = re.compile(r"(`+)(?:(?!\1).)*\1")
# Not in an address, a link to a heading, an entity or a second-level heading without its space.
_HASHED = re.compile(r"(?<![\w/#&(\[\\.=\"'])#([^\W_][\w/-]*)")
_COLOUR_OR_NUMBER = re.compile(r"[0-9a-fA-F]{3,8}|\d[\w/-]*")


def tags_of(text: str) -> tuple[str, ...]:
    """Return the tags of a note in their order, each once however it is capitalised, without their #."""
    lines = text.splitlines()
    front = _front_matter(lines)
    found: dict[str, str] = {}
    for tag in [*_listed(lines[1 : max(front - 1, 0)]), *_hashed(lines[front:])]:
        name = tag.strip().strip("#/").strip()
        if name and len(name) <= _LONGEST and name.isprintable():
            found.setdefault(name.casefold(), name)
    return tuple(found.values())[:MOST]


def _front_matter(lines: Sequence[str]) -> int:
    if not lines or lines[0].rstrip() != "---":
        return 0
    ends = (number for number, line in enumerate(lines[1:_FRONT_LINES], start=2) if line.rstrip() in ("---", "..."))
    return next(ends, 0)


def _listed(lines: Sequence[str]) -> Iterator[str]:
    """Read ``tags: a, b``, ``tags: [a, b]`` and one tag a line below ``tags:``."""
    inside = False
    for line in lines:
        item = _ITEM.fullmatch(line) if inside else None
        if item:
            yield item[1].strip().strip("'\"")
            continue
        field = _FIELD.fullmatch(line)
        inside = field is not None and not field[1].strip()
        if field:
            yield from (part.strip().strip("'\"") for part in re.split(r"[,，、]", field[1].strip().strip("[]")))


def _hashed(lines: Sequence[str]) -> Iterator[str]:
    fence = ""
    for line in lines:
        marker = _FENCE.match(line)
        if marker and (not fence or marker[1].startswith(fence)):
            fence = "" if fence else marker[1]
        elif not fence and "#" in line:
            for word in _HASHED.findall(_CODE.sub(" ", line)):
                if not _COLOUR_OR_NUMBER.fullmatch(word):
                    yield word
