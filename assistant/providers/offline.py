"""The model that needs no model: it quotes the lines of the passages that answer best, each passage with its number.

Deterministic and local. Knows nothing but the question, what it refers back to, and the numbered passages it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.errors import Language
from assistant.language.passage_lines import Line
from assistant.language.tongue import language_of
from assistant.providers.base import Delta, Request
from assistant.providers.quoting import Quotation, opening, quotations

_OPENING: dict[Language, str] = {
    "zh": "没有连接模型。以下是笔记里与问题最相关的原文：",
    "en": "No model is connected. These are the lines of your notes that fit the question best:",
}
_NOTHING: dict[Language, str] = {
    "zh": "没有连接模型，找到的段落里也没有可以引用的文字。",
    "en": "No model is connected, and the passages found hold no words to quote.",
}
# What stands like a marker in a note (a reference, an index) must not be taken for one of ours; code stays as it is.
_LIKE_A_MARKER = re.compile(r"`[^`\n]*`|[\[【](?P<numbers>\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)[\]】](?!\()")
_BLOCKS = ("formula", "code")
_LEVEL = 3  # columns by which an item below another is indented: enough under "1." and under "-"


class OfflineModel:
    """Implements ``ChatModel`` by quotation."""

    provider = "offline"
    name = "quotes"

    def stream(self, request: Request) -> Iterator[Delta]:
        """Yield an opening sentence and then the quotations, one block for each passage."""
        language = request.language or language_of(request.question)
        answered = [message.content for message in request.messages if message.role == "assistant"]
        former = "\n".join(answered[-1:]) if request.context else ""
        chosen = quotations(request.question, request.passages, context=request.context, former=former)
        chosen = chosen or opening(request.passages)
        yield Delta(f"{(_OPENING if chosen else _NOTHING)[language]}\n\n")
        for quotation in chosen:
            yield Delta(as_markdown(quotation) + "\n\n")


def as_markdown(quotation: Quotation) -> str:
    """Write the lines of one passage as a block quotation that ends with the passage's marker."""
    rows: list[str] = []
    items = _Items(single=len(quotation.lines) == 1)
    former: Line | None = None
    for line in quotation.lines:
        if former and (_layout(line) != _layout(former) or line.group != former.group or line.kind in _BLOCKS):
            rows += [""] if _layout(line) != "list" or _layout(former) != "list" else []
        if line.kind in _BLOCKS:
            rows += line.text.split("\n")
        elif line.kind == "row":
            begins = former is None or former.group != line.group
            rows += [*(line.head.split("\n") if line.head and begins else []), _safe(line.text)]
        else:
            rows.append(items.written(line))
        former = line
    marker = f"[{quotation.passage.number}]"
    if former and _layout(former) == "list":
        rows[-1] += f" {marker}"
    else:
        rows += ["", marker]
    return "\n".join(f"> {row}".rstrip() for row in rows)


class _Items:
    """Writes sentences and items as a list: as deep as they stand, and numbered while no number is left out."""

    def __init__(self, single: bool) -> None:
        self.single = single
        self.depths: dict[int, int] = {}
        self.numbers: dict[int | None, int] = {}

    def written(self, line: Line) -> str:
        depth = 0 if line.above is None else self.depths.get(line.above, -1) + 1
        self.depths[line.index] = depth
        mark = self._mark(line)
        return _safe(line.text) if self.single else " " * _LEVEL * depth + f"{mark} {_safe(line.text)}"

    def _mark(self, line: Line) -> str:
        digits = re.match(r"\d+", line.mark)
        if not digits:
            return "-"
        last = self.numbers.get(line.group)
        number = int(digits[0]) if last is None else max(int(digits[0]), last + 1)  # some number every item 1
        self.numbers[line.group] = number
        return f"{number}." if last is None or number == last + 1 else "-"


def _layout(line: Line) -> str:
    return line.kind if line.kind in ("row", *_BLOCKS) else "list"


def _safe(text: str) -> str:
    return _LIKE_A_MARKER.sub(lambda found: f"［{found['numbers']}］" if found["numbers"] else found[0], text)
