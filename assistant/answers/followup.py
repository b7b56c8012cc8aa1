"""What a question refers back to. Knows former questions only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answers.prompt import Exchange
from assistant.language.words import query_terms

_POINTS_BACK = re.compile(
    r"它|他们|她们|这个|那个|这些|那些|这种|那种|这样|那样|上面|上述|刚才|前者|后者|其中|^(?:那|那么|还有|再|继续|然后|另外|以及)|呢[?？]?$"
    r"|\b(?:it|its|they|them|their|this|that|these|those|former|latter)\b|^(?:and|but|so|then|also|what about|how about|why|how)\b[^a-z]*$"
    r"|^(?:what|how) about\b|^(?:and|then|also)\b",
    re.IGNORECASE,
)
_STANDS_ALONE = re.compile(r"什么是|是什么|何谓|\bwhat (?:is|are)\b|\bdefine\b", re.IGNORECASE)


def context_of(question: str, history: Sequence[Exchange]) -> str:
    """Return the former question(s) that ``question`` cannot be understood without, or ''."""
    context: list[str] = []
    asked = question
    for exchange in reversed(history):
        if not _refers_back(asked):
            break
        context.insert(0, exchange.question)
        asked = exchange.question
    return "\n".join(context)


def _refers_back(question: str) -> bool:
    question = question.strip()
    if _POINTS_BACK.search(question):
        return True
    return len(set(query_terms(question))) <= 1 and not _STANDS_ALONE.search(question)
