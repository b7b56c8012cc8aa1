"""The chat page as a person uses it who has questions answered: the composer, the newest answer, the list of chats."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, expect

from assistant.errors import Language
from tests.browser.running import how_it_came_about
from tests.browser.test_models_in_chromium import SIZES, SLOW, Screen, fits_its_width

LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-US"}


class Chat(Screen):
    """One window on the chat page."""

    phone = False

    @property
    def messages(self) -> Locator:
        return self.page.get_by_test_id("stChatMessage")

    @property
    def actions(self) -> Locator:
        """What can be done with the newest answer."""
        return self.page.locator("[class*=st-key-actions-]").last

    @property
    def sidebar(self) -> Locator:
        return self.page.get_by_test_id("stSidebar")

    def key(self, beginning: str) -> Locator:
        """Return the place of a widget by the beginning of its key."""
        return self.page.locator(f'[class^="st-key-{beginning}"], [class*=" st-key-{beginning}"]')

    def button(self, text: str, within: Locator | None = None, **values: object) -> Locator:
        """Return the button with this text and no other; its icon is none of it."""
        label = self.page.get_by_text(self.say(text, **values), exact=True)
        return (within or self.page).locator("button:visible", has=label)

    def asked(self, question: str) -> Locator:
        """Ask, and return the finished answer."""
        before = self.messages.count()
        self.composer.fill(question)
        self.composer.press("Enter")
        expect(self.messages).to_have_count(before + 2, timeout=SLOW)
        return self.answered()

    def answered(self) -> Locator:
        expect(how_it_came_about(self.answer)).to_be_visible(timeout=SLOW)
        self.settled()
        return self.answer

    def begin(self) -> None:
        """Begin a new conversation."""
        with self.list():
            self.key("new-chat").locator("button").click()
        expect(self.messages).to_have_count(0, timeout=SLOW)
        self.settled()

    @contextmanager
    def list(self) -> Iterator[Locator]:
        """Look at the list of chats; on a phone it has to be opened, and lies over the chat until it is closed."""
        if self.phone:
            self.page.get_by_test_id("stExpandSidebarButton").click()
        expect(self.sidebar).to_be_visible(timeout=SLOW)
        yield self.sidebar
        if self.phone:
            self.page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
            expect(self.page.get_by_test_id("stExpandSidebarButton")).to_be_visible(timeout=SLOW)

    @contextmanager
    def options(self) -> Iterator[Locator]:
        """Open what can be done to the open chat, within ``list``; some of it closes the popover by itself."""
        self.key("options-").locator("button:visible").click()  # a second one, unseen, is there to be measured
        body = self.page.get_by_test_id("stPopoverBody")
        expect(body).to_be_visible(timeout=SLOW)
        yield body


@contextmanager
def chatting(browser: Browser, address: str, language: Language = "zh", *, phone: bool = False) -> Iterator[Chat]:
    """Open a window; in the end nothing may have been complained of, fetched from elsewhere or wider than the screen."""
    context = browser.new_context(
        viewport=SIZES["phone" if phone else "desktop"],  # type: ignore[arg-type]
        locale=LOCALES[language],
        has_touch=phone,
        is_mobile=phone,
        accept_downloads=True,
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )
    chat = Chat(context.new_page(), language)
    chat.phone = phone
    chat.open(address)
    yield chat
    assert chat.complaints == []
    assert fits_its_width(chat.page)
    assert {url.split("/")[2].split(":")[0] for url in chat.urls if url.startswith("http")} <= {"127.0.0.1"}
    context.close()
