"""Writes the inside of a paragraph, heading or table cell: text, emphasis, code, formulas, links, images, citations.

Pure. What an image or a citation leads to is decided by the functions handed in; everything else is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from assistant.errors import Language
from assistant.ui.addresses import bare_address, host_of, names, safe_target, written_href
from assistant.ui.characters import WORD_JOINER, escape, one_line, visible
from assistant.ui.formulas import FormulaBudget
from assistant.ui.remarks import STAND_INS

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

Images = Callable[[str], str | None]
Citations = Callable[[int], str | None]
Where = Literal["paragraph", "heading", "cell"]

_MOST_IMAGES = 12
_MARKS = {"em": "_", "strong": "**", "s": "~~"}
_IN_TEXT = re.compile(
    r"(?P<url>\bhttps?://[a-z0-9\[][!-~]*)|\[(?P<numbers>\d{1,3}(?:[,，、;；] ?\d{1,3})*)\]"
    rf"|(?P<remark>[{''.join(STAND_INS)}])",
    re.IGNORECASE,
)
_SHOWABLE_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}|/media/[A-Za-z0-9._-]+")
_ANCHOR = re.compile(r"#[A-Za-z0-9_-]+")
_TAG_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG_IMAGE = re.compile(r"<img\b[^>]*?\ssrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_BLOCKED: dict[Language, str] = {"zh": "[图片已屏蔽: {}]", "en": "[image blocked: {}]"}
_MISSING: dict[Language, str] = {"zh": "[图片: {}]", "en": "[image: {}]"}


class Part(NamedTuple):
    """A stretch of a line: foreign text, or something of ours (written as it is), or an edge of emphasis."""

    kind: Literal["text", "ours", "open", "close", "break"]
    text: str


class InlineWriter:
    """Writes inline Markdown for one message; counts what may appear only so often."""

    def __init__(self, images: Images | None, citations: Citations | None, language: Language) -> None:
        self._images = images
        self._citations = citations
        self._language: Language = language
        self._images_left = _MOST_IMAGES
        self.formulas = FormulaBudget()

    def write(self, node: SyntaxTreeNode, where: Where = "paragraph") -> str:
        """Write the children of a paragraph, heading or cell."""
        parts = [part for child in node.children for part in self._parts(child, where, frozenset())]
        return _joined(_tidied(parts), where)

    def _parts(self, node: SyntaxTreeNode, where: Where, inside: frozenset[str]) -> Iterable[Part]:
        """Translate one node; ``inside`` names the emphasis and link around it, none of which may nest in itself."""
        match node.type:
            case "text" | "text_special":
                return self._text(node.content, inside)
            case "softbreak":
                return [Part("break", "\n")]
            case "hardbreak":
                return [Part("break", "\\\n")]
            case "code_inline":
                return [_code(visible(node.content), where)]
            case "math_inline" | "math_inline_double":
                return [self._formula(visible(node.content), node.type == "math_inline_double", where)]
            case "html_inline":
                return self._tag(node.content)
            case "image":
                return self._image(str(node.attrs.get("src", "")), node.content)
            case "link":
                return self._link(node, where, inside)
            case "em" | "strong" | "s" if node.type not in inside:
                mark = _MARKS[node.type]
                return [Part("open", mark), *self._children(node, where, inside | {node.type}), Part("close", mark)]
            case _:
                return self._children(node, where, inside) if node.children else [Part("text", visible(node.content))]

    def _children(self, node: SyntaxTreeNode, where: Where, inside: frozenset[str]) -> list[Part]:
        return [part for child in node.children for part in self._parts(child, where, inside)]

    def _text(self, content: str, inside: frozenset[str]) -> list[Part]:
        """Translate text, where bare addresses become links and known markers citations."""
        content = visible(content)
        if "link" in inside:
            return [Part("text", content)]
        parts: list[Part] = []
        done = 0
        for found in _IN_TEXT.finditer(content):
            end, ours = self._ours(found)
            if ours:
                parts += [Part("text", content[done : found.start()]), *ours]
                done = end
        return [*parts, Part("text", content[done:])]

    def _ours(self, found: re.Match[str]) -> tuple[int, list[Part]]:
        if found["remark"]:
            return found.end(), [Part("ours", STAND_INS[found["remark"]])]
        return self._bare_link(found) if found["url"] else self._markers(found)

    def _bare_link(self, found: re.Match[str]) -> tuple[int, list[Part]]:
        url = bare_address(found["url"])
        if not url:
            return found.end(), []
        return found.start() + len(url), [Part("ours", f"[{escape(url)}]({written_href(url)})")]

    def _markers(self, found: re.Match[str]) -> tuple[int, list[Part]]:
        written = [self._marker(int(number)) for number in re.findall(r"\d+", found["numbers"])]
        if not all(written):
            return found.end(), []
        return found.end(), [Part("ours", "".join(written))]

    def _marker(self, number: int) -> str:
        href = self._citations(number) if self._citations else None
        return f"[\\[{number}\\]]({href})" if href and _ANCHOR.fullmatch(href) else ""

    def _link(self, node: SyntaxTreeNode, where: Where, inside: frozenset[str]) -> list[Part]:
        """Keep a link to the web or to a mail address, with its host in sight; of any other keep the text."""
        content = self._children(node, where, inside | {"link"})
        label = "".join(part.text for part in content if part.kind in ("text", "ours")).strip()
        if label.strip("[]").isdigit() and len(label) < 6 and (marker := self._marker(int(label.strip("[]")))):
            return [Part("ours", marker)]
        href = str(node.attrs.get("href", ""))
        target, shown = safe_target(href)
        if not target or "link" in inside:
            return content
        if not label:
            content = [Part("text", shown)]
        elif not names(label, shown):
            content = [*content, Part("text", f" ({shown})")]
        return [Part("ours", "["), *content, Part("ours", f"]({written_href(target)})")]

    def _image(self, src: str, alt: str) -> list[Part]:
        """Show a local image that the resolver vouches for; name the host or the file of any other."""
        alt = one_line(visible(alt)).strip()
        address = src.strip().replace("\\", "/")
        host = host_of(address)
        if host is not None:
            return [Part("text", _BLOCKED[self._language].format(visible(host)))]
        shown = self._images(src) if self._images and self._images_left > 0 else None
        if shown and _SHOWABLE_IMAGE.fullmatch(shown):
            self._images_left -= 1
            return [Part("ours", f"![{escape(alt)}]({shown})")]
        return [Part("text", _MISSING[self._language].format(alt or visible(address[:200])))]

    def _tag(self, tag: str) -> list[Part]:
        """Obey a line break and a local image, as notes are full of them; every other tag is text."""
        if _TAG_BREAK.fullmatch(tag):
            return [Part("break", "\\\n")]
        if found := _TAG_IMAGE.match(tag):
            return self._image(found[1], "")
        return [Part("text", visible(tag))]

    def _formula(self, tex: str, display: bool, where: Where) -> Part:
        tex = one_line(tex).strip()
        if where == "cell":
            tex = tex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
        written = self.formulas.written(tex)
        if written is None or "$" in (written[0], written[-1]):  # a dollar at an edge would lengthen the fence
            return _code(tex, where)
        fence = "$" * (max((len(run) for run in re.findall(r"\$+", written)), default=0) + (2 if display else 1))
        return Part("ours", fence + written + fence)


def _code(content: str, where: Where) -> Part:
    """Write inline code between as many backticks as it needs."""
    content = one_line(content)
    if not content.strip() or (where == "cell" and "\\|" in content):
        return Part("text", content)
    fence = "`" * (max((len(run) for run in re.findall("`+", content)), default=0) + 1)
    if content[0] in "` " or content[-1] in "` ":
        content = f" {content} "
    return Part("ours", fence + (content.replace("|", "\\|") if where == "cell" else content) + fence)


def _tidied(parts: Iterable[Part]) -> list[Part]:
    """Merge neighbours, move blanks out of emphasis and drop emphasis around nothing."""
    done: list[Part] = []
    for part in parts:
        last = done[-1] if done else Part("break", "")
        if part.kind == "text":
            text = one_line(part.text)
            text = text.lstrip() if last.kind in ("open", "break") else text
            if last.kind == "text":
                done[-1] = Part("text", one_line(last.text + text))
            elif text:
                done.append(Part("text", text))
        elif part.kind in ("close", "break") and last.kind == "text" and not last.text.rstrip():
            done.pop()
            done = _tidied([*done, part])
        elif part.kind in ("close", "break") and last.kind == "text":
            done[-1:] = [Part("text", last.text.rstrip()), part]
        elif (last.kind, part.kind) in (("open", "close"), ("close", "open")) and last.text == part.text:
            done.pop()
        else:
            done.append(part)
    return done


def _joined(parts: list[Part], where: Where) -> str:
    """Write the parts of one block, on one line unless it is a paragraph."""
    breaks = {"paragraph": ("\n", "\\\n"), "heading": (" ", " "), "cell": (" ", " / ")}[where]
    nothing = Part("break", "")
    written: list[str] = []
    for before, part, after in zip([nothing, *parts], parts, [*parts[1:], nothing], strict=False):
        if part.kind == "break":
            written.append(breaks[part.text != "\n"])
        elif part.kind == "text":
            written.append(_edged(part.text, before, after))
        else:
            # Two formulas, or two pieces of code, would run into one.
            touching = before.kind == "ours" == part.kind and before.text[-1] == part.text[0] and part.text[0] in "`$"
            written.append(WORD_JOINER + part.text if touching else part.text)
    return "".join(written).strip()


def _edged(text: str, before: Part, after: Part) -> str:
    """Escape text; a letter that touches a mark of emphasis from outside becomes a character reference.

    CommonMark would not see the end of ``**注意：**这里``; before ``&`` (punctuation to it) it does.
    A digit after a formula would make Streamlit take its dollars for money.
    """
    head = tail = ""
    if (before.kind == "close" and _is_letter(text[0])) or (before.text[-1:] == "$" and text[0].isdigit()):
        head, text = f"&#{ord(text[0])};", text[1:]
    if after.kind == "open" and text and _is_letter(text[-1]):
        tail, text = f"&#{ord(text[-1])};", text[:-1]
    return head + escape(text, line_start=before.kind == "break") + tail


def _is_letter(character: str) -> bool:
    return not character.isspace() and (not character.isascii() or character.isalnum())
