"""Checks an answer against the passages it was given: invented markers go, quotations are compared. Costs no tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.knowledge.chunks import Match
from assistant.language.folding import fold

MARKER = re.compile(r"\[(\d{1,3})\](?!\()")
_FOREIGN_MARKER = re.compile(r"【(\d{1,3})(?:†[^】]*)?】")  # how some models write them, whatever they are told
_SEVERAL = re.compile(r"\[(\d{1,3}(?:\s*[,，、]\s*\d{1,3})+)\](?!\()")
_QUOTED = re.compile(r"「([^「」]+)」|“([^“”]+)”|\"([^\"\n]+)\"")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.\s")
_LIST_MARK = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)、])\s+")
_WORD = re.compile(r"\w")
# Where a marker is none: an index or a list inside code, or in a formula on lines of its own.
_NO_PROSE = re.compile(
    r"^[ \t>]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)|\$\$.+?\$\$|`[^`\n]+`",
    re.MULTILINE | re.DOTALL,
)
_IN_LINE = re.compile(r"`[^`]")
_BLOCK_QUOTE = re.compile(r"[ \t]*>")
QUOTE_REACH = 80  # how many characters may stand between a quotation and its marker


@dataclass(frozen=True, slots=True)
class Citation:
    """A marker of an answer with the passage it points to; ``verified``: the quotation stands in it word for word.

    Everything needed to show it later is in here, even when the note has changed since.
    """

    marker: int
    note: str
    title: str
    heading: tuple[str, ...]
    page: int | None
    lines: tuple[int, int]
    chars: tuple[int, int]
    text: str
    quote: str
    verified: bool

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {
            "marker": self.marker,
            "note": self.note,
            "heading": list(self.heading),
            "page": self.page,
            "lines": list(self.lines),
            "quote": self.quote,
            "verified": self.verified,
        }


def cite(text: str, matches: Sequence[Match]) -> tuple[str, tuple[Citation, ...], int]:
    """Return the answer without invented markers, its citations in order of appearance, and how many were invented."""
    invented = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal invented
        if 1 <= int(found[1]) <= len(matches):
            return found[0]
        invented += 1
        return ""

    clean = in_prose(lambda prose: MARKER.sub(keep, _one_form(prose)), text)
    citations = [
        citation
        for found in _markers(clean)
        for citation in _citations(int(found[1]), matches[int(found[1]) - 1], clean, found.start())
    ]
    return clean, tuple(citations), invented


def in_prose(change: Callable[[str], str], text: str) -> str:
    """Change everything but code and formulas."""
    parts, end = [], 0
    for kept in _NO_PROSE.finditer(text):
        parts += [change(text[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*parts, change(text[end:])])


def prose(text: str) -> str:
    """Return the text with code and formulas on lines of their own blanked out, every other character in its place."""
    return _NO_PROSE.sub(lambda kept: kept[0] if _IN_LINE.match(kept[0]) else re.sub(r"[^\n]", " ", kept[0]), text)


def _markers(text: str) -> list[re.Match[str]]:
    elsewhere = [kept.span() for kept in _NO_PROSE.finditer(text)]
    return [
        found for found in MARKER.finditer(text) if not any(start <= found.start() < end for start, end in elsewhere)
    ]


def _one_form(text: str) -> str:
    """Write every marker as [n], and [1, 2] as [1][2]."""
    text = _FOREIGN_MARKER.sub(r"[\1]", text)
    return _SEVERAL.sub(lambda found: "".join(f"[{number}]" for number in re.findall(r"\d+", found[1])), text)


def _citations(marker: int, match: Match, text: str, marker_at: int) -> list[Citation]:
    """Return one citation for a marker in prose, and one for each line of the block quotation that a marker ends."""
    lines = _quoted_lines(text, marker_at)
    if lines:
        return [_citation(marker, match, [line]) for line in lines]
    return [_citation(marker, match, _claims(text, marker_at))]


def _quoted_lines(text: str, marker_at: int) -> list[str]:
    """Return the lines of a block quotation from the marker before up to this one, without their list marks."""
    rows = text[:marker_at].split("\n")
    if not _BLOCK_QUOTE.match(rows[-1]):
        return []
    first = len(rows)
    while first and _BLOCK_QUOTE.match(rows[first - 1]):
        first -= 1
    quoted = re.sub(rf"(?:{MARKER.pattern}\s*)+$", "", "\n".join(rows[first:]))
    before = _markers(quoted)
    rest = quoted[before[-1].end() :] if before else quoted
    lines = [_LIST_MARK.sub("", _BLOCK_QUOTE.sub("", row, count=1)).strip() for row in rest.split("\n")]
    return [line for line in lines if _WORD.search(line)]


def _citation(marker: int, match: Match, claims: Sequence[str]) -> Citation:
    chunk = match.chunk
    passage = comparable(f"{chunk.piece.lead}\n{chunk.text}")
    standing = [claim for claim in claims if _WORD.search(claim) and comparable(claim) in passage]
    return Citation(
        marker=marker,
        note=chunk.note,
        title=chunk.title,
        heading=chunk.piece.path,
        page=chunk.piece.page,
        lines=chunk.piece.lines,
        chars=chunk.piece.chars,
        text=chunk.text,
        quote=standing[0] if standing else claims[-1],
        verified=bool(standing),
    )


def _claims(text: str, marker_at: int) -> list[str]:
    """Return what a marker may vouch for: a whole list item, the last quotation before it in its line, or its sentence."""
    line_start = text.rfind("\n", 0, marker_at) + 1
    line = MARKER.sub("", text[line_start:marker_at])
    item = _LIST_MARK.match(line)
    statement = _LIST_MARK.sub("", line).strip()
    quoted = list(_QUOTED.finditer(line))
    if quoted and len(line) - quoted[-1].end() < QUOTE_REACH:
        quotation = next(group for group in quoted[-1].groups() if group).strip()
        return [statement, quotation] if item else [quotation]
    ends = [] if item else list(_SENTENCE_END.finditer(statement.rstrip("。.!?！？；;")))
    return [statement[ends[-1].end() :].strip() if ends else statement]


def comparable(text: str) -> str:
    """Fold width, case, spacing, punctuation and Markdown marks, so that only words and figures are compared."""
    return fold(text).text
