"""From single chunks, best first, to the passages a reader wants: copies collapsed, no note too loud, neighbours joined.

Knows chunks and scores; the text of a note comes from a function.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from assistant.knowledge.chunks import Chunk, Match, Piece
from assistant.language.negation import negations
from assistant.language.normalise import normalise

PER_NOTE = 3  # of one note; further ones stand back behind other notes
EQUAL_ENOUGH = 0.5  # but not behind what scores less than this share of theirs
JOINED_TOKENS = 1_200  # the longest passage made of neighbours
_ALIKE = 0.9  # of their runs of characters, for two texts to be one
_RUN = 5
_NO_LETTERS = re.compile(r"[\W_]+")
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")


class _Print:
    """What of a text is compared: its letters and figures; the costly parts are made when two are about equally long."""

    def __init__(self, text: str) -> None:
        self.letters = _NO_LETTERS.sub("", normalise(text).casefold())
        self._text = text

    def same(self, other: _Print) -> bool:
        """Tell whether two texts say the same, up to spelling, marks and a few words; another figure or a not is another text."""
        if self.letters == other.letters:
            return True
        shorter, longer = sorted((len(self.letters), len(other.letters)))
        if shorter < _ALIKE * longer or self.figures != other.figures or self.negations != other.negations:
            return False
        shared = len(self.runs & other.runs)
        return shared >= _ALIKE * (len(self.runs) + len(other.runs) - shared)

    @cached_property
    def runs(self) -> frozenset[str]:
        return frozenset(self.letters[at : at + _RUN] for at in range(max(1, len(self.letters) - _RUN + 1)))

    @cached_property
    def figures(self) -> list[str]:
        return _FIGURES.findall(self._text)

    @cached_property
    def negations(self) -> int:
        return negations(self._text)


def collapsed(chunks: Iterable[Chunk]) -> list[tuple[Chunk, tuple[Chunk, ...]]]:
    """Return the chunks in their order without copies, each with those copies of it that stand elsewhere.

    Of several copies the one speaks whose note speaks already: so the parts of a section that was copied stay together.
    """
    groups: list[tuple[_Print, list[Chunk]]] = []
    for chunk in chunks:
        mark = _Print(f"{chunk.piece.lead}\n{chunk.text}")
        same = next((members for known, members in groups if known.same(mark)), None)
        if same is None:
            groups.append((mark, [chunk]))
        else:
            same.append(chunk)
    speaking: set[int] = set()
    kept = []
    for _, members in groups:
        speaker = next((one for one in members if one.note_id in speaking), members[0])
        speaking.add(speaker.note_id)
        kept.append((speaker, tuple(one for one in members if one.note_id != speaker.note_id)))
    return kept


def spread(chunks: Sequence[Chunk], scores: Mapping[int, float], limit: int) -> list[Chunk]:
    """Choose the best, where the fourth and further of one note give way to others that are not much weaker."""
    taken: list[Chunk] = []
    aside: list[Chunk] = []
    counts: Counter[int] = Counter()
    for chunk in chunks:
        if len(taken) == limit:
            break
        # Who stands aside is still better than all that come: it goes first as soon as these are too weak.
        while aside and len(taken) < limit and scores[chunk.id] < EQUAL_ENOUGH * scores[aside[0].id]:
            taken.append(aside.pop(0))
        if len(taken) == limit:
            break
        if counts[chunk.note_id] < PER_NOTE:
            counts[chunk.note_id] += 1
            taken.append(chunk)
        else:
            aside.append(chunk)
    taken += aside[: limit - len(taken)]
    return sorted(taken, key=lambda chunk: (-scores[chunk.id], chunk.id))


def joined(matches: Sequence[Match], ordinals: Mapping[int, int], text_of: Callable[[str], str]) -> list[Match]:
    """Make one passage of matches that follow one another in a section; the best of them gives score and place in the order.

    ``ordinals`` are the chunks' places in their notes, ``text_of`` returns a note's text by its path.
    """
    groups: list[list[Match]] = []
    for match in sorted(matches, key=lambda match: (match.chunk.note_id, ordinals.get(match.chunk.id, 0))):
        if groups and _follows(groups[-1], match, ordinals):
            groups[-1].append(match)
        else:
            groups.append([match])
    passages = [group[0] if len(group) == 1 else _one(group, text_of) for group in groups]
    return sorted(passages, key=lambda match: (-match.score, match.chunk.id))


def _follows(group: Sequence[Match], match: Match, ordinals: Mapping[int, int]) -> bool:
    last, next_ = group[-1].chunk, match.chunk
    one_section = last.note_id == next_.note_id and last.piece.heading == next_.piece.heading
    adjacent = last.id in ordinals and ordinals.get(next_.id) == ordinals[last.id] + 1
    fits = sum(one.chunk.piece.tokens for one in group) + next_.piece.tokens <= JOINED_TOKENS
    # A page is what a citation leads to: a passage does not reach over its end. What hangs under a lead keeps its own.
    return one_section and adjacent and fits and last.piece.page == next_.piece.page and not next_.piece.lead


def _one(group: Sequence[Match], text_of: Callable[[str], str]) -> Match:
    best = max(group, key=lambda match: match.score)
    first, last = group[0].chunk, group[-1].chunk
    start, end = first.piece.chars[0], last.piece.chars[1]
    piece = Piece(
        text=text_of(first.note)[start:end],
        heading=first.piece.heading,
        page=first.piece.page,
        lines=(first.piece.lines[0], last.piece.lines[1]),
        chars=(start, end),
        tokens=sum(match.chunk.piece.tokens for match in group),
        lead=first.piece.lead,
    )
    copies = tuple(copy for match in group for copy in match.also)
    return replace(best, chunk=replace(best.chunk, piece=piece), also=_by_note(copies))


def _by_note(copies: Collection[Chunk]) -> tuple[Chunk, ...]:
    return tuple({copy.note: copy for copy in reversed(tuple(copies))}.values())[::-1]
