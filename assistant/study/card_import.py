"""Cards from files: a CSV of ours or of anybody, and what Anki exports as plain text. Knows no database."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.errors import CardsNotRead
from assistant.language.cells import as_written
from assistant.study.anki_text import markdown_of
from assistant.study.card import GAP, NewCard
from assistant.study.card_export import COLUMNS
from assistant.study.flashcards import gaps

LARGEST = 20_000_000  # bytes
_MOST = 100_000  # rows
_NAMES = {
    "front": "front", "正面": "front", "question": "front", "问题": "front", "term": "front", "术语": "front", "text": "front",
    "back": "back", "背面": "back", "answer": "back", "答案": "back", "definition": "back", "解释": "back",
    "deck": "deck", "牌组": "deck", "kind": "kind", "guid": "guid",
}  # fmt: skip
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
_CLOZE = re.compile(r"\{\{c\d+::")


@dataclass(frozen=True, slots=True)
class _Table:
    rows: Sequence[Sequence[str]]
    columns: Mapping[str, int]
    html: bool = False
    deck: str = ""
    ours: bool = False


def read_cards(content: bytes) -> list[NewCard]:
    """Return the cards of a file; raise ``CardsNotRead`` where there are none. Rows without a front are passed over."""
    if len(content) > LARGEST:
        raise CardsNotRead(reason=f"> {LARGEST // 1_000_000} MB")
    text = _decoded(content).replace("\0", "")
    try:
        table = _anki(text) if re.match(r"#[a-z ]+:", text) else _csv(text)
    except csv.Error as error:
        raise CardsNotRead(reason=str(error)) from error
    cards = [card for row in table.rows[:_MOST] for card in _cards(row, table)]
    if not any(card.fault is None for card in cards):
        raise CardsNotRead(reason={"zh": "没有同时有正面和背面的行", "en": "no row has both a front and a back"})
    return cards


def _cards(row: Sequence[str], table: _Table) -> list[NewCard]:
    def cell(name: str) -> str:
        place = table.columns.get(name, -1)
        return row[place].strip() if 0 <= place < len(row) else ""

    front, back, deck, guid = cell("front"), cell("back"), cell("deck") or table.deck, cell("guid")
    if table.ours:
        front, back, deck, guid = map(as_written, (front, back, deck, guid))
    elif table.html:
        front, back = markdown_of(front), markdown_of(back)
    deck = re.sub(r"^学习助手 Study assistant(?:::)?", "", deck)
    if _CLOZE.search(front):
        return [NewCard(one, words, "import", None, "cloze", deck) for one, words in gaps(front)]
    kind = "cloze" if cell("kind") == "cloze" and front.count(GAP) == 1 else "basic"
    if not front:
        return []
    return [NewCard(front, back, "import", None, "cloze" if kind == "cloze" else "basic", deck, guid[:64])]


def _csv(text: str) -> _Table:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max("\t;,", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(map(str.strip, row))]
    if not rows:
        return _Table([], {})
    head = [cell.strip().lower() for cell in rows[0]]
    named = {_NAMES[name]: place for place, name in reversed(list(enumerate(head))) if name in _NAMES}
    if {"front", "back"} <= named.keys():
        return _Table(rows[1:], named, ours=tuple(head) == COLUMNS)
    return _Table(rows, {"front": 0, "back": 1})


def _anki(text: str) -> _Table:
    """Read the lines above an export that say how it is written, then its rows."""
    said: dict[str, str] = {}
    lines = text.splitlines(keepends=True)
    while lines and (header := re.match(r"#([a-z ]+):(.*)", lines[0])):
        said[header[1].strip()] = header[2].strip()
        lines = lines[1:]
    separator = _SEPARATORS.get(said.get("separator", "tab").lower(), said.get("separator", "\t")[:1] or "\t")
    rows = [row for row in csv.reader(io.StringIO("".join(lines), newline=""), delimiter=separator) if row]
    special = {name.removesuffix(" column"): int(place) - 1 for name, place in said.items() if _is_column(name, place)}
    width = max(map(len, rows), default=0)
    front, back, *_ = [*(place for place in range(width) if place not in special.values()), -1, -1]
    columns = {"front": front, "back": back} | {name: special[name] for name in ("deck", "guid") if name in special}
    return _Table(rows, columns, html=said.get("html", "true") == "true", deck=said.get("deck", ""))


def _is_column(name: str, place: str) -> bool:
    return name.endswith(" column") and place.isdigit()


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")  # what Excel writes in China
