"""Cuts a note into pieces of one thought each, small enough to be embedded and cited, and says where each stands.

A block that fits is never cut; one that does not is divided along its own structure, and the parts are packed again
up to a comfortable size, never across headings or pages. Knows nothing of files, vectors or models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from assistant.knowledge.blocks import SHORTENED, Block, Kind, Lines, Section, markdown, plain, shorten
from assistant.knowledge.chunks import Piece
from assistant.knowledge.notes import Note
from assistant.knowledge.part_blocks import in_part
from assistant.knowledge.parts import label_of
from assistant.language.sentences import CLOSERS, sentences
from assistant.language.wiki import spoken
from assistant.money.line_counts import count_line, count_lines

# About 270 English words or 500 Chinese characters: one explanation with its list, and ten of them fit in any prompt.
TARGET_TOKENS = 400
# Many embedding models read 512 tokens and silently ignore the rest.
MAXIMUM_TOKENS = 512
# Less than this is a remainder rather than a thought, and joins its neighbour under the same heading.
SHORT_TOKENS = 50
# What leans on its successor is carried along only while it is an introduction.
_INTRODUCTION_TOKENS = 100
# Deeper indentation than this is not looked for, so that one endless line stays cheap.
_INDENT = 1_000

# Kept whole as long as they fit, even if the heading above them then has to stay outside.
_WHOLE: frozenset[Kind] = frozenset({"fence", "code", "formula", "row", "sentence", "line", "scrap"})

# The smallest stretches a text is cut into: at blanks where there are any, not before a closing or combining sign,
# and so short that even signs of four tokens each stay below the maximum.
_CLOSING = "".join(re.escape(sign) for sign in sorted(CLOSERS))
_COMBINING = r"\u0300-\u036f\u200c\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
_SCRAP = re.compile(rf"\S{{1,32}}(?:[{_CLOSING}{_COMBINING}]|(?<=\u200d)\S){{0,32}}\s{{0,32}}|\s{{1,64}}")
_FENCE = re.compile(r"[\s>]*(?:`{3,}|~{3,})\s*\Z")


@dataclass(frozen=True, slots=True)
class _Part:
    """A block that fits, its size, and where the containers around it begin that would have to introduce it."""

    block: Block
    tokens: int
    leads: tuple[tuple[int, str], ...]


def split(note: Note, target: int = TARGET_TOKENS) -> list[Piece]:
    """Return the pieces in the order of the text; every character that says something is in exactly one.

    ``target`` is how many tokens a piece may have, about; another than the usual one is for measuring.
    """
    lines = Lines(note.text)
    marked = [mark.start for mark in note.marks]
    ruler = _Ruler(note.text, lines, target)
    drafts = [draft for section in _sections(note, lines) for draft in _drafts(section, ruler)]
    sizes = [count_lines(note.text[draft.chars[0] : draft.chars[1]]) for draft in drafts]
    return [
        Piece(
            text=note.text[start:end],
            heading=draft.heading,
            page=draft.page,
            lines=(lines.at(start), lines.at(end - 1)),
            chars=(start, end),
            tokens=tokens,
            lead=draft.lead,
            label=label_of(note.marks, marked, start, end),
        )
        for draft, measured in zip(drafts, sizes, strict=True)
        for start, end, tokens in _within(note.text, *draft.chars, measured, ruler.most)
        if note.kind != "markdown" or spoken(note.text[start:end]).strip()  # ids and properties alone say nothing
    ]


def _sections(note: Note, lines: Lines) -> list[Section]:
    if note.parts:
        ends = [*(part.start for part in note.parts[1:]), len(note.text)]
        return [
            section
            for part, end in zip(note.parts, ends, strict=True)
            for section in in_part(note.text, part, end, note.title)
        ]
    if note.kind == "markdown":
        return markdown(note.text, note.title, lines)
    if not note.page_starts:
        return [plain(note.text, 0, len(note.text))]
    bounds = [0, *note.page_starts[1:], len(note.text)]
    return [plain(note.text, start, end, page) for page, (start, end) in enumerate(pairwise(bounds), start=1)]


class _Ruler:
    """Measures stretches of one text in tokens, each line of it being counted only once."""

    def __init__(self, text: str, lines: Lines, target: int) -> None:
        self.target, self.most = target, target * MAXIMUM_TOKENS // TARGET_TOKENS
        self.text = text
        bounds = [*lines.starts, len(text)]
        texts = [text[start:end] for start, end in pairwise(bounds)]
        # A blank line costs nothing: its end becomes one token with the end of the line before it.
        totals = accumulate((count_line(line) if line.strip("\r\n") else 0 for line in texts), initial=0)
        self._until = dict(zip(bounds, totals, strict=True))

    def size(self, start: int, end: int) -> int:
        """Return the tokens between two places, within a few where they are not the ends of one stretch."""
        if start in self._until and end in self._until:
            return self._until[end] - self._until[start]
        return count_lines(self.text[start:end])

    def fits(self, start: int, end: int) -> bool:
        """Tell whether this may be one piece; counted exactly where the sum over lines is not clear enough."""
        estimate = self.size(start, end)
        if estimate <= self.target or estimate > 2 * self.most:
            return estimate <= self.target
        return count_lines(self.text[start:end].strip()) <= self.most


class _Packer:
    """Fills groups with the blocks of one section, in order."""

    def __init__(self, ruler: _Ruler) -> None:
        self.ruler = ruler
        self.groups: list[list[_Part]] = []
        self.open: list[_Part] = []

    def place(self, block: Block, leads: tuple[tuple[int, str], ...] = ()) -> None:
        """Add a block whole if it fits together with what leans on it, and otherwise part by part."""
        leaning = self._leaning()
        if self.ruler.fits(leaning[0].block.start if leaning else block.start, block.end):
            self._add(_Part(block, self.ruler.size(block.start, block.end), leads))
        elif block.kind in _WHOLE and self.ruler.fits(block.start, block.end):
            self.close()
            self._add(_Part(block, self.ruler.size(block.start, block.end), leads))
        else:
            if self._size(self.open) > self.ruler.target // 2:
                self._carry()
            if block.lead:
                leads = (*leads, (block.start, block.lead))
            for part in _divide(self.ruler.text, block):
                self.place(part, leads)

    def close(self) -> None:
        """End the open group."""
        if self.open:
            self.groups.append(self.open)
            self.open = []

    def _add(self, part: _Part) -> None:
        if self._size(self.open) + part.tokens > self.ruler.target:
            self._carry()
        self.open.append(part)

    def _carry(self) -> None:
        """End the open group, but take what leans on the next block along into the new one."""
        leaning = self._leaning()
        del self.open[len(self.open) - len(leaning) :]
        self.close()
        self.open = leaning

    def _leaning(self) -> list[_Part]:
        first = len(self.open)
        while first and self.open[first - 1].block.leans and self._size(self.open[first - 1 :]) <= _INTRODUCTION_TOKENS:
            first -= 1
        return self.open[first:]

    @staticmethod
    def _size(parts: Sequence[_Part]) -> int:
        return sum(part.tokens for part in parts)


def _divide(text: str, block: Block) -> tuple[Block, ...]:
    """Take a block apart one level down: into its children, or lines of code, or sentences, or scraps."""
    if block.children:
        return block.children
    kind: Kind = "scrap"
    bounds: list[int] = []
    if block.kind in ("fence", "code", "formula"):
        kind, bounds = "line", _code_lines(text, block)
    elif block.kind not in ("sentence", "line", "scrap"):
        kind, bounds = "sentence", [block.start + start for start, _ in sentences(text[block.start : block.end])]
    if len(bounds) < 2:
        kind, bounds = "scrap", [scrap.start() for scrap in _SCRAP.finditer(text, block.start, block.end)]
    return tuple(Block(kind, start, end) for start, end in pairwise([block.start, *bounds[1:], block.end]))


def _code_lines(text: str, block: Block) -> list[int]:
    """Return where its lines begin that may begin a piece: not a closing bracket, nor what only opens or closes."""
    starts = [block.start + start for start in Lines(text[block.start : block.end]).starts]
    lines = [text[start:end].strip() for start, end in pairwise([*starts, block.end])]
    opens = block.kind == "fence" and len(starts) > 2
    return [
        start
        for number, (start, line) in enumerate(zip(starts, lines, strict=True))
        if not number or (line and line[0] not in CLOSERS and not (opens and (number == 1 or _FENCE.match(line))))
    ]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A piece before it is measured."""

    heading: tuple[str, ...]
    page: int | None
    chars: tuple[int, int]
    lead: str


def _drafts(section: Section, ruler: _Ruler) -> Iterator[_Draft]:
    packer = _Packer(ruler)
    packer.place(section.block)
    packer.close()
    for group in _joined(packer.groups, ruler):
        start, end = _trimmed(ruler.text, group[0].block.start, group[-1].block.end, section.block.start)
        # A heading whose body only just fits stays outside: it is in the path of that body.
        if start < end and any(part.block.kind != "heading" for part in group):
            lines = [lead for anchor, lead in group[0].leads if anchor < group[0].block.start]
            yield _Draft(section.heading, section.page, (start, end), _fitted(lines))


def _joined(groups: Sequence[list[_Part]], ruler: _Ruler) -> list[list[_Part]]:
    """Give remainders back to their neighbour."""
    joined: list[list[_Part]] = []
    for group in groups:
        sizes = [sum(part.tokens for part in side) for side in (joined[-1] if joined else [], group)]
        if joined and min(sizes) < SHORT_TOKENS and ruler.fits(joined[-1][0].block.start, group[-1].block.end):
            joined[-1] = [*joined[-1], *group]
        else:
            joined.append(group)
    return joined


def _trimmed(text: str, start: int, end: int, floor: int) -> tuple[int, int]:
    """Leave blank lines outside, but keep the indentation of the first line: code and lists mean something by it."""
    body = text[start:end]
    first, last = end - len(body.lstrip()), start + len(body.rstrip())
    head = text[max(floor, first - _INDENT) : first]
    line = first - len(head) + len(head.rstrip(" \t\u3000"))
    return (line if line == floor or text[line - 1] in "\r\n" else first), last


def _fitted(lines: Sequence[str]) -> str:
    """Shorten what introduces a piece to a fixed length, the nearest lines last."""
    nearest = lines[-8:]
    if len(nearest) == 1:
        return nearest[0]  # as long as whoever made it lets it be
    return "\n".join(shorten(line, SHORTENED // len(nearest)) for line in nearest)


def _within(text: str, start: int, end: int, tokens: int, most: int) -> Iterator[tuple[int, int, int]]:
    """Halve what is still too big: a whole can have more tokens than its lines, if they are chosen to make it so."""
    if tokens <= most:
        yield start, end, tokens
        return
    middle = (start + end) // 2
    for first, last in ((start, middle), (middle, end)):
        half = _trimmed(text, first, last, first)
        if half[0] < half[1]:
            yield from _within(text, *half, count_lines(text[slice(*half)]), most)
