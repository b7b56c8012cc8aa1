"""The deck and its reviews on a real database: nothing lost, nothing entered twice."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.database import Database
from assistant.errors import CardChanged, CardRefused, NotFound
from assistant.study.card import GAP, Card, NewCard, Source
from assistant.study.cards import Cards
from assistant.study.reviews import Reviews
from assistant.study.schedule import Memory, Schedule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Source("机器学习/过拟合.md", ("怎么办",), (3, 3), "过拟合（Overfitting）：模型记住了训练集。")


def new(front: str = "过拟合是什么？", back: str = "模型记住了训练集") -> NewCard:
    return NewCard(front, back, "definition", SOURCE)


@pytest.fixture
def cards(tmp_path: Path) -> Iterator[Cards]:
    database = Database(tmp_path)
    yield Cards(database)
    database.close()


@pytest.fixture
def reviews(cards: Cards) -> Reviews:
    return Reviews(cards, Schedule())


def deck(cards: Cards, count: int = 1) -> list[Card]:
    cards.accept(cards.propose([new(f"第 {number} 问") for number in range(count)], NOW).ids, NOW)
    return cards.all()


def test_new_cards_wait_until_they_are_looked_over(cards: Cards, reviews: Reviews) -> None:
    proposed = cards.propose([new()], NOW)

    assert (cards.waiting(), cards.all(), reviews.due(NOW).total) == (1, [], 0)
    assert cards.accept(proposed.ids, NOW) == 1
    assert cards.accept(proposed.ids, NOW) == 0
    assert (cards.waiting(), reviews.due(NOW).new) == (0, 1)


def test_what_asks_the_same_is_one_card_however_it_is_written(cards: Cards) -> None:
    proposed = cards.propose([new("什么是过拟合？"), new("什么是過擬合?"), new(" 什么是 过拟合")], NOW)

    assert (len(proposed.ids), proposed.known) == (1, 2)


def test_formulas_that_differ_by_a_sign_are_two_cards(cards: Cards) -> None:
    assert len(cards.propose([new("$a+b$"), new("$a-b$")], NOW).ids) == 2


def test_names_that_differ_by_a_sign_are_two_cards(cards: Cards) -> None:
    assert len(cards.propose([new("C 是什么？"), new("C++ 是什么？"), new("C# 是什么？")], NOW).ids) == 3


def test_what_was_dropped_is_not_proposed_again_but_can_be_written_by_hand(cards: Cards) -> None:
    cards.drop(cards.propose([new()], NOW).ids)

    assert cards.propose([new()], NOW).known == 1
    assert cards.add(new(), NOW).accepted


@pytest.mark.parametrize(
    ("front", "back", "fault"), [("", "b", "empty_front"), ("a", " ", "empty_back"), ("A b", "a, b!", "same"), ("a", "b" * 9000, "too_long")]
)  # fmt: skip
def test_a_card_of_no_use_is_refused(cards: Cards, front: str, back: str, fault: str) -> None:
    assert cards.propose([new(front, back)], NOW).refused == 1
    with pytest.raises(CardRefused) as refused:
        cards.add(new(front, back), NOW)
    assert refused.value.details["fault"] == fault


def test_a_cloze_card_needs_its_gap(cards: Cards) -> None:
    gapless = NewCard("no gap", "words", "cloze", kind="cloze")
    assert gapless.fault == "no_gap"
    (card,) = cards.rows("id = ?", cards.propose([replace(gapless, front=f"The {GAP} fox")], NOW).ids[0])
    assert card.whole == "The **words** fox"


def test_an_edit_keeps_the_schedule_and_notices_another_edit(cards: Cards, reviews: Reviews) -> None:
    (card,) = deck(cards)
    graded = reviews.grade(card, 3, NOW)
    edited = cards.edit(card.id, "新的正面", "新的背面", was=card)

    assert (edited.front, edited.memory) == ("新的正面", graded.memory)
    with pytest.raises(CardChanged):
        cards.edit(card.id, "x", "y", was=card)


def test_an_edit_cannot_make_two_cards_ask_the_same(cards: Cards) -> None:
    first, second = deck(cards, 2)
    with pytest.raises(CardRefused):
        cards.edit(second.id, first.front, "other")
    assert cards.get(second.id) == second


def test_merged_cards_are_one_with_both_answers(cards: Cards) -> None:
    first, second = deck(cards, 2)
    merged = cards.merge([first.id, second.id])

    assert merged.back == f"{first.back}\n\n{second.front}\n\n{second.back}"
    assert cards.all() == [merged]
    assert cards.propose([new(second.front)], NOW).known == 1


def test_a_grade_is_entered_with_the_schedule_it_led_to(cards: Cards, reviews: Reviews) -> None:
    (card,) = deck(cards)
    graded = reviews.grade(card, 3, NOW, 4.5)

    assert graded.memory == Schedule().after(card.memory, 3, NOW)
    (entry,) = reviews.log()
    assert (entry.card_id, entry.rating, entry.seconds, entry.at, entry.before) == (card.id, 3, 4.5, NOW, card.memory)


def test_a_grade_from_another_window_is_not_entered_twice(cards: Cards, reviews: Reviews) -> None:
    (card,) = deck(cards)
    graded = reviews.grade(card, 3, NOW)
    with pytest.raises(CardChanged):
        reviews.grade(card, 1, NOW)

    assert cards.get(card.id) == graded
    assert len(reviews.log()) == 1


def test_of_many_windows_that_grade_at_once_one_is_heard(cards: Cards, reviews: Reviews) -> None:
    (card,) = deck(cards)
    refused: list[CardChanged] = []

    def grade() -> None:
        try:
            reviews.grade(card, 3, NOW)
        except CardChanged as error:
            refused.append(error)
        finally:
            cards.database.close()

    threads = [threading.Thread(target=grade) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(refused), len(reviews.log())) == (7, 1)


def test_a_crash_between_grade_and_schedule_leaves_neither(
    cards: Cards, reviews: Reviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    (card,) = deck(cards)

    def crash(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(Cards, "reschedule", crash)
        with pytest.raises(Exception, match="disk"):
            reviews.grade(card, 3, NOW)

    assert reviews.log() == []
    assert cards.get(card.id) == card
    assert reviews.grade(card, 3, NOW).version == card.version + 1


def test_undo_gives_the_former_schedule_back_grade_by_grade(cards: Cards, reviews: Reviews) -> None:
    (card,) = deck(cards)
    once = reviews.grade(card, 3, NOW)
    reviews.grade(once, 1, NOW + timedelta(minutes=10))

    first, second = reviews.undo(), reviews.undo()
    assert first and second
    assert (first.memory, second.memory) == (once.memory, card.memory)
    assert (reviews.undo(), reviews.can_undo(), reviews.log()) == (None, False, [])
    again = reviews.grade(second, 4, NOW)
    assert again.memory.state == "review"
    with pytest.raises(CardChanged):
        reviews.grade(once, 3, NOW)  # a window that still shows what was undone


def test_a_leech_is_suspended_and_undo_brings_it_back(cards: Cards, reviews: Reviews) -> None:
    (card,) = deck(cards)
    with cards.database.transaction() as connection:
        known = Memory(NOW, "review", None, 5.0, 5.0, NOW - timedelta(days=5), lapses=7)
        cards.reschedule(connection, card, known, suspended=False, leech=False)

    graded = reviews.grade(cards.get(card.id), 1, NOW)
    assert (graded.leech, graded.suspended, reviews.next(NOW)) == (True, True, None)
    undone = reviews.undo()
    assert undone
    assert (undone.leech, undone.suspended, undone.memory.lapses) == (False, False, 7)


def test_the_queue_is_learning_then_due_then_new(cards: Cards, reviews: Reviews) -> None:
    first, second, third = deck(cards, 3)
    with cards.database.transaction() as connection:
        later_today = Memory(NOW + timedelta(hours=9), "review", None, 5.0, 5.0, NOW)
        cards.reschedule(connection, second, later_today, suspended=False, leech=False)
        learning = Memory(NOW - timedelta(minutes=1), "learning", 0, 1.0, 5.0, NOW)
        cards.reschedule(connection, third, learning, suspended=False, leech=False)
    order = []
    while card := reviews.next(NOW):
        order.append(card.id)
        reviews.grade(card, 4, NOW)

    assert order == [third.id, second.id, first.id]


def test_a_card_that_comes_up_within_minutes_is_shown_when_nothing_else_is_left(cards: Cards, reviews: Reviews) -> None:
    (card,) = deck(cards)
    reviews.grade(card, 3, NOW)

    assert reviews.due(NOW).total == 0
    assert reviews.next(NOW) == cards.get(card.id)
    assert reviews.next(NOW - timedelta(minutes=11)) is None


def test_new_cards_are_begun_a_few_a_day(cards: Cards) -> None:
    reviews = Reviews(cards, Schedule(), new_per_day=2)
    deck(cards, 5)
    assert reviews.due(NOW).new == 2
    for _ in range(2):
        card = reviews.next(NOW)
        assert card
        reviews.grade(card, 4, NOW)

    assert (reviews.due(NOW).new, reviews.next(NOW)) == (0, None)
    assert reviews.due(NOW + timedelta(days=1)).new == 2


def test_a_buried_card_comes_back_the_next_day_and_a_suspended_one_when_it_is_told(
    cards: Cards, reviews: Reviews
) -> None:
    first, second = deck(cards, 2)
    cards.bury(first.id, NOW + timedelta(hours=16))
    cards.suspend(second.id)

    assert reviews.next(NOW) is None
    assert reviews.due(NOW + timedelta(hours=16)).new == 1
    cards.suspend(second.id, suspended=False)
    assert reviews.due(NOW).new == 1


def test_a_card_that_was_put_aside_in_another_window_is_not_graded(cards: Cards, reviews: Reviews) -> None:
    (card,) = deck(cards)
    cards.suspend(card.id)
    with pytest.raises(CardChanged):
        reviews.grade(card, 3, NOW)


def test_cards_are_found_by_words_of_either_side_and_by_what_is_wrong(cards: Cards) -> None:
    first, second = deck(cards, 2)
    cards.edit(second.id, second.front, "Softmax keeps a gradient")
    cards.suspend(first.id)

    assert cards.find("GRADIENT softmax")[0] == [cards.get(second.id)]
    assert cards.find("过拟合.md")[1] == 2
    assert [card.id for card in cards.find(only="suspended")[0]] == [first.id]
    assert cards.find("没有")[1] == 0


def test_new_cards_that_came_last_are_looked_over_first_in_their_order(cards: Cards) -> None:
    cards.propose([new("一"), new("二")], NOW)
    cards.propose([new("三"), new("四")], NOW + timedelta(minutes=1))

    assert [card.front for card in cards.find(accepted=False)[0]] == ["三", "四", "一", "二"]
    assert [card.front for card in cards.find(accepted=False, limit=2, start=1)[0]] == ["四", "一"]


def test_a_card_that_is_gone_is_named(cards: Cards) -> None:
    with pytest.raises(NotFound):
        cards.get(7)
    with pytest.raises(NotFound):
        cards.suspend(7)
