"""Which of our two languages a text is in. Knows no catalogue and no setting."""

from __future__ import annotations

import re

from assistant.errors import Language

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
# What makes even two words English: a bare term ("SFT", "KV cache") is written alike in both languages.
_PLAINLY_ENGLISH = re.compile(
    r"\b(?:what|why|how|who|when|where|which|is|are|do|does|did|can|the|an|of|in|for|and|or|to|about|between|with|hi|hello"
    r"|hey|thanks?|you|help|explain|define|list|show|give|tell|compare)\b",
    re.IGNORECASE,
)


def language_of(text: str, *beside: str) -> Language:
    """Return the language to answer in: Chinese as soon as the text is not plainly English around a quoted term.

    A bare term says nothing about it; then the first of the texts ``beside`` it that does decides.
    """
    telling = next((one for one in (text, *beside) if _tells(one)), text)
    han = len(_HAN.findall(telling))
    return "zh" if han and han * 2 >= len(_LATIN_WORD.findall(telling)) else "en"


def _tells(text: str) -> bool:
    return bool(_HAN.search(text) or len(_LATIN_WORD.findall(text)) > 2 or _PLAINLY_ENGLISH.search(text))
