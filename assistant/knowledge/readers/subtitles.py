"""Reads subtitles, SRT and WebVTT: what is said as flowing text, each stretch of it marked with its time."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.errors import DamagedNote
from assistant.knowledge.notes import Problem
from assistant.knowledge.readers.document import Document, Writing, one_line
from assistant.knowledge.readers.plain_bytes import decoded

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"^[ \t]*{_TIME}[ \t]*-{{2,3}}>[ \t]*{_TIME}[^\r\n]*(?=[\r\n]|\Z)", re.MULTILINE)
_MARKUP = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}")
_VOICE = re.compile(r"<v(?:\.[\w.]+)?[ \t]+([^<>\n]{1,80})>")
_ENDS = tuple('.!?。！？…"”』」')
_EMPTY_LINE = re.compile(r"(?<=\n)[ \t]*(?:\r\n?|\n)|(?<=\r)[ \t]*\r(?!\n)")
_PAUSE = 2.0  # seconds of silence that end a paragraph
_LONG = 400  # characters after which a paragraph ends with its sentence
_LONGEST = 1_000
_CHINESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff，。！？；：、）」』”]")


@dataclass(frozen=True, slots=True)
class _Cue:
    start: float
    end: float
    text: str
    voice: str = ""


def read_subtitles(data: bytes, path: str) -> Document:
    """Read subtitles; rolling captions, which say each line two or three times, are said once."""
    text, encoding, replaced = decoded(data, path)
    cues = list(_unrolled(_cues(text)))
    if not cues:
        raise DamagedNote(path=path, reason="no subtitle in it / 没有一条字幕")
    writing = Writing()
    writing.part(form="plain")
    former, said = None, 0
    for cue in cues:
        if former is not None:
            apart = _apart(former, cue, said)
            writing.add("\n\n" if apart else _between(former.text, cue.text))
            said = 0 if apart else said
        writing.mark(_clock(cue.start), _clock(cue.end))
        names = cue.voice and (former is None or former.voice != cue.voice)
        writing.add(f"{cue.voice}: {cue.text}" if names else cue.text)
        former, said = cue, said + len(cue.text)
    writing.add("\n")
    problems = (Problem("replaced_characters"),) if replaced else ()
    return writing.document(title=_title(text), encoding=encoding, problems=problems)


def _cues(text: str) -> Iterator[_Cue]:
    timings = list(_TIMING.finditer(text))
    for timing, following in zip(timings, [*timings[1:], None], strict=False):
        # A payload ends at its first empty line; what follows is a note, a style or the name of the next cue.
        payload, *more = _EMPTY_LINE.split(
            text[timing.end() : following.start() if following else len(text)], maxsplit=1
        )
        voice = _VOICE.search(payload)
        lines = (html.unescape(_MARKUP.sub("", line)).strip() for line in payload.splitlines())
        said = [line for line in lines if line]
        if following and not more and said and said[-1].isdigit():
            said.pop()  # the number of the next cue, written without an empty line before it
        if said:
            name = one_line(html.unescape(voice[1]), 60) if voice else ""
            yield _Cue(_seconds(timing.groups()[:4]), _seconds(timing.groups()[4:]), "\n".join(said), name)


def _unrolled(cues: Iterator[_Cue]) -> Iterator[_Cue]:
    """Drop what a cue repeats of the lines before it, as captions do that roll up the screen."""
    former: list[str] = []
    for cue in cues:
        lines = cue.text.split("\n")
        repeated = next((n for n in range(min(len(lines), len(former)), 0, -1) if former[-n:] == lines[:n]), 0)
        former = lines
        if fresh := lines[repeated:]:
            said = fresh[0]
            for line in fresh[1:]:
                said += _between(said, line) + line
            yield replace(cue, text=said)


def _apart(former: _Cue, cue: _Cue, said: int) -> bool:
    """Tell whether a paragraph ends between two cues: a silence, another speaker, or enough said."""
    if cue.start - former.end >= _PAUSE or cue.voice != former.voice or said >= _LONGEST:
        return True
    return said >= _LONG and former.text.endswith(_ENDS)


def _between(former: str, text: str) -> str:
    """Chinese lines run on without a blank, and a dialogue keeps its lines."""
    if text.startswith(("- ", "– ", "— ")):
        return "\n"
    return "" if _CHINESE.match(text[:1]) and _CHINESE.match(former[-1:]) else " "


def _seconds(clock: Sequence[str | None]) -> float:
    hours, minutes, seconds, part = clock
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + int((part or "0").ljust(3, "0")) / 1000


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _title(text: str) -> str:
    """Take the words after WEBVTT, where they are more than the settings of a program."""
    head = re.match(r"\ufeff?WEBVTT[ \t]+-?[ \t]*([^\r\n]+)", text)
    return one_line(head[1]) if head and ":" not in head[1] else ""
