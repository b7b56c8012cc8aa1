"""Looks a note through for what its reader should know before it is sent anywhere. Knows its text, and no model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assistant.knowledge.notes import Note, Notice, Problem
from assistant.language.discreet import hides_characters, keys_in

_LOOKS: tuple[tuple[Notice, Callable[[str], object]], ...] = (
    ("invisible_characters", hides_characters),
    ("key_like", keys_in),
)


def with_notices(note: Note) -> Note:
    """Add what is remarkable about a note: characters that nobody sees, and what looks like a key, by page where it has pages."""
    found = [Problem(reason, _pages(note, look)) for reason, look in _LOOKS if look(f"{note.title}\n{note.text}")]
    return replace(note, problems=(*note.problems, *found)) if found else note


def _pages(note: Note, look: Callable[[str], object]) -> tuple[int, ...]:
    ends = [*note.page_starts[1:], len(note.text)]
    pages = zip(note.page_starts, ends, strict=True) if note.page_starts else ()
    return tuple(number for number, (start, end) in enumerate(pages, start=1) if look(note.text[start:end]))
