"""Writes the text of HTML as Markdown: headings, lists, tables, code and formulas; nothing that runs, loads or hides.

Addresses of links and pictures are left out: they are nobody's words. Knows no file and no encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.knowledge.readers.document import fenced, one_line, table

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_DEEPEST = 120  # levels; what lies deeper is taken as plain text
_SKIPPED = frozenset({
    "script", "style", "noscript", "template", "svg", "canvas", "iframe", "object", "embed", "head", "nav", "button",
    "input", "select", "option", "textarea", "dialog", "audio", "video", "source", "track", "map", "area", "link",
    "meta", "base", "rp",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "html", "legend", "li", "main", "menu", "ol", "p", "pre", "search", "section", "summary", "table",
    "ul", "tbody", "thead", "tfoot", "tr", "td", "th",
})  # fmt: skip
_HEADING = re.compile(r"h[1-6]")
_SPACES = re.compile(r"[ \t\r\n\f\u00a0\u200b]+")
# At the start of a line these would make a block of what is only text.
_LINE_START = re.compile(
    r"^( {0,3})(#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|\d{1,9}[.)](?=\s|$)|```|~~~|={2,}\s*$|-{2,}\s*$|\|)"
)
_CHROME = re.compile(r"\b(?:navigation|banner|contentinfo|search|menu|menubar|toolbar|dialog|alert)\b")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_INDEXED = re.compile(r"[\w+\-−]{1,12}")
_TEX = re.compile(r"^\{\\(?:displaystyle|textstyle)\s*(.*)\}$", re.DOTALL)


def markdown_of_html(source: str) -> str:
    """Return the text of a whole page or of a part of one; where the page names its main part, only that."""
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(source).body
    return "" if body is None else _blocks(_main_part(body), 0)


def title_of_html(source: str) -> str:
    """Return the title that a page gives itself, or nothing."""
    from selectolax.lexbor import LexborHTMLParser

    node = LexborHTMLParser(source).css_first("head > title")
    return one_line(_flat(node)) if node is not None else ""


def _main_part(body: LexborNode) -> LexborNode:
    """Leave out what stands around the text, if the page says where its text is and it is most of the page's."""
    everything = len(_flat(body))
    for place in ("main", "[role=main]", "article"):
        found = body.css(place)
        if len(found) == 1 and len(_flat(found[0])) > everything // 4:
            return found[0]
    return body


def _flat(node: LexborNode) -> str:
    return str(node.text(deep=True) or "")


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _left_out(node: LexborNode) -> bool:
    """Tell whether a node says nothing to a reader: scripts, controls, what is hidden or leads through the site."""
    tag = node.tag
    if tag == "script":
        return not _is_formula(node)
    if tag is None or tag.startswith("-") or tag in _SKIPPED:
        return True
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return tag != "math"
    if _CHROME.search(attributes.get("role") or ""):
        return True
    return bool(_HIDDEN.search(attributes.get("style") or ""))


def _is_formula(node: LexborNode) -> bool:
    return (node.attributes.get("type") or "").startswith("math/tex")


def _blocks(node: LexborNode, depth: int) -> str:
    """Write the children of a node: neighbouring words as a paragraph, blocks each by themselves."""
    if depth > _DEEPEST:
        return _paragraph(_flat(node))
    written: list[str] = []
    words: list[str] = []
    for child in _children(node):
        if child.tag == "-text":
            words.append(child.text_content or "")
        elif _left_out(child):
            continue
        elif child.tag in _BLOCKS or (child.tag not in ("math", "script") and _holds_blocks(child)):
            written += [_paragraph("".join(words)), _block(child, depth + 1)]
            words = []
        else:
            words.append(_inline(child, depth + 1))
    written.append(_paragraph("".join(words)))
    return "\n\n".join(block for block in written if block.strip())


def _holds_blocks(node: LexborNode) -> bool:
    """Tell whether an inline element has a block right inside it, as links around whole cards have."""
    return any(child.tag in _BLOCKS for child in _children(node))


def _block(node: LexborNode, depth: int) -> str:
    tag = node.tag or ""
    if _HEADING.fullmatch(tag):
        name = one_line(_inline(node, depth).replace("\n", " "))
        return f"{'#' * int(tag[1])} {name}" if name else ""
    match tag:
        case "ul" | "ol" | "menu":
            return _list(node, depth)
        case "table":
            return _table(node, depth)
        case "pre":
            return _code(node)
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in _blocks(node, depth).split("\n"))
        case "hr":
            return ""
        case "dt" | "summary" | "legend" | "caption":
            return f"**{name}**" if (name := one_line(_inline(node, depth).replace("\n", " "), 500)) else ""
        case _:
            return _blocks(node, depth)


def _list(node: LexborNode, depth: int) -> str:
    items = []
    number = _whole(node.attributes.get("start"), 1)
    for child in _children(node):
        if child.tag == "-text" or _left_out(child):
            continue
        body = _blocks(child, depth + 1)
        if not body:
            continue
        sign = f"{number}. " if node.tag == "ol" else "- "
        number += 1
        tight = re.sub(r"\n\n(?=(?:[-*+]|\d+\.) )", "\n", body)
        items.append(sign + tight.replace("\n", "\n" + " " * len(sign)).replace("\n" + " " * len(sign) + "\n", "\n\n"))
    return "\n".join(items)


def _whole(value: str | None, otherwise: int) -> int:
    return int(value) if value and re.fullmatch(r"[0-9]{1,6}", value) else otherwise


def _table(node: LexborNode, depth: int) -> str:
    """Write the rows of a table; one that only arranges the page is written as what stands in it."""
    rows = []
    captions = []
    for row in _rows(node):
        if row.tag == "caption":
            captions.append(_block(row, depth + 1))
            continue
        cells = [child for child in _children(row) if child.tag in ("td", "th")]
        if any(cell.css_first("table, h1, h2, h3, pre") is not None for cell in cells):
            return "\n\n".join(_blocks(cell, depth + 1) for line in _rows(node) for cell in _children(line))
        rows.append([_cell(cell, depth + 1) for cell in cells])
    filled = [row for row in rows if any(row)]
    if all(len(row) < 2 for row in filled):
        return "\n\n".join(cell for row in filled for cell in row if cell)
    return "\n\n".join([*captions, table(filled)])


def _rows(node: LexborNode) -> Iterator[LexborNode]:
    for child in _children(node):
        if child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in _children(child) if row.tag == "tr")
        elif child.tag in ("tr", "caption"):
            yield child


def _cell(node: LexborNode, depth: int) -> str:
    return " ".join(_blocks(node, depth).split())


def _code(node: LexborNode) -> str:
    inner = node.css_first("code")
    named = " ".join((one.attributes.get("class") or "") for one in (node, inner) if one is not None)
    language = re.search(r"\b(?:language|lang|highlight|brush)[-: ]([A-Za-z0-9+#]{1,20})", named)
    code = _flat(node).strip("\n")
    return fenced(code, language[1] if language else "") if code.strip() else ""


def _inline(node: LexborNode, depth: int) -> str:
    """Write a node within a line; a line break stays one."""
    tag = node.tag or ""
    if tag == "-text":
        return node.text_content or ""
    if _left_out(node):
        return ""
    if depth > _DEEPEST:
        return _flat(node)
    match tag:
        case "br":
            return "\x00"
        case "math" | "script":
            return _formula(node)
        case "img":
            return _picture(node)
        case "code" | "kbd" | "samp" | "tt":
            code = " ".join(_flat(node).split())
            return f"`{code}`" if code and "`" not in code else code
    inner = "".join(_inline(child, depth + 1) for child in _children(node))
    if tag in ("sup", "sub") and _INDEXED.fullmatch(inner.strip()):
        sign = "^" if tag == "sup" else "_"
        return f"{sign}{inner.strip()}" if len(inner.strip()) == 1 else f"{sign}{{{inner.strip()}}}"
    if tag == "rt":
        return f"({inner.strip()})" if inner.strip() else ""
    return f"\x00{inner}\x00" if tag in _BLOCKS else inner


def _formula(node: LexborNode) -> str:
    """Write a formula as the TeX it was made from, where the page still has it; else its signs."""
    if node.tag == "script":
        tex = _flat(node)
        wide = "mode=display" in (node.attributes.get("type") or "")
    else:
        annotation = node.css_first('annotation[encoding="application/x-tex"]')
        tex = _flat(annotation) if annotation is not None else node.attributes.get("alttext") or ""
        wide = node.attributes.get("display") == "block"
    tex = " ".join(_TEX.sub(r"\1", tex.strip()).split())
    if not tex or "$" in tex:
        return " ".join(_flat(node).split())
    return f"\x00$${tex}$$\x00" if wide else f"${tex}$"


def _picture(node: LexborNode) -> str:
    """Keep what a picture is called; the fallback picture of a formula is said already."""
    if "math" in (node.attributes.get("class") or ""):
        return ""
    said = one_line(node.attributes.get("alt") or "", 300)
    return f" ({said}) " if len(said) > 2 else ""


def _paragraph(words: str) -> str:
    """Write words as one paragraph: blanks as one, and no line that would be taken for a block."""
    lines = (_SPACES.sub(" ", line).strip() for line in words.split("\x00"))
    return "\n".join(_LINE_START.sub(r"\1\\\2", line) for line in lines if line)
