"""Turns a field of Anki's into the Markdown that notes are written in: breaks, bold, lists, code, formulas. Runs nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_AROUND = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_BREAKS = {"br": "\n", "div": "\n", "p": "\n\n", "tr": "\n", "ul": "\n", "ol": "\n", "hr": "\n\n", "pre": "\n"}
_SILENT = {"script", "style"}
_MATHS = (
    (r"\\\((.*?)\\\)", r"$\1$"),
    (r"\\\[(.*?)\\\]", r"\n$$\n\1\n$$\n"),
    (r"\[\$\](.*?)\[/\$\]", r"$\1$"),
    (r"\[\$\$\](.*?)\[/\$\$\]", r"\n$$\n\1\n$$\n"),
    (r"\[latex\](.*?)\[/latex\]", r"\1"),
    (r"\[sound:[^\]]*\]()", r"\1"),
)


def markdown_of(field: str) -> str:
    """Return a field's words and formulas; of its pictures only their names, because the files did not come along."""
    reader = _Reader()
    reader.feed(field)
    reader.close()
    text = "".join(reader.said).replace("\u00a0", " ")
    for pattern, written in _MATHS:
        text = re.sub(pattern, written, text, flags=re.DOTALL)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "img":
            self.said.append(f"（{dict(attrs).get('src') or 'image'}）")
        elif tag == "li":
            self.said.append("\n- ")
        else:
            self.said.append(_AROUND.get(tag) or _BREAKS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _AROUND:
            self.said.append(_AROUND[tag])
        elif tag in ("p", "div", "ul", "ol", "pre"):
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)
