"""A learner's day in a real browser, offline: cards from the notes, reviews by keys, a quiz whose wrong answers become cards."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.errors import Language
from assistant.ui.i18n import say
from tests.browser.running import ROOT, streamlit_app
from tests.browser.test_first_run import Visit, composer, listening, settled

LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-US"}
SLOW = 60_000
DESKTOP, PHONE = (1280, 900), (390, 844)


@dataclass(frozen=True)
class Served:
    """The app over the sample notes, and its database."""

    address: str
    database: Path

    def ask(self, query: str) -> int:
        """Return the number that a query finds."""
        with closing(sqlite3.connect(self.database)) as connection:
            return int(connection.execute(query).fetchone()[0])


Visiting = Callable[[Language, tuple[int, int]], Page]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    shutil.copytree(ROOT / "notes" / "学习方法", tmp_path / "notes")
    choices = {"ASSISTANT_NOTES_DIR": str(tmp_path / "notes"), "ASSISTANT_DATA_DIR": str(tmp_path / "data")}
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as address:
        yield Served(address, tmp_path / "data" / "assistant.db")


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Visiting]:
    """Open the app and have it read the notes; in the end nothing may have been complained of or fetched from elsewhere.

    Streamlit itself, reloaded below a page's path, first asks for its health and host below that path, where they are not.
    """
    seen: list[Visit] = []

    def opened(language: Language, size: tuple[int, int]) -> Page:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, locale=LOCALES[language])
        seen.append(listening(context.new_page()))
        page = seen[-1].page
        page.goto(served.address)
        expect(composer(page)).to_be_visible(timeout=SLOW)
        settled(page)
        return page

    yield opened
    for one in seen:
        one.page.context.close()
        assert [said for said in one.complaints if "404 (Not Found)" not in said] == []
        assert one.hosts <= {"127.0.0.1", "localhost"}


def to_page(page: Page, name: str) -> None:
    """Go to a page by the sidebar, which a phone keeps folded."""
    phone = page.viewport_size is not None and page.viewport_size["width"] == PHONE[0]
    expand = page.get_by_test_id("stExpandSidebarButton")
    if expand.is_visible():
        expand.click()
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).first.click()
    settled(page)
    if phone and not expand.is_visible():
        page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
    if phone:
        expect(expand).to_be_visible(timeout=SLOW)


def press(page: Page, key: str, within: str = "button") -> None:
    page.locator(f"[class*='st-key-{key}'] {within}:visible").first.click()  # with a hint there is one for phones, too
    settled(page)


def to_first_card(page: Page, language: Language) -> None:
    """Find cards in the notes, take them all in, and begin to review."""
    to_page(page, say(language, "app.today"))
    press(page, "today-find")
    expect(page.locator(".st-key-accept-all button")).to_be_visible(timeout=SLOW)
    press(page, "accept-all")
    expect(page.locator(".st-key-accept-all")).to_have_count(0, timeout=SLOW)
    to_page(page, say(language, "app.review"))
    expect(page.locator(".st-key-turn button")).to_be_visible(timeout=SLOW)
    expect(page.locator(".st-key-review_keys")).to_have_css("display", "none", timeout=SLOW)  # the keys are heard
    settled(page)


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_cards_are_found_taken_in_and_reviewed_by_keys(
    visit: Visiting, served: Served, language: Language, size: tuple[int, int]
) -> None:
    page = visit(language, size)
    to_first_card(page, language)
    assert served.ask("SELECT count(*) FROM cards WHERE accepted = 1") >= 8

    front = page.locator(".st-key-card-face").inner_text()
    page.keyboard.press("Space")
    expect(page.locator(".st-key-grades button")).to_have_count(4, timeout=SLOW)
    assert all("\n" in text.strip() for text in page.locator(".st-key-grades button").all_inner_texts())
    assert _inside(page, ".st-key-grades button")
    settled(page)
    page.keyboard.press("4")
    expect(page.locator(".st-key-undo button")).to_be_visible(timeout=SLOW)
    expect(page.locator(".st-key-card-face")).not_to_have_text(front, timeout=SLOW)
    settled(page)
    assert served.ask("SELECT count(*) FROM reviews WHERE rating = 4 AND undone = 0") == 1

    page.keyboard.press("u")
    expect(page.locator(".st-key-undo")).to_have_count(0, timeout=SLOW)
    assert served.ask("SELECT count(*) FROM reviews WHERE undone = 0") == 0
    press(page, "bury")
    expect(page.locator(".st-key-card-face")).not_to_have_text(front, timeout=SLOW)
    settled(page)
    page.keyboard.press("Space")  # turns the next card, and does not put it aside as well
    expect(page.locator(".st-key-grades button")).to_have_count(4, timeout=SLOW)
    assert served.ask("SELECT count(*) FROM cards WHERE buried_until > '2'") == 1
    press(page, "review-passage")
    expect(page.locator(".st-key-evidence .st-key-passage")).to_be_visible(timeout=SLOW)


def test_a_card_is_edited_where_it_is_reviewed_and_keys_typed_there_are_letters(
    visit: Visiting, served: Served
) -> None:
    page = visit("en", DESKTOP)
    to_first_card(page, "en")
    page.keyboard.press("Space")
    expect(page.locator(".st-key-grades button")).to_have_count(4, timeout=SLOW)
    settled(page)
    press(page, "edit-review")
    back = page.locator("[class*='st-key-back-review'] textarea")
    back.fill("")
    back.press_sequentially("u 1 2 3 4")
    page.get_by_test_id("stFormSubmitButton").locator("button").click()
    expect(page.locator(".st-key-card-face")).to_contain_text("u 1 2 3 4", timeout=SLOW)

    assert served.ask("SELECT count(*) FROM reviews") == 0
    assert served.ask("SELECT count(*) FROM cards WHERE back = 'u 1 2 3 4'") == 1


@pytest.mark.parametrize(("language", "size"), [("en", DESKTOP), ("zh", PHONE)])
def test_a_quiz_goes_to_its_end_and_what_was_wrong_becomes_a_card(
    visit: Visiting, served: Served, language: Language, size: tuple[int, int]
) -> None:
    page = visit(language, size)
    to_page(page, say(language, "app.quiz"))
    page.get_by_text(say(language, "quiz.choose")).click()
    for kind in ("multiple", "cloze", "short"):
        page.locator(".st-key-quiz-kinds").get_by_text(say(language, f"quiz.kind_{kind}"), exact=True).click()
        settled(page)
    press(page, "quiz-start")
    expect(page.locator("[class*='st-key-quiz-option-'] button").first).to_be_visible(timeout=SLOW)
    questions = served.ask("SELECT count(*) FROM quiz_questions")
    for number in range(1, questions + 1):
        expect(
            page.get_by_text(f"{number} / {questions}" if language == "zh" else f"{number} of {questions}")
        ).to_be_visible(timeout=SLOW)
        press(page, "quiz-option-")
        expect(page.locator("[class*='st-key-quiz-quote-']")).to_be_visible(timeout=SLOW)
        if number == 1:
            page.reload()
            expect(page.locator("[class*='st-key-quiz-option-'] button").first).to_be_visible(timeout=SLOW)
            settled(page)
        else:
            press(page, "quiz-next-")

    wrong = served.ask("SELECT count(*) FROM quiz_answers WHERE correct = 0")
    assert served.ask("SELECT count(*) FROM quiz_answers") == questions
    assert 0 < wrong < questions
    press(page, "quiz-cards-")
    expect(page.get_by_text(say(language, "review.to_cards"))).to_be_visible(timeout=SLOW)
    assert served.ask("SELECT count(*) FROM cards WHERE origin = 'quiz' AND accepted = 0") == wrong
    to_page(page, say(language, "app.review"))
    page.locator(".st-key-siblings-review").get_by_role("link", name=say(language, "app.cards")).click()
    expect(page.get_by_text(say(language, "cards.new", count=wrong))).to_be_visible(timeout=SLOW)


def _inside(page: Page, selector: str) -> bool:
    """Tell whether everything of a kind lies within the width of the window."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    boxes = [one.bounding_box() for one in page.locator(selector).all()]
    return all(box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
