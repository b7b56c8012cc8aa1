"""How well a whole list or table answers a question: by what it stands under, by its items, and by its kind.

Knows scored lines; does not choose among them.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.language.words import terms
from assistant.providers.line_scores import Candidate, Sought

FITS = 0.5  # how much of the question a list with its headings must hold to be quoted whole
TITLED = 0.3  # and how much of it what the list stands under
NESTED = 0.7  # what its title counts for a list inside the item of another: the outer list is under the same heading
LIKELY = 0.25  # what it counts that steps are numbered or things stand in a table
ALIKE = 0.4  # what it counts that a title shares signs with a word of the question, without the word


def list_fit(members: Sequence[Candidate], items: float, sought: Sought) -> float:
    """Say how well a list fits, 0 for not at all; ``items`` is the mean score of its members, 1 for the best line."""
    total = sum(sought.weight.values())
    if total == 0:
        return 0.0
    first = members[0]
    alike = ALIKE * _alike(first.near, sought)
    own = frozenset[str]().union(*(member.own for member in members))
    title = sought.held(frozenset(terms(first.near))) / total * (NESTED if first.nested else 1.0) + alike
    if title < TITLED or sought.held(own | first.above) / total < FITS:
        return 0.0
    numbered = first.line.mark[:1].isdigit()
    likely = sought.asks.steps if numbered else sought.asks.everything and bool(first.line.head)
    return title + 0.5 * items + LIKELY * likely


def _alike(near: str, sought: Sought) -> int:
    """Count the question's words of which a title shares a sign without sharing the word: 防止 and 防护."""
    words = terms(near)
    missing = [term for term in sought.asked if term not in words and not term.isascii()]
    return sum(any(sign in near for sign in term) for term in missing)
