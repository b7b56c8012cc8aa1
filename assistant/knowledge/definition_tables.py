"""Reads the terms of a Markdown table, if it is one of terms: by its header, or by names in two languages. Knows no note."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.knowledge.term_names import Name, has_han, is_abbreviation, name_of

_RULE = re.compile(r"[\s>|:\-]+")
_HEADS = {
    "zh": re.compile(r"中文(?:名|名称|术语|翻译)?|汉语|译名|chinese(?: name| term)?", re.IGNORECASE),
    "en": re.compile(r"英文(?:名|名称|术语|全称)?|英语|english(?: name| term)?|full name|全称", re.IGNORECASE),
    "abbreviation": re.compile(r"缩写|简称|简写|abbr\.?|abbreviation|acronym|short", re.IGNORECASE),
    "name": re.compile(r"术语|名词|概念|名称|词条?|词汇|terms?|concepts?|notions?|words?", re.IGNORECASE),
    "body": re.compile(
        r"含义|意思|解释|定义|说明|释义|描述|是什么|meanings?|definitions?|explanations?|descriptions?|what it (?:is|means)",
        re.IGNORECASE,
    ),
}


def defined_in_table(rows: Sequence[tuple[int, str]]) -> Iterator[tuple[int, Name, str]]:
    """Yield line number, name and definition of each row that has them; nothing where the table is of other things."""
    cells = [(number, _cells(row)) for number, row in rows if not _RULE.fullmatch(row)]
    if len(cells) < 2 or len(cells) == len(rows):  # without a rule below its header it is no table
        return
    header = cells[0][1]
    columns = dict(_columns(header))
    glossary = "name" in columns or "zh" in columns or "en" in columns
    for number, row in cells[1:]:
        if len(row) != len(header):
            continue
        name = _name(row, columns)
        if name and (name.paired or (glossary and "body" in columns)):
            yield number, name, _body(row, columns)


def _cells(row: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip(" >\t").strip("|"))]


def _columns(header: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Say which column is which; the first that is none of them names the term."""
    known = set()
    for place, head in enumerate(header):
        kind = next((kind for kind, like in _HEADS.items() if like.fullmatch(head.strip("* "))), None)
        if kind and kind not in known:
            known.add(kind)
            yield kind, place
        elif "first" not in known:
            known.add("first")
            yield "first", place


def _name(row: Sequence[str], columns: dict[str, int]) -> Name | None:
    said = [row[columns[kind]] for kind in ("name", "zh", "en", "abbreviation") if kind in columns]
    if "name" not in columns and not {"zh", "en"} <= columns.keys() and "first" in columns:
        said.insert(0, row[columns["first"]])
    if len(said) > 1:
        return _joined(said)
    return name_of(said[0], english_around=True) if said else None


def _joined(said: Sequence[str]) -> Name | None:
    """Put the cells of a name together, each by what it looks like."""
    zh = next((cell for cell in said if has_han(cell)), "")
    latin = [cell.strip("* `") for cell in said if cell and not has_han(cell)]
    abbreviation = next((cell for cell in latin if is_abbreviation(cell)), "")
    en = next((cell for cell in latin if cell != abbreviation), "")
    inner = name_of(f"{zh}（{en}）" if zh and en else zh or en)
    if inner is None:
        return None
    return Name(inner.zh, inner.en, inner.abbreviation or (abbreviation if inner.en or inner.zh else ""))


def _body(row: Sequence[str], columns: dict[str, int]) -> str:
    if "body" in columns:
        return row[columns["body"]]
    taken = {place for kind, place in columns.items() if kind != "body"}
    return next((cell for place, cell in enumerate(row) if place not in taken), "")
