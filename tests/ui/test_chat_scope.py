"""The composer's control of what is searched, the line above an answer, names after @, and folded turns, on the page."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from streamlit.testing.v1 import AppTest

from assistant.answers.scope import EVERYTHING, Scope
from assistant.connections import Choice
from assistant.ui.i18n import say
from assistant.ui.turns_view import MORE, NEWEST
from tests.conftest import write
from tests.printed import picture
from tests.providers.fake_provider import FakeProvider, billed, events, said
from tests.ui.screens import QUESTION, Open, asked, button, shared, words


def folder(screen: AppTest, name: str) -> None:
    next(box for box in screen.checkbox if name in box.label).check().run()
    assert not screen.exception


def test_a_folder_that_is_ticked_is_all_that_is_searched_and_the_composer_says_so(open_page: Open) -> None:
    screen = open_page()
    assert screen.chat_input[0].placeholder == say("zh", "chat.placeholder", notes=3)
    folder(screen, "机器学习")
    assert screen.chat_input[0].placeholder == say("zh", "chat.placeholder", notes=1)

    asked(screen)
    (saved,) = shared().conversations.all()
    record = shared().conversations.turns(saved.id)[0].record
    assert {match["note"] for match in record["matches"]} == {"机器学习/过拟合.md"}
    assert shared().scopes.of(saved.id) == Scope(paths=("机器学习",))
    assert say("zh", "status.scope", notes=1) in words(screen)

    fresh = open_page()
    assert fresh.chat_input[0].placeholder == say("zh", "chat.placeholder", notes=3)
    again = open_page(c=saved.id)
    assert again.chat_input[0].placeholder == say("zh", "chat.placeholder", notes=1)


def test_a_picture_that_nobody_has_read_yet_is_no_note_to_ask(open_page: Open, notes: Path) -> None:
    write(notes, {"board.png": picture(["words on a board"])})
    screen = open_page()

    assert [note.state for note in shared().store.notes()].count("needs_ocr") == 1
    assert screen.chat_input[0].placeholder == say("zh", "chat.placeholder", notes=3)


def test_offline_general_knowledge_is_not_offered_and_it_is_said_why(open_page: Open) -> None:
    screen = open_page()

    assert all(toggle.label != say("zh", "scope.general") for toggle in screen.toggle)
    assert say("zh", "scope.general_offline") in words(screen)


def test_the_line_above_an_answer_says_what_was_found_and_is_folded(open_page: Open) -> None:
    screen = asked(open_page())
    (saved,) = shared().conversations.all()
    found = shared().conversations.turns(saved.id)[0].record["matches"]

    notes = len({match["note"] for match in found})
    said = say("zh", "status.found", chunks=len(found), notes=notes)
    (line,) = [fold for fold in screen.expander if said in fold.label]
    assert say("zh", "status.answered") in line.label
    assert not line.proto.expanded


def test_a_name_that_may_mean_two_notes_is_asked_about_before_anything_is_saved(open_page: Open, notes: Path) -> None:
    write(notes, {"机器学习/过拟合 例子.md": "# 例子\n\n过拟合的例子：背下答案。\n"})
    screen = asked(open_page(), "@过拟 怎么办")
    assert say("zh", "scope.which", name="过拟") in words(screen)
    assert shared().conversations.all() == []

    button(screen, "机器学习/过拟合.md")
    (saved,) = shared().conversations.all()
    record = shared().conversations.turns(saved.id)[0].record
    assert record["scope"]["notes"] == 1
    assert {match["note"] for match in record["matches"]} == {"机器学习/过拟合.md"}
    assert say("zh", "scope.which", name="过拟") not in words(screen)


def test_a_name_that_means_nothing_is_said_and_the_question_asked(open_page: Open) -> None:
    screen = asked(open_page(), "@property 什么是过拟合？")

    assert say("zh", "scope.unknown", name="property") in words(screen)
    assert len(screen.chat_message) == 2


def test_older_turns_are_folded_until_they_are_asked_for(open_page: Open) -> None:
    asked(open_page())
    app = shared()
    (saved,) = app.conversations.all()
    (turn,) = app.conversations.turns(saved.id)
    for number in range(NEWEST + MORE + 5):
        _, id_ = app.conversations.ask(saved.id, f"问题 {number}")
        app.conversations.save(id_, turn.answer, "complete", turn.record)
    screen = open_page(c=saved.id)

    assert len(screen.chat_message) == 2 * NEWEST
    assert screen.chat_message[0].markdown[0].value == f"问题 {MORE + 5}"
    button(screen, say("zh", "chat.older", more=MORE, count=MORE + 6))
    assert len(screen.chat_message) == 2 * (NEWEST + MORE)
    button(screen, say("zh", "chat.older", more=6, count=6))
    assert screen.chat_message[0].markdown[0].value == QUESTION
    assert all(one.key != "older-turns" for one in screen.button)


def test_a_scope_that_was_left_is_everything_again(open_page: Open) -> None:
    screen = open_page()
    folder(screen, "机器学习")
    next(box for box in screen.checkbox if "机器学习" in box.label).uncheck().run()
    asked(screen)

    (saved,) = shared().conversations.all()
    assert shared().scopes.of(saved.id) == EVERYTHING


def test_a_picture_that_is_none_keeps_the_question_unsent_and_says_why(open_page: Open) -> None:
    screen = open_page()
    screen.chat_input[0].upload("a.png", b"no picture", "image/png").set_value("图里是什么？").run()

    assert not screen.exception
    assert "a.png" in screen.error[0].value
    (saved,) = shared().conversations.all()
    assert shared().conversations.turns(saved.id)[0].state == "failed"


def test_a_picture_goes_to_a_server_of_ones_own_and_stands_beside_the_question(open_page: Open) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(buffer, "PNG")
    with FakeProvider(events(said("一块蓝色。"), said(finish="stop"), billed(90, 5))) as provider:
        open_page()
        shared().preferences.choose("chat", Choice("custom", "tiny", f"{provider.url}/v1").as_json())
        screen = open_page()
        screen.chat_input[0].upload("a.png", buffer.getvalue(), "image/png").set_value("红烧肉要炖多久").run()
        assert not screen.exception
        assert say("zh", "draft.pictures_unknown", count=1) in words(screen)
        assert say("zh", "draft.pictures_perhaps") in words(screen)
        button(screen, say("zh", "draft.send"))
        (sent,) = [one.body for one in provider.requests if one.path.endswith("/chat/completions")]

    assert [part["type"] for part in sent["messages"][-1]["content"]] == ["image_url", "text"]
    assert say("zh", "chat.from_picture") in words(screen)


def test_general_knowledge_is_asked_after_the_switch_only_and_labelled(open_page: Open) -> None:
    strange = "红烧肉要炖多久"
    with FakeProvider(events(said("一小时。[1]"), said(finish="stop"), billed(90, 5))) as provider:
        open_page()
        shared().preferences.choose("chat", Choice("custom", "tiny", f"{provider.url}/v1").as_json())
        screen = asked(open_page(), strange)
        assert "笔记里没有找到" in screen.chat_message[1].markdown[0].value
        assert [one for one in provider.requests if one.path.endswith("/chat/completions")] == []

        next(one for one in screen.toggle if one.label == say("zh", "scope.general")).set_value(True).run()
        asked(screen, f"{strange}呢")
        assert say("zh", "draft.general") in words(screen)
        button(screen, say("zh", "draft.send"))

    assert say("zh", "chat.from_general") in words(screen)
    (saved,) = shared().conversations.all()
    last = shared().conversations.turns(saved.id)[-1]
    assert (last.record["basis"], last.answer) == ("general", "一小时。")


def edited(screen: AppTest, question: str) -> AppTest:
    (saved,) = shared().conversations.all()
    turn = shared().conversations.turns(saved.id)[-1]
    screen.button(key=f"edit-{turn.id}").click().run()
    screen.text_area(key=f"edit-text-{turn.id}").set_value(question)
    return button(screen, say("zh", "turn.edit_go"))


def test_a_name_in_an_edited_question_is_asked_about_and_becomes_a_version(open_page: Open, notes: Path) -> None:
    write(notes, {"机器学习/过拟合 例子.md": "# 例子\n\n过拟合的例子：背下答案。\n"})
    screen = edited(asked(open_page()), "@过拟 怎么办")
    assert say("zh", "scope.which", name="过拟") in words(screen)
    button(screen, "机器学习/过拟合.md")

    (saved,) = shared().conversations.all()
    (turn,) = shared().conversations.turns(saved.id)
    assert len(turn.versions) == 2
    assert {match["note"] for match in turn.record["matches"]} == {"机器学习/过拟合.md"}


def test_an_edited_question_keeps_its_pictures(open_page: Open) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(buffer, "PNG")
    with FakeProvider(events(said("一块蓝色。"), said(finish="stop"), billed(90, 5))) as provider:
        open_page()
        shared().preferences.choose("chat", Choice("custom", "tiny", f"{provider.url}/v1").as_json())
        screen = open_page()
        screen.chat_input[0].upload("a.png", buffer.getvalue(), "image/png").set_value("红烧肉要炖多久").run()
        button(screen, say("zh", "draft.send"))
        edited(screen, "红烧肉要炖几小时")
        button(screen, say("zh", "draft.send"))
        sent = [one.body for one in provider.requests if one.path.endswith("/chat/completions")]

    assert len(sent) == 2
    for body in sent:
        assert [part["type"] for part in body["messages"][-1]["content"]] == ["image_url", "text"]
