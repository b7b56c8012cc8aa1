"""Finds the tags of a Markdown text: those in its front matter or properties, and words like #this in it. Knows no file and no database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.language.wiki import properties

MOST = 50  # of one note; a page of colour codes or a dump is no list of tags
_LONGEST = 60
_FRONT_LINES = 200
_FIELD = re.compile(r"(?:tags?|keywords|标签)[ \t]*[:：][ \t]*(.*)", re.IGNORECASE)
_ALIASES = re.compile(r"(?:alias(?:es)?|别名)[ \t]*[:：][ \t]*(.*)", re.IGNORECASE)
_PAGE = re.compile(r"#?\[\[([^\[\]\n]{1,200})\]\]")
_HASHED_PAGE = re.compile(r"#\[\[([^\[\]\n|]{1,200})\]\]")
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
    written = [tag for name, value in properties(text) if name in ("tags", "tag") for tag in _separated(value)]
    for tag in [*_listed(lines[1 : max(front - 1, 0)], _FIELD), *written, *_hashed(lines[front:])]:
        name = tag.strip().strip("#/").strip()
        if name and len(name) <= _LONGEST and name.isprintable():
            found.setdefault(name.casefold(), name)
    return tuple(found.values())[:MOST]


def aliases_of(text: str) -> tuple[str, ...]:
    """Return the other names a note gives itself, in its front matter or in a property of Logseq."""
    lines = text.splitlines()
    listed = _listed(lines[1 : max(_front_matter(lines) - 1, 0)], _ALIASES)
    written = (alias for name, value in properties(text) if name in ("alias", "aliases") for alias in _separated(value))
    names = (name.strip() for name in [*listed, *written])
    return tuple(dict.fromkeys(name for name in names if name and len(name) <= _LONGEST and name.isprintable()))[:MOST]


def families(tags: Sequence[str]) -> set[str]:
    """Return tags with those that they are below, in small letters: a note tagged rl/ppo is one about rl."""
    return {
        "/".join(parts[:length])
        for tag in tags
        for parts in [tag.casefold().split("/")]
        for length in range(1, len(parts) + 1)
    }


def _separated(value: str) -> Iterator[str]:
    """Read what stands in one line: separated by commas, in brackets, in double brackets, or with a #."""
    pages = _PAGE.findall(value)
    rest = _PAGE.sub(" , ", value).strip().removeprefix("[").removesuffix("]")
    yield from pages
    yield from (part.strip().strip("'\"") for part in re.split(r"[,，、]", rest) if part.strip().strip("#"))


def _front_matter(lines: Sequence[str]) -> int:
    if not lines or lines[0].rstrip() != "---":
        return 0
    ends = (number for number, line in enumerate(lines[1:_FRONT_LINES], start=2) if line.rstrip() in ("---", "..."))
    return next(ends, 0)


def _listed(lines: Sequence[str], wanted: re.Pattern[str]) -> Iterator[str]:
    """Read ``tags: a, b``, ``tags: [a, b]`` and one tag a line below ``tags:``."""
    inside = False
    for line in lines:
        item = _ITEM.fullmatch(line) if inside else None
        if item:
            yield item[1].strip().strip("'\"")
            continue
        field = wanted.fullmatch(line)
        inside = field is not None and not field[1].strip()
        if field:
            yield from _separated(field[1].strip())


def _hashed(lines: Sequence[str]) -> Iterator[str]:
    fence = ""
    for line in lines:
        marker = _FENCE.match(line)
        if marker and (not fence or marker[1].startswith(fence)):
            fence = "" if fence else marker[1]
        elif not fence and "#" in line:
            said = _CODE.sub(" ", line)
            yield from _HASHED_PAGE.findall(said)
            for word in _HASHED.findall(said):
                if not _COLOUR_OR_NUMBER.fullmatch(word):
                    yield word
