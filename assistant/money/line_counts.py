"""Counts texts that have lines in common in the usual vocabulary, each line only once. Knows no note.

A note is counted line by line, then piece by piece, then as it is embedded: three times the same lines. The vocabulary
begins a new word after a line's end, so counts of lines add up to that of their text, exactly; where a rule of the
vocabulary reaches over the end of a line, the text is counted as a whole.
"""

from __future__ import annotations

import re

from assistant.money.tokens import count

_REMEMBERED = 20_000  # lines and ends of lines: some megabytes
# A line, its end, and the blank lines after it: all line ends in one stretch of white space belong to one token.
_UNIT = re.compile(r"([^\r\n]*)(\r\n?|\n)(\s*[\r\n])?|([^\r\n]+)")
# A row of these at the end of a line is one word together with the line ends behind it, and with nothing before it if
# that is a letter or digit.
_PUNCTUATION = "。！？；，：、.,!?;:…()（）[]【】{}「」『』“”‘’\"'`*_$|<>=~%+-"
_LETTER = re.compile("[A-Za-z0-9\u4e00-\u9fff]")


class _Counts(dict[str, int]):
    """What was counted last, at most so many."""

    def __missing__(self, text: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        counted = self[text] = count(text)
        return counted


_counts = _Counts()


def count_line(line: str) -> int:
    """Say how many tokens a line has with its end, and remember it."""
    return _counts[line]


def count_lines(text: str) -> int:
    """Say what ``count`` says of a text, the sooner the more of its lines were counted before."""
    total = 0
    for content, end, blank, last in _UNIT.findall(text):
        if content.startswith("/") or last.startswith("/"):  # "。⏎/" is one word
            return count(text)
        total += _unit(content, end, end + blank) if end else _unit(last, "", "")
    return total


def _unit(content: str, end: str, ends: str) -> int:
    """Count a line with all line ends that follow it, from its count with one line end if that is known."""
    known = end or "\n"
    whole = content + ends
    counted = _counts.get(content + known)
    if whole in _counts or counted is None or ends == known:
        return _counts[whole]
    head = content.rstrip(_PUNCTUATION)
    if not head or not _LETTER.match(head, len(head) - 1):
        return _counts[whole]
    tail = content[len(head) :]
    return counted - _counts[tail + known] + (_counts[tail + ends] if tail + ends else 0)
