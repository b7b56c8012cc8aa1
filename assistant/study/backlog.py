"""The learner's backlog: what the notes leave open, which of it is done, and how each is asked, explained and made a card.

Owns the table of what is done. Sends nothing: an explanation is a Draft like any other. Knows no screen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from assistant.answers.ask import Answer, Draft, reconsider
from assistant.answers.topics import question_about
from assistant.errors import NotFound
from assistant.knowledge.chunks import Match
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Stored
from assistant.language.tongue import language_of
from assistant.language.words import subject_words, terms
from assistant.study.card import NewCard, Source
from assistant.study.flashcards import unmarked
from assistant.study.open_points import OpenPoint, open_points

State = Literal["open", "done"]

_READ = ("markdown", "text")  # a PDF is somebody else's text: what it leaves open is not the learner's to do
_SHORT = 30  # characters of a subject, beyond which it is a sentence


@dataclass(frozen=True, slots=True)
class Item:
    """An open point in its note; ``id`` stays while its own words and heading stay, also when the note is renamed."""

    id: str
    note: str
    title: str
    point: OpenPoint
    state: State

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {
            "id": self.id,
            "kind": self.point.kind,
            "text": self.point.text,
            "note": self.note,
            "heading": list(self.point.heading),
            "lines": list(self.point.lines),
            "state": self.state,
            "question": question_of(self),
        }


class Backlog:
    """The open points of all notes as they were last read, with what the learner did about them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def items(self, state: State | None = "open") -> list[Item]:
        """List the items by note and line; None lists those that are done, too."""
        rows = self._store.database.connection.execute("SELECT note_id, key FROM backlog_done").fetchall()
        done = {(row["note_id"], row["key"]) for row in rows}
        notes = [note for note in self._store.notes() if note.kind in _READ and note.error is None]
        items = [item for note in notes for item in self._of(note, done)]
        return [item for item in items if state in (None, item.state)]

    def item(self, id_: str) -> Item:
        """Return one item; raise ``NotFound`` where the notes no longer hold it."""
        for item in self.items(None):
            if item.id == id_:
                return item
        raise NotFound(what=id_)

    def mark(self, id_: str, state: State, now: datetime | None = None) -> None:
        """Settle an item, or open it again; either twice changes nothing."""
        note_id, _, key = self.item(id_).id.partition("-")
        with self._store.database.transaction() as connection:
            if state == "done":
                at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
                connection.execute("INSERT OR IGNORE INTO backlog_done VALUES (?, ?, ?)", (int(note_id), key, at))
            else:
                connection.execute("DELETE FROM backlog_done WHERE note_id = ? AND key = ?", (int(note_id), key))

    def _of(self, note: Stored, done: set[tuple[int, str]]) -> list[Item]:
        *_, text, _ = self._store.note_text(note.place.path)
        return [
            Item(
                f"{note.id}-{point.key}",
                note.place.path,
                note.title,
                point,
                "done" if (note.id, point.key) in done else "open",
            )
            for point in open_points(text)
        ]


def question_of(item: Item) -> str:
    """Put an item as the question that a learner would ask about it, in the item's own language."""
    text = re.sub(r"[?？]{2,}", "？" if language_of(item.point.text) == "zh" else "?", item.point.text).strip()
    language = language_of(text, item.title, *item.point.heading)
    if item.point.kind == "question" or text.endswith(("?", "？")):
        return text
    if item.point.kind == "heading":
        about = question_about(item.title, (*item.point.heading, text), language)
        if about:
            return about
    if item.point.kind in ("box", "todo") or len(text) > _SHORT:
        return f"关于「{text}」，笔记里写了什么？" if language == "zh" else f"What do my notes say about “{text}”?"
    if language == "zh":
        return f"什么是{' ' if text[0].isascii() else ''}{text}？"
    return f"What is {text}?"


def explanation(item: Item, draft: Draft) -> Draft | None:
    """Return the draft without the passages that only hold the item itself; None: the notes say nothing else about it."""
    own = [place for place, match in enumerate(draft.found) if _only_asks(match, item)]
    others = [match for place, match in enumerate(draft.found) if place not in own]
    if draft.basis != "notes" or not any(_speaks_of(match, item) for match in others):
        return None
    return reconsider(draft, dropped=own) if own else draft


def card_of(item: Item, answer: Answer | None = None) -> NewCard:
    """Return a card: the question in front, behind it what explained it, and the first passage that this cites.

    Without an explanation the back is for the learner to write, and the source is where the item itself stands.
    """
    source = Source(item.note, item.point.heading, item.point.lines, item.point.text)
    if answer is None:
        return NewCard(question_of(item), "", "hand", source)
    cited = next(iter(answer.citations), None)
    if cited is not None:
        source = Source(cited.note, cited.heading, cited.lines, cited.text)
    return NewCard(question_of(item), unmarked(answer.text), "answer", source)


def pick(items: Sequence[Item], day: int) -> Item | None:
    """Choose one item for a day (its ordinal): each gets its turn, and one day always shows the same one."""
    return items[day % len(items)] if items else None


def _only_asks(match: Match, item: Item) -> bool:
    """Tell whether a passage is the item's own; one with ``??`` inside may hold half of its answer."""
    first, last = match.chunk.piece.lines
    inside = match.chunk.note == item.note and first <= item.point.lines[0] <= last
    if item.point.kind in ("question", "todo", "definition") and inside:
        return len(terms(match.chunk.text)) <= 2 * len(terms(item.point.text)) + 6
    return inside


def _speaks_of(match: Match, item: Item) -> bool:
    """Tell whether a passage holds at least half of the words that the item is about."""
    words = set(subject_words(item.point.text)) or set(terms(item.point.text))
    said = set(terms(f"{match.chunk.title} {match.chunk.place} {match.chunk.text}"))
    return bool(words) and 2 * len(words & said) >= len(words)
