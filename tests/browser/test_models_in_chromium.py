"""A model is connected, priced, asked and stopped, in a real browser and against a real llama.cpp server."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from assistant.errors import Language
from assistant.providers.catalog import catalog
from assistant.ui.i18n import say
from tests.browser.running import ROOT, chromium, how_it_came_about, streamlit_app
from tests.conftest import NOTES, do_without, write
from tests.servers.llama_cpp import Server, Serving, llama_server, missing
from tests.servers.tiny_models import tiny_model

KEY = "sk-browser-0123456789-secret"
SLOW = 60_000
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PICTURES = os.environ.get("ASSISTANT_TESTS_PICTURES")  # a folder: what the screens looked like is kept there


@dataclass(frozen=True)
class Home:
    """A running app and where its learner's things lie."""

    address: str
    folder: Path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if reason := missing():
        do_without("servers", reason)
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def babbler(browser: Browser) -> Iterator[Server]:
    """Goes on for long enough to be stopped."""
    with llama_server(tiny_model("chat"), Serving("tiny-chat", KEY, most_answer=4_000)) as server:
        yield server


@pytest.fixture(scope="module")
def teacher(browser: Browser) -> Iterator[Server]:
    """Answers with citations."""
    with llama_server(tiny_model("say"), Serving("tiny-say", KEY)) as server:
        yield server


@pytest.fixture(scope="module")
def comparer(browser: Browser) -> Iterator[Server]:
    """Embeds."""
    with llama_server(tiny_model("embed"), Serving("tiny-embed", KEY, embedding=True)) as server:
        yield server


@pytest.fixture
def home(browser: Browser, tmp_path: Path) -> Iterator[Home]:
    write(tmp_path / "notes", NOTES)
    choices = {"ASSISTANT_NOTES_DIR": str(tmp_path / "notes"), "ASSISTANT_DATA_DIR": str(tmp_path / "data")}
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as address:
        yield Home(address, tmp_path)


class Screen:
    """The app in one window, spoken to in one language, with an ear on what it complains of and asks for."""

    def __init__(self, page: Page, language: Language) -> None:
        self.page = page
        self.language = language
        self.complaints: list[str] = []
        self.urls: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.urls.append(request.url))

    def say(self, text: str, **values: object) -> str:
        return say(self.language, text, **values)

    def open(self, address: str) -> None:
        self.page.goto(address)
        expect(self.composer).to_be_enabled(timeout=SLOW)
        self.settled()

    @property
    def composer(self) -> Locator:
        return self.page.get_by_test_id("stChatInput").locator("textarea")

    @property
    def draft(self) -> Locator:
        return self.page.locator(".st-key-draft")

    @property
    def answer(self) -> Locator:
        return self.page.get_by_test_id("stChatMessage").last

    def settled(self) -> None:
        expect(self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=SLOW)

    def press(self, key: str) -> None:
        self.page.locator(f"[class*=st-key-{key}-] button").last.click()

    def choose_model(self, server: Server, *, key: str = "") -> None:
        """Choose a server of one's own in the sidebar: it is used when it has passed its test."""
        self.page.locator(".st-key-model-picker button").first.click()
        body = self.page.get_by_test_id("stPopoverBody")
        self.fill_in(body, server, key)
        head = self.page.locator(".st-key-model-picker button").first
        expect(head).not_to_contain_text(server.serving.name)
        self.picture("picker")
        body.locator(".st-key-test-and-use button").click()
        expect(head).to_contain_text(server.serving.name, timeout=SLOW)
        self.settled()
        self.page.keyboard.press("Escape")
        self.settled()

    def fill_in(self, body: Locator, server: Server, key: str) -> None:
        """Type a server's address, key and model."""
        own, provider = catalog().provider("custom").labels[self.language], body.get_by_role("combobox").first
        if provider.input_value() != own:
            self.type_into(provider, own)
        expect(body.get_by_role("combobox")).to_have_count(3, timeout=SLOW)
        self.settled()
        self.type_into(body.get_by_role("combobox").nth(1), server.base_url)
        if key:
            body.get_by_placeholder(self.say("model.key_missing")).fill(key)
            body.get_by_role("button", name=self.say("model.key_session")).click()
            expect(body.get_by_placeholder(self.say("model.key_missing"))).to_have_count(0, timeout=SLOW)
            expect(body.locator("input[type=password]")).to_have_value("", timeout=SLOW)  # another field took its place
            self.settled()
        self.type_into(body.get_by_role("combobox").nth(2), server.serving.name)

    def type_into(self, field: Locator, text: str) -> None:
        # Scrolling would close the list again; and while it is open, only the keyboard reaches the field.
        field.evaluate("field => field.scrollIntoView({block: 'center', behavior: 'instant'})")
        field.click()
        self.page.get_by_role("option").or_(self.page.get_by_role("listbox")).first.wait_for()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)
        expect(self.page.get_by_role("option")).to_have_count(1)
        self.page.keyboard.press("Enter")
        self.settled()

    def ask(self, question: str) -> None:
        self.composer.fill(question)
        self.page.keyboard.press("Enter")
        expect(self.draft).to_be_visible(timeout=SLOW)
        self.settled()

    def tokens(self) -> int:
        """The prompt's tokens in the headline of the draft."""
        line = self.draft.locator("p").first.inner_text().split(" · ")[2]
        return int(re.sub(r"\D", "", line))

    def picture(self, name: str) -> None:
        if PICTURES:
            width = (self.page.viewport_size or {})["width"]
            dark = self.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
            file = Path(PICTURES) / f"{name}-{self.language}-{width}{'-dark' if dark else ''}.png"
            self.page.wait_for_timeout(400)
            self.page.screenshot(path=file)


def fits_its_width(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize(
    ("language", "locale", "question", "said"),
    [
        ("zh", "zh-CN", "什么是过拟合？", "过拟合是指模型记住了训练集"),
        ("en", "en-US", "How are attention scores scaled?", "compares every query with every key"),
    ],
)
def test_a_model_is_priced_asked_stopped_and_cited(
    home: Home,
    browser: Browser,
    babbler: Server,
    teacher: Server,
    language: Language,
    locale: str,
    question: str,
    said: str,
) -> None:
    context = browser.new_context(viewport=SIZES["desktop"], locale=locale)  # type: ignore[arg-type]
    screen = Screen(context.new_page(), language)
    screen.open(home.address)
    screen.choose_model(babbler, key=KEY)
    expect(screen.page.get_by_text("custom / tiny-chat").last).to_be_visible()

    screen.ask(question)
    screen.picture("draft")
    whole = screen.tokens()
    screen.draft.locator("[data-testid=stCheckbox] label").last.click()
    expect(screen.draft.get_by_text("—").last).to_be_visible(timeout=SLOW)
    screen.settled()
    assert screen.tokens() < whole

    screen.page.reload()  # the draft belongs to the process: it waits
    expect(screen.draft).to_be_visible(timeout=SLOW)
    screen.settled()
    assert screen.tokens() < whole

    screen.press("cancel")
    expect(screen.answer).to_contain_text(screen.say("draft.not_sent"), timeout=SLOW)
    screen.picture("not-sent")
    screen.press("again")
    expect(screen.draft).to_be_visible(timeout=SLOW)
    screen.settled()
    assert screen.tokens() == whole

    screen.press("send")
    expect(screen.page.get_by_text("▌")).to_be_visible(timeout=SLOW)
    screen.picture("running")
    screen.press("stop")
    expect(screen.answer).to_contain_text(screen.say("chat.stopped"), timeout=10_000)
    screen.settled()
    screen.picture("stopped")
    assert len(screen.answer.inner_text()) > len(screen.say("chat.stopped")) + 20

    screen.choose_model(teacher)
    screen.press("again")
    expect(screen.draft).to_contain_text("tiny-say", timeout=SLOW)
    screen.settled()
    screen.picture("draft-history")
    screen.press("send")
    expect(screen.answer).to_contain_text(said, timeout=SLOW)
    expect(how_it_came_about(screen.answer)).to_be_visible(timeout=SLOW)
    screen.settled()
    screen.answer.locator('a[href^="#cite-"]').first.click()
    expect(screen.page.locator(".st-key-passage")).to_be_visible(timeout=SLOW)
    screen.settled()
    screen.picture("answered")

    assert KEY not in screen.page.content()
    assert KEY not in "\n".join(screen.urls)
    assert screen.complaints == []
    assert {urlsplit(url).hostname for url in screen.urls} <= {"127.0.0.1", "localhost", None}
    context.close()
    holding = [file for file in home.folder.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    assert holding == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_can_read_the_preview_and_send(home: Home, browser: Browser, teacher: Server, scheme: str) -> None:
    context = browser.new_context(
        viewport=SIZES["phone"],
        locale="zh-CN",
        has_touch=True,
        is_mobile=True,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    screen = Screen(context.new_page(), "zh")
    screen.open(home.address)
    screen.page.get_by_test_id("stExpandSidebarButton").click()
    screen.choose_model(teacher, key=KEY)
    screen.page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
    screen.ask("什么是过拟合？")
    screen.picture("draft")
    assert fits_its_width(screen.page)

    screen.press("send")
    expect(screen.answer).to_contain_text("过拟合是指模型记住了训练集", timeout=SLOW)
    screen.settled()
    screen.picture("answered")
    assert fits_its_width(screen.page)
    assert screen.complaints == []
    context.close()


@pytest.mark.parametrize(("language", "locale", "scheme"), [("zh", "zh-CN", "light"), ("en", "en-US", "dark")])
def test_another_embedding_model_takes_over_after_a_yes(
    home: Home, browser: Browser, comparer: Server, language: Language, locale: str, scheme: str
) -> None:
    context = browser.new_context(viewport=SIZES["desktop"], locale=locale, color_scheme=scheme)  # type: ignore[arg-type]
    screen = Screen(context.new_page(), language)
    screen.open(home.address)
    screen.page.get_by_role("link", name=screen.say("app.settings")).click()
    box = screen.page.locator(".st-key-embedding")
    expect(box).to_contain_text(screen.say("model.embedding_same"), timeout=SLOW)
    screen.settled()
    screen.fill_in(box, comparer, KEY)
    expect(box).to_contain_text(screen.say("cost.local"), timeout=SLOW)
    box.scroll_into_view_if_needed()
    screen.picture("embedding")
    screen.page.locator(".st-key-embedding-yes button").click()

    expect(screen.page.get_by_text(screen.say("model.embedding_now", key="custom/tiny-embed"))).to_be_visible(
        timeout=SLOW
    )
    expect(box).to_contain_text(screen.say("model.embedding_same"), timeout=SLOW)
    screen.settled()
    screen.picture("embedding-done")
    assert KEY not in screen.page.content()
    assert screen.complaints == []
    context.close()
