"""Puts our own small marks into a foreign text on its way through the renderer: ° for no source, ≠ for a doubt.

Inside the text a character that nobody writes stands in for each; a text that holds one of those cannot forge a mark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

Remark = Literal["unsourced", "doubted"]

SIGNS: dict[Remark, str] = {"unsourced": "°", "doubted": "≠"}
STAND_INS: dict[str, str] = {"\U0010f000": f":gray[{SIGNS['unsourced']}]", "\U0010f001": f":orange[{SIGNS['doubted']}]"}
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


def without_stray(written: str) -> str:
    """Drop the stand-ins that fell into code or a formula, where no mark can be drawn."""
    return written.translate(_STRAY)


def end_of_words(text: str, start: int, end: int) -> int:
    """Return where a sentence's last word ends, before its stop and the marks of emphasis that close there."""
    return start + len(_CLOSING.sub("", text[start:end]))
