"""Finds what a note defines: 「术语（English，ABBR）：解释」, ``term: definition``, bold lead-ins, tables, 「X，即 Y」, bilingual
names in passing. Knows lines of text, no note and no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.knowledge.definition_lines import Definition, Line, body_of, said, separated
from assistant.knowledge.definition_tables import defined_in_table
from assistant.knowledge.names_in_passing import in_passing
from assistant.knowledge.term_names import Name, name_of

_FENCE = re.compile(r"[ >]*(`{3,}|~{3,})")
_PREFIX = re.compile(
    r"^(?P<quote>[\s>]*)(?P<mark>#{1,6}\s+|[-*+•]\s+(?:\[[ xX]\]\s+)?|\d{1,3}[.)、]\s*|[(（]\d+[)）]\s*)?"
)
_BOLD_LEAD = re.compile(r"(\*\*|__)(?P<bold>[^*_]{1,80}?)\1")
_TELLING = re.compile(r"[:：(（—–=即指|]|\*\*|/|\bsays?\b|\bmeans?\b")
_LONGEST_LINE = 4000  # characters: what is longer was written by a program
_SENTENCE = re.compile(r"(?<=[。！？；])\s*|——|(?<=[.;])\s+")


def definitions(text: str) -> list[Definition]:
    """List every definition and bilingual name of a note from top to bottom."""
    found: list[Definition] = []
    rows: list[tuple[int, str]] = []
    lines = list(_outside_code(text))
    for place, (number, raw) in enumerate(lines):
        if raw.lstrip(" >").startswith("|"):
            rows.append((number, raw))
            continue
        if rows:
            found += _of_table(rows)
            rows = []
        if _TELLING.search(raw):
            found += _of_line(_line(number, raw), lines[place + 1 : place + 3])
    return found + (_of_table(rows) if rows else [])


def _outside_code(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers, without front matter and code."""
    fence, front = "", text.startswith("---\n")
    for number, line in enumerate(text.splitlines(), start=1):
        if front:
            front = number == 1 or line.rstrip() not in ("---", "...")
            continue
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence and len(line) <= _LONGEST_LINE:
            yield number, line


def _of_table(rows: Sequence[tuple[int, str]]) -> list[Definition]:
    return [Definition(name, body, (number, number)) for number, name, body in defined_in_table(rows)]


def _line(number: int, raw: str) -> Line:
    prefix = _PREFIX.match(raw)
    mark = prefix["mark"] or "" if prefix else ""
    text = raw[prefix.end() :] if prefix else raw
    bold = _BOLD_LEAD.match(text)
    return Line(
        number,
        text.replace("**", "").replace("__", "").strip(),
        bold["bold"].strip() if bold else "",
        mark.startswith("#"),
        mark[:1].isdigit(),
    )


def _of_line(line: Line, after: Sequence[tuple[int, str]]) -> list[Definition]:
    """Read one line: the definition it opens with, else those further in, else the names in passing."""
    whole = _titled(line, after) or separated(line, line.text, opening=True) or said(line)
    if whole:
        rest = [name for sentence in _SENTENCE.split(line.text) for name in in_passing(sentence)]
        known = set(filter(None, whole.name.keys))
        return [whole, *(Definition(name, "", whole.lines) for name in rest if not known & set(name.keys))]
    found: list[Definition] = []
    for sentence in _SENTENCE.split(line.text):
        inner = separated(line, sentence, opening=False) if sentence != line.text else None
        names = [] if inner else in_passing(sentence)
        found += [inner] if inner else [Definition(name, "", (line.number, line.number)) for name in names]
    return found


def _titled(line: Line, after: Sequence[tuple[int, str]]) -> Definition | None:
    """Read a name that has the line for itself, as a heading, in bold, or above a line that begins with a colon."""
    explained = bool(after) and after[0][1].startswith((": ", "："))
    alone = line.heading or (line.bold and line.text in (line.bold, line.bold + "：", line.bold + ":"))
    name = name_of(line.text) if after and (explained or alone) else None
    if name is None or not (explained or name.paired):
        return None
    number, below = after[0]
    if explained:
        return Definition(name, body_of(below[1:]), (line.number, number))
    number, below = next(((n, b) for n, b in after if b.strip()), (line.number, ""))
    plain = below and not re.match(r"\s*(?:[-*+>|#!<$`~]|\d+[.)、])", below) and not _opens(below, name)
    if plain and (number == line.number + 1 or not line.heading):
        return Definition(name, body_of(below), (line.number, number))
    return Definition(name, "", (line.number, line.number))


def _opens(below: str, name: Name) -> bool:
    """Tell whether a line opens with the same name: it then is read as a definition of its own."""
    return any(part and below.lstrip("*_ ").lower().startswith(part.lower()) for part in (name.zh, name.en))
