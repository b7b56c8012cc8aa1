"""Makes the characters of foreign text honest: nothing hidden, nothing that Markdown or Streamlit would act upon.

Knows no grammar and no Streamlit; works on plain strings.
"""

from __future__ import annotations

import re

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Shown to nobody and changing nothing that can be read: soft hyphen, zero-width, fillers, variation selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200c\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0"
    "\U000e0100-\U000e01ef]|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
)
# Changing what is read, or what a terminal or a model makes of it: controls, text direction, tags, lone surrogates.
_DECEPTIVE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\uffff"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]+"
)
_SPACES = re.compile(r"[ \t\n]+")
_ACTIVE = re.compile(r"[\\`*_{}\[\]<>#|~$!&:^]")
_STARTS_BLOCK = re.compile(r"[-+=]|\d{1,9}(?=[.)])")
# Streamlit replaces these in finished text, after backslashes are gone: only an unseen character in between stops it.
_SHORTCODE = re.compile(r":(?=material[/_]|(?!(?!100:|1234:)\d+:)[A-Za-z0-9_+-]+:)")
WORD_JOINER = "\u2060"
_LONGEST_LABEL = 300


def visible(text: str) -> str:
    """Drop what cannot be seen and spell out what deceives, as in ⟨U+202E⟩; line ends become one kind."""
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    return _DECEPTIVE.sub(_spell_out, text)


def _spell_out(run: re.Match[str]) -> str:
    more = len(run[0]) - 1
    return f"⟨U+{ord(run[0][0]):04X}{f' +{more}' if more else ''}⟩"


def one_line(text: str) -> str:
    """Make every stretch of white space one blank, as a browser would."""
    return _SPACES.sub(" ", text)


def escape(text: str, *, line_start: bool = False) -> str:
    """Write one line so that Streamlit's Markdown shows these very characters and acts on none of them."""
    guarded = _ACTIVE.sub(r"\\\g<0>", _SHORTCODE.sub(":" + WORD_JOINER, text))
    if line_start and (start := _STARTS_BLOCK.match(guarded)):
        end = start.end()
        return f"{guarded[:end]}\\{guarded[end:]}" if start[0].isdigit() else "\\" + guarded
    return guarded


def plain(text: str) -> str:
    """Write a file name, title or heading for use inside Markdown, a label or a button.

    Where Streamlit shows text as it is (options of a select box, code, the window's title) use ``visible`` instead.
    """
    line = one_line(visible(text[: _LONGEST_LABEL * 4])).strip()
    if len(line) > _LONGEST_LABEL:
        line = line[:_LONGEST_LABEL] + "…"
    return escape(line, line_start=True)
