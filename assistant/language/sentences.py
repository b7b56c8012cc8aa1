"""Finds the sentences of mixed Chinese and English prose, as places in the text. Knows no tokens and no notes.

Rules, no dictionary: a stop ends a sentence together with its closing quotes and brackets, unless what surrounds it
says that it is part of a number, a name, an address or an abbreviation. Linear in the length of the text.
"""

from __future__ import annotations

import re

# Signs that can only close. Straight quotes and Markdown emphasis close what was opened, which takes counting.
CLOSERS = frozenset("”’」』）》〉】〕］｝»›)]}")
_PAIRED = frozenset("\"'*_`~")

_ALWAYS = frozenset("。！？；")
_STOP = re.compile(r"[。！？；…!?.]+|\r\n?|\n")
_CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")

# What begins a line of its own: list items, quotes, headings, table rows, fences, numbered points, a blank line.
_LINE_OF_ITS_OWN = re.compile(
    r"[ \t\u3000]*(?:[-*+•·◦▪▸✅][ \t]|[>|]|#{1,6}[ \t]|\d{1,9}[.)、．](?!\d)|[（(]\d{1,3}[）)]|[①-⑳]"
    r"|```|~~~|\$\$|[\r\n]|\Z)"
)
_LIST_NUMBER = re.compile(r"(?:^|[\r\n])[ \t\u3000]*\d{1,9}\Z")
_WORD = re.compile(r"[A-Za-z][A-Za-z.]*\Z")
_OPEN_BRACKET = re.compile(r"[（(][^（()）\r\n]*\Z")
_CLOSED_BRACKET = re.compile(r"[^（()）\r\n。！？]{0,60}[)）]")
_REACH = 16  # far enough back to see an abbreviation or a list number

_ABBREVIATIONS = frozenset(
    ["al", "approx", "aka", "cf", "dept", "dr", "e.g", "eg", "eq", "eqs", "esp", "fig", "figs", "i.e", "ie", "mr",
     "mrs", "ms", "prof", "ref", "refs", "resp", "sect", "tab", "viz", "vol", "vs"]
)  # fmt: skip
# Words of their own, unless a number follows.
_BEFORE_NUMBERS = frozenset(["art", "ch", "ed", "no", "nos", "p", "par", "pp", "sec", "st"])

# Editors fold lines at 66 to 80 columns; what is shorter was ended by its writer. Chinese signs are two columns wide.
_FOLDED = 40
_FOLDED_CJK = 33


def sentences(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, in order; together they hold every character that is not blank."""
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _STOP.finditer(text):
        end = _end(text, start, stop) if stop.end() > start else 0
        if end:
            _append(spans, text, start, end)
            start = end
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    sentence = text[start:end]
    if sentence.strip():
        spans.append((end - len(sentence.lstrip()), start + len(sentence.rstrip())))


def _end(text: str, start: int, stop: re.Match[str]) -> int:
    """Return where the sentence that began at start ends, or 0 when this stop does not end it."""
    if stop.group()[0] in "\r\n":
        return stop.end() if _line_ends(text, start, stop) else 0
    if not _stops(text, stop):
        return 0
    end = _closed(text, start, stop.end())
    # "`os.*`": a sign that follows the stop and closes nothing belongs to the word, and so does the stop.
    inside = end == stop.end() and text[end : end + 1] in _PAIRED and not _ALWAYS.intersection(stop.group())
    return 0 if inside else end


def _stops(text: str, stop: re.Match[str]) -> bool:
    """Tell whether a stop ends a sentence, from the characters on both sides of it."""
    signs, after = stop.group(), text[stop.end() : stop.end() + 1]
    if _ALWAYS.intersection(signs):
        return True
    if not after or after.isspace() or after in CLOSERS or after in _PAIRED:
        return not (signs[0] in ".…" and _goes_on(text, stop))
    if _CJK.match(text, max(stop.start() - 1, 0), stop.start()):
        # ".wmv" after Chinese words is the end of a file's name, not the beginning of a sentence.
        return after.isalnum() and not (signs == "." and after.isascii() and after.islower())
    return signs != "." and bool(_CJK.match(after))


def _goes_on(text: str, stop: re.Match[str]) -> bool:
    """Tell whether these dots belong to a list number, an initial or an abbreviation, or a small letter follows."""
    following = text[stop.end() : stop.end() + 2].strip(" ")[:1]
    if following.islower():
        return True
    reach = max(0, stop.start() - _REACH)
    if stop.group() != "." or _LIST_NUMBER.search(text, reach, stop.start()):
        return stop.group() == "."
    found = _WORD.search(text, reach, stop.start())
    word = found.group() if found else ""
    if word.lower() in _BEFORE_NUMBERS:
        return following.isdecimal()
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper() and following.isalpha())


def _closed(text: str, start: int, end: int) -> int:
    """Move past what closes right after a stop, and past further stops in between."""
    while end < len(text):
        sign = text[end]
        if sign in CLOSERS or sign in _ALWAYS:
            end += 1
        elif sign in _PAIRED:
            run = len(text[end : end + 4]) - len(text[end : end + 4].lstrip(sign))
            # An odd number of such runs since the sentence began means that one of them is still open.
            if text.count(sign, start, end) // run % 2 == 0:
                break
            end += run
        else:
            break
    return end


def _line_ends(text: str, start: int, stop: re.Match[str]) -> bool:
    """Tell whether a line break separates two thoughts, or only folds a long line."""
    if _LINE_OF_ITS_OWN.match(text, stop.end()):
        return True
    line = re.split(r"[\r\n]", text[max(start, stop.start() - 4 * _FOLDED) : stop.start()])[-1].strip()
    after = text[stop.end()]
    if not line or line[-1] in ",，、-" or after in CLOSERS or _bracket_goes_on(text, line, stop):
        return False
    if _CJK.match(line[-1]):
        # Lines that begin alike (第 1 节 …, 第 2 节 …) are a list without marks.
        return len(line) < _FOLDED_CJK or line[0] == after or not _CJK.match(after)
    return len(line) < _FOLDED and not after.islower()


def _bracket_goes_on(text: str, line: str, stop: re.Match[str]) -> bool:
    """Tell whether a line was cut inside a bracket that the next line closes, as in the narrow cells of a PDF."""
    return bool(_OPEN_BRACKET.search(line) and _CLOSED_BRACKET.match(text, stop.end()))
