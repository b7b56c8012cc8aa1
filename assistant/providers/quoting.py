"""Chooses what to quote: the best lines, with what they announce; whole lists, formulas or both sides where asked for.

Knows lines with their scores; no model, no markup of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.language.passage_lines import Line, lines_of
from assistant.language.words import terms
from assistant.providers.base import Passage
from assistant.providers.line_scores import (
    RANK_DISCOUNT,
    Candidate,
    Sought,
    candidates_of,
    is_whole,
    score,
    sought_by,
)

QUOTES = 5
FIRST_LINES = 2
LIST_ITEMS = 6  # how many items are quoted after a sentence that announces them
WHOLE_LIST = 14  # how many lines of a list are quoted where a question asks for all of it
BESIDE_A_LIST = 2  # how many single lines are quoted beside a whole list
ENOUGH = 0.45  # a line this good, compared with the best one, is worth quoting
CLEARLY = 0.7  # a line this good may bring the list that it announces
A_SIDE = 0.25  # a line this good may stand for one side of a comparison
FITS = 0.6  # how much of the question a list with its headings must hold to be quoted whole
_NEGATED = "无非不半弱"  # 监督学习 is not meant where 无监督学习 stands


@dataclass(frozen=True, slots=True)
class Quotation:
    """The lines chosen from one passage, in the order of the text."""

    passage: Passage
    lines: tuple[Line, ...]


def quotations(question: str, passages: Sequence[Passage], *, context: str = "", former: str = "") -> list[Quotation]:
    """Choose the lines that answer best, the passage with the best ones first.

    ``context`` is the question that this one refers back to, ``former`` what has been answered to it.
    """
    candidates = candidates_of(passages)
    sought = sought_by(question, context, former, candidates)
    ranks = {passage.number: rank for rank, passage in enumerate(passages)}
    scores = [score(one, sought) * RANK_DISCOUNT ** ranks[one.passage.number] for one in candidates]
    choice = _Choice(candidates, scores, sought)
    choice.make()
    return choice.by_passage()


def opening(passages: Sequence[Passage]) -> list[Quotation]:
    """Quote how the best passage begins, for a question without a word to compare."""
    for passage in passages:
        lines = lines_of(passage.text)
        whole = [line for line in lines if is_whole(line)] or lines
        if whole:
            return [Quotation(passage, tuple(whole[:FIRST_LINES]))]
    return []


class _Choice:
    """What has been chosen so far: indexes of candidates, no text twice."""

    def __init__(self, candidates: Sequence[Candidate], scores: Sequence[float], sought: Sought) -> None:
        self.candidates, self.scores, self.sought = candidates, scores, sought
        self.best = max(scores, default=0.0)
        self.chosen: dict[str, int] = {}

    def make(self) -> None:
        """Take what the kind of question calls for, then the best of the rest."""
        if self.best <= 0:
            return
        asks = self.sought.asks
        self._take_sides()
        if asks.formula or asks.code:
            self._take_block(("formula",) * asks.formula + ("code",) * asks.code)
        lists = self._take_list() if asks.steps or asks.everything or asks.unsolved else 0
        singles = BESIDE_A_LIST if lists else max(1, QUOTES - len(self.chosen))
        for index in sorted(range(len(self.scores)), key=lambda index: -self.scores[index]):
            if self.scores[index] < ENOUGH * self.best or singles == 0:
                break
            singles -= self._take([index, *self._following(index)]) > 0

    def by_passage(self) -> list[Quotation]:
        """Group what was chosen, in the order of the text inside each passage."""
        groups: dict[int, list[int]] = {}
        for index in self.chosen.values():
            groups.setdefault(self.candidates[index].passage.number, []).append(index)
        return [
            Quotation(self.candidates[group[0]].passage, tuple(self.candidates[index].line for index in sorted(group)))
            for group in groups.values()
        ]

    def _take(self, indexes: Sequence[int]) -> int:
        before = len(self.chosen)
        for index in indexes:
            self.chosen.setdefault(re.sub(r"\W", "", self.candidates[index].line.text), index)
        return len(self.chosen) - before

    def _below(self, index: int) -> list[int]:
        """Return the lines that belong to this one, with all that belongs to them."""
        one = self.candidates[index]
        found, family = [], {one.line.index}
        for other in range(index + 1, len(self.candidates)):
            below = self.candidates[other]
            if below.passage is not one.passage:
                break
            if below.line.above in family:
                family.add(below.line.index)
                found.append(other)
        return found

    def _following(self, index: int) -> list[int]:
        """Return what a line cannot be read without: the formula, code or list that it announces."""
        one = self.candidates[index]
        if one.line.kind in ("formula", "code"):
            return self._announcing(index)
        children = [child for child in self._below(index) if self.candidates[child].line.above == one.line.index]
        if not children:
            return []
        kind = self.candidates[children[0]].line.kind
        next_one = children[0] == index + 1
        if next_one and (kind == "formula" or (kind == "code" and (one.line.announces or self.sought.asks.code))):
            return children[:1]
        clear = self.scores[index] >= CLEARLY * self.best and self.sought.held(one.own) > 0
        return children[:LIST_ITEMS] if clear and one.line.announces else []

    def _announcing(self, index: int) -> list[int]:
        """Return the line that a formula or list hangs on."""
        one = self.candidates[index]
        return [] if one.line.above is None else [index - one.line.index + one.line.above]

    def _take_block(self, kinds: Sequence[str]) -> None:
        """Take the best formula or code, by its own words and those of the line it belongs to."""
        blocks = {
            index: max(self.scores[index], *(self.scores[line] for line in self._announcing(index)), 0.0)
            for index, one in enumerate(self.candidates)
            if one.line.kind in kinds
        }
        if blocks:
            index = max(blocks, key=lambda block: blocks[block])
            if blocks[index] >= ENOUGH * self.best:
                self._take([*self._announcing(index), index])

    def _take_sides(self) -> None:
        """Take a line that holds all sides of a comparison, and one about each of them alone."""
        sides = [_side_pattern(side) for side in self.sought.asks.sides]
        if not sides:
            return
        held = [{n for n, side in enumerate(sides) if side.search(one.line.text)} for one in self.candidates]
        wanted = [set(range(len(sides))), *({n} for n in range(len(sides)))]
        for want in wanted:
            fitting = [index for index, holds in enumerate(held) if holds == want]
            best = max(fitting, key=lambda index: self._side_score(index, sides, want), default=None)
            if best is not None and self._side_score(best, sides, want) >= A_SIDE * self.best:
                self._take([best, *self._following(best)])

    def _side_score(self, index: int, sides: Sequence[re.Pattern[str]], want: set[int]) -> float:
        opens = any(sides[n].match(re.sub(r"^[|*_`\s]+", "", self.candidates[index].line.text)) for n in want)
        return self.scores[index] * (1.5 if opens else 1.0)

    def _take_list(self) -> int:
        """Take the list or table that fits the question best as a whole; 0 where none does."""
        groups: dict[tuple[int, int], list[int]] = {}
        for index, one in enumerate(self.candidates):
            if one.line.group is not None:
                groups.setdefault((one.passage.number, one.line.group), []).append(index)
        fits = [(self._fit(members), members) for members in groups.values() if len(members) > 1]
        fit, members = max(fits, key=lambda pair: pair[0], default=(0.0, []))
        if fit <= 0:
            return 0
        whole = [index for member in members for index in (member, *self._below(member))]
        return self._take([*self._announcing(members[0]), *sorted(whole)[:WHOLE_LIST]])

    def _fit(self, members: Sequence[int]) -> float:
        """Say how well a list answers: what it stands under, what its items say, and whether it is in order."""
        sought, first = self.sought, self.candidates[members[0]]
        total = sum(sought.weight.values())
        own = frozenset().union(*(self.candidates[member].own for member in members))
        if total == 0 or sought.held(own | first.above) < FITS * total:
            return 0.0
        near = sought.held(frozenset(terms(first.near))) / total
        items = sum(self.scores[member] for member in members) / len(members) / self.best
        ordered = 0.15 if first.line.mark[:1].isdigit() and sought.asks.steps else 0.0
        return near + items + ordered + 0.1 * self._alike(first.near)

    def _alike(self, near: str) -> int:
        """Count signs of the question's words that a title shares without sharing the word: 防止 and 防护."""
        words = terms(near)
        missing = [term for term in self.sought.weight if term not in words and not term.isascii()]
        return sum(any(sign in near for sign in term) for term in missing)


def _side_pattern(side: str) -> re.Pattern[str]:
    side = re.split(r"\s*的\s*", side)[0] or side
    word = re.escape(side)
    before = rf"(?<![{_NEGATED}])" if not side[0].isascii() else r"(?<![A-Za-z0-9])"
    return re.compile(before + word + (r"(?![A-Za-z0-9])" if side[-1].isascii() else ""), re.IGNORECASE)
