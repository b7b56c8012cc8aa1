"""A card as it is made and as it is kept. Knows no database, note file or screen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from assistant.knowledge.stored import text_hash
from assistant.language.normalise import normalise
from assistant.study.schedule import Memory

Kind = Literal["basic", "cloze"]
Origin = Literal["definition", "table", "heading", "cloze", "answer", "quiz", "hand", "model", "import"]
Fault = Literal["empty_front", "empty_back", "same", "no_gap", "too_long"]

GAP = "[…]"  # where the hidden words of a cloze card stood
LONGEST_SIDE = 8_000  # characters; a page and more
_SIGNS = re.compile(r"[\s，。；：！？、,.;:!?…*_~`'\"“”‘’「」『』()（）\[\]]+")  # not those of C++, C# and a = b


@dataclass(frozen=True, slots=True)
class Source:
    """The passage that a card rests on: its note, headings, lines (from 1, both included) and words."""

    note: str
    heading: tuple[str, ...]
    lines: tuple[int, int]
    passage: str

    @property
    def hash(self) -> str:
        """Name the passage by its words."""
        return text_hash(self.passage)


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card that is not kept yet. The back of a cloze card are the words that stand in the gap of its front."""

    front: str
    back: str
    origin: Origin
    source: Source | None = None
    kind: Kind = "basic"
    deck: str = ""
    guid: str = ""

    @property
    def fault(self) -> Fault | None:
        """Why nobody could learn from it, or None."""
        return fault_of(self.kind, self.front, self.back)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data; it has no id before it is kept."""
        source = self.source
        return {
            "front": self.front,
            "back": self.back,
            "kind": self.kind,
            "origin": self.origin,
            "note": source.note if source else None,
            "heading": list(source.heading) if source else [],
            "lines": list(source.lines) if source else None,
            "passage": source.passage if source else None,
        }


@dataclass(frozen=True, slots=True)
class Card:
    """A kept card. ``stale`` is what stands where its passage stood, '' where that is gone, None while it is unchanged.

    ``version`` counts the changes of its schedule; ``buried_until`` is a moment, None where it is not buried.
    """

    id: int
    guid: str
    kind: Kind
    front: str
    back: str
    deck: str
    origin: Origin
    accepted: bool
    source: Source | None
    stale: str | None
    memory: Memory
    suspended: bool
    leech: bool
    buried_until: datetime | None
    version: int

    @property
    def state(self) -> str:
        """One word for scripts: proposed, suspended, new, learning, review or relearning."""
        if not self.accepted:
            return "proposed"
        return "suspended" if self.suspended else self.memory.state

    @property
    def whole(self) -> str:
        """What the learner sees after turning it: the back, or the sentence with its gap filled."""
        return self.front.replace(GAP, f"**{self.back}**", 1) if self.kind == "cloze" else self.back

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form of a card."""
        memory, source = self.memory, self.source
        return {
            "id": self.id,
            "front": self.front,
            "back": self.back,
            "note": source.note if source else None,
            "heading": list(source.heading) if source else [],
            "lines": list(source.lines) if source else None,
            "due": written(memory.due) if self.accepted else None,
            "state": self.state,
            "kind": self.kind,
            "deck": self.deck,
            "origin": self.origin,
            "stale": self.stale is not None,
            "leech": self.leech,
            "lapses": memory.lapses,
        }


@dataclass(frozen=True, slots=True)
class Planned:
    """A card without its words: its note, the uppermost heading, and when it is to be seen; for sums over a whole deck."""

    note: str | None
    heading: str | None
    memory: Memory
    suspended: bool
    buried_until: datetime | None


class _Kept(Protocol):
    """What gives its values by name: a row, or an entry of the log."""

    def __getitem__(self, name: str, /) -> Any: ...


def fault_of(kind: Kind, front: str, back: str) -> Fault | None:
    """Say what is wrong with the sides of a card, or None."""
    if not front.strip() or (kind == "cloze" and front.strip() == GAP):
        return "empty_front"
    if not back.strip():
        return "empty_back"
    if kind == "cloze" and front.count(GAP) != 1:
        return "no_gap"
    if max(len(front), len(back)) > LONGEST_SIDE:
        return "too_long"
    return "same" if kind == "basic" and key_of(front) == key_of(back) else None


def key_of(front: str) -> str:
    """Name a front by what it asks: spelling, width, case and punctuation aside. Formulas count sign by sign."""
    folded = normalise(front).casefold()
    return text_hash(
        folded if re.search(r"[$\\]", folded) else _SIGNS.sub("", folded.replace(GAP, "gap0gap")) or folded
    )


def written(moment: datetime) -> str:
    """Write a moment so that texts sort as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def moment_of(text: str | None) -> datetime | None:
    """Read what ``written`` wrote."""
    return datetime.fromisoformat(text) if text else None


def memory_json(memory: Memory) -> dict[str, Any]:
    """Return a schedule as it is kept in the log."""
    last = memory.last_review
    return {
        "state": memory.state,
        "due": written(memory.due),
        "step": memory.step,
        "stability": memory.stability,
        "difficulty": memory.difficulty,
        "last_review": written(last) if last else None,
        "lapses": memory.lapses,
    }


def memory_of(kept: _Kept) -> Memory:
    """Read a schedule from a row or from the log."""
    return Memory(
        due=datetime.fromisoformat(kept["due"]),
        state=kept["state"],
        step=kept["step"],
        stability=kept["stability"],
        difficulty=kept["difficulty"],
        last_review=moment_of(kept["last_review"]),
        lapses=kept["lapses"],
    )
