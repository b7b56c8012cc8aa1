"""Whether the passage that a card rests on still stands in its note, and what stands there instead."""

from __future__ import annotations

from difflib import SequenceMatcher

from assistant.errors import NotFound
from assistant.knowledge.blocks import Lines
from assistant.knowledge.store import Store
from assistant.study.card import Card
from assistant.study.cards import Cards

_ALIKE = 0.4  # how much of a passage must be left for another to count as its successor
_LONGEST = 2_000  # characters that are compared


def refresh(cards: Cards, store: Store) -> int:
    """Hold the cards of every note that changed since last time against it; return how many cards are stale by it.

    Notes that did not change cost nothing: it may be called before every page.
    """
    known = cards.checked_notes()
    used = cards.notes()
    if not used:
        return 0
    present = {note.place.path: note.content_hash for note in store.notes() if note.error is None}
    moved = {content: path for path, content in present.items() if path not in used}
    stale = 0
    for note in sorted(used):
        if note not in present and known.get(note) in moved:
            cards.move(note, moved[known[note]])
            continue
        content = present.get(note, "")
        if known.get(note) != content or (not content and note not in known):
            stale += _check(cards, store, note)
            cards.checked(note, content)
    return stale


def _check(cards: Cards, store: Store, note: str) -> int:
    try:
        text = store.note_text(note)[2]
    except NotFound:
        text = ""
    lines = Lines(text)
    stale = 0
    for card in cards.rows("note = ?", note):
        place, now = where(card, text, lines)
        stale += now is not None
        if now != card.stale or (card.source and place != card.source.lines):
            cards.mark(card.id, place, now)
    return stale


def where(card: Card, text: str, lines: Lines) -> tuple[tuple[int, int], str | None]:
    """Return the lines of a card's passage in a text, and None; or those of its successor, with its words ('' for none)."""
    source = card.source
    if source is None:
        return (0, 0), None
    start = _nearest(text, source.passage, lines, source.lines[0])
    if start is not None:
        return (lines.at(start), lines.at(start + max(0, len(source.passage) - 1))), None
    successor = _successor(text, source.passage, source.lines)
    return (source.lines, "") if successor is None else successor


def _nearest(text: str, passage: str, lines: Lines, line: int) -> int | None:
    """Return where a passage begins; of several the one nearest to where it stood."""
    places, at = [], text.find(passage) if passage else -1
    while at >= 0:
        places.append(at)
        at = text.find(passage, at + 1)
    return min(places, key=lambda place: abs(lines.at(place) - line), default=None)


def _successor(text: str, passage: str, place: tuple[int, int]) -> tuple[tuple[int, int], str] | None:
    """Find the stretch of as many lines that is most like a passage that is gone; near ones first among equals."""
    rows = text.splitlines()
    height = place[1] - place[0] + 1
    matcher = SequenceMatcher(b=passage[:_LONGEST], autojunk=False)
    best: tuple[float, int] | None = None
    for first in range(max(0, len(rows) - height + 1)):
        if not rows[first].strip():
            continue
        matcher.set_seq1("\n".join(rows[first : first + height])[:_LONGEST])
        floor = best[0] if best else _ALIKE
        if matcher.real_quick_ratio() > floor and matcher.quick_ratio() > floor and (like := matcher.ratio()) > floor:
            best = (like, first)
    if best is None:
        return None
    stretch = "\n".join(rows[best[1] : best[1] + height])
    return (best[1] + 1, best[1] + height), stretch.strip()
