"""Holds a finished answer against the passages it was given, without a model: which statements have a source, which
quotations are true to it, and what looks wrong. Knows words and figures, not meaning: a doubt is a reason to look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from assistant.answers.quotes import Quote, passage_of, quotes
from assistant.answers.statements import Claim, claims
from assistant.answers.support import Ground, coverage, denied, foreign_figures, ground, misplaced_figures
from assistant.knowledge.chunks import Match
from assistant.language.tongue import language_of

Reason = Literal["no_source", "elsewhere", "hardly", "figures", "denied"]

_FOUND = 0.55  # so much of an unmarked sentence must stand in a passage to have its source there
_HARDLY = 0.25  # a cited passage that holds less than this says something else
_BETTER = 0.25  # by so much another passage must fit better than the cited one
_ELSEWHERE = 0.6  # and at least so well
_TRANSLATED = 0.8  # the same where the cited passage is in the other language, whose words cannot be compared


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a statement should be looked at; ``detail`` is the foreign figure, or the number of the passage that fits better."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the answer that claims something, as a place in it, with the passages it rests on."""

    start: int
    end: int
    text: str
    sources: tuple[int, ...]
    doubts: tuple[Doubt, ...]

    @property
    def unsupported(self) -> bool:
        """Whether it names no passage and none of those given holds it."""
        return not self.sources


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of one answer came to."""

    statements: tuple[Statement, ...]
    quotes: tuple[Quote, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form, which is also what the turn's record keeps."""
        return {
            "statements": len(self.statements),
            "with_source": sum(not one.unsupported for one in self.statements),
            "quotes": len(self.quotes),
            "quotes_verified": sum(one.state == "verified" for one in self.quotes),
            "altered": [one.as_json() for one in self.quotes if one.state == "altered"],
            "elsewhere": [one.as_json() for one in self.quotes if one.state == "elsewhere"],
            "missing": [one.as_json() for one in self.quotes if one.state == "missing"],
            "unsupported": [_place(one) for one in self.statements if one.unsupported],
            "suspicious": [
                _place(one) | {"reason": doubt.reason, "detail": doubt.detail, "markers": list(one.sources)}
                for one in self.statements
                for doubt in one.doubts
                if doubt.reason != "no_source"
            ],
        }


def _place(one: Statement) -> dict[str, Any]:
    return {"text": one.text, "chars": [one.start, one.end]}


def verify(answer: str, matches: Sequence[Match], question: str = "") -> Verdict:
    """Check an answer, after ``cite`` has cleaned it, against its passages; figures of the question may be repeated."""
    texts = [_text(match) for match in matches]
    found = claims(answer)
    grounds = [ground(text) for text in texts]
    statements = [_judge(claim, texts, grounds, question) for claim in found]
    passages = [passage_of(number, text) for number, text in enumerate(texts, start=1)]
    return Verdict(tuple(statements), tuple(quotes(found, answer, passages)))


def _text(match: Match) -> str:
    chunk = match.chunk
    return "\n".join(part for part in (chunk.title, *chunk.piece.heading, chunk.piece.lead, chunk.text) if part)


def _judge(claim: Claim, texts: Sequence[str], grounds: Sequence[Ground], question: str) -> Statement:
    own = [number for number in claim.markers if number <= len(grounds)]
    told = [coverage(claim.text, [one]) for one in grounds]
    if not own:
        own = _source(claim, texts, told)
        if not own:
            return Statement(claim.start, claim.end, claim.text, (), (Doubt("no_source"),))
    cited = [grounds[number - 1] for number in own]
    comparable = _one_language(claim.text, [texts[number - 1] for number in own])
    doubts = _doubts_of_words(claim, own, told, cited, comparable)
    strange = foreign_figures(claim.text, cited, question)
    if not strange and comparable:
        strange = misplaced_figures(claim.text, cited, question)
    doubts += [Doubt("figures", figure.written) for figure in strange[:1]]
    return Statement(claim.start, claim.end, claim.text, tuple(own), tuple(doubts))


def _source(claim: Claim, texts: Sequence[str], told: Sequence[float]) -> list[int]:
    """Find where an unmarked sentence comes from: the next marker of its paragraph, or the passage that holds it."""
    following = [number for number in claim.following if number <= len(texts)]
    if following and (claim.quoted or not _one_language(claim.text, [texts[number - 1] for number in following])):
        return following
    if any(told[number - 1] >= _FOUND for number in following):
        return following
    best = max(range(len(told)), key=told.__getitem__, default=None)
    return [] if best is None or told[best] < _FOUND else [best + 1]


def _doubts_of_words(
    claim: Claim, own: Sequence[int], told: Sequence[float], cited: Sequence[Ground], comparable: bool
) -> list[Doubt]:
    held = coverage(claim.text, cited)
    best = max(range(len(told)), key=told.__getitem__)
    enough = _ELSEWHERE if comparable else _TRANSLATED
    if best + 1 not in own and told[best] >= enough and told[best] - held >= _BETTER:
        return [Doubt("elsewhere", str(best + 1))]
    if not comparable:
        return []
    if held < _HARDLY:
        return [Doubt("hardly")]
    return [Doubt("denied")] if denied(claim.text, cited) else []


def _one_language(sentence: str, texts: Sequence[str]) -> bool:
    """Tell whether words can be compared at all."""
    return any(language_of(sentence) == language_of(text) for text in texts)
