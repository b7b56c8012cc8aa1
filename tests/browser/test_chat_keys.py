"""The keys of the chat in a real browser: Enter sends, but not while a Chinese word is chosen; / focuses; Esc stops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assistant.ui.i18n import say
from tests.answers.speaking import Server
from tests.browser.running import ROOT, chromium, streamlit_app
from tests.providers.fake_provider import events, said

SLOW = 60_000  # a busy machine
BOX = '[data-testid="stChatInputTextArea"]'
TYPE = """(element, text) => {
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set
  set.call(element, text)
  element.dispatchEvent(new InputEvent("input", { bubbles: true, data: text, isComposing: true }))
}"""
COMPOSE = """(element, event) => {
  element.dispatchEvent(new CompositionEvent(event, { bubbles: true, data: "什么是过拟合" }))
}"""
ENTER = """(element, { composing, code }) => element.dispatchEvent(new KeyboardEvent("keydown",
  { key: "Enter", code: "Enter", keyCode: code, which: code, isComposing: composing, bubbles: true, cancelable: true }))"""
PASTE = """async (element) => {
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = 24
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"))
  const data = new DataTransfer()
  data.items.add(new File([blob], "pasted.png", { type: "image/png" }))
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("keys")
    notes = folder / "notes"
    notes.mkdir()
    (notes / "过拟合.md").write_text("# 过拟合\n\n过拟合：模型记住了训练集。\n\n## 正则化\n\n加正则项。\n", "utf-8")
    with streamlit_app(
        ROOT / "streamlit_app.py", ASSISTANT_DATA_DIR=str(folder / "data"), ASSISTANT_NOTES_DIR=str(notes)
    ) as url:
        yield url


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with chromium() as browser:
        context = browser.new_context(locale="zh-CN")
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(address)
        page.wait_for_selector(f"{BOX}:not([disabled])")
        yield page
        context.close()


def test_enter_while_a_word_is_chosen_sends_nothing_and_enter_after_it_sends(page: Page) -> None:
    box = page.locator(BOX)
    box.focus()
    for composing, code in ((True, 229), (False, 229)):  # Chromium and Firefox; Safari, which has ended it by then
        box.evaluate(COMPOSE, "compositionstart")
        box.evaluate(TYPE, "什么是过拟合")
        if not composing:
            box.evaluate(COMPOSE, "compositionend")
        box.evaluate(ENTER, {"composing": composing, "code": code})
        page.wait_for_timeout(700)
        expect(page.locator('[data-testid="stChatMessage"]')).to_have_count(0, timeout=SLOW)
        expect(box).to_have_value("什么是过拟合")
    box.evaluate(COMPOSE, "compositionend")

    box.press("Enter")
    expect(page.locator('[data-testid="stChatMessage"]')).to_have_count(2, timeout=SLOW)


def test_shift_and_enter_begin_a_new_line(page: Page) -> None:
    box = page.locator(BOX)
    box.fill("第一行")
    box.press("Shift+Enter")
    box.press_sequentially("二")

    expect(box).to_have_value("第一行\n二")
    expect(page.locator('[data-testid="stChatMessage"]')).to_have_count(0, timeout=SLOW)


def test_a_slash_goes_to_the_question_and_is_a_slash_within_it(page: Page) -> None:
    box = page.locator(BOX)
    page.locator("h2").first.click()
    expect(box).not_to_be_focused(timeout=SLOW)
    page.keyboard.press("/")
    expect(box).to_be_focused(timeout=SLOW)
    expect(box).to_have_value("")

    page.keyboard.press("/")
    expect(box).to_have_value("/")


def test_a_pasted_picture_is_attached_to_the_question(page: Page) -> None:
    page.locator(BOX).evaluate(PASTE)

    expect(page.get_by_text("pasted.png")).to_be_visible(timeout=SLOW)


def test_questions_to_go_on_with_stand_below_the_answer_and_a_click_asks_one(page: Page) -> None:
    page.locator(BOX).fill("什么是过拟合？")
    page.locator(BOX).press("Enter")
    following = page.locator('[class*="st-key-next-"] button').first
    question = following.inner_text().split("\n")[-1]
    following.click()

    expect(page.locator('[data-testid="stChatMessage"]')).to_have_count(4, timeout=SLOW)
    expect(page.locator('[data-testid="stChatMessage"]').nth(2)).to_contain_text(question, timeout=SLOW)


def test_escape_stops_the_answer(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "过拟合.md").write_text("# 过拟合\n\n过拟合：模型记住了训练集。\n", "utf-8")
    with (
        Server(events(said("记住了训练集"), "stall")) as provider,
        streamlit_app(
            ROOT / "streamlit_app.py",
            ASSISTANT_DATA_DIR=str(tmp_path / "data"),
            ASSISTANT_NOTES_DIR=str(notes),
            ASSISTANT_PROVIDER="custom",
            ASSISTANT_MODEL="tiny",
            ASSISTANT_BASE_URL=f"{provider.url}/v1",
        ) as url,
        chromium() as browser,
    ):
        page = browser.new_page(locale="zh-CN")
        page.set_default_timeout(60_000)
        page.goto(url)
        page.locator(f"{BOX}:not([disabled])").fill("什么是过拟合？")
        page.keyboard.press("Enter")
        page.locator('[class*="st-key-send-"] button').click()
        expect(page.locator('[data-testid="stChatMessage"]').last).to_contain_text("记住了训练集", timeout=SLOW)
        expect(page.locator('[class*="st-key-stop-"] button')).to_be_enabled(timeout=SLOW)
        page.keyboard.press("Escape")

        expect(page.locator('[data-testid="stChatMessage"]').last).to_contain_text(
            say("zh", "chat.stopped"), timeout=SLOW
        )
