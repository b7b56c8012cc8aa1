"""Reads Markdown: text with a title of its own. Knows front matter, Logseq's properties and headings, and leaves the text untouched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.knowledge.notes import Found, Note
from assistant.knowledge.readers.opening import OnPage
from assistant.knowledge.readers.tags import aliases_of, tags_of
from assistant.knowledge.readers.text import read_text
from assistant.language.wiki import links_of, properties, spoken

_LONGEST_TITLE = 200
_LONGEST_FRONT_MATTER = 200  # lines
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_ATX = re.compile(r" {0,3}#(?:[ \t]+(.*))?$")
_UNDERLINE = re.compile(r" {0,3}=+[ \t]*$")
_TITLE = re.compile(r"title[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")


def read_markdown(found: Found, on_page: OnPage | None = None) -> Note:
    """Read a Markdown file; its title is the one in the front matter, else the first top heading, else its name."""
    note = read_text(found)
    return replace(
        note,
        title=title_of(note.text) or _name(note.title),
        tags=tags_of(note.text),
        aliases=aliases_of(note.text),
        links=links_of(note.text),
    )


def title_of(text: str) -> str | None:
    """Find the title a Markdown text gives itself, in words without markup, or None."""
    lines = text.splitlines()
    front = _front_matter(lines)
    for line in lines[1 : max(front - 1, 0)]:
        if (match := _TITLE.match(line)) and (title := _worded(_scalar(match[1]))):
            return title
    page = next((_worded(spoken(value)) for name, value in _page_properties(lines[front:]) if name == "title"), "")
    headings = (_worded(_without_markup(spoken(heading))) for heading in _top_headings(lines[front:]))
    return page or next((title for title in headings if title), None)


def _page_properties(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what Logseq keeps of a page: the properties before its first block."""
    for line in lines[:_LONGEST_FRONT_MATTER]:
        said = next(properties(line), None)
        if line.strip() and said is None:
            return
        if said:
            yield said


def _name(stem: str) -> str:
    """Write the name of a Logseq file as the name of its page: a/b is kept as a___b or a%2Fb."""
    return re.sub(r"(?<=[^_])___(?=[^_])|%2[Ff]", "/", stem)


def _front_matter(lines: list[str]) -> int:
    """Count the lines of the front matter with both its fences; 0 where there is none or it never closes."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:_LONGEST_FRONT_MATTER], start=2):
        if line.rstrip() in ("---", "..."):
            return number
    return 0


def _scalar(value: str) -> str:
    """Read a one-line YAML text. Anything cleverer (aliases, tags, blocks, collections) is no title to us."""
    value = value.strip()
    if value[:1] in ("'", '"'):
        quote = value[0]
        end = value.rfind(quote)
        inner = value[1:end] if end > 0 else value[1:]
        return inner.replace("''", "'") if quote == "'" else inner.replace('\\"', '"')
    if value[:1] in tuple("&*!|>[]{}%@#") or value.lower() in ("null", "~"):
        return ""
    return re.split(r"[ \t]#", value, maxsplit=1)[0]


def _top_headings(lines: list[str]) -> Iterator[str]:
    """Yield the headings of the first level, those written with # and the underlined ones, outside code fences."""
    fence = ""
    above = ""
    for line in lines:
        marker = _FENCE.match(line)
        if fence:
            closes = marker and marker[1].startswith(fence) and not marker[2].strip()
            fence = "" if closes else fence
            above = ""
        elif marker and not (marker[1][0] == "`" and "`" in marker[2]):
            fence = marker[1]
        elif heading := _ATX.match(line):
            yield re.sub(r"(?:^|[ \t]+)#+[ \t]*$", "", (heading[1] or "")[: 2 * _LONGEST_TITLE])
            above = ""
        elif above and _UNDERLINE.match(line):
            yield above
            above = ""
        else:
            above = "" if line.startswith(("    ", "\t", ">")) else line.strip()[: 2 * _LONGEST_TITLE]


def _without_markup(heading: str) -> str:
    return _EMPHASIS.sub("", _LINK.sub(r"\1", heading))


def _worded(title: str) -> str:
    """Make one short printable line of a title; empty where nothing in it can be read."""
    line = " ".join("".join(c if c.isprintable() else " " for c in title).split())[:_LONGEST_TITLE]
    return line if any(c.isalnum() for c in line) else ""
