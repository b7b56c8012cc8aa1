"""Whether the chunks found answer the question, or the notes honestly hold nothing. Knows words, not vectors or notes.

A word tells the more about a subject, the rarer it is in the language; a word found, also the rarer it is in the notes.
In each chunk we look for the question's best stretch, the one richest in words that the chunk holds. The chunk answers
if this stretch outweighs all that the chunk lacks of the question, or if it weighs enough by itself: a question about
something else is refused, and small talk around a question that the notes answer does no harm.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.knowledge import keywords
from assistant.knowledge.keywords import Group
from assistant.language import words
from assistant.language.asking import is_small_talk

# What a stretch must weigh to answer whatever else was said; 1 is the rarest of words, held by one chunk only. Measured
# with wrappings of small talk held out from tuning, accepted questions to the notes / to other notes:
# 0.7: 94 % / 12 %, 0.75: 92 % / 10 %, 0.8: 90 % / 6 %, 0.9: 86 % / 3 %. Plain questions at 0.8: 97 % / 4 %.
ENOUGH = 0.8
CLOSEST = 6  # chunks looked at: a longer list of results must not make an answer out of chance
_LACKING = 0.3  # what a missing word takes from a stretch that reaches across it, as a share of its weight
_CONTEXT = 0.75  # what the question before may weigh at most in a follow-up: it helps, but does not suffice
_SURE, _TRANSLATED = (
    0.5,
    0.7,
)  # translations looked for, from the best on; what one of them counts beside the word itself
_LONGEST = 4000  # characters; a pasted page is no question


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question: what it weighs where a chunk lacks it, and where a chunk holds it."""

    text: str
    lacking: float
    held: float
    others: tuple[str, ...] = ()


def answered(
    connection: sqlite3.Connection,
    question: str,
    chunk_ids: Sequence[int],
    context: str = "",
    groups: Sequence[Group] = (),
) -> bool:
    """Tell whether one of the first chunks, given best first, answers; ``context`` is what a follow-up refers to.

    A word is also held by a chunk that has another spelling of it, one of ``groups``; a translation counts less.
    """
    if not context and is_small_talk(question):
        return False
    asked = weigh(connection, question, context, groups)
    return any(answers(asked, chunk) for chunk in keywords.texts(connection, chunk_ids[:CLOSEST]))


def weigh(connection: sqlite3.Connection, question: str, context: str = "", groups: Sequence[Group] = ()) -> list[Word]:
    """Weigh each word of a question, those of the context first."""
    before = dict.fromkeys(words.subject_words(context[:_LONGEST]))
    share = min(1.0, _CONTEXT / math.fsum(map(words.rarity, before))) if before else 1.0
    said = dict.fromkeys(before, share) | dict.fromkeys(words.subject_words(question[:_LONGEST]), 1.0)
    chunks, frequencies = keywords.frequencies(connection, said)
    weighed = []
    for text, counted in said.items():
        weight = counted * words.rarity(text)
        # The root, because in a small library even its subject stands in many chunks.
        held = weight * math.sqrt(_rarity_here(frequencies[text], chunks))
        weighed.append(Word(text, weight, held, _others(text, groups)))
    return weighed


def _others(word: str, groups: Sequence[Group]) -> tuple[str, ...]:
    """Return the spellings that surely mean a word of the question, or the phrase that it is part of."""
    return tuple(
        other
        for group in groups
        if (word in group.source if words.is_han(word) else word in group.source.split())
        for other, sure in group.spellings.items()
        if sure >= _SURE and len(other) > 1
    )


def answers(asked: Sequence[Word], chunk: keywords.Texts) -> bool:
    """Tell whether the best stretch of the question outweighs what the chunk lacks, or suffices by itself."""
    stretch = best = lacking = 0.0
    for word in asked:
        held = 1.0 if chunk.holds(word.text) else _TRANSLATED if any(map(chunk.holds, word.others)) else 0.0
        if held:
            stretch += held * word.held
            best = max(best, stretch)
        else:
            lacking += word.lacking
            stretch = max(0.0, stretch - _LACKING * word.lacking)
    return best > 0 and best >= min(lacking, ENOUGH)


def _rarity_here(frequency: int, chunks: int) -> float:
    return min(1.0, math.log((chunks + 1) / (frequency + 0.5)) / math.log(chunks + 2))
