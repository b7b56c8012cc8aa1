"""Finds what stands at the edge of page after page: running headers, footers, page numbers. Knows lines, not what they are part of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from assistant.knowledge.readers.layout import Line

_ZONE = 0.15  # of the page, above and below
_ROWS = 3  # at most so many at each edge
_PAGES = 3  # what stands in the same place on fewer pages may be a coincidence
_LARGER = 1.25  # letters larger than the text's are a title, as on slides, and repeat because the subject does
_PLACE = 6.0  # units of the page; programs do not set headers to the same tenth of a point
_NUMBERED = re.compile(r"\d+|(?<![A-Za-z])[ivxlcIVXLC]{1,7}(?![A-Za-z])|[一二三四五六七八九十百零〇]+(?=\s*页)")


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in the order in which they were found, and its size."""

    lines: tuple[Line, ...]
    width: float
    height: float


def without_running_lines(pages: Sequence[Page]) -> list[list[Line]]:
    """Return the lines of each page without those that repeat at its edge; a page that has no others keeps them."""
    candidates = [dict(_at_edges(page)) for page in pages]
    seen = Counter(key for page in candidates for key in set(page.values()))
    needed = min(_PAGES, max(2, len(pages)))
    running = {key for key, count in seen.items() if count >= needed}
    kept: list[list[Line]] = []
    for page, edges in zip(pages, candidates, strict=True):
        out = {number for number, key in edges.items() if key in running}
        outer = _from_the_edge(page, out, top=True) | _from_the_edge(page, out, top=False)
        rest = [line for number, line in enumerate(page.lines) if number not in outer]
        kept.append(rest or list(page.lines))
    return kept


def _from_the_edge(page: Page, running: set[int], *, top: bool) -> set[int]:
    """Return the running lines that nothing else stands outside of; the text may well repeat itself further in."""
    outer: set[int] = set()
    height: float | None = None
    for number, line in sorted(enumerate(page.lines), key=lambda one: -one[1].bottom if top else one[1].bottom):
        if number not in running and not (height is not None and abs(line.bottom - height) < _PLACE / 2):
            break
        if number in running:
            outer.add(number)
            height = line.bottom
    return outer


def _at_edges(page: Page) -> Iterator[tuple[int, tuple[str, int, int]]]:
    """Yield the number of each line that may be a running one, with what it has in common with its like."""
    if not page.lines or page.height <= 0:
        return
    usual = median(line.height for line in page.lines)
    places = sorted({round(line.bottom / _PLACE) for line in page.lines})
    edge = {*places[:_ROWS], *places[-_ROWS:]}
    for number, line in enumerate(page.lines):
        middle = (line.bottom + line.top) / 2 / page.height
        if (middle < _ZONE or middle > 1 - _ZONE) and line.height <= _LARGER * usual:
            place = round(line.bottom / _PLACE)
            if place in edge:
                text = _NUMBERED.sub("#", " ".join(line.text.split()))
                # Page numbers and chapter titles change sides and lengths, so only the height counts.
                yield number, (text, place, round(page.height / _PLACE))
