"""Finds tables among the lines of a page, by rows of cells that stand under each other. Knows places, no rulings and no PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from assistant.knowledge.readers.layout import Line, columns_wide, joined, writes_spaces

_ROW_STEP = 4.0  # in letter heights: rows further apart belong to no table
_SAME_CELL = 1.8  # a line this close below its like may go on in the same cell,
_PITCH = 0.8  # if rows of the table stand clearly further apart
_PROSE = 20  # columns of letters: what fills its column with lines this long is text in columns and no table
_MOST_COLUMNS = 30


@dataclass(slots=True)
class Table:
    """The cells of a table row by row; ``lines`` are the numbers of the page's lines that went into it."""

    rows: list[list[str]]
    lines: set[int] = field(default_factory=set)

    def as_markdown(self) -> str:
        """Write it with its first row as the head."""
        head, *body = (f"| {' | '.join(map(_cell, row))} |" for row in self.rows)
        rule = "|" + " --- |" * len(self.rows[0])
        return "\n".join([head, rule, *body])


_Row = list[tuple[int, Line]]
_Span = tuple[float, float]


def tables_of(lines: Sequence[Line]) -> list[Table]:
    """Return the tables of a page from top to bottom."""
    rows = _rows(lines)
    found: list[Table] = []
    start = 0
    while start < len(rows):
        end = _run(rows, start)
        if table := _table(rows[start:end]):
            found.append(table)
        start = max(end, start + 1)
    return found


def _rows(lines: Sequence[Line]) -> list[_Row]:
    """Group lines that stand at one height, from top to bottom, each row from left to right."""
    rows: list[_Row] = []
    for number, line in sorted(enumerate(lines), key=lambda one: -_middle(one[1])):
        if rows and abs(_middle(rows[-1][0][1]) - _middle(line)) < 0.4 * min(line.height, rows[-1][0][1].height):
            rows[-1].append((number, line))
        else:
            rows.append([(number, line)])
    return [sorted(row, key=lambda one: one[1].left) for row in rows]


def _run(rows: Sequence[_Row], start: int) -> int:
    """Return the end of the rows that could be one table, beginning with a row of several cells."""
    if len(rows[start]) < 2:
        return start
    end = start + 1
    while end < len(rows) and _step(rows[end - 1], rows[end]) <= _ROW_STEP * rows[end][0][1].height:
        spans = _spans(rows[start : end + 1])
        if len(rows[end]) < 2 and not _continues(rows[start:end], rows[end][0][1]):
            break
        if (
            len(spans) < 2
            or len(spans) > _MOST_COLUMNS
            or not all(_distinct(row, spans) for row in rows[start : end + 1])
        ):
            break
        end += 1
    return end


def _continues(above: Sequence[_Row], line: Line) -> bool:
    """Tell whether a lone line goes on in a cell of the rows above it."""
    step = _middle(above[-1][0][1]) - _middle(line)
    pitch = _pitch(above)
    near = step <= _SAME_CELL * line.height and (pitch is None or step < _PITCH * pitch)
    return near and any(cell.left - line.height <= line.left < cell.right for row in above for _, cell in row)


def _pitch(rows: Sequence[_Row]) -> float | None:
    """Return how far rows of several cells stand apart at most."""
    return max((_step(one, other) for one, other in pairwise(rows) if min(len(one), len(other)) > 1), default=None)


def _table(rows: Sequence[_Row]) -> Table | None:
    """Make a table of rows whose cells stand in columns, unless they are prose in columns or too few to tell."""
    full = [row for row in rows if len(row) > 1]
    spans = _spans(rows)
    if len(full) < 2 or len(spans) < 2 or (len(full) < 3 and len(spans) < 3) or _is_prose(rows, spans):
        return None
    cells: list[list[str]] = []
    pitch = _pitch(rows) or 0.0
    spaced = writes_spaces("\n".join(line.text for row in rows for _, line in row))
    for above, row in zip([None, *rows], rows, strict=False):
        placed = {_column(line, spans): line.text.strip() for _, line in row}
        if above is not None and _is_more_of(above, row, placed, len(spans), pitch):
            for column, text in placed.items():
                cells[-1][column] = joined(cells[-1][column], text, spaced)
        else:
            cells.append([placed.get(column, "") for column in range(len(spans))])
    return Table(cells, {number for row in rows for number, _ in row}) if len(cells) > 1 else None


def _is_more_of(above: _Row, row: _Row, placed: dict[int, str], columns: int, pitch: float) -> bool:
    """Tell whether a row only goes on in cells of the one above: closer than rows are, and not in all of them."""
    step = _step(above, row)
    height = max(line.height for _, line in (*above, *row))
    return step <= _SAME_CELL * height and step < _PITCH * pitch and len(placed) < columns


def _spans(rows: Sequence[_Row]) -> list[_Span]:
    """Return the columns: stretches across the page that cells cover, apart from each other."""
    spans: list[_Span] = []
    for left, right in sorted((line.left, line.right) for row in rows for _, line in row):
        if spans and left < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(right, spans[-1][1]))
        else:
            spans.append((left, right))
    return spans


def _distinct(row: _Row, spans: Sequence[_Span]) -> bool:
    columns = [_column(line, spans) for _, line in row]
    return len(set(columns)) == len(columns)


def _column(line: Line, spans: Sequence[_Span]) -> int:
    return next(number for number, (left, right) in enumerate(spans) if left <= line.left <= right)


def _is_prose(rows: Sequence[_Row], spans: Sequence[_Span]) -> bool:
    """Tell whether every column is filled with long lines, as newspapers are and tables are not."""
    for number, (left, right) in enumerate(spans):
        lines = [line for row in rows for _, line in row if _column(line, spans) == number]
        full = median((line.right - line.left) / max(right - left, 1.0) for line in lines) > 0.75
        if not full or median(columns_wide(line.text) for line in lines) < _PROSE:
            return False
    return True


def _step(above: _Row, below: _Row) -> float:
    return _middle(above[0][1]) - _middle(below[0][1])


def _middle(line: Line) -> float:
    return (line.bottom + line.top) / 2


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split()) or " "


def rows_in_order(lines: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield neighbours in the given order that stand at one height, the first to the left of the second."""
    for one, other in pairwise(lines):
        if abs(_middle(one) - _middle(other)) < 0.4 * min(one.height, other.height) and one.right <= other.left:
            yield one, other
