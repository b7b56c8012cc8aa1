"""Scores each line of the passages against a question: by shared words, and by the kind of answer that is asked for.

Knows passages and the wording of questions; does not choose, and knows no markup of an answer.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.language.asking import Asking, asking
from assistant.language.passage_lines import Line, lines_of
from assistant.language.words import is_han, query_terms, rarity, subject_words, terms
from assistant.providers.base import Passage

ABOVE_WEIGHT = 0.6  # what a word in the headings, the parent item or the table's head counts for a line
CONTEXT_WEIGHT = 0.4  # what a word of the former question counts beside words of this one
ASPECT_WEIGHT = 0.3  # "formula", "difference": the kind of answer, a word that seldom stands in it
RANK_DISCOUNT = 0.93  # per place: the search has seen the whole passage, we see lines
DEFINITION = 1.6  # "what is X" is best answered by a line that opens with X and explains it
FRAGMENT = 0.4  # what neither ends like a sentence nor stands in a list was cut out of something, often a PDF's table
OPEN_QUESTION = 0.25  # what a learner noted as a question of their own is seldom an answer
SAID_BEFORE = 0.3  # a follow-up wants more than the lines of the answer before
REASON = 1.3  # "why" is best answered by a line that says because
ASKED_KIND, OTHER_KIND = 1.5, 0.4  # formulas and code, where they are asked for and where not

_ASPECTS = frozenset(
    term
    for word in [
        "公式",
        "代码",
        "命令",
        "例子",
        "步骤",
        "流程",
        "区别",
        "不同",
        "差别",
        "差异",
        "关系",
        "比较",
        "原因",
        "办法",
        "缺点",
        "优点",
        "定义",
        "含义",
        "问题",
        "formula",
        "equation",
        "code",
        "example",
        "snippet",
        "step",
        "difference",
        "compare",
        "reason",
        "list",
        "work",
        "command",
    ]
    for term in terms(word)
)
_DEFINES = re.compile(r"^[^。.!?！？：:]{0,60}(?:[：:|]|（[^）]*）|\([^)]*\)|是指|指的是|是|\bis\b|\bare\b|\bmeans\b)")
_OPEN = re.compile(r"[?？]\W*$")
_OPEN_HEADING = re.compile(r"待研究|待解决|疑问|没弄懂|未解决|still to|open question", re.IGNORECASE)
_WHOLE = re.compile(r"[。！？.!?；;：:…，,][\s*_`”’」』）)\]\"']*$|^[^。：:]{1,60}[：:]\s*\S|\$[^\w]*$")
_REASON = re.compile(
    r"因为|所以|由于|为了|原因|于是|因此|避免|浪费|\bbecause\b|\bsince\b|\bso that\b|\btherefore\b", re.IGNORECASE
)
_MARKS = re.compile(r"[*_`]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line with what it is compared by: its own terms, and those of all that stands above it."""

    passage: Passage
    line: Line
    own: frozenset[str]
    above: frozenset[str]
    near: str  # what announces the line, or the nearest heading


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: weighed terms and phrases, the kind of answer, and what was said before."""

    asks: Asking
    weight: dict[str, float]
    phrases: dict[str, float]
    former: str

    def held(self, words: Collection[str]) -> float:
        """Sum the weights of the sought terms among ``words``."""
        return math.fsum(weight for term, weight in self.weight.items() if term in words)


def candidates_of(passages: Sequence[Passage]) -> list[Candidate]:
    """List the lines of all passages, those of one passage one after the other."""
    return [candidate for passage in passages for candidate in _candidates(passage)]


def sought_by(question: str, context: str, former: str, candidates: Sequence[Candidate]) -> Sought:
    """Weigh the terms of a question by their rarity in the language and among the lines at hand."""
    shares = {term: ASPECT_WEIGHT if term in _ASPECTS else 1.0 for term in query_terms(question)}
    has_topic = 1.0 in shares.values()
    for term in query_terms(context) if context else ():
        shares.setdefault(term, CONTEXT_WEIGHT if has_topic else 1.0)
    counts = Counter(term for one in candidates for term in (one.own | one.above) & shares.keys())
    weight = {
        term: share * rarity(term) * math.log(1 + (len(candidates) + 1) / (counts[term] + 0.5))
        for term, share in shares.items()
    }
    return Sought(asking(question), weight, dict(_phrases(question, weight)), former)


def score(one: Candidate, sought: Sought) -> float:
    """Say how well a line answers: its own words count most, then those above it, then its kind."""
    line, asks = one.line, sought.asks
    phrases = math.fsum(weight for phrase, weight in sought.phrases.items() if phrase in line.text)
    own = sought.held(one.own) + phrases
    points = own + ABOVE_WEIGHT * sought.held(one.above - one.own)
    if own and asks.meaning and defines(line.text, sought.weight):
        points *= DEFINITION
    if asks.why and _REASON.search(line.text):
        points *= REASON
    if line.kind in ("formula", "code"):
        asked = asks.formula if line.kind == "formula" else asks.code
        points *= ASKED_KIND if asked else OTHER_KIND
    if not is_whole(line):
        points *= FRAGMENT
    if sought.former and line.text in sought.former and not phrases:
        points *= SAID_BEFORE
    return points * _openness(one, asks)


def is_whole(line: Line) -> bool:
    """Tell a line that can be read by itself from a crumb of a page: a flattened table, a cut heading."""
    return line.kind != "sentence" or _WHOLE.search(line.text) is not None


def defines(text: str, wanted: Collection[str]) -> bool:
    """Tell whether a line opens with what is asked for, and little else before it explains."""
    plain = _MARKS.sub("", text).lstrip("| ")
    start = re.split(r"[：:（(|]|是|\bis\b", plain, maxsplit=1)[0]
    defined = frozenset(terms(start))
    return bool(_DEFINES.match(plain)) and 2 * len(defined & frozenset(wanted)) > len(defined)


def _candidates(passage: Passage) -> Iterator[Candidate]:
    lines = lines_of(passage.text)
    for line in lines:
        parents = list(_parents(line, lines))
        above = frozenset(terms(" \n ".join([passage.title, *line.headings, line.head, *parents])))
        near = parents[0] if parents else [passage.title.rpartition(" › ")[2], *line.headings][-1]
        yield Candidate(passage, line, frozenset(terms(line.text)), above, f"{near}\n{line.head}")


def _parents(line: Line, lines: Sequence[Line]) -> Iterator[str]:
    above = line.above
    while above is not None:
        yield lines[above].text
        above = lines[above].above


def _phrases(question: str, weight: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Weigh words that stand side by side in the question: 欠 and 拟合 mean another thing apart than together."""
    for one, other in pairwise(subject_words(question)):
        if is_han(one) and is_han(other) and one + other in question:
            yield one + other, 0.5 * (weight.get(one, 0.5) + weight.get(other, 0.5))


def _openness(one: Candidate, asks: Asking) -> float:
    """Weigh what the learner wants to find out: no answer, unless that very list is asked for."""
    listed = any(_OPEN_HEADING.search(heading) for heading in (one.passage.title, *one.line.headings))
    if asks.unsolved:
        return 1 / OPEN_QUESTION if listed else 1.0
    return OPEN_QUESTION if listed or _OPEN.search(one.line.text) else 1.0
