"""Other spellings of what a question asks: the learner's own terms first, then the dictionary. Knows no chunk and no score.

过拟合 finds notes that say overfitting, RAG those that say 检索增强生成, if the learner's notes tell us that they are the
same; the dictionary is asked only where the notes hold the other language at all.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator

from assistant.knowledge import keywords, terms
from assistant.knowledge.keywords import Group, Texts
from assistant.language import words
from assistant.language.dictionary import Dictionary, Translated

# Tuned on one half of the open sets, reported on the other: bench/results/expansion.md. Own spellings: 0.5 to 1 are alike.
# A translation: from 1.25 to 2 the gain across languages grows by 0.04, and nothing within one is lost.
_OWN = 0.75  # what a spelling that the learner's notes give weighs beside a word of the question
_TRANSLATED, _ONLY = 1.75, 2.0  # a translation; and where the notes do not hold the asker's language at all
_PHRASE = 0.3  # what each further word of a translated phrase adds: longer ones are surer
_FEW, _MANY = 0.05, 0.2  # shares of the chunks: a language is hardly there, there
_LEAST = 0.3  # of its weight a translation keeps where hardly a chunk is in the other language: there may still be one
_SAMPLE = 150  # chunks from which the shares are told
_PROSE = 0.2  # share of everyday words from which on Latin words are English prose: 0.1 in code, 0.3 in encyclopaedias
_LONGEST_ZH, _LONGEST_EN = 12, 6  # characters and words of a term that is looked for in a question
_MOST_CHARACTERS = 300


class Expansion:
    """Finds other spellings in one store; remembers in which languages its chunks are."""

    def __init__(self, dictionary: Dictionary | None) -> None:
        self._dictionary = dictionary
        self._shares: tuple[tuple[int, ...], float, float] = ((), 0.0, 0.0)

    def groups(self, connection: sqlite3.Connection, question: str) -> list[Group]:
        """Return what else the words of a question may be called in the notes, one group for each."""
        asked = words.without_courtesies(question[:_MOST_CHARACTERS])
        groups, known = _own(connection, asked)
        if self._dictionary:
            chinese, english = self._languages(connection)
            groups += _weighed(self._dictionary.into_english(asked), _weight(chinese, english), known)
            groups += _weighed(self._dictionary.into_chinese(words.stems(asked)), _weight(english, chinese), known)
        return groups

    def _languages(self, connection: sqlite3.Connection) -> tuple[float, float]:
        """Return the shares of the chunks in Chinese and in English; code is in neither."""
        state = keywords.state(connection)
        if self._shares[0] != state:
            tongues = [_tongue(chunk) for chunk in keywords.sample(connection, _SAMPLE)]
            chunks = max(1, len(tongues))
            self._shares = (state, tongues.count("zh") / chunks, tongues.count("en") / chunks)
        return self._shares[1:]


def _tongue(chunk: Texts) -> str:
    if len(chunk.runs) > len(chunk.words) // 6:  # both spell the Chinese words; Latin ones stand in one only
        return "zh"
    said, everyday = chunk.words.split(), words.word_lists().everyday
    return "en" if said and sum(word in everyday for word in said) >= _PROSE * len(said) else ""


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


def _weight(share: float, other: float) -> float:
    """Weigh translations by the share of the chunks in the asker's language and in the other one."""
    return _ONLY if share < _FEW <= other else _TRANSLATED * max(_LEAST, min(1.0, other / _MANY))


def _weighed(found: list[Translated], weight: float, known: set[str]) -> Iterator[Group]:
    for word in found:
        if word.source not in known:
            yield Group(word.source, weight * (1 + _PHRASE * (word.words - 1)), word.into)
