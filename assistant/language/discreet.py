"""What may leave this machine of a text: without characters that nobody sees, and without what looks like a key.

Knows characters and the shapes of keys, not where a text goes. A password in plain words looks like any other word.
"""

from __future__ import annotations

import re

# Tags, direction marks, zero-width signs and fillers: unseen by the learner, read by a model.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    # Joiners belong to scripts such as Hindi and Persian and to emoji, one at a time; elsewhere they could spell a message.
    "|(?<![\u0590-\u1fff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]|[\u200c\u200d](?=[\u200c\u200d])"
)
_USUAL = "\u00ad\ufe0e\ufe0f"  # hyphenation and the colour of emoji: left out as well, and nothing to tell about
_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|ak|rk|pk)-[A-Za-z0-9_-]{12,200}|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,200}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|LTAI[A-Za-z0-9]{12,30}|gh[pousr]_[A-Za-z0-9]{20,200}|github_pat_\w{20,200}"
    r"|glpat-[\w-]{16,200}|xox[abeoprs]-[\w-]{10,200}|AIza[\w-]{30,100}|hf_[A-Za-z0-9]{20,100}|npm_[A-Za-z0-9]{30,100}"
    r"|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{5,2000}"
    r")(?![A-Za-z0-9])",
    re.ASCII,
)
# Most texts hold none of these, which are found far sooner than the patterns, which try every place.
_KEY_STARTS = (
    *("sk-", "ak-", "rk-", "pk-", "sk_", "rk_", "pk_", "AKIA", "ASIA", "LTAI", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat_", "glpat-", "xox", "AIza", "hf_", "npm_", "eyJ"),
)
_VALUE = re.compile(r"[:=：]\s{0,3}[\"']?[\w+/=-]{16}", re.ASCII)
_PRIVATE = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^-]{0,20000}-----END [A-Z ]{0,30}PRIVATE KEY-----)?")
_GIVEN = re.compile(
    r"((?:api|access|secret|private)[_ -]?(?:key|token)(?:[_ -]?(?:id|secret))?\w{0,20}|auth[_ -]?token|client[_ -]?secret)"
    r"(\"?\s{0,3}[:=：]\s{0,3}[\"']?)(?=[\w+/=-]{0,199}\d)(?=[\w+/=-]{0,199}[A-Za-z])([\w+/=-]{16,200})(?![\w+/.(\[=-])",
    re.IGNORECASE | re.ASCII,
)


def seen(text: str) -> str:
    """Drop what nobody can see, and leave the signs that a script or an emoji is written with."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def hides_characters(text: str) -> bool:
    """Tell whether a text holds unseen characters that are more than a matter of typesetting."""
    if text.isascii():
        return False
    return any(found[0] not in _USUAL for found in _UNSEEN.finditer(text.removeprefix("\ufeff")))


def keys_in(text: str) -> int:
    """Count what looks like a key; a row of one letter, as instructions have it, is none."""
    return len(_replaced(text)[1])


def discreet(text: str) -> str:
    """Return a text as it may be sent: nothing unseen in it, and of each key no more than its first letters."""
    return _replaced(seen(text))[0]


def _replaced(text: str) -> tuple[str, list[str]]:
    found: list[str] = []

    def cut(key: re.Match[str]) -> str:
        if len(set(key[0][3:].lower())) <= 4:
            return key[0]
        found.append(key[0])
        return key[0][:3] + "…"

    def cut_given(key: re.Match[str]) -> str:
        found.append(key[3])
        return f"{key[1]}{key[2]}{key[3][:3]}…"

    if any(start in text for start in _KEY_STARTS):
        text = _KEYS.sub(cut, text)
    if _VALUE.search(text):
        text = _GIVEN.sub(cut_given, text)
    return (_PRIVATE.sub(cut, text) if "PRIVATE KEY" in text else text), found
