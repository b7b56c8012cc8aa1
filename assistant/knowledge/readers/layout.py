"""Joins the visual lines of a page into paragraphs. Knows geometry and writing, no PDF library.

A PDF has no paragraphs, only lines that stand somewhere. A line flows on into the next where it was full, that is,
where the next line's first word would not have fitted any more; everything else was broken on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from assistant.knowledge.readers.cleaning import HYPHEN_MARKS

_ITEM = re.compile(
    r"(?:[•●◦▪■□◆◇○‣–—*·-]|\(?\d{1,3}[.)、．](?!\d)|[（(]?[一二三四五六七八九十]{1,3}[）)、．]|[①-⑳]|[a-zA-Z][.)])\s*\S"
)
_HEADING = re.compile(r"(?:第[\d一二三四五六七八九十百]{1,4}[章节讲课篇部]|(?:\d{1,2}\.){1,4}\d{0,2}\s|[Cc]hapter\s\d)")
_CJK = re.compile("[⺀-〿ぁ-ヿ㇀-鿿豈-﫿︰-﹏！-｠𠀀-𯿿]")
_BROKEN_WORD = re.compile(r"(?<![\w-])([^\W\d_]{2,})-$")
_MIXED = re.compile(r"[一-鿿]( ?)[A-Za-z0-9]|[A-Za-z0-9]( ?)[一-鿿]")
_LOOSE = 1.6  # even steps of at most so many letter heights are the lines of one paragraph
_ENDS = '。！？；：.!?;:…”"）)'
_GAP = 1.3  # a step this much larger than usual sets paragraphs apart


@dataclass(frozen=True, slots=True)
class Line:
    """One visual line and the box around it, in page units with y upwards."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """The size of its letters, roughly; never zero."""
        return max(self.top - self.bottom, 0.1)


def flowing_text(lines: Sequence[Line], page_width: float) -> str:
    """Write the lines of a page as paragraphs: soft wraps joined, the others kept, blank lines between paragraphs."""
    lines = [line for line in lines if line.text.strip()]
    if not lines:
        return ""
    spaced = writes_spaces("\n".join(line.text for line in lines))
    steps = _usual_steps(lines)
    edges = _right_edges(lines, steps)
    parts = [lines[0].text.strip()]
    flowed = False
    for (above, below), edge, usual in zip(pairwise(lines), edges, steps, strict=False):
        apart = flowed or not 0 < _step(above, below) <= _GAP * usual
        # Lines under each other that even three columns would not be as narrow as are a table, a list or code.
        wide = edge - above.left > max(0.28 * page_width, 8 * above.height)
        flowed = wide and (_flows_on(above, below, edge, usual) or _flows_over(above, below, edge))
        if flowed:
            parts[-1] = joined(parts[-1], below.text.strip(), spaced)
        else:
            parts += ["\n\n" if apart else "\n", below.text.strip()]
    return "".join(parts).rstrip("".join(HYPHEN_MARKS))


def _step(above: Line, below: Line) -> float:
    return above.bottom - below.bottom


def _usual_step(lines: Sequence[Line]) -> float:
    steps = [(_step(above, below), above.height) for above, below in pairwise(lines)]
    close = [step for step, height in steps if 0 < step < 4 * height]
    return median(close) if close else lines[0].height * 1.5


def _usual_steps(lines: Sequence[Line]) -> list[float]:
    """Return for each line but the last how far its like stand apart: as on the whole page, or evenly right here."""
    usual = _usual_step(lines)
    steps = [_step(above, below) for above, below in pairwise(lines)]
    found: list[float] = []
    for number, step in enumerate(steps):
        beside = [*steps[max(number - 1, 0) : number], *steps[number + 1 : number + 2]]
        even = any(abs(step - other) < 0.05 * step for other in beside)
        alone = all(other < 0 or other > 1.2 * step for other in beside)  # two lines with room around them
        if (even or alone) and 0 < step < _LOOSE * lines[number].height:
            found.append(max(usual, step))
        else:
            found.append(min([usual, *(other for other in beside if other > 0.9 * lines[number].height)]))
    return found


def _right_edges(lines: Sequence[Line], steps: Sequence[float]) -> list[float]:
    """Find for each line how far right its block goes: the widest of the lines it stands together with."""
    edges = [line.right for line in lines]
    start = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or not _together(lines[number - 1], lines[number], steps[number - 1]):
            widest = max(edges[start:number])
            edges[start:number] = [widest] * (number - start)
            start = number
    return edges


def _together(above: Line, below: Line, usual: float) -> bool:
    near = abs(above.left - below.left) < 4 * above.height
    return near and _alike(above, below) and 0 < _step(above, below) <= _GAP * max(usual, above.height)


def _alike(above: Line, below: Line) -> bool:
    small, large = sorted((above.height, below.height))
    return large < 1.4 * small


def _flows_on(above: Line, below: Line, edge: float, usual: float) -> bool:
    if not _together(above, below, usual):
        return False
    if _ITEM.match(below.text) or _HEADING.match(below.text) or (_HEADING.match(above.text) and len(above.text) < 20):
        return False
    indent = below.left - above.left
    if indent > (4 if _ITEM.match(above.text) else 0.8) * above.height:
        return False
    return above.right + _room_for_first_word(below) > edge


def _flows_over(above: Line, below: Line, edge: float) -> bool:
    """Tell whether a sentence goes on at the top of the next column."""
    next_column = below.left > above.right and below.bottom > above.top
    if not next_column or not _alike(above, below) or _ITEM.match(below.text) or _HEADING.match(below.text):
        return False
    begins = below.text.lstrip()[:1]
    open_ended = above.text.rstrip()[-1:] not in _ENDS and (begins.islower() or bool(_CJK.match(begins)))
    return open_ended and above.right + _room_for_first_word(below) > edge


def _room_for_first_word(line: Line) -> float:
    """Measure what the line above would have needed to take one more word, or a few Chinese characters."""
    text = line.text.strip()
    per_column = (line.right - line.left) / max(columns_wide(text), 1)
    if _CJK.match(text):
        return 5 * per_column  # one character, and up to one more that may not begin or end a line
    return (len(text.split(maxsplit=1)[0]) + 1.5) * per_column


def columns_wide(text: str) -> int:
    """Count the columns of a text, a Chinese character taking two."""
    return len(text) + len(_CJK.findall(text))


def writes_spaces(text: str) -> bool:
    """Say whether this page sets a space between Chinese and Latin; a wrap hides what the author would have done."""
    gaps = [match[1] or match[2] or "" for match in _MIXED.finditer(text)]
    return sum(map(bool, gaps)) * 2 > len(gaps)


def joined(above: str, below: str, spaced: bool = False) -> str:
    """Join two lines of one paragraph as they were before they were broken apart."""
    if not above or not below:
        return above or below
    if above.endswith(HYPHEN_MARKS):
        return above[:-1] + below
    if below[0].islower() and _BROKEN_WORD.search(above):
        return above[:-1] + below
    ends, begins = bool(_CJK.match(above[-1])), bool(_CJK.match(below[0]))
    if ends and begins:
        return above + below
    if ends or begins:
        edge = above[-1] if ends else below[0]
        other = below[0] if ends else above[-1]
        return above + (" " if spaced and edge.isalnum() and other.isalnum() else "") + below
    return above + ("" if above.endswith("-") else " ") + below
