"""The parts that a file itself marks: slides, sheets, chapters, cells, rows, moments. Values only; knows no format."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Form = Literal["markdown", "plain", "code", "rows"]


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part begins in the note's text, the headings above it, its slide, and how its text is to be read.

    Pieces never reach from one part into the next. ``rows`` are those of a Markdown table: head, rule, one row a line.
    """

    start: int
    heading: tuple[str, ...] = ()
    page: int | None = None
    form: Form = "markdown"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that the file counts by itself: the text from ``start`` on lies between ``first`` and ``last``.

    Cell 4, row 14 from A14 to F14, the second from 00:01:05 to 00:01:09. Such names shift when something is inserted
    above, so they are shown and never embedded.
    """

    start: int
    first: str
    last: str = ""


def label_of(marks: Sequence[Mark], starts: Sequence[int], start: int, end: int) -> str:
    """Name the stretch by its marks, from the first to the last it touches; empty where nothing is marked."""
    first = bisect_right(starts, start) - 1
    last = bisect_right(starts, end - 1) - 1
    if last < 0:
        return ""
    one, other = marks[max(first, 0)], marks[last]
    until = other.last or (other.first if other is not one else "")
    if not until or until == one.first:
        return one.first
    return f"{one.first}{_joint(one)}{until}"


def _joint(mark: Mark) -> str:
    """Join cells as spreadsheets do, A14:F30, and everything else with a dash."""
    return ":" if mark.first.isalnum() else "–"
