"""Cuts out of a passage the block that a quotation stands in, so that it can be drawn as in the note. Knows no screen."""

from __future__ import annotations

import re

from assistant.language.folding import fold

LONGEST = 1_200
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")


def excerpt(passage: str, quote: str) -> str:
    """Return the paragraph, list, table, code or formula that holds the quotation; the quotation alone where that is long."""
    wanted = fold(quote).text
    for block in blocks(passage):
        if wanted and wanted in fold(block).text:
            return block if len(block) <= LONGEST else _lines_with(block, wanted) or quote
    return quote


def blocks(text: str) -> list[str]:
    """Split at blank lines, but never inside a fence or between the signs of a displayed formula."""
    found: list[list[str]] = [[]]
    fence, formula = "", False
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence and line.count("$$") % 2:
            formula = not formula
        if line.strip() or fence or formula:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return ["\n".join(block) for block in found if block]


def _lines_with(block: str, wanted: str) -> str:
    """Return the one line of a long block that holds the quotation, with the head of the table that it is a row of."""
    lines = block.split("\n")
    row = next((line for line in lines if wanted in fold(line).text), "")
    head = lines[:2] if row.lstrip().startswith("|") and row not in lines[:2] else []
    return "\n".join([*head, row]) if row else ""
