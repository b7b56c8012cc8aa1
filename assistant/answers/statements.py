"""Finds the statements of an answer: the sentences that claim something, as places in it. Knows no passages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.answers.citations import MARKER, prose
from assistant.language.sentences import sentences
from assistant.language.words import terms

_LEADING_MARKERS = re.compile(rf"(?:[ \t]*(?:{MARKER.pattern}))+[ \t]*[。．.；;，,]?")
QUOTED = re.compile(r"「([^「」\n]+)」|『([^『』\n]+)』|“([^“”\n]+)”|\"([^\"\n]+)\"")
_LIST_MARK = re.compile(r"[ \t>]*(?:(?:[-*+•]|\d{1,3}[.)、])[ \t]+(?:\[[ xX]\][ \t]+)?)?")
_HEADING = re.compile(r"[ \t>]*(?:#{1,6}[ \t]|\*\*[^*\n]{1,40}\*\*[ \t]*$)")
_TABLE_RULE = re.compile(r"[ \t>]*[|:\-\s]+$")
_ASKS = re.compile(r"[?？][\s」』”’\"'*_)）]*$")
_ANNOUNCES = re.compile(r"[：:][\s*_]*$")
# What an answer says about the notes or about itself, not about the subject.
_NO_CLAIM = re.compile(
    r"(?:笔记|段落|资料|原文|材料)[^。；，,]{0,10}(?:没有|没|未|不)(?:直接|明确|具体|有|能|够)*(?:提|说|写|讲|给|找|涉及|包含|记|回答|解释|介绍)"
    r"|没有(?:找到|连接模型)|(?:以下|下面)是|希望(?:这|能|对)|如需|如果你(?:想|需要)|很高兴"
    r"|\b(?:notes?|passages?|texts?|materials?)\b(?: \w+)? (?:do|does|did)(?: not|n['’]t) (?:\w+ )?"
    r"(?:say|mention|contain|hold|cover|answer|explain|describe|specify|discuss|include|provide|give|state|address)"
    r"|\b(?:not|nothing)\b[^.]{0,30}\bin (?:the|your|my|these) (?:notes?|passages?)\b|\bno model is connected\b"
    r"|^\W*(?:here (?:is|are)|below (?:is|are)|let me|i hope|hope this|feel free|if you (?:want|need|would like))\b",
    re.IGNORECASE,
)
_FEWEST_TERMS = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that claims something; ``markers`` are its own, ``following`` the next ones of its paragraph."""

    start: int
    end: int
    text: str
    markers: tuple[int, ...]
    following: tuple[int, ...]
    quoted: bool


def claims(answer: str) -> list[Claim]:
    """List what an answer claims; headings, questions, what only announces, code and formulas claim nothing."""
    masked = prose(answer)
    found = [_claim(masked, start, end) for start, end in _spans(QUOTED.sub(_unstopped, masked))]
    # Back to front, so that a sentence knows the markers that its paragraph still brings.
    done: list[Claim] = []
    for number in range(len(found) - 1, -1, -1):
        one = found[number]
        after = found[number + 1] if number + 1 < len(found) else None
        following = _next_markers(masked, one, after, done[-1].following if done else ())
        done.append(Claim(one.start, one.end, one.text, one.markers, one.markers or following, one.quoted))
    return [one for one in reversed(done) if _claims_something(masked, one)]


def _unstopped(quotation: re.Match[str]) -> str:
    """Take the stops out of a quotation, but for its last: it belongs to the one sentence that quotes it."""
    return re.sub(r"[。！？；;!?…](?=..)", "，", quotation[0])


def _next_markers(text: str, one: Claim, after: Claim | None, theirs: tuple[int, ...]) -> tuple[int, ...]:
    if after is None:
        return ()
    between = text[one.end : after.start]
    line = text[text.rfind("\n", 0, after.start) + 1 : after.start]
    same = one.quoted and after.quoted if one.quoted else "\n" not in between and not re.match(r"[ \t]*[-*+•|]", line)
    return theirs if same and not re.search(r"\n[ \t]*\n", between) else ()


def _claim(text: str, start: int, end: int) -> Claim:
    written = text[start:end]
    row = text[text.rfind("\n", 0, start) + 1 : end]
    markers = tuple(dict.fromkeys(int(number) for number in MARKER.findall(written)))
    return Claim(start, end, MARKER.sub("", written).strip(" \t\n|"), markers, (), row.lstrip().startswith(">"))


def _spans(text: str) -> list[tuple[int, int]]:
    """Return the sentences, each with the markers that stand behind its stop and without its list mark."""
    spans: list[tuple[int, int]] = []
    for whole_start, whole_end in sentences(text):
        for start, end in _rows(text, whole_start, whole_end):
            leading = _LEADING_MARKERS.match(text, start, end)
            behind = leading.end() if leading and spans and not text[spans[-1][1] : start].strip(" \t") else start
            if behind > start:
                spans[-1] = (spans[-1][0], behind)
            mark = _LIST_MARK.match(text, behind, end)
            words = text[mark.end() if mark else behind : end].lstrip()
            if words:
                spans.append((end - len(words), end))
    return spans


def _rows(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Take the rows of a table one by one; other lines belong together."""
    if "|" not in text[start:end] or "\n" not in text[start:end]:
        return [(start, end)]
    return [(start + row.start(), start + row.end()) for row in re.finditer(r"[^\n]+", text[start:end])]


def _claims_something(text: str, one: Claim) -> bool:
    line_start = text.rfind("\n", 0, one.start) + 1
    line_end = text.find("\n", one.end)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    below = text[line_end + 1 :].partition("\n")[0] if line_end >= 0 else ""
    if (
        _HEADING.match(line)
        or _TABLE_RULE.match(one.text)
        or ("|" in line and "-" in below and _TABLE_RULE.match(below))
    ):
        return False
    if _ASKS.search(one.text) or _ANNOUNCES.search(one.text) or _NO_CLAIM.search(QUOTED.sub("", one.text)):
        return False
    return len(set(terms(one.text))) >= _FEWEST_TERMS
