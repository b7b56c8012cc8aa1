"""Cuts a note into what stands above a passage, the passage, and what stands below it. Pure; knows no screen.

A cut inside a fenced block or a table would turn code into prose and rows into bars, so each part that begins there
begins with the fence or the table's head.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_SIDE = 8_000  # characters of the note on each side: a few screens, and a click never has to wait for more
_LONGEST_TABLE = 400  # rows to look back for the head of a table
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
_LINE_BREAK = re.compile(r"\r?\n")
_ROW = re.compile(r"[ \t>]*\|")
_RULE = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t|:-]*\r?$")


@dataclass(frozen=True, slots=True)
class NoteWindow:
    """The three parts, and how many characters of the note are left out before and after them."""

    above: str
    passage: str
    below: str
    left_out: tuple[int, int]


def window_of(text: str, start: int, end: int) -> NoteWindow:
    """Return the passage ``text[start:end]`` with what surrounds it, as parts that can each be drawn by themselves."""
    first = _line_start(text, start - LONGEST_SIDE, start)
    last = _line_end(text, end + LONGEST_SIDE, end)
    return NoteWindow(
        above=_part(text, first, start),
        passage=_part(text, start, end),
        below=_part(text, end, last),
        left_out=(first, len(text) - last),
    )


def _line_start(text: str, wanted: int, latest: int) -> int:
    if wanted <= 0:
        return 0
    found = text.find("\n", wanted, latest)
    return found + 1 if found >= 0 else wanted


def _line_end(text: str, wanted: int, earliest: int) -> int:
    if wanted >= len(text):
        return len(text)
    found = text.rfind("\n", earliest, wanted)
    return found + 1 if found >= 0 else wanted


def _part(text: str, begin: int, end: int) -> str:
    """Return a part of the text, led by what has to be said again: the fence it stands in, or the head of its table."""
    if line_break := _LINE_BREAK.match(text, begin, end):
        begin = line_break.end()
    fence = _open_fence(text, begin)
    if fence and (close := _FENCE.match(text, begin, end)) and _closes(close, fence):
        begin, fence = close.end(), None
    part = text[begin:end]
    if not part.strip():
        return ""
    return (f"{fence[0]}\n" if fence else _table_head(text, begin)) + part


def _open_fence(text: str, at: int) -> re.Match[str] | None:
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text, 0, at):
        if opened is None:
            opened = fence
        elif _closes(fence, opened):
            opened = None
    return opened if opened is not None and opened.end() < at else None


def _closes(fence: re.Match[str], opened: re.Match[str]) -> bool:
    return fence[1].startswith(opened[1]) and not fence[2].strip()


def _table_head(text: str, at: int) -> str:
    if text[max(at - 1, 0) : at] != "\n" or not _ROW.match(text, at):
        return ""
    above = text[max(0, at - 200 * _LONGEST_TABLE) : at].split("\n")[:-1]
    rows: list[str] = []
    for row in reversed(above[-_LONGEST_TABLE:]):
        if not _ROW.match(row):
            break
        rows.insert(0, row)
    # Cut between head and rule there is no table to go on with.
    return f"{rows[0]}\n{rows[1]}\n" if len(rows) > 1 and _RULE.match(rows[1]) else ""
