"""Puts our own small marks into a foreign text on its way through the renderer: ° for no source, ≠ for a doubt.

Inside the text a character that nobody writes stands in for each; a text that holds one of those cannot forge a mark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from assistant.ui.characters import WORD_JOINER

if TYPE_CHECKING:
    from markdown_it.token import Token

Remark = Literal["unsourced", "doubted"]

SIGNS: dict[Remark, str] = {"unsourced": "°", "doubted": "≠"}
# The joiner keeps a bracket that follows in the text from making a link of the mark.
STAND_INS: dict[str, str] = {
    "\U0010f000": f":gray[{SIGNS['unsourced']}]{WORD_JOINER}",
    "\U0010f001": f":orange[{SIGNS['doubted']}]{WORD_JOINER}",
}
_BY_NAME = dict(zip(SIGNS, STAND_INS, strict=True))
_FORGED = str.maketrans(dict.fromkeys(STAND_INS, "\ufffd"))
_STRAY = str.maketrans(dict.fromkeys(STAND_INS))
_CLOSING = re.compile(r"[\s。．.!！；;，,：:*_~|」』”\"’']+$")


def with_remarks(text: str, remarks: Mapping[int, Remark]) -> str:
    """Return the text with a stand-in at each place, and none that it brought along."""
    text = text.translate(_FORGED)
    places = sorted(place for place in remarks if 0 < place <= len(text))
    pieces = [text[start:end] + _BY_NAME[remarks[end]] for start, end in pairwise([0, *places])]
    return "".join([*pieces, text[places[-1] if places else 0 :]])


def without_stray(text: str) -> str:
    """Drop the stand-ins that fell into code, where no mark can be drawn."""
    return text.translate(_STRAY)


def only_in_text(tokens: Sequence[Token]) -> None:
    """Drop the stand-ins from all that is not text: a formula or an address is judged as it will be written."""
    for token in tokens:
        if token.type not in ("text", "text_special"):
            token.content = without_stray(token.content)
            token.info = without_stray(token.info)
            token.attrs = {
                name: without_stray(value) if isinstance(value, str) else value for name, value in token.attrs.items()
            }
        only_in_text(token.children or [])


def end_of_words(text: str, start: int, end: int) -> int:
    """Return where a sentence's last word ends, before its stop and the marks of emphasis that close there."""
    return start + len(_CLOSING.sub("", text[start:end]))
