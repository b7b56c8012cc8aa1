"""Holds each quotation of an answer against its passages: word for word, altered, from another one, or from none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from assistant.answers.citations import MARKER
from assistant.answers.statements import QUOTED, Claim
from assistant.language.folding import Folded, fold

State = Literal["verified", "altered", "elsewhere", "missing"]

_MARKERS_BEHIND = re.compile(rf"(?:\s|{MARKER.pattern})+$")
_GAP = re.compile(r"…+|\.{3,}|\[…\]|\[\.{3}\]|⋯+")
_LIKE = 0.75  # how much of both must agree for words to be taken for the altered ones
_STRAY = 2
_LONGEST = 400  # folded characters that are compared sign by sign
_NAMED = 6  # what is shorter is a name or a manner of speaking where no passage has it, and no quotation


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that an answer gives as quoted; ``says`` is what the passage ``marker`` really has there, where altered."""

    start: int
    end: int
    text: str
    state: State
    marker: int | None
    says: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what ``ask --json`` tells of a quotation that is not verified."""
        return {"quote": self.text, "marker": self.marker, "note_says": self.says, "chars": [self.start, self.end]}


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the notes by its number, ready to be searched."""

    number: int
    text: str
    folded: Folded


def passage_of(number: int, text: str) -> Passage:
    """Fold a passage once for all quotations."""
    return Passage(number, text, fold(text))


def quotes(claims: Sequence[Claim], answer: str, passages: Sequence[Passage]) -> list[Quote]:
    """Judge every quotation of the statements: what stands in quotation marks, and the lines of a block quotation."""
    return [
        judged
        for claim in claims
        for start, end in _quoted(claim, answer)
        if (judged := _judge(start, end, answer[start:end], claim, passages))
    ]


def _quoted(claim: Claim, answer: str) -> Iterator[tuple[int, int]]:
    if claim.quoted:
        written = _MARKERS_BEHIND.sub("", answer[claim.start : claim.end])
        yield claim.start, claim.start + len(written)
        return
    for found in QUOTED.finditer(answer, claim.start, claim.end):
        group = found.lastindex or 0
        yield found.span(group)


def _judge(start: int, end: int, text: str, claim: Claim, passages: Sequence[Passage]) -> Quote | None:
    parts = [part for piece in _GAP.split(text) if (part := fold(piece).text)]
    if not parts:
        return None
    numbers = claim.following
    own = [one for one in passages if one.number in numbers] or list(passages)
    others = [one for one in passages if one not in own]
    if found := next((one for one in own if _stands(parts, one)), None):
        return Quote(start, end, text, "verified", found.number)
    if len("".join(parts)) < _NAMED and not any(_stands(parts, one) for one in others):
        return None
    marker = numbers[0] if numbers else None
    for one in own:
        if says := _altered("".join(parts), one):
            return Quote(start, end, text, "altered", one.number, says)
    if any(_stands(parts, one) for one in others):
        return Quote(start, end, text, "elsewhere", marker)
    return Quote(start, end, text, "missing", marker)


def _stands(parts: Sequence[str], passage: Passage) -> bool:
    """Tell whether the parts stand in the passage one after the other."""
    at = 0
    for part in parts:
        found = _find(part, passage.folded.text, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _find(part: str, text: str, at: int) -> int:
    """Find words that are cut out of no longer figure or Latin word: 0.00 does not stand in 0.001."""
    found = text.find(part, at)
    while found >= 0:
        before, after = text[max(found - 1, 0) : found], text[found + len(part) : found + len(part) + 1]
        if not (_joined(before, part[0]) or _joined(part[-1], after)):
            return found
        found = text.find(part, found + 1)
    return -1


def _joined(before: str, after: str) -> bool:
    return (before.isdigit() or before == ".") and after.isdigit()


def _altered(quote: str, passage: Passage) -> str:
    """Return the passage's own words where they differ from the quotation by a little, or ''."""
    if len(quote) > _LONGEST:
        return ""
    text = passage.folded.text
    anchor = SequenceMatcher(None, text, quote, autojunk=False).find_longest_match()
    if anchor.size < 2:
        return ""
    slack = len(quote) // 4 + 2
    first = max(0, anchor.a - anchor.b - slack)
    last = min(len(text), anchor.a - anchor.b + len(quote) + slack)
    blocks = SequenceMatcher(None, text[first:last], quote, autojunk=False).get_matching_blocks()[:-1]
    # A single sign far from its place agrees by chance only.
    blocks = [one for one in blocks if one.size > 1 or abs(first + one.a - one.b - anchor.a + anchor.b) <= _STRAY]
    if not blocks:
        return ""
    start, end = first + blocks[0].a - blocks[0].b, first + blocks[-1].a + blocks[-1].size
    end += len(quote) - blocks[-1].b - blocks[-1].size
    start, end = max(start, first), min(end, last)
    same = sum(block.size for block in blocks)
    if 2 * same < _LIKE * (len(quote) + end - start):
        return ""
    return _whole_words(passage.text, *passage.folded.span(start, end))


def _whole_words(text: str, start: int, end: int) -> str:
    """Widen a stretch that begins or ends inside a Latin word or a figure."""
    while start and _latin(text[start - 1]) and _latin(text[start]):
        start -= 1
    while end < len(text) and _latin(text[end]) and _latin(text[end - 1]):
        end += 1
    return re.sub(r"\s+", " ", text[start:end]).strip()


def _latin(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()
