"""A learner's first quarter of an hour, in a real browser over the repository's own notes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.running import ROOT, how_it_came_about, streamlit_app
from tests.documents import pdf

CJK = re.compile("[\u3400-\u9fff]")
UNIQUE = "Narwhals steer their tusks toward the quiet fjord before winter."
OTHER = "Quokkas borrow umbrellas from the harbour museum on rainy Tuesdays."
SLOW = 60_000


@dataclass
class Visit:
    """A browser window with an ear on what it says and asks for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("learner")
    shutil.copytree(ROOT / "notes", folder / "notes")
    choices = {"ASSISTANT_NOTES_DIR": str(folder / "notes"), "ASSISTANT_DATA_DIR": str(folder / "data")}
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as address:
        yield address


@pytest.fixture
def visits(browser: Browser) -> Iterator[list[BrowserContext]]:
    contexts: list[BrowserContext] = []
    yield contexts
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser: Browser, visits: list[BrowserContext]) -> Iterator[Visit]:
    """A Chinese desktop; whatever happens in it, nothing may be complained of or fetched from elsewhere."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="zh-CN")
    visits.append(context)
    seen = listening(context.new_page())
    yield seen
    assert seen.complaints == []
    assert seen.hosts <= {"127.0.0.1", "localhost"}


def listening(page: Page) -> Visit:
    seen = Visit(page)
    page.on("console", lambda message: seen.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda request: seen.hosts.add(urlsplit(request.url).hostname or "127.0.0.1"))
    page.on("websocket", lambda socket: seen.hosts.add(urlsplit(socket.url).hostname or ""))
    return seen


def go(page: Page, address: str) -> None:
    page.goto(address)
    expect(composer(page)).to_be_visible(timeout=SLOW)


def composer(page: Page) -> Locator:
    return page.get_by_test_id("stChatInput").locator("textarea")


def settled(page: Page) -> None:
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=SLOW)


def ask(page: Page, question: str) -> Locator:
    """Type a question and return the finished answer."""
    messages = page.get_by_test_id("stChatMessage")
    before = messages.count()
    composer(page).fill(question)
    for _ in range(10):  # Streamlit takes no Enter while a file is still on its way: then a person presses it again
        page.keyboard.press("Enter")
        page.wait_for_timeout(1_500)
        if composer(page).input_value() != question:
            break
    expect(messages).to_have_count(before + 2, timeout=SLOW)
    answer = messages.last
    expect(how_it_came_about(answer)).to_be_visible(timeout=SLOW)
    settled(page)
    return answer


def open_evidence(page: Page, answer: Locator) -> Locator:
    answer.locator('a[href^="#cite-"]').first.click()
    passage = page.locator(".st-key-passage")
    expect(passage).to_be_visible(timeout=SLOW)
    settled(page)
    return passage


def cited_line(answer: Locator) -> Locator:
    """Return the first line of an answer that names its source."""
    return answer.locator("li", has=answer.page.locator('a[href^="#cite-"]')).first


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def test_the_first_run_offers_questions_and_shows_the_evidence_of_an_answer(app: str, visit: Visit) -> None:
    page = visit.page
    go(page, app)
    suggestions = page.locator("[class*=st-key-suggestion-] button")
    expect(suggestions).to_have_count(3, timeout=SLOW)
    suggestions.first.click()
    answer = page.get_by_test_id("stChatMessage").last
    marker = answer.locator('a[href^="#cite-"]').first
    expect(marker).to_be_visible(timeout=SLOW)
    settled(page)
    quoted = cited_line(answer).inner_text().rsplit("[", 1)[0]

    passage = open_evidence(page, answer)
    expect(passage).to_be_in_viewport()
    assert letters(quoted)
    assert letters(quoted)[:12] in letters(passage.inner_text())
    page.get_by_role("button", name="✕").click()
    expect(passage).to_have_count(0, timeout=SLOW)


def test_a_typed_question_is_answered_and_survives_a_reload(app: str, visit: Visit) -> None:
    page = visit.page
    go(page, app)
    answer = ask(page, "RAG 的流程是什么？")
    text = cited_line(answer).inner_text()
    assert "?c=" in page.url

    page.reload()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(2, timeout=SLOW)
    expect(page.get_by_test_id("stChatMessage").first).to_contain_text("RAG 的流程是什么？")
    expect(cited_line(page.get_by_test_id("stChatMessage").last)).to_have_text(text)


def test_the_list_of_conversations_leads_back_to_each(app: str, visit: Visit) -> None:
    page = visit.page
    go(page, app)
    ask(page, "什么是梯度下降？")
    page.locator(".st-key-new-chat button").click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(0, timeout=SLOW)
    settled(page)
    ask(page, "What is attention?")
    chats = page.locator(".st-key-conversations")
    chats.get_by_role("button", name="什么是梯度下降？").first.click()

    expect(page.get_by_test_id("stChatMessage").first).to_contain_text("什么是梯度下降？", timeout=SLOW)
    expect(page.get_by_test_id("stChatMessage")).to_have_count(2)


def nine_pages(file: Path, sentence: str) -> Path:
    pages = [f"Page {number} speaks of ordinary filler matters, number {number * 37}." for number in range(1, 10)]
    pages[6] = sentence
    return pdf(file, pages)


def cites_page_7_with_its_picture(page: Page, answer: Locator) -> None:
    expect(answer).to_contain_text("第 7 页")
    passage = open_evidence(page, answer)
    expect(page.locator(".st-key-evidence")).to_contain_text("第 7 页")
    picture = page.locator(".st-key-evidence img")
    expect(picture).to_be_visible(timeout=SLOW)
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 100
    assert passage.inner_text().strip()


def test_a_pdf_dropped_on_the_composer_is_cited_by_page(app: str, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    go(page, app)
    page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files(
        nine_pages(tmp_path / "narwhals.pdf", UNIQUE)
    )
    expect(page.get_by_text("narwhals.pdf").first).to_be_visible(timeout=SLOW)
    answer = ask(page, "Where do narwhals steer their tusks?")

    expect(answer).to_contain_text(UNIQUE)
    cites_page_7_with_its_picture(page, answer)


def test_a_pdf_given_to_the_library_is_cited_by_page(app: str, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    go(page, f"{app}/")
    page.get_by_role("link", name="资料库").click()
    heading = page.get_by_role("heading", name=re.compile(r"笔记（\d+）"))
    expect(heading).to_be_visible(timeout=SLOW)
    before = int(re.sub(r"\D", "", heading.inner_text()))
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        nine_pages(tmp_path / "quokkas.pdf", OTHER)
    )
    expect(page.get_by_role("heading", name=f"笔记（{before + 1}）")).to_be_visible(timeout=SLOW)

    page.get_by_role("link", name="对话").click()
    expect(composer(page)).to_be_visible(timeout=SLOW)
    answer = ask(page, "What do quokkas borrow from the harbour museum?")
    expect(answer).to_contain_text(OTHER)
    cites_page_7_with_its_picture(page, answer)


def test_the_library_lists_the_notes_and_opens_one(app: str, visit: Visit) -> None:
    page = visit.page
    go(page, app)
    page.get_by_role("link", name="资料库").click()
    table = page.locator(".st-key-note-table")
    expect(table).to_be_visible(timeout=SLOW)
    page.get_by_label("按名称筛选").fill("Transformer")
    page.keyboard.press("Enter")
    settled(page)
    table.scroll_into_view_if_needed()
    box = table.locator("canvas").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + 200, box["y"] + 55)  # the table is one picture: its first row, below the head

    expect(page.get_by_role("button", name="返回列表")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("tab").first).to_contain_text("个片段")
    page.get_by_role("tab").last.click()
    expect(page.get_by_test_id("stMain")).to_contain_text("Transformer")
    page.get_by_role("button", name="返回列表").click()
    expect(table).to_be_visible(timeout=SLOW)


def labels(page: Page) -> list[str]:
    """What the app itself says on the page: no notes, no questions, no answers."""
    parts = "[data-testid=stHeading], [data-testid=stWidgetLabel], [data-testid=stSidebarNavLink], button p, [data-testid=stAlert]"
    own = [text for part in page.locator(parts).all() if part.is_visible() and (text := part.inner_text().strip())]
    placeholders = [area.get_attribute("placeholder") or "" for area in page.locator("textarea").all()]
    return own + placeholders


@pytest.mark.parametrize("way", ["", "library", "settings"], ids=["chat", "library", "settings"])
def test_in_english_every_label_is_english(app: str, browser: Browser, visits: list[BrowserContext], way: str) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-US")
    visits.append(context)
    page = context.new_page()
    page.goto(f"{app}/{way}")
    expect(page.get_by_test_id("stSidebarNavLink").first).to_contain_text("Chat", timeout=SLOW)
    settled(page)
    chinese = [label for label in labels(page) if CJK.search(label)]

    # Names that learners gave are theirs: the language's own name, topics of their notes, titles of their chats.
    own = page.locator(".st-key-conversations, [class*=st-key-suggestion-], .st-key-language-choice").all_inner_texts()
    assert [label for label in chinese if label not in "\n".join(own)] == []
    assert len(labels(page)) > 4


def test_switching_the_language_changes_the_page_at_once_and_back(app: str, visit: Visit) -> None:
    """Stands after the English pages, because a choice is kept for every visitor without one."""
    page = visit.page
    go(page, app)
    choice = page.locator(".st-key-language-choice")
    choice.get_by_text("English").click()
    expect(page.get_by_test_id("stSidebarNavLink").first).to_contain_text("Chat", timeout=SLOW)
    settled(page)
    choice.get_by_text("中文").click()
    expect(page.get_by_test_id("stSidebarNavLink").first).to_contain_text("对话", timeout=SLOW)


def test_a_phone_can_ask_and_is_led_to_the_evidence(app: str, browser: Browser, visits: list[BrowserContext]) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    visits.append(context)
    seen = listening(context.new_page())
    page = seen.page
    go(page, app)
    expect(composer(page)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    answer = ask(page, "什么是分词？")
    passage = open_evidence(page, answer)

    expect(passage).to_be_in_viewport(timeout=SLOW)
    expect(composer(page)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.complaints == []
    assert seen.hosts <= {"127.0.0.1", "localhost"}
