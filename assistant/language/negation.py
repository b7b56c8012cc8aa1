"""Finds the words that turn a statement into its opposite, Chinese and English. Knows no grammar beyond them."""

from __future__ import annotations

import re

# They hold a negation's sign and negate nothing; and what negates twice affirms.
_NO_NEGATION = (
    r"不仅|不但|不光|不只|不单|不过|不断|不少|不久|不同|不一(?:样|致|定)?|不管|不论|不妨|不得不|不可避免|不如|不等|不止|不对|不平|不均|不足"
    r"|不变|不稳|不确定|不良|不必要|不可或缺|无论|无穷|无限|无关|无法避免|无需|非常|除非|莫非|是非|并非易事|未来|未免|是否|能否|可否|与否|否则|否定"
    r"|没准|差不多|要不|不知不觉|值不值|是不是|能不能|会不会|有没有|对不对|好不好"
    r"|\bnot (?:only|just|merely|simply)\b|\bwhether or not\b|\bno\. ?\d|\bif not\b|\bno(?:ne)?theless\b|\bno doubt\b"
)
_NEGATION = (
    r"并不是|并不|并非|并没有|没有|不再|不是|不会|不能|不可|不要|不应|不用|不必|不曾|从不|绝不|毫不|从未|未曾|尚未|无法|无需|而非|绝非|决不"
    r"|不|没|未|非|无|勿|别(?=[用把让再去说忘])"
    r"|\b(?:not|never|no|none|neither|nor|cannot|without|hardly|rarely|seldom|nothing|nobody|unable|fails? to|failed to)\b|\w+n['’]t\b"
)
_WORDS = re.compile(f"(?P<spare>{_NO_NEGATION})|(?P<negation>{_NEGATION})", re.IGNORECASE)


def negations(text: str) -> int:
    """Count the negations of a text."""
    return sum(found["negation"] is not None for found in _WORDS.finditer(text))


def affirmed(text: str) -> str:
    """Return the text without its negations, to see whether two texts speak of the same."""
    return _WORDS.sub(lambda found: found["spare"] or " ", text)
