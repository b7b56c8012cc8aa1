"""One spelling for texts that mean the same: width, ligatures, traditional characters, invisible marks.

Knows characters, not words. Changes offsets, so it is for searching and comparing, never for quoting.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources

# Soft hyphen, zero-width and bidirectional marks, invisible operators, variation selectors, the byte order mark
# and tag characters: nothing a learner sees, but enough to hide a word from search or to smuggle text into a prompt.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def normalise(text: str) -> str:
    """Fold compatibility forms (NFKC), drop invisible characters and write Chinese in simplified characters."""
    if text.isascii():
        return text
    return simplify(unicodedata.normalize("NFKC", visible(text)))


def visible(text: str) -> str:
    """Drop the characters that nobody can see: zero-width, bidirectional, variation and tag characters."""
    return _INVISIBLE.sub("", text)


def simplify(text: str) -> str:
    """Replace each traditional character by its simplified form, character by character."""
    # Translating looks every character up; most texts have none that it would replace.
    return text.translate(_simplified()) if _traditional().search(text) else text


@cache
def _traditional() -> re.Pattern[str]:
    # Beyond U+FFFF all Chinese: there a set is searched sign by sign.
    inner = "".join(map(chr, (sign for sign in _simplified() if sign <= 0xFFFF)))
    return re.compile(f"[{inner}\U00020000-\U0003ffff]")


@cache
def _simplified() -> dict[int, str]:
    # The table is OpenCC's (Apache 2.0), shipped inside the package opencc-python-reimplemented: read, not copied.
    # Where a character has several simplified forms the table puts the usual one first.
    file = resources.files("opencc").joinpath("dictionary", "TSCharacters.txt")
    rows = (line.split("\t") for line in file.read_text("utf-8").splitlines() if "\t" in line)
    return {ord(traditional): forms.split()[0] for traditional, forms in rows}
