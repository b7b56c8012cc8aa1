"""Which of our two languages a text is in. Knows no catalogue and no setting."""

from __future__ import annotations

import re

from assistant.errors import Language

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


def language_of(text: str) -> Language:
    """Return the language to answer in: Chinese as soon as the text is not plainly English around a quoted term."""
    han = len(_HAN.findall(text))
    return "zh" if han and han * 2 >= len(_LATIN_WORD.findall(text)) else "en"
