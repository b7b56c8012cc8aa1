"""Where new cards come from without a model: the notes, an answer, the learner's hand. Keeps nothing; ``cards`` does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.answers.citations import MARKER
from assistant.knowledge.store import Store
from assistant.study.card import GAP, NewCard, Source
from assistant.study.mining import mine
from assistant.study.scope import inside

_MINED = ("markdown", "text")  # the lines of a PDF are folded: no definition can be told from them
_HIDDEN = re.compile(r"\{\{(?:c\d+::)?(?P<words>.+?)(?:::[^{}]*)?\}\}", re.DOTALL)
_LINKED = re.compile(r"\[(\d+)\]\(#cite-[\w-]*\)")


def from_notes(store: Store, within: Sequence[str] | None = None) -> list[NewCard]:
    """Return the cards that notes offer; ``within`` names notes or folders, None means all of them."""
    found: list[NewCard] = []
    for note in store.notes():
        path = note.place.path
        if note.kind in _MINED and note.error is None and inside(path, within):
            found += mine(path, note.title, note.kind, store.note_text(path)[2])
    return found


def from_answer(question: str, answer: str, record: Mapping[str, Any]) -> NewCard:
    """Return an answered question as a card; its source is the first passage that the answer cites."""
    matches: Sequence[Mapping[str, Any]] = record.get("matches") or ()
    cited = [one["marker"] - 1 for one in record.get("citations", ()) if 0 < one["marker"] <= len(matches)]
    source = _source(matches[cited[0]]) if cited else None
    return NewCard(question.strip(), unmarked(answer), "answer", source)


def unmarked(answer: str) -> str:
    """Return an answer without the markers of its citations, which mean nothing on a card."""
    text = MARKER.sub("", _LINKED.sub("", answer))
    return re.sub(r"[ \t]+(?=[，。；：！？,.;:!?])", "", text).strip()


def by_hand(front: str, back: str, source: Source | None = None) -> list[NewCard]:
    """Return what the learner wrote as cards; words in ``{{double brackets}}`` are hidden, one card for each."""
    if not _HIDDEN.search(front):
        return [NewCard(front.strip(), back.strip(), "hand", source)]
    return [NewCard(one, words, "hand", source, "cloze") for one, words in gaps(front)]


def gaps(text: str) -> list[tuple[str, str]]:
    """Return the sentence with each of its hidden stretches as the gap in turn, the others shown, and the hidden words."""
    hidden = list(_HIDDEN.finditer(text))
    made = []
    for chosen in hidden:
        written = _HIDDEN.sub(lambda one, chosen=chosen: GAP if one.span() == chosen.span() else one["words"], text)  # type: ignore[misc]
        made.append((written.strip(), chosen["words"].strip()))
    return made


def _source(match: Mapping[str, Any]) -> Source:
    first, last = match["lines"]
    return Source(match["note"], tuple(match["heading"]), (first, last), match["text"])
