"""A study guide without a model: each section's definitions and its most telling sentences, word for word, with their markers.

Knows matches and words; no model, no database, no screen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.knowledge.chunks import Match
from assistant.knowledge.definitions import definitions
from assistant.language.passage_lines import lines_of
from assistant.language.words import rarity, terms
from assistant.study.guide_words import Form

PER_SECTION = 3  # sentences of a section, definitions among them
OF_SUMMARY = 6  # sentences of the whole part
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Something to quote; ``order`` is its place in the part, ``weight`` how much of the part's subject it holds."""

    number: int
    heading: tuple[str, ...]
    text: str
    order: int
    weight: float


def extract(matches: Sequence[Match], form: Form) -> str:
    """Write the part as Markdown: under each heading what says most, each sentence with the marker of its passage."""
    sentences = list(_weighed(matches))
    if form == "summary":
        best = sorted(sentences, key=lambda one: -one.weight)[:OF_SUMMARY]
        return "\n".join(_line(one) for one in sorted(best, key=lambda one: one.order))
    blocks = []
    for heading, group in groupby(sentences, key=lambda one: one.heading):
        best = sorted(group, key=lambda one: -one.weight)[:PER_SECTION]
        lines = [_line(one) for one in sorted(best, key=lambda one: one.order)]
        blocks.append("\n".join([*([f"**{' › '.join(heading)}**", ""] if heading else []), *lines]))
    return "\n\n".join(blocks)


def _line(one: _Sentence) -> str:
    return f"- {one.text} [{one.number}]"


def _weighed(matches: Sequence[Match]) -> Iterator[_Sentence]:
    """Yield every sentence with the mean weight of its words: those that the part repeats and that are rare elsewhere."""
    everywhere: Counter[str] = Counter()
    found: list[tuple[int, tuple[str, ...], str, list[str], bool]] = []
    said: set[str] = set()
    for number, match in enumerate(matches, start=1):
        defined = {
            line for one in definitions(match.chunk.text) if one.text for line in range(one.lines[0], one.lines[1] + 1)
        }
        defining = [
            match.chunk.text.split("\n")[line - 1] for line in defined if line <= match.chunk.text.count("\n") + 1
        ]
        for line in lines_of(match.chunk.text):
            text = " ".join(line.text.split())
            words = terms(text)
            if line.kind not in ("item", "sentence") or line.announces or text in said:
                continue
            if len(words) < 3 or len(text) > _LONGEST or text.endswith(("?", "？")):
                continue
            said.add(text)
            everywhere.update(set(words))
            found.append((number, match.chunk.piece.heading, text, words, any(text in one for one in defining)))
    for order, (number, heading, text, words, is_definition) in enumerate(found):
        weight = sum(rarity(word) * math.log1p(everywhere[word]) for word in set(words)) / math.sqrt(
            8 + len(set(words))
        )
        yield _Sentence(number, heading, text, order, weight * (2 if is_definition else 1))
