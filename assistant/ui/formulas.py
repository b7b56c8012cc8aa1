"""Judges formulas: which ones a browser can draw quickly and harmlessly. Knows no Markdown."""

from __future__ import annotations

import re

_LONGEST = 2_000
_DEEPEST = 40
_MOST = 200
_MOST_CHARACTERS = 12_000
# Links, files, HTML and the fences of code do not belong into a formula, definitions can multiply, and a ruler can be a mile long.
_SUSPICIOUS = re.compile(
    r"\\(?:href|url|includegraphics|html\w*|def|[gex]def|let|futurelet|(?:re)?newcommand|providecommand|char)(?![A-Za-z])"
    r"|`|~~~|\d{3,}(?:\.\d*)?\s*(?:em|ex|mu|pt|px|mm|cm|in|bp|pc|dd|cc|nd|nc|sp)(?![A-Za-z])"
)


# What would be markup if the browser did not take the formula for one: TeX does not mind a blank there.
_MARKUP = re.compile(r"!(?=\[)|\](?=[(:])|<(?=[A-Za-z/!?])")


class FormulaBudget:
    """Counts the formulas of one message, because thousands of them freeze the page."""

    def __init__(self) -> None:
        self._count = 0
        self._characters = 0

    def written(self, tex: str) -> str | None:
        """Return a formula as it may be written, or None if it should be shown as code."""
        tex = _MARKUP.sub(r"\g<0> ", tex.strip())
        return tex if self._allows(tex) else None

    def _allows(self, tex: str) -> bool:
        if not tex or len(tex) > _LONGEST or _depth(tex) > _DEEPEST or _SUSPICIOUS.search(tex):
            return False
        self._count += 1
        self._characters += len(tex)
        return self._count <= _MOST and self._characters <= _MOST_CHARACTERS


def _depth(tex: str) -> int:
    deepest = depth = 0
    for character in tex:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest + tex.count(r"\left") + tex.count(r"\begin")
