"""The deck as files for others: Anki's .apkg, whose ids stay the same so that a second import updates, and CSV.

Knows cards and the folders of notes; changes nothing.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant.language.cells import as_csv
from assistant.study.card import GAP, Card, written
from assistant.study.card_html import Found, Pictures, card_html

if TYPE_CHECKING:
    import genanki

DECK = "学习助手 Study assistant"
_BASIC_ID, _CLOZE_ID = 1_716_404_127, 1_716_404_128  # chosen once: Anki knows the kinds of notes by them
_CSS = (
    ".card { font-family: sans-serif; font-size: 20px; text-align: left; line-height: 1.5; } .cloze { font-weight: bold; }"
    " .source { margin-top: 1.5em; font-size: 13px; opacity: 0.6; } img { max-width: 100%; }"
    " table { border-collapse: collapse; } td, th { border: 1px solid #999; padding: 0.2em 0.5em; }"
)
_SOURCE = "{{#Source}}<div class=source>{{Source}}</div>{{/Source}}"

COLUMNS: Final = (
    *("front", "back", "kind", "deck", "note", "heading", "lines", "origin", "state", "due", "stability", "difficulty"),
    *("lapses", "guid"),
)

Root = Callable[[str], Path | None]


def cards_csv(cards: Sequence[Card]) -> bytes:
    """Write cards as a table; no text in it is taken for a formula."""
    return as_csv([COLUMNS, *map(_row, cards)])


def _row(card: Card) -> list[str]:
    source, memory = card.source, card.memory
    return [
        *(card.front, card.back, card.kind, card.deck, source.note if source else ""),
        " › ".join(source.heading) if source else "",
        f"{source.lines[0]}–{source.lines[1]}" if source else "",
        *(card.origin, card.state, written(memory.due)),
        *("" if value is None else f"{value:.4f}" for value in (memory.stability, memory.difficulty)),
        *(str(memory.lapses), card.guid),
    ]


def cards_apkg(cards: Sequence[Card], root_of: Root) -> bytes:
    """Return a package for Anki: formulas for MathJax, pictures within, tags from headings, the source in a field of its own.

    ``root_of`` tells the folder that holds a note, None for one that brings no pictures.
    """
    import genanki

    with tempfile.TemporaryDirectory(prefix="study-assistant-", ignore_cleanup_errors=True) as folder:
        pictures = Pictures(Path(folder))
        decks: dict[str, genanki.Deck] = {}
        for card in cards:
            name = f"{DECK}::{card.deck}" if card.deck else DECK
            deck = decks.setdefault(name, genanki.Deck(_id_of(name), name))
            deck.add_note(_note(card, _finder(card, pictures, root_of)))
        package = genanki.Package(list(decks.values()) or genanki.Deck(_id_of(DECK), DECK))
        package.media_files = [str(path) for path in pictures.files.values()]
        file = Path(folder) / "deck.apkg"
        package.write_to_file(str(file))
        return file.read_bytes()


def _note(card: Card, picture: Found) -> genanki.Note:
    import genanki

    source = escape(" › ".join([card.source.note, *card.source.heading])) if card.source else ""
    if card.kind == "cloze":
        # Two braces would end the gap: inside a formula they mean the same with a blank between them.
        hidden = re.sub(r"\}(?=\})", "} ", card.back)
        fields = [card_html(card.front.replace(GAP, "{{c1::" + hidden + "}}", 1), picture), source]
    else:
        fields = [card_html(card.front, picture), card_html(card.back, picture), source]
    note = genanki.Note(_models()[card.kind == "cloze"], fields, guid=card.guid, tags=_tags(card))
    for made in note.cards:
        made.suspend = card.suspended
    return note


@cache
def _models() -> tuple[genanki.Model, genanki.Model]:
    """Return the two kinds of notes: asked and answered, and with a gap."""
    import genanki

    basic = genanki.Model(
        _BASIC_ID,
        "Study assistant",
        fields=[{"name": "Front"}, {"name": "Back"}, {"name": "Source"}],
        templates=[{"name": "Card", "qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr id=answer>{{Back}}" + _SOURCE}],
        css=_CSS,
    )
    cloze = genanki.Model(
        _CLOZE_ID,
        "Study assistant (cloze)",
        fields=[{"name": "Text"}, {"name": "Source"}],
        templates=[{"name": "Cloze", "qfmt": "{{cloze:Text}}", "afmt": "{{cloze:Text}}" + _SOURCE}],
        css=_CSS,
        model_type=genanki.Model.CLOZE,
    )
    return basic, cloze


def _finder(card: Card, pictures: Pictures, root_of: Root) -> Found:
    root = root_of(card.source.note) if card.source else None
    return pictures.of_note(root, card.source.note) if root and card.source else lambda address: None


def _tags(card: Card) -> list[str]:
    """Return note and headings as Anki's tags, which have no blanks in them."""
    if card.source is None:
        return []
    names = [Path(card.source.note).stem, *card.source.heading]
    return list(dict.fromkeys(tag for name in names if (tag := re.sub(r"[^\w.+#-]+", "_", name).strip("_"))))


def _id_of(name: str) -> int:
    """Name a deck by a number that is the same each time."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:7], 16) + (1 << 30)
