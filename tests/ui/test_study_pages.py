"""The study pages as scripts: what they show of the notes, and where their buttons lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.study.backlog import Backlog
from assistant.ui.i18n import say
from tests.ui.screens import Open, button, shared, words


@pytest.fixture
def notes(notes: Path) -> Path:
    text = "# 位置编码\n\n## 待研究\n\n- 过拟合的 <b>另一面</b>\n\n过拟合（Overfitting）：另一种说法，即训练误差远低于测试误差。\n"
    (notes / "位置.md").write_text(text, encoding="utf-8")
    return notes


def test_today_has_an_open_point_and_settling_it_leaves_none(open_page: Open) -> None:
    screen = open_page("today")
    assert "另一面" in words(screen)
    while Backlog(shared().store).items():
        button(screen, say("zh", "study.done"))

    assert say("zh", "study.today_open") not in words(screen)


def test_an_open_point_is_asked_in_the_chat_once(open_page: Open) -> None:
    screen = open_page("backlog")
    (ask, *_) = [one for one in screen.button if one.label == say("zh", "study.ask")]
    ask.click().run()
    assert not screen.exception

    (conversation,) = shared().conversations.all()
    assert len(shared().conversations.turns(conversation.id)) == 1


@pytest.mark.parametrize("page", ["backlog", "today"])
def test_the_markers_of_an_explanation_lead_to_its_passages(open_page: Open, notes: Path, page: str) -> None:
    (notes / "位置.md").write_text("# 位置编码\n\n## 待研究\n\n- 余弦相似度\n", encoding="utf-8")
    screen = open_page(page)
    (item,) = Backlog(shared().store).items()
    button(screen, say("zh", "study.explain"))

    assert f"(#cite-{item.id}-" in words(screen)
    (listening,) = [one for one in screen.get("bidi_component") if "remarks" in str(one.proto)]
    assert f'"{item.id}-' in str(listening.proto).replace("\\", "")


def test_the_glossary_puts_differing_definitions_side_by_side_and_searches(open_page: Open) -> None:
    screen = open_page("glossary")
    assert not screen.exception
    assert say("zh", "study.differs", count=2) in words(screen)
    screen.text_input(key="glossary-search").set_value("OVERFIT").run()

    assert say("zh", "study.term_count", count=1) in words(screen)


def test_a_guide_without_a_model_is_there_at_once_and_its_map_too(open_page: Open) -> None:
    screen = open_page("guide")
    screen.multiselect(key="guide-notes").set_value(["机器学习/过拟合.md"]).run()
    assert not screen.exception
    assert "模型记住了训练集" in words(screen)
    screen.segmented_control(key="guide-form").set_value("map").run()

    assert not screen.exception
    assert screen.get("graphviz_chart")


def test_a_place_opens_its_passage_beside_the_page(open_page: Open) -> None:
    screen = open_page("backlog")
    (place,) = [one for one in screen.button if one.key and str(one.key).startswith("place-") and "位置" in one.label]
    place.click().run()

    assert not screen.exception
    assert [one for one in screen.button if one.key == "passage-close"]
