"""The pages of the whole app over hostile notes, file names, titles and a hostile server: nothing is fetched, nothing runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from assistant.answers.drafts import AskFirst
from assistant.bootstrap import open_assistant
from assistant.connections import Choice
from assistant.settings import Settings
from assistant.ui.i18n import say
from tests.browser.lived_in import spend
from tests.browser.running import ROOT, how_it_came_about, listener, streamlit_app
from tests.conftest import write
from tests.documents import pdf
from tests.hostile_markup import FETCHING
from tests.providers.fake_provider import FakeProvider, Recorded, Reply, billed, events, plain, said

SLOW = 90_000
QUESTION = "什么是过拟合？"
UNCLOSED = "image after an unclosed fence"  # takes all that comes after it with it


class Hostile(FakeProvider):
    """Lists models with hostile names; answers with hostile text, one character at a time, and then refuses with it."""

    def __init__(self, names: list[str], text: str) -> None:
        super().__init__(plain({}))
        self.names = names
        self.chats = [
            events(*[said(character) for character in text], said(finish="stop"), billed(300, 200)),
            plain({"error": {"message": text[:3_000], "code": names[0]}}, 400),
        ]

    def take(self, request: Recorded) -> Reply:
        if request.path.endswith("/models"):
            return plain({"object": "list", "data": [{"id": name, "object": "model"} for name in self.names]})
        if request.path.endswith("/chat/completions"):
            return self.chats.pop(0) if len(self.chats) > 1 else self.chats[0]
        return plain({"error": {"message": "not found"}}, 404)


@dataclass(frozen=True)
class Trap:
    """A running app whose every text comes from somebody else, and who listens for what it lets out."""

    address: str
    heard: list[str]
    conversation: str


@pytest.fixture(scope="module")
def trap(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trap]:
    folder = tmp_path_factory.mktemp("trap")
    with listener() as (host, heard):
        payloads = {
            name: text.replace("LEAK", f"http://{host}/leak?q=1").replace("HOST", host)
            for name, text in FETCHING.items()
        }
        whole = "\n\n".join([*(text for name, text in payloads.items() if name != UNCLOSED), payloads[UNCLOSED]])
        lines = [" ".join(text.split()) for text in payloads.values()]
        set_notes(folder / "notes", payloads, whole, host)
        with Hostile(lines, f"过拟合是记住了训练集 [1]。\n\n{whole}") as server:
            conversation = set_data(folder, server, lines)
            choices = {"ASSISTANT_NOTES_DIR": str(folder / "notes"), "ASSISTANT_DATA_DIR": str(folder / "data")}
            with streamlit_app(ROOT / "streamlit_app.py", **choices) as address:
                yield Trap(address, heard, conversation)


def set_notes(folder: Path, payloads: dict[str, str], whole: str, host: str) -> None:
    """Write the payloads as notes, as file names where the system allows it, and as the title of a PDF."""
    write(folder, {f"{name}.md": f"{text}\n\n过拟合 {name}：{text}\n" for name, text in payloads.items()})
    write(folder, {"all.md": f"# 过拟合 {payloads['inline image']}\n\n过拟合是记住了训练集。\n\n{whole}\n"})
    pdf(folder / "lecture.pdf", [f"overfitting {payloads['HTML image']}"], title=payloads["inline image"])
    if os.name != "nt":  # Windows allows none of these names
        bad = host.replace(":", "&#58;")
        names = (f"![a](\\\\{bad}\\leak).md", "<img src=x onerror=alert(1)>.md", ":red[x] **b** $x$.md")
        write(folder, {name: f"过拟合 {name}" for name in names})


def set_data(folder: Path, server: Hostile, lines: list[str]) -> str:
    """Fill conversations, ledger and choices with the payloads; return a conversation that has an answer."""
    app = open_assistant(Settings(notes=(folder / "notes",), data=folder / "data"))
    try:
        app.sync().run()
        for line in lines:
            id_, turn_id = app.conversations.ask(None, line)
            app.conversations.rename(id_, line)
        app.answer(id_, turn_id, app.prepare(QUESTION)).wait(60)
        for line in lines[:12]:
            spend(app, line, line)
        app.preferences.choose("ask_first", AskFirst("always").as_json())
        app.preferences.choose("chat", Choice("custom", lines[0], f"{server.url}/v1").as_json())
    finally:
        app.database.close()
    return id_


@pytest.fixture
def page(browser: Browser, trap: Trap) -> Iterator[Page]:
    """A window in which nothing may run and which may ask nobody but the app."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    ran: list[str] = []
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("request", lambda request: asked.append(request.url))
    trap.heard.clear()
    yield page
    page.wait_for_load_state("networkidle")
    context.close()
    assert ran == []
    assert trap.heard == []
    ours = (trap.address, trap.address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in asked if not url.startswith(ours)] == []


def settled(page: Page) -> None:
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=SLOW)


# Vega's charts bring an empty form of their own.
MARKUP = "iframe, object, video, form:not(.vega-bindings), meta, link, script, [onerror], [ontoggle]"


def assert_harmless(page: Page, trap: Trap) -> None:
    """Look for markup that only foreign text could have brought: there is none of it on our pages."""
    settled(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    drawn = page.locator(
        "[data-testid=stMain], [data-testid=stSidebar], [data-testid=stToast], [data-testid=stPopoverBody]"
    )
    assert drawn.locator(MARKUP).count() == 0
    assert foreign(drawn.locator("img"), "src", (trap.address, "data:image/", "blob:")) == []
    assert foreign(drawn.locator("a"), "href", ("http://", "https://", "mailto:")) == []


def foreign(elements: Locator, attribute: str, allowed: tuple[str, ...]) -> list[str]:
    urls: list[str] = elements.evaluate_all(f"all => all.map(one => one.{attribute})")
    return [url for url in urls if url and not url.startswith(allowed)]


@pytest.mark.case(34)
@pytest.mark.parametrize(
    "path", ["library", "usage", "settings", "doctor", "chat", "glossary", "backlog", "guide", "progress"]
)
def test_a_page_shows_hostile_names_as_they_are(trap: Trap, page: Page, path: str) -> None:
    page.goto(f"{trap.address}/{path}")
    expect(page.get_by_role("heading").first).to_be_visible(timeout=SLOW)
    settled(page)
    for fold in page.get_by_test_id("stMain").locator("summary").all():
        fold.click()
    assert_harmless(page, trap)


@pytest.mark.parametrize("form", ["guide", "map"])
def test_a_guide_is_planned_and_mapped_of_hostile_notes(trap: Trap, page: Page, form: str) -> None:
    page.goto(f"{trap.address}/guide")
    field = page.get_by_test_id("stMain").get_by_test_id("stMultiSelect").locator("input")
    for _ in range(3):
        field.click(timeout=SLOW)
        page.get_by_role("option").nth(1).click(timeout=SLOW)
        settled(page)
    field.press("Escape")
    page.get_by_test_id("stButtonGroup").get_by_role("radio", name=say("zh", f"study.form_{form}")).click()
    drawn = page.locator(".st-key-mind-map svg:has(g.node)" if form == "map" else ".st-key-write-guide")
    expect(drawn.first).to_be_visible(timeout=SLOW)
    assert_harmless(page, trap)


@pytest.mark.case(31)
@pytest.mark.parametrize("name", ["all.md", "image in front matter.md", "script.md", "lecture.pdf"])
def test_a_note_is_shown_whole_and_in_chunks(trap: Trap, page: Page, name: str) -> None:
    page.goto(f"{trap.address}/library?note={name}")
    tabs = page.get_by_role("tab")
    expect(tabs.first).to_be_visible(timeout=SLOW)
    settled(page)
    for tab in tabs.all():
        tab.click()
        assert_harmless(page, trap)


@pytest.mark.case(34)
def test_the_evidence_of_an_answer_is_shown_beside_it(trap: Trap, page: Page) -> None:
    page.goto(f"{trap.address}/?c={trap.conversation}")
    settled(page)
    page.get_by_test_id("stChatMessage").last.locator('a[href^="#cite-"]').first.click(timeout=SLOW)
    expect(page.locator(".st-key-passage")).to_be_visible(timeout=SLOW)
    assert_harmless(page, trap)


@pytest.mark.case(34)
def test_the_doctor_shows_what_a_server_says_of_itself(trap: Trap, page: Page) -> None:
    page.goto(f"{trap.address}/doctor")
    settled(page)
    page.get_by_test_id("stMain").get_by_role("radio").nth(1).click()
    settled(page)
    page.get_by_role("button", name=say("zh", "doctor.start")).click(timeout=SLOW)
    expect(page.locator("[data-testid=stMain]")).to_contain_text("✅", timeout=SLOW)
    assert_harmless(page, trap)


def test_a_servers_list_of_models_is_chosen_from(trap: Trap, page: Page) -> None:
    page.goto(trap.address)
    settled(page)
    page.locator(".st-key-model-picker button").first.click(timeout=SLOW)
    body = page.get_by_test_id("stPopoverBody")
    body.get_by_role("button", name=say("zh", "model.test"), exact=False).first.click(timeout=SLOW)
    expect(body.get_by_test_id("stAlert").first).to_be_visible(timeout=SLOW)
    assert_harmless(page, trap)
    body.get_by_role("combobox").last.click()
    expect(page.get_by_role("option").first).to_be_visible(timeout=SLOW)
    assert_harmless(page, trap)


@pytest.mark.case(32, 33, 34)
def test_a_hostile_server_is_previewed_compared_streamed_and_refuses(trap: Trap, page: Page) -> None:
    page.goto(trap.address)
    box = page.get_by_test_id("stChatInput").locator("textarea")
    expect(box).to_be_enabled(timeout=SLOW)
    settled(page)
    box.fill(QUESTION)
    page.keyboard.press("Enter")
    draft = page.locator(".st-key-draft")
    expect(draft).to_be_visible(timeout=SLOW)
    settled(page)
    for fold in draft.locator("summary").all():
        fold.click()
    assert_harmless(page, trap)

    page.locator("[class*=st-key-send-] button").click()
    answer = page.get_by_test_id("stChatMessage").last
    expect(how_it_came_about(answer)).to_be_visible(timeout=SLOW)
    assert_harmless(page, trap)
    assert "过拟合是记住了训练集" in answer.inner_text()

    box.fill("过拟合怎么办？")
    page.keyboard.press("Enter")
    page.locator("[class*=st-key-send-] button").click(timeout=SLOW)
    expect(page.get_by_test_id("stChatMessage").last.get_by_test_id("stAlert")).to_be_visible(timeout=SLOW)
    assert_harmless(page, trap)
