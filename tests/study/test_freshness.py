"""Cards and the notes they were made from: moved, changed, renamed, gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.study.card import Card
from assistant.study.flashcards import from_notes
from tests.conftest import write

NOTE = "机器学习/过拟合.md"
DEFINITION = "过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。"


@pytest.fixture
def card(app: Assistant) -> Card:
    ids = app.cards.propose(from_notes(app.store, [NOTE])).ids
    app.cards.accept(ids)
    app.refresh_cards()
    (found,) = (one for one in app.cards.all() if one.source and one.source.passage == DEFINITION)
    return found


def rewritten(app: Assistant, notes: Path, text: str | None) -> None:
    if text is None:
        (notes / NOTE).unlink()
    else:
        write(notes, {NOTE: text})
    app.sync().run()
    app.refresh_cards()


def test_a_passage_that_only_moved_takes_its_lines_along(app: Assistant, notes: Path, card: Card) -> None:
    rewritten(app, notes, f"# 过拟合\n\n新的一段。\n\n{DEFINITION}\n")
    moved = app.cards.get(card.id)

    assert moved.stale is None
    assert moved.source
    assert moved.source.lines == (5, 5)


def test_a_changed_passage_is_kept_beside_what_stands_there_now(app: Assistant, notes: Path, card: Card) -> None:
    changed = DEFINITION.replace("表现差", "表现很差")
    rewritten(app, notes, f"# 过拟合\n\n别的话。\n\n{changed}\n")
    stale = app.cards.get(card.id)

    assert stale.source
    assert (stale.stale, stale.source.passage, stale.source.lines) == (changed, DEFINITION, (5, 5))
    rewritten(app, notes, f"# 过拟合\n\n{DEFINITION}\n")
    assert app.cards.get(card.id).stale is None


def test_a_passage_that_is_gone_is_said_to_be(app: Assistant, notes: Path, card: Card) -> None:
    rewritten(app, notes, "# 别的\n\nNothing of it is left.\n")
    assert app.cards.get(card.id).stale == ""


def test_a_note_that_is_gone_leaves_its_cards(app: Assistant, notes: Path, card: Card) -> None:
    rewritten(app, notes, None)
    assert app.cards.get(card.id).stale == ""
    assert app.cards.get(card.id).source == card.source


def test_a_renamed_note_keeps_its_cards_fresh(app: Assistant, notes: Path, card: Card) -> None:
    (notes / NOTE).rename(notes / "机器学习/新名字.md")
    app.sync().run()
    app.refresh_cards()
    found = app.cards.get(card.id)

    assert found.source
    assert (found.stale, found.source.note) == (None, "机器学习/新名字.md")
