"""Other spellings of what a question asks: the learner's own terms first, then the dictionary. Knows no chunk and no score.

过拟合 finds notes that say overfitting, RAG those that say 检索增强生成, if the learner's notes tell us that they are the
same; the dictionary is asked only where the notes hold the other language at all.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator

from assistant.knowledge import keywords, terms
from assistant.knowledge.keywords import Group
from assistant.language import words
from assistant.language.dictionary import Dictionary, Translated

# Tuned on one half of the open sets, reported on the other: bench/results/expansion.md. Own spellings: 0.5 to 1 are alike.
# A translation: with 1 the notes that hold both languages lose 0.02 across them, with 1.5 they lose 0.01 within one.
_OWN = 0.75  # what a spelling that the learner's notes give weighs beside a word of the question
_TRANSLATED, _ONLY = 1.25, 2.0  # a translation; and where the notes do not hold the asker's language at all
_PHRASE = 0.3  # what each further word of a translated phrase adds: longer ones are surer
_NONE, _FEW, _MANY = 0.002, 0.05, 0.1  # shares of the chunks: a language is not there, hardly there, there
_LONGEST_ZH, _LONGEST_EN = 12, 6  # characters and words of a term that is looked for in a question
_MOST_CHARACTERS = 300


def expand(connection: sqlite3.Connection, dictionary: Dictionary | None, question: str) -> list[Group]:
    """Return what else the words of a question may be called in the notes, one group for each."""
    asked = words.without_courtesies(question[:_MOST_CHARACTERS])
    groups, known = _own(connection, asked)
    return groups + (list(_translated(connection, dictionary, asked, known)) if dictionary else [])


def _own(connection: sqlite3.Connection, asked: str) -> tuple[list[Group], set[str]]:
    """Return the groups of the learner's terms, and the spellings that the question itself uses of them."""
    keys = _keys_in(asked)
    meanings: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for spellings, places in terms.spelled(connection, keys):
        for said in keys.intersection(filter(None, spellings)):
            for other in filter(None, spellings):
                if other not in keys:
                    meanings[said][other] += places
    groups = [
        Group(said, _OWN, {other: places / max(others.values()) for other, places in others.items()})
        for said, others in meanings.items()
    ]
    return groups, set(meanings)


def _keys_in(asked: str) -> set[str]:
    """List every stretch of a question that may be the name of a term, folded as terms are."""
    found: set[str] = set()
    for run in words.runs(asked):
        for start in range(len(run)):
            found.update(run[start:end] for end in range(start + 2, min(start + _LONGEST_ZH, len(run)) + 1))
    stems = words.stems(asked)
    for start in range(len(stems)):
        found.update(" ".join(stems[start:end]) for end in range(start + 1, start + 1 + _LONGEST_EN))
    return found


def _translated(connection: sqlite3.Connection, dictionary: Dictionary, asked: str, known: set[str]) -> Iterator[Group]:
    chinese, english = keywords.languages(connection)
    chunks = max(1, chinese + english)
    if english > _NONE * chunks:
        weight = _weight(chinese / chunks, english / chunks)
        yield from _weighed(dictionary.into_english(asked), weight, known)
    if chinese > _NONE * chunks:
        weight = _weight(english / chunks, chinese / chunks)
        yield from _weighed(dictionary.into_chinese(words.stems(asked)), weight, known)


def _weight(share: float, other: float) -> float:
    """Weigh translations by the share of the chunks in the asker's language and in the other one."""
    return _ONLY if share < _FEW else _TRANSLATED * min(1.0, other / _MANY)


def _weighed(found: list[Translated], weight: float, known: set[str]) -> Iterator[Group]:
    for word in found:
        if word.source not in known:
            yield Group(word.source, weight * (1 + _PHRASE * (word.words - 1)), word.into)
