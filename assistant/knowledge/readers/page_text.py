"""Writes the lines of pages as text: running lines dropped, columns one after the other, tables as rows, the rest flowing.

Knows lines and their places; knows neither PDF nor how lines were found, so that recognised pictures are read alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.knowledge.readers.cleaning import without_hyphen_marks
from assistant.knowledge.readers.layout import Line, columns_wide, flowing_text
from assistant.knowledge.readers.running_lines import Page, without_running_lines
from assistant.knowledge.readers.tables import rows_in_order, tables_of

_INTERLEAVED = 3  # lines of one column each followed by its neighbour in the other: the page was written across
_BAND = 1.8  # in letter heights: white across all columns, below which others begin
_SIDE = 3  # lines make a column
_TOUCHING = 0.15  # in letter heights: closer than words stand to each other
_LONG = 12  # columns of letters: shorter than lines of text


def page_texts(pages: Sequence[Page]) -> list[str]:
    """Return the text of each page."""
    return [page_text(lines, page.width) for page, lines in zip(pages, without_running_lines(pages), strict=True)]


def page_text(lines: Sequence[Line], width: float, *, ordered: bool = True) -> str:
    """Return the text of one page; ``ordered``: its lines come in the order in which they were written."""
    tables = tables_of(lines)
    inside = {number: table for table in tables for number in table.lines}
    parts: list[str] = []
    flow: list[Line] = []
    written: set[int] = set()
    for number, line in enumerate(lines):
        table = inside.get(number)
        if table is None:
            flow.append(line)
        elif id(table) not in written:
            written.add(id(table))
            parts += [_flowing(flow, width, ordered=ordered), table.as_markdown()]
            flow = []
    parts.append(_flowing(flow, width, ordered=ordered))
    return without_hyphen_marks("\n\n".join(part for part in parts if part))


def _flowing(lines: Sequence[Line], width: float, *, ordered: bool) -> str:
    if not ordered or _is_interleaved(lines):
        lines = list(in_columns(lines, width))
    return flowing_text(list(_joined(lines)), width)


def _is_interleaved(lines: Sequence[Line]) -> bool:
    across = [pair for pair in rows_in_order(lines) if all(columns_wide(line.text) > _LONG for line in pair)]
    return len(across) >= _INTERLEAVED


def in_columns(lines: Sequence[Line], width: float, depth: int = 2) -> Iterator[Line]:
    """Yield lines column by column, from one line or white band that reaches across to the next; as they are where there are no columns."""
    gutter = _gutter(lines, width) if depth and len(lines) > 2 * _SIDE else None
    if gutter is None:
        yield from lines
        return
    left: list[Line] = []
    right: list[Line] = []
    lowest: float | None = None
    for line in sorted(lines, key=lambda line: -line.top):
        across = line.left < gutter < line.right
        if across or (lowest is not None and lowest - line.top > _BAND * line.height):
            yield from (*in_columns(left, width, depth - 1), *in_columns(right, width, depth - 1))
            left, right = [], []
        if across:
            yield line
        else:
            (left if line.right <= gutter else right).append(line)
        lowest = line.bottom if lowest is None else min(lowest, line.bottom)
    yield from (*in_columns(left, width, depth - 1), *in_columns(right, width, depth - 1))


def _gutter(lines: Sequence[Line], width: float) -> float | None:
    """Find where the fewest lines reach across, if that is few enough and enough lines stand on both sides."""
    ends = sorted({line.right + 0.5 for line in lines})
    best: tuple[int, float] | None = None
    for place in ends:
        left = sum(line.right <= place for line in lines)
        right = sum(line.left >= place for line in lines)
        if min(left, right) >= _SIDE and _long(lines, place) and (best is None or len(lines) - left - right < best[0]):
            following = min(line.left for line in lines if line.left >= place)
            best = (len(lines) - left - right, (place + following) / 2)
    return best[1] if best and best[0] <= 0.3 * len(lines) and width > 0 else None


def _long(lines: Sequence[Line], place: float) -> bool:
    """Tell whether lines of text, not only marks and numbers, stand on both sides."""
    sides = ([line for line in lines if line.right <= place], [line for line in lines if line.left >= place])
    return all(2 * sum(columns_wide(line.text) > _LONG for line in side) >= len(side) for side in sides)


def _joined(lines: Sequence[Line]) -> Iterator[Line]:
    """Put together again what stands at one height with a wide space between, but is no table."""
    beside = {id(other) for _, other in rows_in_order(lines)}
    held: Line | None = None
    for line in lines:
        if held is not None and (id(line) in beside or _is_raised(held, line)):
            gap = " " if line.left - held.right > _TOUCHING * held.height else ""
            held = replace(held, text=f"{held.text.rstrip()}{gap}{line.text.lstrip()}", right=line.right)
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _is_raised(line: Line, follower: Line) -> bool:
    """Tell whether what follows is an index or a power that stands right behind the line, a little higher or lower."""
    overlap = min(line.top, follower.top) - max(line.bottom, follower.bottom)
    near = -0.1 * line.height < follower.left - line.right < _TOUCHING * line.height
    return near and overlap > 0.25 * min(line.height, follower.height)
