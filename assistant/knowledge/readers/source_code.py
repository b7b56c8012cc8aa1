"""Reads source code: its text stays as it is, so lines are those of the file; a part begins at each top definition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.knowledge.notes import Problem
from assistant.knowledge.parts import Part
from assistant.knowledge.readers.document import Document, one_line
from assistant.knowledge.readers.plain_bytes import decoded

# What opens a definition in the first column; deeper ones belong to the part around them.
_DEFINITION = re.compile(
    r"^(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|unsafe|pub(?:\([a-z]+\))?"
    r"|virtual|inline|extern|sealed|partial|open|override|data|local) +)*"
    r"(?:(?P<word>def|class|func|function\*?|fn|interface|struct|enum|trait|impl|module|object|protocol|record|type"
    r"|namespace|sub|subroutine|procedure)\b\s*(?:\([^()\n]*\)\s*)?(?:<[^<>\n]*>\s*)?(?P<name>[\w.$]+(?:::[\w.$]+)*)"
    r"|create(?: or replace)?(?: temp(?:orary)?| unique| materialized)* (?P<made>table|view|function|procedure|trigger|index)"
    r"(?: if not exists)? (?P<named>[\w.\"`\[\]]+)"
    r"|(?:const|let|var) (?P<bound>\w+) *(?::[^=\n]{1,80})?= *(?:async *)?(?:function\b|\([^()\n]{0,200}\) *(?::[^=\n]{1,80})?=>|\w+ *=>)"
    r"|(?P<assigned>[\w.]+) *(?:<-|=) *function\b"
    r"|(?:[\w:*&<>,\[\]]+ +){1,4}[*&]?(?P<called>[\w:~]+) *\([^;{}\n]{0,300}\)? *(?:const)? *\{? *$)",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_CALLED = {"if", "for", "while", "switch", "return", "else", "elif", "catch", "with", "do", "foreach", "when"}
# What belongs to the definition below it: comments, decorators, attributes.
_LEADING = re.compile(r"[ \t]*(?:#(?!include|define|if|endif|ifdef|ifndef|pragma)|//|/\*|\*|@|--|%|\[\[?[\w(])")


def read_code(data: bytes, path: str) -> Document:
    """Read a file of code; each part is headed by what it defines."""
    text, encoding, replaced = decoded(data, path)
    return Document(
        text=text,
        parts=tuple(_parts(text)),
        encoding=encoding,
        problems=(Problem("replaced_characters"),) if replaced else (),
    )


def _parts(text: str) -> Iterator[Part]:
    """Begin a part at each definition in the first column, together with the comment above it."""
    part = Part(0, (), None, "code")
    for start, name in _definitions(text):
        if text[part.start : start].strip():
            yield part
            part = Part(start, (name,), None, "code")
        else:
            part = Part(part.start, (name,), None, "code")
    yield part


def _definitions(text: str) -> Iterator[tuple[int, str]]:
    for found in _DEFINITION.finditer(text):
        named = found["name"] or found["named"] or found["bound"] or found["assigned"] or found["called"]
        first_word = found[0].split(None, 1)[0].strip("(").lower()
        if named and named.lower() not in _NOT_CALLED and first_word not in _NOT_CALLED:
            kind = found["word"] or (found["made"] or "").upper()
            yield _with_comment(text, found.start()), one_line(f"{kind} {named}".strip(), 100)


def _with_comment(text: str, start: int) -> int:
    """Go back over the comment lines and decorators that stand right above a definition."""
    for _ in range(40):
        above = text.rfind("\n", 0, max(start - 1, 0)) + 1
        line = text[above : max(start - 1, 0)]
        if above >= start or not line.strip() or not _LEADING.match(line):
            break
        start = above
    return start
