"""What a question may look at, in a real browser: a folder, a tag, a name after @, pinned notes, general knowledge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conversing import SLOW, Chat, chatting, fits_its_width
from tests.browser.running import ROOT, how_it_came_about, streamlit_app
from tests.conftest import NOTES, write
from tests.providers.fake_provider import FakeProvider, billed, events, said

TAGGED = {
    **NOTES,
    "考试/期末.md": "---\ntags: [考试]\n---\n# 期末重点\n\n过拟合一定会考：训练误差低而测试误差高。\n",
    "考试/例子.md": "# 过拟合的例子\n\n把题库背下来的学生就是过拟合。\n",
}
QUESTION = "什么是过拟合？"
FOLDER, TAG, NAMED = "过拟合与正则化", "期末重点", "过拟合的例子"


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("learner")
    write(folder / "notes", TAGGED)
    choices = {"ASSISTANT_NOTES_DIR": str(folder / "notes"), "ASSISTANT_DATA_DIR": str(folder / "data")}
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as served:
        yield served


@pytest.fixture(scope="module")
def window(address: str, browser: Browser) -> Iterator[Chat]:
    with chatting(browser, address) as chat:
        chat.asked(QUESTION)  # by then the notes are read
        yield chat


@pytest.fixture
def chat(address: str, window: Chat) -> Chat:
    """A Chinese desktop with a new conversation."""
    window.open(address)
    return window


def control(chat: Chat) -> Locator:
    return chat.page.locator(".st-key-scope")


def scope(chat: Chat) -> Locator:
    """Open the control and return what it offers."""
    control(chat).locator("button:visible").click()
    body = chat.page.get_by_test_id("stPopoverBody")
    expect(body).to_be_visible(timeout=SLOW)
    return body


def close(chat: Chat) -> None:
    control(chat).locator("button:visible").click()
    expect(chat.page.get_by_test_id("stPopoverBody")).to_have_count(0, timeout=SLOW)
    chat.settled()


def pick(chat: Chat, body: Locator, field: str, name: str) -> None:
    """Choose one of several."""
    chat.type_into(body.get_by_role("combobox", name=chat.say(field)), name)
    expect(body.get_by_role("button", name=name)).to_be_visible(timeout=SLOW)
    chat.settled()
    chat.page.keyboard.press("Escape")  # the list stays open, for another one to be chosen
    expect(chat.page.get_by_role("listbox")).to_have_count(0)


def sources(answer: Locator) -> set[str]:
    """The notes that passages were found in, by their titles."""
    how = how_it_came_about(answer)
    chips = answer.locator("[class*=st-key-source-] button:visible").all_inner_texts()
    assert how.count() == 1
    return {text.split("] ", 1)[1].split(" › ")[0] for text in chips}


def searched(chat: Chat, notes: int | None) -> None:
    """The composer says in how many notes the next question is sought."""
    expect(chat.composer).to_have_attribute(
        "placeholder", chat.say("chat.placeholder", notes=len(TAGGED) if notes is None else notes), timeout=SLOW
    )


def test_a_folder_that_is_ticked_is_all_that_is_searched_in_this_conversation(chat: Chat) -> None:
    box = scope(chat).get_by_role("checkbox", name="机器学习 (1)")
    chat.page.get_by_test_id("stPopoverBody").get_by_text("机器学习 (1)").click()
    expect(box).to_be_checked()
    close(chat)
    searched(chat, 1)
    expect(control(chat)).to_contain_text(chat.say("scope.some", notes=1, all=len(TAGGED)))

    answer = chat.asked(QUESTION)
    assert sources(answer) == {FOLDER}
    expect(answer).to_contain_text(chat.say("status.scope", notes=1))
    chat.page.reload()  # is kept with the conversation, and with no other
    expect(chat.answer).to_be_visible(timeout=SLOW)
    searched(chat, 1)
    chat.begin()
    searched(chat, None)
    assert len(sources(chat.asked(QUESTION))) > 1


def test_a_tag_keeps_the_search_to_its_notes_until_it_is_taken_away(chat: Chat) -> None:
    body = scope(chat)
    pick(chat, body, "scope.tags", "#考试")
    close(chat)
    searched(chat, 1)
    assert sources(chat.asked(QUESTION)) == {TAG}

    body = scope(chat)
    body.get_by_role("combobox", name=chat.say("scope.tags")).press("Backspace")
    searched(chat, None)
    close(chat)


def test_a_name_after_an_at_sign_is_searched_for_this_question_and_an_unclear_one_is_asked_about(chat: Chat) -> None:
    answer = chat.asked("@考试/ 什么是过拟合？")
    assert sources(answer) == {TAG, NAMED}
    expect(chat.messages.first).to_contain_text("考试")
    searched(chat, None)

    chat.composer.fill("@过拟 是什么？")
    chat.composer.press("Enter")
    choice = chat.key("mention")
    expect(choice.first).to_contain_text(chat.say("scope.which", name="过拟"), timeout=SLOW)
    chat.settled()
    expect(chat.messages).to_have_count(2)  # nothing is asked before it is known
    choice.first.get_by_role("button", name="考试/例子.md").click()
    expect(chat.messages).to_have_count(4, timeout=SLOW)
    assert sources(chat.answered()) == {NAMED}


def test_a_pinned_note_is_among_what_is_found_whatever_else_is_chosen(chat: Chat) -> None:
    body = scope(chat)
    pick(chat, body, "scope.notes", FOLDER)
    pick(chat, body, "scope.pinned", NAMED)
    close(chat)
    searched(chat, 2)
    expect(control(chat)).to_contain_text("📌 1")
    chat.picture("pinned")

    assert sources(chat.asked(QUESTION)) == {FOLDER, NAMED}


def test_on_a_phone_in_english_a_folder_is_ticked_and_left_again(address: str, browser: Browser) -> None:
    with chatting(browser, address, "en", phone=True) as chat:
        body = scope(chat)
        chat.picture("scope")
        assert fits_its_width(chat.page)
        for notes in (1, None):
            body.get_by_text("机器学习 (1)").click()
            searched(chat, notes)
            chat.settled()
        body.get_by_text("机器学习 (1)").click()
        searched(chat, 1)
        close(chat)
        assert sources(chat.asked(QUESTION)) == {FOLDER}


def test_general_knowledge_is_asked_after_the_switch_only_and_said_to_be_none_of_the_notes(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("general")
    write(folder / "notes", NOTES)
    with FakeProvider(events(said("一小时左右。"), said(finish="stop"), billed(90, 5))) as provider:
        choices = {
            "ASSISTANT_NOTES_DIR": str(folder / "notes"),
            "ASSISTANT_DATA_DIR": str(folder / "data"),
            "ASSISTANT_PROVIDER": "custom",
            "ASSISTANT_MODEL": "tiny",
            "ASSISTANT_BASE_URL": f"{provider.url}/v1",
        }
        with streamlit_app(ROOT / "streamlit_app.py", **choices) as served, chatting(browser, served) as chat:
            assert "笔记里没有找到" in chat.asked("红烧肉要炖多久？").inner_text()
            assert [one for one in provider.requests if one.path.endswith("/chat/completions")] == []

            scope(chat).get_by_text(chat.say("scope.general")).click()
            expect(control(chat)).to_contain_text(chat.say("scope.general_on"), timeout=SLOW)
            close(chat)
            chat.ask("红烧肉要炖几个小时？")
            expect(chat.draft).to_contain_text(chat.say("draft.general"))
            chat.press("send")
            expect(chat.answer).to_contain_text("一小时左右", timeout=SLOW)
            chat.answered()
            expect(chat.answer).to_contain_text(chat.say("chat.from_general"))
            chat.page.reload()
            expect(chat.answer).to_contain_text(chat.say("chat.from_general"), timeout=SLOW)
            chat.settled()
