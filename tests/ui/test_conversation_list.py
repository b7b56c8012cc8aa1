"""Chats on screen: found, pinned, thrown away and brought back; answers had anew, edited, and kept as notes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.answers.conversation_search import Hit
from assistant.answers.conversations import Conversation, SavedTurn
from assistant.ui.conversation_list import MORE, SHOWN, age_of, context_of
from assistant.ui.i18n import say
from tests.ui.screens import QUESTION, Open, asked, button, shared, words


def zh(text: str) -> str:
    return say("zh", text)


def turns() -> list[SavedTurn]:
    (saved,) = shared().conversations.all()
    return shared().conversations.turns(saved.id)


def chats(screen: AppTest) -> list[str]:
    return [one.label for one in screen.button if one.key and one.key.startswith(("chat-", "hit-"))]


def test_an_answer_had_anew_is_a_second_version_and_the_first_can_be_seen_again(open_page: Open) -> None:
    screen = button(button(asked(open_page()), zh("turn.anew")), zh("turn.anew_go"))
    (anew,) = turns()
    first = anew.versions[0]

    assert anew.versions == (first, anew.id)
    assert anew.question == QUESTION
    assert anew.state == "complete"
    assert "2/2" in words(screen)
    button(screen, "‹")
    assert [turn.id for turn in turns()] == [first]
    assert "1/2" in words(screen)


def test_an_edited_question_begins_a_branch_and_what_followed_stays(open_page: Open) -> None:
    screen = asked(asked(open_page()), "What is attention?")
    first = turns()[0]
    screen.button(key=f"edit-{first.id}").click().run()
    screen.text_area(key=f"edit-text-{first.id}").set_value("向量数据库保存什么？")
    button(screen, zh("turn.edit_go"))

    assert [turn.question for turn in turns()] == ["向量数据库保存什么？"]
    assert screen.chat_message[0].markdown[0].value == "向量数据库保存什么？"
    assert len(screen.chat_message) == 2
    button(screen, "‹")
    assert [turn.question for turn in turns()] == [QUESTION, "What is attention?"]


def test_an_answer_becomes_a_note_once_and_says_where(open_page: Open, notes: Path) -> None:
    screen = button(asked(open_page()), zh("turn.note"))
    before = {file for file in notes.rglob("*") if file.is_file()}
    (turn,) = turns()
    screen.text_input(key=f"name-{turn.id}").set_value("我的 答案")
    button(screen, zh("turn.note_go"))

    (new,) = {file for file in notes.rglob("*") if file.is_file()} - before
    assert new == notes / "我的 答案.md"
    assert "模型记住了训练集" in new.read_text("utf-8")
    assert "我的 答案.md" in words(screen)

    written = new.read_bytes()
    button(screen, zh("turn.note"))
    screen.text_input(key=f"name-{turn.id}").set_value("我的 答案")
    button(screen, zh("turn.note_go"))
    assert "我的 答案.md" in screen.error[0].value
    assert new.read_bytes() == written


def test_chats_are_found_by_what_was_answered_and_opened_on_their_branch(open_page: Open) -> None:
    screen = asked(open_page())
    (first,) = turns()
    screen.button(key=f"edit-{first.id}").click().run()
    screen.text_area(key=f"edit-text-{first.id}").set_value("What is attention?")
    button(screen, zh("turn.edit_go"))
    button(screen, "新对话")
    screen.text_input(key="chat-search").set_value("训练集").run()
    assert chats(screen) == ["What is attention?"]
    assert ":orange-background[训练集]" in words(screen)

    screen.button(key=f"hit-{shared().conversations.all()[0].id}").click().run()
    assert screen.chat_message[0].markdown[0].value == QUESTION
    screen.text_input(key="chat-search").set_value("红烧肉").run()
    assert "红烧肉" in words(screen)
    assert chats(screen) == []


def test_only_what_is_shown_is_drawn_of_a_thousand_chats(open_page: Open) -> None:
    open_page()
    with shared().database.transaction():
        for number in range(1_000):
            shared().conversations.ask(None, f"q {number}")
    screen = open_page()

    assert len(chats(screen)) == SHOWN
    button(screen, say("zh", "chats.more", count=1_000 - SHOWN))
    assert len(chats(screen)) == SHOWN + MORE


def test_the_trash_is_restored_from_or_emptied_after_a_second_yes(open_page: Open) -> None:
    screen = button(asked(open_page()), zh("chat.delete"))
    assert chats(screen) == []
    button(screen, say("zh", "chats.trash", count=1))
    button(screen, zh("chats.restore"))
    assert chats(screen) == [QUESTION]

    button(screen, zh("chat.delete"))
    button(screen, zh("chats.empty"))
    assert shared().conversations.counts() == (0, 1)
    button(screen, say("zh", "chats.empty_yes", count=1))
    assert shared().conversations.counts() == (0, 0)


def test_a_pinned_chat_stands_above_the_others(open_page: Open) -> None:
    screen = button(asked(open_page()), zh("chats.pin"))

    def ages(screen: AppTest) -> list[str]:
        return [one.value for one in screen.sidebar.caption]

    assert any(zh("chats.age_pinned") in age for age in ages(screen))
    button(screen, zh("chats.unpin"))
    assert not any(zh("chats.age_pinned") in age for age in ages(screen))


@pytest.mark.parametrize(("days", "age"), [(0, "today"), (1, "week"), (6, "week"), (7, "older"), (400, "older")])
def test_a_chat_stands_in_the_group_of_its_age(days: int, age: str) -> None:
    now = datetime(2026, 5, 20, 12, tzinfo=UTC)
    chat = Conversation("c", "t", (now - timedelta(days=days)).isoformat())

    assert age_of(chat, now) == age


def test_the_words_around_a_hit_cannot_end_its_mark() -> None:
    written = context_of(Hit("c", "t", 1, "a ", "x](http://e)[", " :red[b]"))

    assert written == r"a :orange-background[x\](http\://e)\[] \:red\[b\]"
