"""Finds in the text of a note what is worth a card: definitions, two-column tables, short bodies of headings, bold words.

Reads structure and wording only; asks no model and knows no database. What it finds, the learner looks over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.answers.topics import question_about
from assistant.knowledge.blocks import Block, Lines, Section, markdown, plain
from assistant.language.sentences import sentences, unfolded
from assistant.language.tongue import language_of
from assistant.study.card import GAP, NewCard, Origin, Source
from assistant.study.card_fronts import Lead, above_of, front_of, is_clause

LONGEST_BODY = 600
_SHORTEST_BODY = 6
_LONGEST_OF_HEADING = 220
_LONGEST_SENTENCE = 200
_MARK = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?")
_TERM = r"(?P<term>[^\s：:（(）)。，,；;！!？?*|「」“”\"<>\[\]][^：:（(）)。；;！!？?|「」“”\"<>\[\]\n]{0,40}?)"
_DEFINITION = re.compile(
    rf"(?P<bold>\*\*|__)?{_TERM}(?:[ ]?[（(](?P<alias>[^（()）\n]{{1,80}})[)）])?(?(bold)(?:[ ]?[：:][ ]?)?(?:\*\*|__))"
    r"(?:[ ]?[（(](?P<beside>[^（()）\n]{1,80})[)）](?=[ ]?[：:]))?"
    r"[ ]?(?P<colon>：|:(?![\d/])|——|(?<=\*)[ ](?:is|are|是|—|–|-)[ ]|(?<=\*))[ \t]*(?P<body>\S.*)",
    re.DOTALL,
)
_BOLD = re.compile(r"\*\*(?P<words>[^*\n$`]{2,40})\*\*(?![*：:])")
_ONLY_LINKS = re.compile(r"[\s.。]*(?:(?:!?\[[^\]]*\]\([^)]*\)|<?https?://\S+>?)[\s.。]*)+")
_WHEN = re.compile(r"日期|时间|周次?|星期|date|day|time|week", re.IGNORECASE)
_PLANNED = re.compile(r"内容|安排|计划|主题|任务|课题|备注|topics?|plan|contents?|agenda|tasks?|notes?", re.IGNORECASE)
_CELLS = re.compile(r"(?<!\\)\|")
_OPEN = re.compile(r"[?？]{2,}|待研究|待学习|待了解|等待研究|\bTO-?DO\b")


def mine(path: str, title: str, kind: str, text: str) -> list[NewCard]:
    """Return the cards that a note offers, from top to bottom, each with its lines and their words."""
    lines = Lines(text)
    sections = markdown(text, title, lines) if kind == "markdown" else [plain(text, 0, len(text))]
    found: dict[str, NewCard] = {}
    for section in sections:
        for card in _Section(path, title, text, lines, section).cards():
            if card.fault is None:
                found.setdefault(card.front, card)
    return list(found.values())


class _Section:
    def __init__(self, path: str, title: str, text: str, lines: Lines, section: Section) -> None:
        self._path, self._title, self._text, self._lines = path, title, text, lines
        self._heading = section.heading
        self._blocks = [block for block in section.block.children if block.kind != "rule"]

    def cards(self) -> Iterator[NewCard]:
        defined = False
        for block, after in _with_next(self._blocks):
            if block.kind == "table":
                yield from self._table(block)
            for leaf, leaf_after in _leaves(block, after):
                card = self._definition(leaf, leaf_after)
                defined = defined or card is not None
                if card:
                    yield card
                yield from self._clozes(leaf, skip_first=card is not None)
        if not defined:
            yield from self._body_of_heading()

    def _definition(self, block: Block, after: Block | None) -> NewCard | None:
        found = _DEFINITION.match(self._words(block))
        if not found or not (found["bold"] or found["colon"] in ("：", ":", "——")):
            return None
        term, alias, body = (
            found["term"].strip(" *_").removesuffix("是"),
            found["alias"] or found["beside"],
            found["body"].strip(),
        )
        end = block.end
        if body.endswith(("：", ":")) and after is not None and after.end - block.start <= LONGEST_BODY:
            body, end = f"{body}\n\n{self._text[after.start : after.end].strip()}", after.end
        mark = _MARK.match(self._text[block.start : block.end].strip())
        lead = Lead(term, alias, mark[0].strip() if mark else "", bold=bool(found["bold"]))
        question = front_of(lead, body, above_of(self._title, self._heading))
        if question is None or _OPEN.search(f"{term} {alias} {body}"):
            return None
        if not _SHORTEST_BODY <= len(body) <= LONGEST_BODY or _ONLY_LINKS.fullmatch(body):
            return None
        return self._card("definition", question, body, block.start, end)

    def _table(self, block: Block) -> Iterator[NewCard]:
        rows = [row for row in block.children if row.kind == "row"]
        cells = [_cells(self._text[row.start : row.end].split("\n")[0]) for row in rows]
        if len(rows) < 2 or any(len(one) != 2 for one in cells):
            return
        (about, asks), body = cells[0], zip(rows[1:], cells[1:], strict=True)
        if _WHEN.fullmatch(about) and _PLANNED.fullmatch(asks):
            return  # a timetable
        for row, (name, meaning) in body:
            if name and meaning and not _OPEN.search(name + meaning):
                front = (
                    f"{about}：{name} — {asks}？" if language_of(asks + about) == "zh" else f"{about}: {name} — {asks}?"
                )
                yield self._card("table", front, meaning, row.start, row.end)

    def _body_of_heading(self) -> Iterator[NewCard]:
        blocks = [block for block in self._blocks if block.kind != "heading"]
        if len(blocks) != 1 or blocks[0].kind not in ("paragraph", "list", "formula") or not self._heading:
            return
        body = self._text[blocks[0].start : blocks[0].end].strip()
        question = question_about(self._title, self._heading, language_of(body, self._heading[-1]))
        useful = (
            _SHORTEST_BODY < len(body) <= _LONGEST_OF_HEADING
            and not _ONLY_LINKS.fullmatch(body)
            and not _OPEN.search(body)
        )
        if question and useful and not body.endswith(("：", ":")):
            yield self._card("heading", question, body, blocks[0].start, blocks[0].end)

    def _clozes(self, block: Block, *, skip_first: bool) -> Iterator[NewCard]:
        """Hide the words that the learner has set in bold, one sentence and one gap a card."""
        words = self._words(block)
        for start, end in sentences(words):
            sentence = words[start:end]
            if not 12 <= len(sentence) <= _LONGEST_SENTENCE or _OPEN.search(sentence):
                continue
            for bold in _BOLD.finditer(sentence):
                leads = start + bold.start() == 0
                rest = sentence.replace(bold[0], GAP)
                if (leads and skip_first) or len(bold["words"]) * 2 > len(sentence) or rest.count(GAP) != 1:
                    continue
                if bold["words"].casefold() not in rest.casefold() and not is_clause(bold["words"]):
                    yield self._card("cloze", rest, bold["words"].strip(), block.start, block.end)

    def _words(self, block: Block) -> str:
        """Return a block without the mark of its list, folded rows joined; a formula of its own keeps its rows."""
        text = _MARK.sub("", self._text[block.start : block.end].strip(), count=1)
        return text if "$$" in text or "```" in text else unfolded(text)

    def _card(self, origin: Origin, front: str, back: str, start: int, end: int) -> NewCard:
        passage = self._text[start:end].strip()
        first = start + len(self._text[start:end]) - len(self._text[start:end].lstrip())
        lines = (self._lines.at(first), self._lines.at(first + max(0, len(passage) - 1)))
        source = Source(self._path, self._heading, lines, passage)
        return NewCard(front, back, origin, source, "cloze" if origin == "cloze" else "basic")


def _leaves(block: Block, after: Block | None) -> Iterator[tuple[Block, Block | None]]:
    """Yield the paragraphs inside a block, each with what follows it at the same place."""
    if block.kind == "paragraph":
        yield block, after
    elif block.kind in ("list", "item", "quote"):
        for child, next_one in _with_next(block.children):
            yield from _leaves(child, next_one)


def _with_next(blocks: Sequence[Block]) -> Iterator[tuple[Block, Block | None]]:
    yield from pairwise([*blocks, None])


def _cells(row: str) -> list[str]:
    cells = [cell.strip().replace("\\|", "|") for cell in _CELLS.split(row.strip())]
    return cells[bool(not cells[0]) : len(cells) - bool(not cells[-1])] if len(cells) > 1 else cells
