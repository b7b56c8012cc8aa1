"""The card pages as scripts: from the notes to the deck, and one review after the other."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from assistant.study.card import NewCard
from tests.conftest import write
from tests.ui.screens import Open, asked, button, shared, words

QUESTION = "过拟合（Overfitting）是什么？"


def press(screen: AppTest, key: str) -> AppTest:
    screen.button(key=key).click().run()
    assert not screen.exception
    return screen


def deck(count: int = 1) -> None:
    for number in range(count):
        shared().cards.add(NewCard(f"第 {number} 问", "答", "hand"))


def test_cards_are_found_looked_over_and_kept(open_page: Open) -> None:
    screen = open_page("cards")
    assert "还没有卡片。" in words(screen)

    press(screen, "cards-find")
    (card,) = (one for one in shared().cards.find(accepted=False)[0] if one.front == QUESTION)
    assert QUESTION in words(screen)
    assert shared().cards.find()[1] == 0

    press(screen, f"accept-{card.id}")
    assert [one.front for one in shared().cards.all()] == [QUESTION]
    press(screen, "cards-find")
    assert shared().cards.find()[1] == 1


def test_a_new_card_can_be_edited_and_others_merged_or_dropped(open_page: Open) -> None:
    open_page("cards")
    ids = shared().cards.propose([NewCard(f"第 {n} 问", f"答 {n}", "table") for n in range(3)]).ids
    screen = open_page("cards")
    press(screen, f"edit-new-{ids[0]}")
    screen.text_area(key=f"front-new-{ids[0]}").set_value("改过的问题")
    button(screen, "保存")
    assert shared().cards.get(ids[0]).front == "改过的问题"

    screen.checkbox(key=f"tick-{ids[0]}").check()
    screen.checkbox(key=f"tick-{ids[1]}").check().run()
    press(screen, "merge")
    assert shared().cards.get(ids[0]).back == "答 0\n\n第 1 问\n\n答 1"
    press(screen, f"drop-{ids[2]}")
    press(screen, "accept-all")
    assert [card.front for card in shared().cards.all()] == ["改过的问题"]


def test_a_card_written_by_hand_goes_into_the_deck_and_a_useless_one_says_why(open_page: Open) -> None:
    screen = open_page("cards")
    screen.text_area(key="hand-front-0").set_value("The {{quick}} fox")
    button(screen, "加入卡片盒")
    (card,) = shared().cards.all()
    assert (card.kind, card.back, card.whole) == ("cloze", "quick", "The **quick** fox")

    screen.text_area(key="hand-front-1").set_value("只有正面")
    button(screen, "加入卡片盒")
    assert "背面是空的" in screen.error[0].value


def test_a_card_is_turned_graded_and_taken_back(open_page: Open) -> None:
    open_page()
    deck(2)
    screen = open_page("review")
    assert "第 0 问" in words(screen)
    assert "答" not in [one.value for one in screen.markdown]

    press(screen, "turn")
    assert "答" in [one.value for one in screen.markdown]
    labels = [screen.button(key=f"grade-{rating}").label for rating in (1, 2, 3, 4)]
    assert [label.split("\n")[1] for label in labels] == ["1 分钟", "6 分钟", "10 分钟", "8 天"]

    press(screen, "grade-4")
    assert "第 1 问" in words(screen)
    assert shared().reviews.log()[0].rating == 4
    press(screen, "undo")
    assert "第 0 问" in words(screen)
    assert shared().reviews.log() == []


def test_a_card_graded_in_another_window_is_not_graded_again(open_page: Open) -> None:
    open_page()
    deck()
    screen = press(open_page("review"), "turn")
    (card,) = shared().cards.all()
    shared().reviews.grade(card, 4, card.memory.due)

    press(screen, "grade-1")
    assert "没有重复记录" in words(screen)
    assert [entry.rating for entry in shared().reviews.log()] == [4]


def test_the_passage_of_a_card_opens_beside_it(open_page: Open) -> None:
    open_page("cards")
    app = shared()
    screen = press(open_page("cards"), "cards-find")
    app.cards.accept([one.id for one in app.cards.find(accepted=False)[0] if one.front == QUESTION])
    screen = press(open_page("review"), "review-passage")

    assert any("对付过拟合有三种办法" in one.value for one in screen.markdown)


def test_a_changed_passage_is_shown_beside_the_former_one(open_page: Open) -> None:
    press(open_page("cards"), "cards-find")
    app = shared()
    app.cards.accept([one.id for one in app.cards.find(accepted=False)[0] if one.front == QUESTION])
    folder = app.settings.notes[0]
    write(
        folder,
        {"机器学习/过拟合.md": "# 过拟合与正则化\n\n过拟合（Overfitting）：模型背下了训练集，在新数据上很差。\n"},
    )
    screen = open_page("review")

    assert "段落改过了" in words(screen)
    assert "背下了训练集" in words(screen)
    (card,) = app.cards.all()
    press(screen, "fresh-review")
    assert app.cards.get(card.id).stale is None


def test_pages_without_cards_lead_on(open_page: Open) -> None:
    assert "还没有卡片" in words(open_page("review"))
    deck()
    screen = press(open_page("review"), "suspend")
    assert "都复习完了" in words(screen)


def test_an_answer_becomes_a_card_with_its_passage(open_page: Open) -> None:
    screen = asked(open_page())
    (turn_id,) = [
        int(one.key.removeprefix("card-")) for one in screen.button if one.key and one.key.startswith("card-")
    ]
    press(screen, f"card-{turn_id}")

    (card,) = shared().cards.find(accepted=False)[0]
    assert (card.front, card.origin) == ("什么是过拟合？", "answer")
    assert card.source
    assert card.source.note == "机器学习/过拟合.md"
    assert "[1]" not in card.back
    press(screen, f"card-{turn_id}")
    assert shared().cards.waiting() == 1
