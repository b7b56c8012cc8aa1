"""Cleans the characters that a PDF gives: compatibility letters folded, invisible ones gone. Knows characters only."""

from __future__ import annotations

import re
import unicodedata

HYPHEN_MARKS = ("\x02", "\ufffe", "\xad")  # how PDFium and PDF writers mark a hyphen made by a line break

_KEPT_INVISIBLE = "\n\t\u200c\u200d" + "".join(
    HYPHEN_MARKS
)  # hyphen marks for the layout; joiners of emoji and Indic scripts
_UNFOLDED = ("<super>", "<sub>", "<circle>", "<fraction>", "<square>")
_BULLETS = "".join(
    map(chr, (0xF0B7, 0xF0A7, 0xF0D8, 0xF06C, 0xF06E, 0xF076, 0xF075, 0xF0FC, 0xF0B2, 0xF09F, 0xF09E, 0xF0E0))
)
_BULLET = re.compile(f"^(\\s*)[{_BULLETS}](?=\\s|$|\\w)")


class _Cleaning(dict[int, str]):
    """What each character becomes, found out once: compatibility forms of letters folded, invisible ones gone.

    Full NFKC would turn the full-width punctuation of Chinese prose into ASCII and a power into a plain digit, and no
    quotation would match its source any more; so only forms of letters, digits and spaces are folded.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = character
        if character not in _KEPT_INVISIBLE and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Cn"):
            kept = "\ufffd" if unicodedata.category(character) == "Cs" else ""
        elif not unicodedata.decomposition(character).startswith(_UNFOLDED):
            folded = unicodedata.normalize("NFKC", character)
            kept = folded if folded.isalnum() or folded == " " else character
        self[code] = kept
        return kept


_CLEANING = _Cleaning()


def cleaned(text: str) -> str:
    """Return a line fit to be indexed, still with the marks of hyphens that a line break made."""
    return unicodedata.normalize("NFC", text.translate(_CLEANING))


def without_hyphen_marks(text: str) -> str:
    """Drop the marks that no line break stands at."""
    return re.sub("[" + "".join(HYPHEN_MARKS) + "]", "", text)


def with_bullets(text: str) -> str:
    """Write the bullet of a symbol font, which stands in nobody's alphabet, as the bullet it looks like."""
    return _BULLET.sub("\\1•", text)
