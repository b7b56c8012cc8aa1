"""The Markdown of Obsidian and Logseq as people read it: links by their names, callouts by their titles, no ids and no marks.

Pure: knows characters, no notes. Code stays as it is. Every pattern looks only so far, so that a hostile text costs no
more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# What a text without any sign costs is most of what this costs at all: plain searches first, and patterns that begin
# with a sign of their own, which the search leaps to.
_PLAIN_SIGNS = ("[[", "](", "::", "((", "{{", "%%", "==", "[!")
_FIRST_CAPITALS = re.compile(r"[ \t]*(?:[-*+][ \t]+)?[A-Z]{2,}\b")
_LATER_CAPITALS = re.compile(r"\n" + _FIRST_CAPITALS.pattern)
_ID_AT_END = re.compile(r"\^[A-Za-z0-9-]+[ \t]*$", re.M)
_CAPITALS_IN_COLONS = re.compile(r":[A-Z]+:")
# A line without any of these stays as it is, whatever the lines around it.
_SIGN_IN_LINE = re.compile(r"[\[({%=^:]|[A-Z]{2}|#\+")
_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+)?(`{3,}|~{3,})(.*)")
_CODE = re.compile(r"(`+)(?!`).{1,2000}?(?<!`)\1(?!`)")

_LINK = re.compile(r"(?P<embed>!?)(?P<tag>#?)\[\[(?P<target>[^\[\]\n|]{0,500})(?:\|(?P<alias>[^\[\]\n]{0,500}))?\]\]")
_SIZE = re.compile(r"\d+(?:x\d+)?")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|bmp|avif|mp3|wav|m4a|ogg|mp4|mov|webm|excalidraw|canvas)$", re.I)
_REFERENCE = re.compile(r"\(\([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\)\)")
_NAMED_REFERENCE = re.compile(r"\[([^\[\]\n]{0,500})\]\(" + _REFERENCE.pattern + r"\)")
_MACRO = re.compile(r"\{\{[^{}\n]{0,1000}\}\}")
_COMMENT = re.compile(r"%%.{0,5000}?%%")
_MARKED = re.compile(r"==(?=\S)([^=\n]{1,1000})(?<=\S)==")
_CALLOUT = re.compile(r"^((?:[ \t]*>)+[ \t]*)\[![\w -]{1,40}(?:\|[^\]\n]{0,80})?\][-+]?[ \t]*")
_BLOCK_ID = re.compile(r"(?:(?<=\s)|^)\^[A-Za-z0-9][A-Za-z0-9-]{0,60}[ \t]*$")
_TASK = re.compile(
    r"^([ \t]*(?:[-*+][ \t]+|#{1,6}[ \t]+)+)(?:(?:TO[D]O|DOING|DONE|NOW|LATER|WAITING|WAIT|CANCELED|CANCELLED|IN-PROGRESS)(?=[ \t]|$)[ \t]*)?(?:\[#[ABC]\][ \t]*)?"
)
_PROPERTY = re.compile(
    r"^[ \t]*(?:[-*+][ \t]+)?([A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff./-]{0,60})::(?:[ \t]+(.*)|[ \t]*)$"
)
_CLOCK = re.compile(r"^[ \t]*(?:SCHEDULED|DEADLINE|CLOCK):[ \t]*[<\[].{0,200}$")
_DRAWER = re.compile(r"^[ \t]*:(LOGBOOK|PROPERTIES):[ \t]*$")
_DRAWER_END = re.compile(r"^[ \t]*:END:[ \t]*$")
_QUERY = re.compile(r"^[ \t]*(?:[-*+][ \t]+)?#\+(BEGIN|END)_\w+.*$", re.I)
# Properties that say how a block is shown or kept; what a learner wrote as a property is text.
_UNSAID = re.compile(
    r"id|collapsed|heading|background-color|icon|public|exclude-from-graph-view|filters|tags?|alias|aliases|title|template.*"
    r"|created-at|updated-at|last-modified-at|ls-type|hl-.*|logseq\..*|query-.*|card-.*|file-path|file|cssclass(?:es)?|publish",
    re.I,
)


@dataclass(frozen=True, slots=True)
class WikiLink:
    """A link to another note as it was written: its name, the heading or block in it, and what is shown for it."""

    target: str
    part: str
    shown: str
    embedded: bool


def spoken(text: str) -> str:
    """Return what a text says: this is what is searched and embedded, while the text itself stays as it is."""
    return _rewritten(text, _said) if _signed(text) else text


def shown(text: str) -> str:
    """Return a text as Markdown that needs none of Obsidian's or Logseq's signs, to be drawn."""
    return _rewritten(text, _drawn) if _signed(text) else text


def links_of(text: str, most: int = 500) -> tuple[WikiLink, ...]:
    """Return the links to other notes in a text, each once, in their order; pictures are no notes."""
    found: dict[WikiLink, None] = {}
    for line, code in _lines(text):
        if code or "[[" not in line:
            continue
        for match in _LINK.finditer(_CODE.sub(" ", line)):
            link = _link(match)
            if link.target and not match["tag"] and not _PICTURE.search(link.target) and len(found) < most:
                found.setdefault(link)
    return tuple(found)


def properties(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands as ``name:: value`` outside code, names in small letters."""
    for line, code in _lines(text):
        if not code and "::" in line and (match := _PROPERTY.match(line)):
            yield match[1].lower(), (match[2] or "").strip()


def _signed(text: str) -> bool:
    for sign in _PLAIN_SIGNS:  # any() over them takes twice as long
        if sign in text:
            return True
    return (
        _FIRST_CAPITALS.match(text) is not None
        or _LATER_CAPITALS.search(text) is not None
        or _CAPITALS_IN_COLONS.search(text) is not None
        or _ID_AT_END.search(text) is not None
    )


def _rewritten(text: str, write: Callable[[str], str | None]) -> str:
    """Write each line anew, code as it is; a line that says nothing goes."""
    kept: list[str] = []
    drawer = False
    comment = False
    for line, code in _lines(text):
        if code:
            kept.append(line)
            continue
        if not drawer and not _SIGN_IN_LINE.search(line):
            if not comment:
                kept.append(line)
            continue
        drawer = (drawer or bool(_DRAWER.match(line))) and not _DRAWER_END.match(line)
        if drawer or _DRAWER_END.match(line):
            continue
        outside = _COMMENT.sub("", line)
        if "%%" in outside and outside.strip() == "%%":
            comment = not comment
            continue
        if not comment and (written := write(outside)) is not None:
            kept.append(written)
    # A comment that never ends is none.
    return _rewritten(text.replace("%%", ""), write) if comment else "\n".join(kept)


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it belongs to fenced code."""
    fence = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        marker = _FENCE.match(line)
        if fence:
            yield line, True
            if marker and marker[1].startswith(fence) and not marker[2].strip():
                fence = ""
        else:
            fence = marker[1] if marker and "`" not in marker[2] else ""
            yield line, bool(fence)


def _said(line: str) -> str | None:
    if _CLOCK.match(line) or _QUERY.match(line):
        return None
    if match := _PROPERTY.match(line):
        unsaid = _UNSAID.fullmatch(match[1]) or not match[2]
        return None if unsaid else f"{match[1]}: {_inline(match[2], _words_of_link)}"
    line = _TASK.sub(r"\1", _CALLOUT.sub(r"\1", line))
    return _BLOCK_ID.sub("", _inline(line, _words_of_link))


def _drawn(line: str) -> str | None:
    if _CLOCK.match(line) or _QUERY.match(line):
        return None
    if match := _PROPERTY.match(line):
        unsaid = _UNSAID.fullmatch(match[1])
        return None if unsaid else f"{line[: match.start(1)]}{match[1]}: {_inline(match[2] or '', _drawn_link)}"
    callout = _CALLOUT.match(line)
    if callout:
        title = (
            line[callout.end() :].strip()
            or re.sub(r"[\[\]!+|-].*?(\w[\w ]*).*", r"\1", line[callout.end(1) : callout.end()]).strip()
        )
        line = f"{callout[1]}**{title}**"
    return _BLOCK_ID.sub("", _inline(line, _drawn_link))


def _inline(line: str, write: Callable[[re.Match[str]], str]) -> str:
    """Rewrite what stands between pieces of code in a line."""
    parts: list[str] = []
    done = 0
    for code in _CODE.finditer(line):
        parts += [_plain(line[done : code.start()], write), code[0]]
        done = code.end()
    return "".join([*parts, _plain(line[done:], write)])


def _plain(text: str, write: Callable[[re.Match[str]], str]) -> str:
    text = _NAMED_REFERENCE.sub(r"\1", text)
    text = _MACRO.sub("", _REFERENCE.sub("", text))
    return _MARKED.sub(r"\1", _LINK.sub(write, text))


def _link(match: re.Match[str]) -> WikiLink:
    target, _, part = match["target"].partition("#")
    alias = (match["alias"] or "").strip()
    name = target.strip() or part.strip()
    shown_as = alias if alias and not (match["embed"] and _SIZE.fullmatch(alias)) else ""
    return WikiLink(target.strip(), part.strip(), shown_as or _label(name, part.strip()), bool(match["embed"]))


def _label(name: str, part: str) -> str:
    """Say what a link without an alias is called: a note by its last name, with the heading it leads to."""
    label = name.rsplit("/", 1)[-1].removesuffix(".md")
    heading = part.rsplit("#", 1)[-1]
    return f"{label} › {heading}" if heading and not heading.startswith("^") and heading != name else label


def _words_of_link(match: re.Match[str]) -> str:
    link = _link(match)
    return "" if link.embedded and _PICTURE.search(link.target) else link.shown


def _drawn_link(match: re.Match[str]) -> str:
    link = _link(match)
    if link.embedded and _PICTURE.search(link.target):
        return f"![{link.shown}](<{link.target}>)"
    return f"📄 {link.shown}" if link.embedded else link.shown
