"""The model that needs no model: it quotes the sentences of the passages that answer best, each with its number.

Deterministic and local. Knows nothing but the question and the numbered passages it is given.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.language.sentences import sentences
from assistant.language.tongue import language_of
from assistant.language.words import query_terms, terms
from assistant.providers.base import Delta, Passage, Request

QUOTES = 5
FIRST_LINES = 2
LIST_ITEMS = 6  # how many items are quoted after a sentence that announces them with a colon
ENOUGH = 0.45  # a sentence this good, compared with the best one, is worth quoting
CLEARLY = 0.7  # a sentence this good may bring the list that it announces
HEADING_WEIGHT = 0.6  # what a word in the heading counts for the sentences below it
OPEN_QUESTION = 0.25  # what a learner noted as a question of their own is seldom an answer
DEFINITION = 1.6  # "what is X" is best answered by a line that opens with X and explains it
RANK_DISCOUNT = 0.93  # per place: the search has seen the whole passage, we see sentences

_OPENING = {
    "zh": "没有连接模型。以下是笔记里与问题最相关的原文：",
    "en": "No model is connected. These are the lines of your notes that fit the question best:",
}
_MARKER = re.compile(r"^(?:\s*(?:[-*+•]|\d{1,3}[.)、]|>|\[[ xX]\])\s+)*\s*(?:>\s*)*")
_NOT_PROSE = re.compile(
    r"^\s*(?:#{1,6}\s|```|~~~|[|\s:+-]+$|!\[[^\]]*\]\([^)]*\)\s*$|\$\$\s*$|[=\-_*]{3,}\s*$|\[toc\]\s*$)", re.IGNORECASE
)
_ASKS_MEANING = re.compile(
    r"什么是|是什么|何谓|定义|含义|什么意思|\bwhat (?:is|are|does)\b|\bdefine\b|\bmeaning of\b", re.IGNORECASE
)
_DEFINES = re.compile(r"^[^。.!?！？：:]{0,60}(?:[：:]|（[^）]*）|\([^)]*\)|是指|指的是|是|\bis\b|\bare\b|\bmeans\b)")
_OPEN = re.compile(r"[?？]\W*$")
# No sentences: code, display formulas, pictures, underlined headings, the head of a table. They are read in the passage.
_NOT_SENTENCES = re.compile(
    r"(?ms)^[ \t]*(?P<fence>```|~~~).*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|\$\$.*?(?:\$\$|\Z)"
    r"|!\[[^\]\n]*\]\([^)\n]*\)"
    r"|^[^\n|]+\n[ \t]*(?:={3,}|-{3,})[ \t]*$"
    r"|^[^\n]*\|[^\n]*\n[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|?)+[ \t]*$"
)
# What stands like a marker in a note (a reference, an index) must not be taken for one of ours.
_LIKE_A_MARKER = re.compile(r"[\[【](\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)[\]】](?!\()")
_ANNOUNCES = re.compile(r"[：:]\s*\**\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or list item of a passage, as it can be quoted."""

    passage: Passage
    position: int
    indent: int
    text: str
    terms: frozenset[str]


class OfflineModel:
    """Implements ``ChatModel`` by quotation."""

    provider = "offline"
    name = "quotes"

    def stream(self, request: Request) -> Iterator[Delta]:
        """Yield an opening sentence and then one quotation after the other."""
        yield Delta(_OPENING[language_of(request.question)] + "\n\n")
        for line in quotations(request.question, request.passages) or _beginning(request.passages):
            text = _LIKE_A_MARKER.sub(r"［\1］", line.text)
            yield Delta(f"- {text} [{line.passage.number}]\n")


def quotations(question: str, passages: Sequence[Passage]) -> list[Line]:
    """Choose the lines that answer best: the passage with the best one first, inside it in the order of the text."""
    wanted = frozenset(query_terms(question))
    lines = [line for passage in passages for line in _lines(passage)]
    weight = _weights(wanted, lines)
    ranks = {passage.number: rank for rank, passage in enumerate(passages)}
    scored = [
        (_score(line, wanted, weight, question) * RANK_DISCOUNT ** ranks[line.passage.number], line) for line in lines
    ]
    best = max((score for score, _ in scored), default=0.0)
    good = sorted((pair for pair in scored if pair[0] >= ENOUGH * best > 0), key=lambda pair: -pair[0])
    chosen: dict[str, Line] = {}
    for score, line in good:
        if len(chosen) >= QUOTES:
            break
        items = _announced(line, lines) if score >= CLEARLY * best and line.terms & wanted else []
        for quoted in [line, *items]:
            chosen.setdefault(re.sub(r"\W", "", quoted.text), quoted)
    order = {
        number: place for place, number in enumerate(dict.fromkeys(line.passage.number for line in chosen.values()))
    }
    return sorted(chosen.values(), key=lambda line: (order[line.passage.number], line.position))


def _beginning(passages: Sequence[Passage]) -> list[Line]:
    """Return how the best passage begins: a bare "why?" has no words to compare, and its subject was found before."""
    return _lines(passages[0])[:FIRST_LINES] if passages else []


def _lines(passage: Passage) -> list[Line]:
    found = []
    prose = _NOT_SENTENCES.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), passage.text)
    for start, end in sentences(prose):
        raw = passage.text[start:end]
        text = _quotable(raw)
        if text:
            before = passage.text[passage.text.rfind("\n", 0, start) + 1 : start]
            indent = (
                len(before.expandtabs(4)) if not before.strip() else len(before.expandtabs(4)) - len(before.lstrip())
            )
            indent += len(raw.expandtabs(4)) - len(raw.expandtabs(4).lstrip())
            found.append(Line(passage, start, indent, text, frozenset(terms(text))))
    return found


def _quotable(raw: str) -> str:
    """Strip list and quotation marks and join wrapped lines; '' for what is no sentence (headings, fences, rules, pictures)."""
    if _NOT_PROSE.match(raw):
        return ""
    text = _MARKER.sub("", raw).strip().strip("|").strip()
    text = re.sub(r"(?<=[^\x00-\x7f])\s*\n\s*(?=[^\x00-\x7f])", "", text)
    text = re.sub(r"\s*\n\s*", " ", text)
    return text if re.search(r"\w", text) else ""


def _weights(wanted: frozenset[str], lines: Sequence[Line]) -> dict[str, float]:
    """Weigh the question's terms by their rarity among the lines at hand."""
    counts = Counter(term for line in lines for term in line.terms & wanted)
    return {term: math.log(1 + (len(lines) + 1) / (counts[term] + 0.5)) for term in wanted}


def _score(line: Line, wanted: frozenset[str], weight: dict[str, float], question: str) -> float:
    above = frozenset(terms(line.passage.title)) & wanted
    own = sum(weight[term] for term in line.terms & wanted)
    inherited = HEADING_WEIGHT * sum(weight[term] for term in above - line.terms)
    score = own + inherited
    if own and _ASKS_MEANING.search(question) and _defines(line.text, wanted):
        score *= DEFINITION
    return score * OPEN_QUESTION if _OPEN.search(line.text) else score


def _defines(text: str, wanted: frozenset[str]) -> bool:
    """Whether a line opens with what is asked for, and little else before it explains."""
    opening = re.split(r"[：:（(]|是|\bis\b", text, maxsplit=1)[0]
    defined = frozenset(terms(opening))
    opens = opening.lower().lstrip("*`_ ").startswith(tuple(wanted))
    return bool(_DEFINES.match(text)) and opens and 2 * len(defined & wanted) > len(defined)


def _announced(line: Line, lines: Sequence[Line]) -> list[Line]:
    """Return the items that follow a line such as "there are three steps:" below it."""
    if not _ANNOUNCES.search(line.text):
        return []
    below = lines[lines.index(line) + 1 :]
    indent = max(line.indent, below[0].indent) if below else 0
    following: list[Line] = []
    for item in below:
        if item.passage is not line.passage or item.indent < indent or len(following) == LIST_ITEMS:
            break
        following.append(item)
    return following
