"""Reads the structure of a note's text: sections under headings, and in them blocks within blocks.

Blocks tile: the children of a block cover it without a gap, so that nothing can get lost between them. Knows where
things stand in the text; knows no tokens and no pieces.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from assistant.language.wiki import spoken

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Kind = Literal[
    "section", "heading", "paragraph", "list", "item", "quote", "table", "row", "fence", "code", "formula", "html",
    "rule", "matter", "sentence", "line", "scrap",
]  # fmt: skip

_KINDS: Final[dict[str, Kind]] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "list_item_open": "item",
    "blockquote_open": "quote",
    "table_open": "table",
    "tr_open": "row",
    "fence": "fence",
    "code_block": "code",
    "math_block": "formula",
    "math_block_label": "formula",
    "html_block": "html",
    "hr": "rule",
    "front_matter": "matter",
}
_CONTAINERS: Final = frozenset({"list", "item", "quote", "table"})

# Exactly what Markdown counts as line ends; str.splitlines would also count \x0b, \x0c, \x1c, \x85 and \u2028.
_LINE_END = re.compile(r"\r\n?|\n")
_BLANK_LINES = re.compile(r"(?:\r\n?|\n)(?:[^\S\r\n]*(?:\r\n?|\n))+")
_CONTENTS = re.compile(r"\s*\[{1,2}_?toc_?\]{1,2}\s*", re.IGNORECASE)
_TABLE = re.compile(r"\| [^\r\n]*\|[ \t]*\r?\n\|(?: ?:?-{3,}:? ?\|)+[ \t]*\r?\n")
_YAML = re.compile(r"-{3,}[^\S\r\n]*[\r\n]+(?:#[^\r\n]*[\r\n]+)*[\w\"'?%-][^\r\n:]*:(?=\s)")

# The parser recurses twice per level and drops what lies deeper than its limit. Fifty lists within each other are
# more than anybody writes by hand; beyond it, or with a line that only a program writes, a note is plain text.
_NESTING = 100
_LINE_LIMIT = 200_000
# Headings and leads are repeated with every piece under them.
SHORTENED = 200


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text with a meaning; ``leans`` if it only makes sense together with what follows it."""

    kind: Kind
    start: int
    end: int
    children: tuple[Block, ...] = ()
    lead: str = ""
    leans: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading, the heading line included."""

    heading: tuple[str, ...]
    block: Block
    page: int | None = None


class Lines:
    """Where each line of a text begins, and which line a character is on, counting from 1."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def at(self, offset: int) -> int:
        """Return the number of the line that holds this character."""
        return bisect_right(self.starts, offset)


@dataclass(slots=True)
class _Node:
    kind: Kind
    line: int
    level: int = 0
    title: str = ""
    children: list[_Node] = field(default_factory=list)


def plain(text: str, start: int, end: int, page: int | None = None) -> Section:
    """Read a stretch of text as paragraphs between blank lines."""
    bounds = [start, *(gap.end() for gap in _BLANK_LINES.finditer(text, start, end) if gap.end() < end), end]
    paragraphs = (_paragraph(text, a, b) for a, b in pairwise(bounds) if a < b)
    return Section((), Block("section", start, end, _steady(paragraphs)), page)


def _paragraph(text: str, start: int, end: int) -> Block:
    """Read a paragraph, or a table as readers of pages write it, row by row."""
    if not _TABLE.match(text, start, end):
        return _block(text, "paragraph", start, end)
    rows = [start, *(row.end() for row in _LINE_END.finditer(text, start, end) if row.end() < end), end]
    del rows[1]  # the rule belongs to the head
    return _block(text, "table", start, end, _steady((Block("row", a, b) for a, b in pairwise(rows)), headed=True))


def markdown(text: str, title: str, lines: Lines) -> list[Section]:
    """Read Markdown as its sections; front matter and ``[toc]`` are left out."""
    nodes = _nodes(text, lines)
    if nodes is None:
        return [plain(text, 0, len(text))]
    sections = _Sections(title)
    for node, block in zip(nodes, _tile(text, lines, nodes, 0, len(text)), strict=True):
        sections.add(text, node, block)
    return sections.end()


def _nodes(text: str, lines: Lines) -> list[_Node] | None:
    """Return the tree of blocks by their first lines, or None for a note that is no Markdown a person writes."""
    if max(end - start for start, end in pairwise([*lines.starts, len(text)])) > _LINE_LIMIT:
        return None
    tokens = _tokens(text)
    return _tree(tokens) if all(token.level < _NESTING - 1 for token in tokens) else None


def _tokens(text: str) -> list[Token]:
    # Two rules around prose look like front matter to the plugin; only keys make it so.
    return _parser(front_matter=_YAML.match(text) is not None).parse(text)


@cache
def _parser(*, front_matter: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin

    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table").use(dollarmath_plugin)
    if front_matter:
        parser.use(front_matter_plugin)
    # Only blocks matter here. Link definitions are kept as the text they are, and reading them is not linear.
    return parser.disable(["inline", "text_join", "reference"])


def _tree(tokens: Sequence[Token]) -> list[_Node]:
    top: list[_Node] = []
    open_nodes: list[list[_Node]] = [top]
    for index, token in enumerate(tokens):
        if token.nesting < 0 and _KINDS.get(token.type.replace("_close", "_open")) in _CONTAINERS:
            open_nodes.pop()
        if (kind := _KINDS.get(token.type)) and token.map:
            node = _Node(kind, token.map[0])
            if kind == "heading":
                node = _heading(node, token, tokens[index + 1].content, top=len(open_nodes) == 1)
            open_nodes[-1].append(node)
            if kind in _CONTAINERS:
                open_nodes.append(node.children)
    return top


def _heading(node: _Node, token: Token, content: str, *, top: bool) -> _Node:
    """Keep a heading only if it structures the note: not within lists, and not prose that a rule underlines."""
    underlined = token.markup in ("-", "=")
    # "A long sentence.\n---" is a heading to Markdown, but its writer forgot the blank line above a rule.
    prose = underlined and ("\n" in content or len(content) > 80 or content.rstrip()[-1:] in "。！？；：.!?;:")
    if not top or prose:
        return replace(node, kind="paragraph")
    return replace(node, level=int(token.tag[1:]), title=shorten(" ".join(spoken(content).split())))


def _tile(text: str, lines: Lines, nodes: Sequence[_Node], start: int, end: int) -> tuple[Block, ...]:
    """Let each block reach from its first line to the next block, the first and last to the ends of their parent."""
    bounds = [start, *(lines.starts[node.line] for node in nodes[1:]), end]
    blocks = []
    for node, (first, last) in zip(nodes, pairwise(bounds), strict=bool(nodes)):
        children = _steady(_tile(text, lines, node.children, first, last), headed=node.kind in ("table", "item"))
        blocks.append(_block(text, node.kind, first, last, children))
    return tuple(blocks)


def _block(text: str, kind: Kind, start: int, end: int, children: tuple[Block, ...] = ()) -> Block:
    introduces = kind == "paragraph" and text[max(start, end - 100) : end].rstrip().endswith(("：", ":"))
    return Block(kind, start, end, children, _lead(text, kind, start, end), introduces or kind == "heading")


def _steady(blocks: Iterable[Block], *, headed: bool = False) -> tuple[Block, ...]:
    """Make the last child stand alone, since nothing of its parent follows, and the head of a table or item lean."""
    children = list(blocks)
    if headed and children:
        children[0] = replace(children[0], leans=True)
    if children and children[-1].leans:
        children[-1] = replace(children[-1], leans=False)
    return tuple(children)


def _lead(text: str, kind: Kind, start: int, end: int) -> str:
    """Return what a reader needs who meets the later part of a block alone: its header or first line."""
    if kind not in ("item", "table", "fence"):
        return ""
    rows = _LINE_END.split(text[start : min(end, start + 5 * SHORTENED)], maxsplit=2)
    lead = rows[: 2 if kind == "table" else 1]
    return shorten("\n".join(re.sub(r"-{3,}", "---", " ".join(row.split())) for row in lead))


def shorten(text: str, limit: int = SHORTENED) -> str:
    """Cut a text to a number of characters, and show that something was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class _Sections:
    """Collects blocks under the path of headings that leads to them."""

    def __init__(self, title: str) -> None:
        self.found: list[Section] = []
        self._title = title
        self._path: list[tuple[int, str]] = []
        self._body: list[Block] = []
        self._bare: list[Block] = []

    def add(self, text: str, node: _Node, block: Block) -> None:
        """Take the next block of the note."""
        if node.kind == "heading":
            self._close(last=not self._path or node.level <= self._path[-1][0])
            path = [above for above in self._path if above[0] < node.level]
            if path != self._path[:-1]:
                self._outline()
            self._path = [*path, (node.level, node.title)]
            self._body = [block]
        elif block.kind == "matter" or _CONTENTS.fullmatch(text, block.start, block.end):
            self._close(last=False)
        else:
            self._body.append(block)

    def end(self) -> list[Section]:
        """Return the sections of the whole note."""
        self._close(last=True)
        self._outline()
        return self.found

    def _close(self, *, last: bool) -> None:
        """End the section; a heading with nothing under it speaks for itself, unless others under it follow."""
        said = any(block.kind not in ("heading", "rule") for block in self._body)
        if said or not last:
            self._outline()
        if said:
            self._emit(self._path, self._body)
        elif last and self._body and self._body[0].kind == "heading":
            self._bare += (replace(block, kind="paragraph", leans=False) for block in self._body)
        self._body = []

    def _outline(self) -> None:
        """Make one section of neighbouring bare headings, under the heading that they share."""
        if self._bare:
            self._emit(self._path[:-1], self._bare)
            self._bare = []

    def _emit(self, path: list[tuple[int, str]], body: list[Block]) -> None:
        heading = tuple(name for level, name in path if (level, name) != (1, self._title))
        self.found.append(Section(heading, Block("section", body[0].start, body[-1].end, _steady(body))))
