"""A guide by a model in a real browser: priced, written while another page is open, read by its markers, and written anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from assistant.bootstrap import open_assistant
from assistant.connections import Choice
from assistant.errors import Language
from assistant.providers.catalog import OWN
from assistant.settings import Settings
from assistant.ui.i18n import say
from tests.browser.running import ROOT, streamlit_app
from tests.conftest import NOTES, write
from tests.study.writing_server import Writer, refused, sheet

SLOW = 60_000
VIEWS = {
    "zh-desk-light": ("zh-CN", {"width": 1280, "height": 900}, "light"),
    "en-phone-dark": ("en-US", {"width": 390, "height": 844}, "dark"),
}


@dataclass(frozen=True)
class Desk:
    """The guide page in one window, and the server that writes for it."""

    page: Page
    address: str
    language: Language
    server: Writer

    def say(self, name: str, **values: object) -> str:
        return say(self.language, name, **values)

    def at(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{key}")

    def text(self, words: str) -> Locator:
        return self.page.get_by_test_id("stMain").locator("p", has_text=words)

    def press(self, key: str) -> None:
        self.at(key).get_by_role("button").click(timeout=SLOW)

    def settled(self) -> None:
        expect(self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=SLOW)

    def to_page(self, name: str) -> None:
        self.at("siblings-glossary").get_by_role("link", name=self.say(f"app.{name}")).click()
        expect(self.page.get_by_role("heading", level=2, name=self.say(f"app.{name}"))).to_be_visible(timeout=SLOW)
        self.settled()


@pytest.fixture(params=VIEWS)
def desk(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    locale, size, theme = VIEWS[request.param]
    folders = {"ASSISTANT_NOTES_DIR": str(tmp_path / "notes"), "ASSISTANT_DATA_DIR": str(tmp_path / "data")}
    with Writer() as server:
        write(tmp_path / "notes", NOTES)
        write(tmp_path / "data", {OWN: sheet(server)})
        before = open_assistant(Settings(notes=(tmp_path / "notes",), data=tmp_path / "data"))
        before.sync().run()
        before.preferences.choose("chat", Choice("campus", "writer").as_json())
        before.database.close()
        with streamlit_app(ROOT / "streamlit_app.py", ASSISTANT_API_KEY="sk-writer", **folders) as address:
            context = browser.new_context(viewport=size, locale=locale, color_scheme=theme)
            page = context.new_page()
            complaints: list[str] = []
            page.on("pageerror", lambda error: complaints.append(str(error)))
            yield Desk(page, address, "zh" if locale.startswith("zh") else "en", server)
            server.goes_on.set()
            expect(page.get_by_test_id("stException")).to_have_count(0)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            context.close()
            assert complaints == []


def choose_all(desk: Desk) -> None:
    field = desk.page.get_by_test_id("stMain").get_by_test_id("stMultiSelect").locator("input")
    for count in range(1, len(NOTES) + 1):
        field.click(timeout=SLOW)
        desk.page.get_by_role("option").last.click(timeout=SLOW)
        expect(desk.page.get_by_test_id("stMain").locator("[data-tag]")).to_have_count(count, timeout=SLOW)
        desk.settled()
    field.press("Escape")
    expect(desk.page.get_by_role("option")).to_have_count(
        0, timeout=SLOW
    )  # an open list takes the next click for its own end
    desk.settled()


def test_a_guide_is_priced_written_left_found_again_read_and_written_anew(desk: Desk) -> None:
    page, server = desk.page, desk.server
    page.goto(f"{desk.address}/guide")
    expect(page.get_by_text(desk.say("study.choose_first"))).to_be_visible(timeout=SLOW)
    choose_all(desk)
    expect(desk.at("guide-draft")).to_contain_text("¥", timeout=SLOW)
    expect(desk.at("guide-draft")).to_contain_text("campus / writer")
    assert server.calls == 0

    server.goes_on.clear()
    server.instead[3] = refused()
    desk.press("write-guide")
    total = 3
    progress = page.get_by_text(desk.say("study.writing_part", number=1, total=total))
    expect(progress).to_be_visible(timeout=SLOW)
    desk.to_page("glossary")
    desk.to_page("guide")
    expect(progress).to_be_visible(timeout=SLOW)

    server.goes_on.set()  # two parts come; the overview is refused
    expect(page.get_by_test_id("stAlert")).to_contain_text("campus", timeout=SLOW)
    expect(page.get_by_text(desk.say("study.guide_resumes", count=2))).to_be_visible()
    expect(desk.text("第 1 稿")).to_be_visible()
    desk.press("write-guide")
    expect(desk.text("第 4 稿")).to_be_visible(timeout=SLOW)
    assert server.calls == total + 1
    desk.settled()

    page.locator('a[href="#cite-part1-1"]').first.click()
    expect(desk.at("passage")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="✕").click()
    expect(desk.at("passage")).to_have_count(0, timeout=SLOW)

    desk.press("guide-anew")
    expect(page.get_by_text(desk.say("study.anew_keeps"))).to_be_visible(timeout=SLOW)
    desk.settled()
    assert server.calls == total + 1
    server.goes_on.clear()
    desk.press("write-guide")
    expect(progress).to_be_visible(timeout=SLOW)
    expect(desk.text("第 1 稿")).to_be_visible()
    server.goes_on.set()
    expect(desk.text("第 5 稿")).to_be_visible(timeout=SLOW)
    expect(desk.text("第 1 稿")).to_have_count(0)
    assert server.calls == 2 * total + 1
