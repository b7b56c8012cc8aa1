"""Questions about tables: one cell is blank, the other cells of its column are the options. Knows no definition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.errors import Language
from assistant.knowledge.chunks import Chunk
from assistant.language.folding import fold
from assistant.language.tongue import language_of
from assistant.study.quiz import BLANK, Question, source_of

_RULE = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*$")
_FENCE = re.compile(r"[ \t>]*(?:`{3,}|~{3,})")
_CELL = re.compile(r"(?<!\\)\|")
_SAID: dict[Language, str] = {
    "zh": "表格的空格里应该是什么？\n\n{table}",
    "en": "What belongs in the blank of the table?\n\n{table}",
}
_MOST_ROWS = 12
_WIDEST = 60  # signs of a cell that can still be an option

Mix = Callable[[list[str], str], list[str]]


@dataclass(frozen=True, slots=True)
class _Table:
    head: str
    rule: str
    rows: tuple[str, ...]

    def cells(self, row: int) -> list[str]:
        return [cell.strip() for cell in _CELL.split(self.rows[row].strip().strip("|"))]

    def blanked(self, row: int, column: int) -> str:
        cells = self.cells(row)
        cells[column] = BLANK
        rows = [*self.rows[:row], f"| {' | '.join(cells)} |", *self.rows[row + 1 :]]
        return "\n".join([self.head, self.rule, *rows])


def table_questions(chunk: Chunk, mix: Mix) -> Iterator[Question]:
    """Yield a question for each row of each table that has three columns or more; ``mix`` orders the options."""
    for table in _tables(f"{chunk.piece.lead}\n{chunk.text}" if "|" in chunk.piece.lead else chunk.text):
        for row in range(len(table.rows)):
            question = _asked(chunk, table, row, mix)
            if question:
                yield question


def _asked(chunk: Chunk, table: _Table, row: int, mix: Mix) -> Question | None:
    width = len(table.cells(row))
    if width < 3 or any(len(table.cells(other)) != width for other in range(len(table.rows))):
        return None
    column = 1 + row % (width - 1)
    right = table.cells(row)[column]
    others = _others(table, row, column)
    if not re.search(r"\w", right) or len(right) > _WIDEST or len(others) < 2:
        return None
    options = mix([right, *others[:3]], table.rows[row])
    language = language_of(chunk.text)
    prompt = _SAID[language].replace("{table}", table.blanked(row, column))
    return Question(
        "single", prompt, tuple(options), (options.index(right),), (), table.rows[row].strip(), "", source_of(chunk, table.rows[row]), language
    )  # fmt: skip


def _others(table: _Table, row: int, column: int) -> list[str]:
    """Return what else stands in a column, once each; nothing where the cell's own value stands there twice."""
    folded = fold(table.cells(row)[column]).text
    found: dict[str, str] = {}
    for other in range(len(table.rows)):
        cell = table.cells(other)[column]
        if other != row and re.search(r"\w", cell) and len(cell) <= _WIDEST:
            found.setdefault(fold(cell).text, cell)
    return [] if folded in found else list(found.values())


def _tables(text: str) -> Iterator[_Table]:
    lines = text.split("\n")
    fenced = False
    for at, line in enumerate(lines):
        fenced ^= bool(_FENCE.match(line))
        if fenced or not at or not _RULE.match(line) or "|" not in lines[at - 1]:
            continue
        rows = []
        for row in lines[at + 1 :]:
            if "|" not in row:
                break
            rows.append(row)
        if 3 <= len(rows) <= _MOST_ROWS:
            yield _Table(lines[at - 1], line, tuple(rows))
