"""What can be done with answers and chats, in a real browser: versions, branches, copies, notes, the list, the trash, files."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from assistant.answers.conversations import TRASH_DAYS
from tests.answers.test_crash import PACE, Telling
from tests.browser.conversing import LOCALES, SLOW, Chat, chatting, fits_its_width
from tests.browser.running import ROOT, streamlit_app, streamlit_process
from tests.conftest import NOTES, write

OVERFITTING, ATTENTION, VECTORS = "什么是过拟合？", "What is attention?", "向量数据库保存什么？"
REMEMBERED = "模型记住了训练集"


@dataclass(frozen=True)
class Home:
    """The running app and its learner's notes."""

    address: str
    notes: Path


@pytest.fixture(scope="module")
def home(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One app for all tests that only write into conversations of their own."""
    folder = tmp_path_factory.mktemp("learner")
    write(folder / "notes", NOTES)
    choices = {"ASSISTANT_NOTES_DIR": str(folder / "notes"), "ASSISTANT_DATA_DIR": str(folder / "data")}
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as address:
        yield Home(address, folder / "notes")


@pytest.fixture(scope="module")
def window(home: Home, browser: Browser) -> Iterator[Chat]:
    with chatting(browser, home.address) as chat:
        yield chat


@pytest.fixture
def chat(home: Home, window: Chat) -> Chat:
    """A Chinese desktop that begins anew: what a browser keeps it has kept from the test before."""
    window.open(home.address)
    return window


def versions(chat: Chat) -> Locator:
    return chat.actions.get_by_text(re.compile(r"^\d/\d$"))


def act(chat: Chat, action: str) -> None:
    """Press one of the buttons below the newest answer."""
    chat.button(action, chat.actions).click()
    chat.settled()


def test_an_answer_had_anew_is_another_version_and_both_can_be_seen(chat: Chat) -> None:
    chat.asked(OVERFITTING)
    act(chat, "turn.anew")
    chat.button("turn.anew_go").click()
    expect(versions(chat)).to_have_text("2/2", timeout=SLOW)
    chat.answered()
    expect(chat.messages).to_have_count(2)
    expect(chat.answer).to_contain_text(REMEMBERED)
    expect(chat.actions.get_by_role("button", name="›")).to_be_disabled()

    chat.actions.get_by_role("button", name="‹").click()
    expect(versions(chat)).to_have_text("1/2", timeout=SLOW)
    chat.settled()
    chat.page.reload()  # which one is looked at is kept
    expect(versions(chat)).to_have_text("1/2", timeout=SLOW)
    chat.settled()


def test_an_edited_question_begins_a_branch_and_the_former_one_stays_as_it_was(chat: Chat) -> None:
    chat.asked(OVERFITTING)
    chat.asked(ATTENTION)
    first = chat.page.locator("[class*=st-key-actions-]").first
    chat.button("turn.edit", first).click()
    field = chat.key("edit-text-").locator("textarea")
    expect(field).to_have_value(OVERFITTING, timeout=SLOW)
    chat.settled()
    field.fill(VECTORS)
    chat.button("turn.edit_go").click()
    expect(versions(chat)).to_have_text("2/2", timeout=SLOW)
    chat.answered()
    expect(chat.messages).to_have_count(2)
    expect(chat.messages.first).to_contain_text(VECTORS)

    chat.page.get_by_role("button", name="‹").click()
    expect(chat.messages).to_have_count(4, timeout=SLOW)
    expect(chat.messages.first).to_contain_text(OVERFITTING)
    expect(chat.messages.nth(2)).to_contain_text(ATTENTION)
    chat.settled()


def test_a_copy_is_the_answer_as_markdown_with_its_sources(chat: Chat) -> None:
    chat.asked(OVERFITTING)
    button = chat.key("copy-").locator("button")
    button.click()
    expect(button).to_contain_text(chat.say("turn.copied"))
    copied = chat.page.evaluate("navigator.clipboard.readText()")

    assert REMEMBERED in copied
    assert "[^1]" in copied.split("[^1]: ")[0]
    assert "过拟合.md" in copied.split("[^1]: ")[1]
    expect(button).to_contain_text(chat.say("turn.copy"))  # and can be pressed again


def test_an_answer_is_kept_as_a_note_that_is_searched_from_then_on_and_never_overwritten(
    home: Home, chat: Chat
) -> None:
    name = "我的 答案"
    chat.asked(OVERFITTING)
    notes = int(re.sub(r"\D", "", chat.composer.get_attribute("placeholder") or ""))
    for _ in range(2):
        act(chat, "turn.note")
        field = chat.key("name-").locator("input")
        field.fill(name)
        chat.button("turn.note_go").click()
        expect(chat.page.get_by_text(f"{name}.md").first).to_be_visible(timeout=SLOW)
        chat.settled()
        written = (home.notes / f"{name}.md").read_bytes()
    expect(chat.page.get_by_role("alert").filter(has_text=f"{name}.md").last).to_be_visible()
    assert REMEMBERED in written.decode()
    assert OVERFITTING in written.decode()

    known = chat.say("chat.placeholder", notes=notes + 1)
    for _ in range(30):  # until it was read
        chat.open(chat.page.url)
        if chat.composer.get_attribute("placeholder") == known:
            break
    expect(chat.composer).to_have_attribute("placeholder", known)
    assert (home.notes / f"{name}.md").read_bytes() == written
    (home.notes / f"{name}.md").unlink()


def test_a_question_to_go_on_with_is_asked_by_a_click(chat: Chat) -> None:
    chat.asked(OVERFITTING)
    following = chat.key("next-").locator("button").first
    question = following.inner_text().split("\n")[-1]
    following.click()
    expect(chat.messages).to_have_count(4, timeout=SLOW)
    expect(chat.messages.nth(2)).to_contain_text(question)
    chat.answered()


def seek(chat: Chat, words: str) -> None:
    field = chat.key("chat-search").locator("input")
    field.fill(words)
    field.press("Enter")


def test_chats_are_found_by_what_was_answered_and_open_on_the_branch_where_it_stands(chat: Chat) -> None:
    chat.asked(OVERFITTING)
    act(chat, "turn.edit")
    chat.key("edit-text-").locator("textarea").fill(VECTORS)
    chat.button("turn.edit_go").click()
    expect(versions(chat)).to_have_text("2/2", timeout=SLOW)
    chat.answered()
    address = chat.page.url
    chat.begin()
    with chat.list() as side:
        seek(chat, REMEMBERED)
        hit = chat.key("hit-").locator("button").filter(has_text=VECTORS).first  # called after what is asked in it now
        expect(hit).to_be_visible(timeout=SLOW)
        expect(chat.key("found-conversations").get_by_text(REMEMBERED, exact=True).first).to_be_visible()
        hit.click()
    expect(chat.messages.first).to_contain_text(OVERFITTING, timeout=SLOW)
    expect(versions(chat)).to_have_text("1/2")
    assert chat.page.url == address

    with chat.list() as side:
        seek(chat, "红烧肉")
        expect(side.get_by_text("红烧肉")).to_be_visible(timeout=SLOW)
        seek(chat, "")
        expect(chat.key("open-chat")).to_be_visible(timeout=SLOW)


def test_a_chat_is_called_by_its_question_until_it_is_renamed_and_can_be_pinned_to_the_top(chat: Chat) -> None:
    name = "复习 *1*"
    chat.asked(OVERFITTING)
    with chat.list() as side:
        expect(chat.key("open-chat")).to_contain_text(OVERFITTING)
        with chat.options() as options:
            chat.button("chat.rename", options).click()
            expect(options).to_have_count(0, timeout=SLOW)  # it would lie above the field
        field = chat.key("title-").locator("input")
        expect(field).to_have_value(OVERFITTING, timeout=SLOW)
        field.fill(name)
        field.press("Enter")
        expect(chat.key("open-chat")).to_contain_text(name, timeout=SLOW)
        chat.settled()

        with chat.options() as options:
            chat.button("chats.pin", options).click()
            expect(chat.key("conversations").locator("p").first).to_have_text(
                chat.say("chats.age_pinned"), timeout=SLOW
            )
            expect(options).to_have_count(0, timeout=SLOW)
    chat.begin()
    chat.asked(ATTENTION)  # is newer, and stands below
    with chat.list() as side:
        first = chat.key("conversations").locator("button:visible").first
        expect(first).to_have_text(name)
        first.click()
        expect(chat.key("open-chat")).to_contain_text(name, timeout=SLOW)
        chat.settled()
        with chat.options() as options:
            chat.button("chats.unpin", options).click()
            expect(side.get_by_text(chat.say("chats.age_pinned"))).to_have_count(0, timeout=SLOW)
        chat.settled()


def throw_away(chat: Chat) -> None:
    with chat.options() as options:
        chat.button("chat.delete", options).click()
    expect(chat.key("undo-delete").locator("button:visible")).to_be_visible(timeout=SLOW)
    expect(chat.messages).to_have_count(0, timeout=SLOW)
    chat.settled()


def test_what_is_thrown_away_comes_back_by_undo_or_from_the_trash_and_goes_for_good_after_a_second_yes(
    chat: Chat,
) -> None:
    chat.asked(OVERFITTING)
    with chat.list():
        throw_away(chat)
        chat.key("undo-delete").locator("button:visible").click()
        expect(chat.messages).to_have_count(2, timeout=SLOW)
        chat.settled()

        throw_away(chat)
        chat.button("chats.trash", count=1).click()
        expect(chat.sidebar).to_contain_text(chat.say("chats.trash_about", days=TRASH_DAYS), timeout=SLOW)
        chat.button("chats.restore").click()
        expect(chat.messages).to_have_count(2, timeout=SLOW)
        chat.settled()

        throw_away(chat)
        chat.button("chats.delete_now").click()
        expect(chat.key("trashed")).to_contain_text(OVERFITTING)  # not yet
        chat.button("chats.delete_yes").click()
        expect(chat.key("trashed")).to_have_count(0, timeout=SLOW)
        expect(chat.key("undo-delete")).to_have_count(0)
        chat.settled()
    chat.asked(VECTORS)
    with chat.list():
        throw_away(chat)
        chat.button("chats.empty").click()
        chat.button("chats.empty_yes", count=1).click()
        expect(chat.key("trash")).to_have_count(0, timeout=SLOW)
        chat.settled()


def saved(chat: Chat, kind: str, folder: Path) -> Path:
    """Have the open chat exported by a click on this kind."""
    with chat.options() as options, chat.page.expect_download() as download:
        options.get_by_role("button", name=kind).click()
    chat.page.keyboard.press("Escape")
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_a_chat_is_exported_as_it_is_and_its_json_brings_it_back(chat: Chat, tmp_path: Path) -> None:
    chat.asked(OVERFITTING)
    chat.asked(ATTENTION)
    with chat.list():
        markdown, html, exported = (saved(chat, kind, tmp_path) for kind in ("Markdown", "HTML", "JSON"))
    assert [file.suffix for file in (markdown, html, exported)] == [".md", ".html", ".json"]
    assert markdown.stem.startswith("什么是过拟合")
    assert REMEMBERED in markdown.read_text("utf-8")
    assert "[^1-1]" in markdown.read_text("utf-8")
    written = json.loads(exported.read_text("utf-8"))
    assert [turn["question"] for turn in written["turns"]] == [OVERFITTING, ATTENTION]
    page = chat.page.context.new_page()
    looks_like_the_chat(page, html)

    with chat.list():
        import_file(chat, exported)  # a second time
        expect(chat.page.get_by_text(chat.say("chats.known", title=OVERFITTING, turns=2))).to_be_visible(timeout=SLOW)
        chat.settled()
        throw_away(chat)
        chat.button("chats.trash", count=1).click()
        chat.button("chats.delete_now").click()
        chat.button("chats.delete_yes").click()
        expect(chat.key("trashed")).to_have_count(0, timeout=SLOW)
        chat.settled()
        import_file(chat, exported)
    expect(chat.messages).to_have_count(4, timeout=SLOW)
    expect(chat.messages.nth(1)).to_contain_text(REMEMBERED)
    chat.settled()
    chat.messages.nth(1).locator('a[href^="#cite-"]').first.click()  # with its evidence
    expect(chat.page.locator(".st-key-passage")).to_contain_text(REMEMBERED, timeout=SLOW)
    chat.settled()


def looks_like_the_chat(page: Page, html: Path) -> None:
    """Open an exported page as a browser does: it says what was said, and asks nobody for anything."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(html.as_uri())
    expect(page.get_by_text(REMEMBERED).first).to_be_visible()
    assert asked == [html.as_uri()]
    page.close()


def import_file(chat: Chat, file: Path) -> None:
    chat.button("chats.import").click()
    chat.sidebar.locator("input[type=file]").set_input_files(file)
    expect(chat.sidebar.locator("input[type=file]")).to_have_count(0, timeout=SLOW)


def test_a_file_that_is_no_chat_is_refused_in_a_sentence(chat: Chat, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"format": "something else"}')
    chat.button("chats.import").click()
    chat.sidebar.locator("input[type=file]").set_input_files(tmp_path / "other.json")
    expect(chat.page.get_by_role("alert")).to_be_visible(timeout=SLOW)
    chat.settled()
    expect(chat.messages).to_have_count(0)


def test_on_a_phone_in_english_answers_and_chats_can_be_dealt_with_as_well(
    home: Home, browser: Browser, tmp_path: Path
) -> None:
    with chatting(browser, home.address, "en", phone=True) as chat:
        chat.asked(OVERFITTING)
        chat.actions.scroll_into_view_if_needed()
        act(chat, "turn.anew")
        chat.button("turn.anew_go").click()
        expect(versions(chat)).to_have_text("2/2", timeout=SLOW)
        chat.answered()
        assert fits_its_width(chat.page)
        with chat.list():
            with chat.options() as options:
                chat.button("chat.rename", options).click()
            field = chat.key("title-").locator("input")
            field.fill("On the phone")
            field.press("Enter")
            expect(chat.key("open-chat")).to_contain_text("On the phone", timeout=SLOW)
            chat.settled()
            exported = saved(chat, "JSON", tmp_path)
            throw_away(chat)
            chat.button("chats.trash", count=1).click()
            chat.button("chats.empty").click()
            chat.button("chats.empty_yes", count=1).click()
            expect(chat.key("trash")).to_have_count(0, timeout=SLOW)
            chat.settled()
            import_file(chat, exported)
            expect(chat.key("open-chat")).to_contain_text("On the phone", timeout=SLOW)
            chat.settled()
        expect(versions(chat)).to_have_text("2/2")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_kill_while_an_answer_streams_costs_at_most_its_last_two_seconds(browser: Browser, tmp_path: Path) -> None:
    write(tmp_path / "notes", NOTES)
    with Telling() as provider:
        choices = {
            "ASSISTANT_NOTES_DIR": str(tmp_path / "notes"),
            "ASSISTANT_DATA_DIR": str(tmp_path / "data"),
            "ASSISTANT_PROVIDER": "custom",
            "ASSISTANT_MODEL": "tiny",
            "ASSISTANT_BASE_URL": f"{provider.url}/v1",
        }
        context = browser.new_context(locale=LOCALES["zh"])
        chat = Chat(context.new_page(), "zh")
        with streamlit_process(ROOT / "streamlit_app.py", **choices) as (address, process):
            chat.open(address)
            chat.ask(OVERFITTING)
            chat.press("send")
            expect(chat.answer).to_contain_text("w30 ", timeout=SLOW)
            seen = int(re.findall(r"w(\d+)", chat.answer.inner_text())[-1])
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        place = chat.page.url.split("?")[1]
        with streamlit_app(ROOT / "streamlit_app.py", **choices) as address:
            chat.page.goto(f"{address}/?{place}")
            expect(chat.answer).to_contain_text(chat.say("chat.interrupted"), timeout=SLOW)
            chat.settled()
            kept = int(re.findall(r"w(\d+)", chat.answer.inner_text())[-1])
            expect(chat.messages.first).to_contain_text(OVERFITTING)
            expect(chat.button("chat.again")).to_be_visible()
        context.close()
    assert kept >= seen - 2 / PACE
