"""Text as cells of a table file that spreadsheets open: nothing in it is calculated. Knows no file and no column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "|", "＝", "＋", "－", "＠")  # what makes a spreadsheet calculate, also in Chinese ones
_MARK = "\ufeff"  # without it Excel reads UTF-8 as the code page of the system


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as CSV in UTF-8 with its mark, every cell harmless."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows([harmless(cell) for cell in row] for row in rows)
    return (_MARK + written.getvalue()).encode()


def harmless(text: str) -> str:
    """Put a quote before what a spreadsheet would calculate: anybody may have written it."""
    return "'" + text if text.lstrip().startswith(_FORMULA) or text[:1].isspace() else text


def as_written(cell: str) -> str:
    """Take the quote off again that ``harmless`` put there; one that stood there before stays."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell
