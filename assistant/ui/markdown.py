"""Writes a tree of foreign Markdown as Markdown that Streamlit may show: only constructs written here exist in it.

Pure: no Streamlit, no disk. The insides of paragraphs are written by ``inline``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.ui.characters import escape, visible
from assistant.ui.inline import InlineWriter

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

_MOST_CELLS = 1_500
_LARGEST_NUMBER = 99_999
_SMALLEST_HEADING = 6
_SHIFTED_BY = 2  # a heading inside a message stands below the headings of the page
_LANGUAGE = re.compile(r"[A-Za-z0-9+#-]{1,20}")
_DRAWN_BY_BROWSERS = {"mermaid", "math"}
_TASK = re.compile(r"\[[ xX]\]\s+\S")
_WRITTEN_TASK = re.compile(r"\\\[([ xX])\\\] ")
_MAY_FOLLOW_AT_ONCE = re.compile(r"(?:[-*+]|1[.)]) [^\s]|`{3}|> ")
_ALIGNMENT = {"text-align:left": ":--", "text-align:right": "--:", "text-align:center": ":-:"}


class BlockWriter:
    """Writes the blocks of one message; ``source`` is the text that the tree was read from."""

    def __init__(self, inline: InlineWriter, source: str) -> None:
        self._inline = inline
        self._source = source.split("\n")
        self._cells_left = _MOST_CELLS

    def write(self, nodes: Sequence[SyntaxTreeNode], *, tight: bool = False) -> str:
        """Write blocks one below the other; in a tight list without blank lines where that changes nothing."""
        blocks = [block for block in map(self._block, nodes) if block]
        if not blocks:
            return ""
        joined = blocks[0]
        for block in blocks[1:]:
            joined += ("\n" if tight and _MAY_FOLLOW_AT_ONCE.match(block) else "\n\n") + block
        return joined

    def _block(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "paragraph":
                return self._inline.write(node.children[0]) if node.children else ""
            case "heading":
                return self._heading(node)
            case "blockquote":
                return _prefixed(self.write(node.children), "> ", "> ")
            case "bullet_list" | "ordered_list":
                return self._list(node)
            case "table":
                return self._table(node)
            case "fence" | "code_block":
                return fenced(node.content, node.info)
            case "front_matter":
                return fenced(node.content, "yaml")
            case "math_block" | "math_block_label":
                return self._formula(visible(node.content).strip())
            case "hr":
                return "___"
            case _:
                return fenced(node.content)

    def _heading(self, node: SyntaxTreeNode) -> str:
        level = min(int(node.tag[1:]) + _SHIFTED_BY, _SMALLEST_HEADING)
        text = self._inline.write(node.children[0], "heading") if node.children else ""
        return f"{'#' * level} {text}" if text else ""

    def _list(self, node: SyntaxTreeNode) -> str:
        tight = all(child.hidden for item in node.children for child in item.children if child.type == "paragraph")
        first = min(int(node.attrs.get("start", 1)), _LARGEST_NUMBER)
        items = []
        for number, item in enumerate(node.children, first):
            mark = f"{number}{item.markup}" if node.type == "ordered_list" else item.markup
            body = self.write(item.children, tight=tight)
            if _begins_with_task(item):
                body = _WRITTEN_TASK.sub(r"[\1] ", body, count=1)
            items.append(_prefixed(body, mark + " ", " " * (len(mark) + 1)))
        return ("\n" if tight else "\n\n").join(items)

    def _table(self, node: SyntaxTreeNode) -> str:
        rows = [row for section in node.children for row in section.children]
        self._cells_left -= sum(len(row.children) for row in rows)
        if self._cells_left < 0:
            start, end = node.map or (0, 0)
            return fenced("\n".join(self._source[start:end]))
        written = [_row([self._cell(cell) for cell in row.children]) for row in rows]
        rule = _row([_ALIGNMENT.get(str(cell.attrs.get("style", "")), "---") for cell in rows[0].children])
        return "\n".join([written[0], rule, *written[1:]])

    def _cell(self, node: SyntaxTreeNode) -> str:
        return self._inline.write(node.children[0], "cell") if node.children else ""

    def _formula(self, tex: str) -> str:
        written = None if "$$" in tex else self._inline.formulas.written(tex)
        return fenced(tex, "latex") if written is None else f"$$\n{written}\n$$"


def fenced(content: str, info: str = "") -> str:
    """Write text as a block of code that its own backticks cannot end; a diagram's code stays code."""
    content = visible(content).removesuffix("\n")
    longest = max((len(run) for run in re.findall("`{3,}", content)), default=2)
    language = next(iter(info.split()), "")
    if not _LANGUAGE.fullmatch(language) or language.lower() in _DRAWN_BY_BROWSERS:
        language = "text"
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{content}\n{fence}"


def paragraph(text: str) -> str:
    """Write one sentence of our own or of an error as a paragraph without any markup."""
    return escape(visible(text).replace("\n", " ").strip(), line_start=True)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _prefixed(text: str, first: str, rest: str) -> str:
    """Put a mark before the first line and its width (or the mark of a quotation) before the others."""
    head, *tail = text.split("\n")
    return "\n".join([(first + head).rstrip(), *((rest + line).rstrip() for line in tail)])


def _begins_with_task(item: SyntaxTreeNode) -> bool:
    first = item.children[0] if item.children else None
    if first is None or first.type != "paragraph" or not first.children:
        return False
    return bool(_TASK.match(first.children[0].content))
