"""An answer on its way, in a real browser: thinking, waiting, coming back to it, refusals; the provider is ours, on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from assistant.errors import Language
from tests.browser.running import ROOT, how_it_came_about, streamlit_app
from tests.browser.test_models_in_chromium import KEY, SIZES, SLOW, Screen, fits_its_width
from tests.conftest import NOTES, write
from tests.providers.fake_provider import FakeProvider, Reply, billed, events, plain, said

QUESTIONS: dict[Language, str] = {"zh": "什么是过拟合？", "en": "How are attention scores scaled?"}
LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-US"}
THROTTLED = {"error": {"message": "Requests rate limit exceeded", "type": "limit_requests", "code": "limit_requests"}}


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider(events(said("unused"))) as running:
        yield running


@pytest.fixture
def address(browser: Browser, tmp_path: Path, provider: FakeProvider) -> Iterator[str]:
    """The app, connected from outside to a cloud provider's model at our server."""
    write(tmp_path / "notes", NOTES)
    choices = {
        "ASSISTANT_NOTES_DIR": str(tmp_path / "notes"),
        "ASSISTANT_DATA_DIR": str(tmp_path / "data"),
        "ASSISTANT_PROVIDER": "dashscope",
        "ASSISTANT_MODEL": "qwen-plus",
        "ASSISTANT_BASE_URL": f"{provider.url}/v1",
        "ASSISTANT_API_KEY": KEY,
    }
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as served:
        yield served


def open_screen(context: BrowserContext, address: str, language: Language) -> Screen:
    screen = Screen(context.new_page(), language)
    screen.open(address)
    return screen


def send(screen: Screen) -> None:
    screen.ask(QUESTIONS[screen.language])
    screen.press("send")


def drip(*texts: str, seconds: float = 0.2) -> list[object]:
    """Pieces of an answer with a pause after each."""
    return [piece for text in texts for piece in (said(text), seconds)]


def unfolded(box: Locator) -> bool:
    return box.locator("details").get_attribute("open") is not None


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_thinking_is_folded_while_it_streams_and_stays_to_be_looked_at(
    browser: Browser, address: str, provider: FakeProvider, language: Language, scheme: str
) -> None:
    thoughts = [said(reasoning_content=f"step {number} ") for number in range(40)]
    slowly = [piece for thought in thoughts for piece in (thought, 0.1)]
    bill = billed(900, 60, completion_tokens_details={"reasoning_tokens": 48})
    provider.replies = [events(*slowly, *drip("An answer [1]."), said(finish="stop"), bill)]
    context = browser.new_context(viewport=SIZES["desktop"], locale=LOCALES[language], color_scheme=scheme)  # type: ignore[arg-type]
    screen = open_screen(context, address, language)
    send(screen)

    box = screen.answer.get_by_test_id("stExpander").filter(has_text=screen.say("chat.thoughts"))
    expect(box).to_be_visible(timeout=SLOW)
    assert not unfolded(box)
    screen.picture("thinking")
    box.locator("summary").click()
    expect(box).to_contain_text("step 20", timeout=SLOW)  # grows, and stays open while it does
    assert unfolded(box)
    screen.picture("thinking-open")

    expect(how_it_came_about(screen.answer)).to_be_visible(timeout=SLOW)
    screen.settled()
    expect(screen.answer).to_contain_text("An answer")
    expect(box).to_have_count(1)
    screen.page.reload()
    expect(box).to_be_visible(timeout=SLOW)
    assert not unfolded(box)
    box.locator("summary").click()
    expect(box).to_contain_text("step 39")
    screen.picture("thought")
    assert screen.complaints == []
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.case(66)
def test_a_throttled_question_counts_down_and_stop_ends_the_waiting(
    browser: Browser, address: str, provider: FakeProvider, language: Language
) -> None:
    provider.replies = [plain(THROTTLED, 429, {"Retry-After": "45"}), events(*drip("An answer."), said(finish="stop"))]
    context = browser.new_context(viewport=SIZES["desktop"], locale=LOCALES[language])
    screen = open_screen(context, address, language)
    send(screen)

    notice = screen.answer.get_by_test_id("stAlert")
    left = re.compile(r"\b\d\d(?= (?:s|秒))")
    expect(notice).to_contain_text(left, timeout=SLOW)
    before = int(left.findall(notice.inner_text())[0])
    screen.picture("throttled")
    expect(notice).to_contain_text(re.compile(rf"\b{before - 2}(?= (?:s|秒))"), timeout=SLOW)
    assert len(provider.requests) == 1

    screen.press("stop")
    expect(screen.answer).to_contain_text(screen.say("chat.stopped"), timeout=10_000)
    screen.settled()
    expect(screen.composer).to_be_enabled()
    assert len(provider.requests) == 1

    screen.press("again")
    expect(screen.draft).to_be_visible(timeout=SLOW)
    screen.settled()
    screen.press("send")
    expect(screen.answer).to_contain_text("An answer.", timeout=SLOW)
    assert len(provider.requests) == 2
    assert screen.complaints == []
    context.close()


@pytest.mark.case(101)
def test_a_reload_and_a_second_tab_follow_the_same_answer_and_either_can_stop_it(
    browser: Browser, address: str, provider: FakeProvider
) -> None:
    provider.replies = [events(*drip(*(f"sentence {number}. " for number in range(300))))]
    context = browser.new_context(viewport=SIZES["desktop"], locale="en-US")
    first = open_screen(context, address, "en")
    send(first)
    expect(first.answer).to_contain_text("sentence 2.", timeout=SLOW)

    first.page.reload()
    expect(first.answer).to_contain_text("sentence 8.", timeout=SLOW)
    second = Screen(context.new_page(), "en")
    second.page.goto(first.page.url)
    expect(second.answer).to_contain_text("sentence 12.", timeout=SLOW)
    expect(first.page.get_by_text("▌")).to_be_visible()
    assert len(provider.requests) == 1
    assert not provider.left.is_set()

    second.press("stop")
    assert provider.left.wait(10)  # the request has ended at the server, not only on screen
    for screen in (first, second):
        expect(screen.answer).to_contain_text(screen.say("chat.stopped"), timeout=SLOW)
        screen.settled()
        expect(screen.answer).to_contain_text("sentence 12.")
        assert screen.complaints == []
    assert len(provider.requests) == 1
    context.close()


REFUSALS = {
    "bad-key": plain({"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}, 401),
    "arrears": plain({"error": {"message": "Access denied, account in arrears", "code": "Arrearage"}}, 400),
}


@pytest.mark.parametrize(("language", "refusal"), [("zh", "bad-key"), ("en", "arrears")])
def test_a_refusal_is_a_sentence_on_a_phone_and_the_question_can_be_asked_again(
    browser: Browser, address: str, provider: FakeProvider, language: Language, refusal: str
) -> None:
    provider.replies = [REFUSALS[refusal], events(*drip("An answer."), said(finish="stop"))]
    context = browser.new_context(viewport=SIZES["phone"], locale=LOCALES[language], has_touch=True, is_mobile=True)
    screen = open_screen(context, address, language)
    send(screen)

    alert = screen.answer.get_by_role("alert")
    expect(alert).to_be_visible(timeout=SLOW)
    screen.settled()
    screen.picture(f"refused-{refusal}")
    assert re.search(r"dashscope", alert.inner_text())
    assert fits_its_width(screen.page)

    screen.press("again")
    expect(screen.draft).to_contain_text(screen.say("cost.unknown"), timeout=SLOW)
    screen.settled()
    screen.press("send")
    expect(screen.answer).to_contain_text("An answer.", timeout=SLOW)
    assert screen.complaints == []
    context.close()


@pytest.mark.case(68)
def test_an_answer_that_breaks_off_keeps_its_beginning(browser: Browser, address: str, provider: FakeProvider) -> None:
    provider.replies = [Reply(pieces=[*events(*drip("The beginning.")).pieces[:-1], "cut"], kind="text/event-stream")]
    context = browser.new_context(viewport=SIZES["desktop"], locale="en-US")
    screen = open_screen(context, address, "en")
    send(screen)

    expect(screen.answer.get_by_role("alert")).to_be_visible(timeout=SLOW)
    screen.settled()
    expect(screen.answer).to_contain_text("The beginning.")
    screen.picture("broken-off")
    assert len(provider.requests) == 1
    assert screen.complaints == []
    context.close()
