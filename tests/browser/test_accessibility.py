"""Every page as axe-core sees it in a real browser, and the way through a page with the keyboard alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.errors import Language
from assistant.ui.i18n import say
from tests.browser.lived_in import Home, lived_in
from tests.browser.running import ROOT, chromium, streamlit_app
from tests.conftest import do_without

SLOW = 60_000
PICTURES = os.environ.get("ASSISTANT_TESTS_PICTURES")  # a folder: what the screens looked like is kept there
DESKTOP, PHONE = (1280, 900), (390, 844)


@dataclass(frozen=True)
class View:
    """One way of looking: a language, a colour scheme and a size; together they meet each pair of choices."""

    language: Language
    scheme: str
    size: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.language}-{self.scheme}-{self.size[0]}"


VIEWS = [
    View("zh", "light", DESKTOP), View("en", "dark", DESKTOP), View("zh", "dark", PHONE), View("en", "light", PHONE),
]  # fmt: skip


@pytest.fixture(scope="module")
def axe_script() -> str:
    """The source of axe-core, out of the package of the extra ``dev``."""
    package = find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        do_without("browser", "no axe-core: it comes with the extra dev")
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser(axe_script: str) -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def home(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return lived_in(tmp_path_factory.mktemp("learner"))


@pytest.fixture(scope="module")
def app(home: Home) -> Iterator[str]:
    with streamlit_app(ROOT / "streamlit_app.py", **home.environment) as address:
        yield address


@pytest.fixture(params=VIEWS, ids=str)
def view(request: pytest.FixtureRequest) -> View:
    chosen: View = request.param
    return chosen


@pytest.fixture
def page(browser: Browser, view: View) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": view.size[0], "height": view.size[1]},
        locale={"zh": "zh-CN", "en": "en-US"}[view.language],
        color_scheme=view.scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


def settled(page: Page) -> None:
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=SLOW)
    page.wait_for_function("document.getAnimations().every(one => one.playState !== 'running')", timeout=SLOW)


def findings(page: Page, axe_script: str) -> list[str]:
    """Run all rules of axe-core, without exception; return a line for each serious finding."""
    page.evaluate(axe_script)
    violations = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)")
    return [
        f"{rule['id']}: {node['failureSummary']} {node['html'][:200]}"
        for rule in violations
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def welcome(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(app)


def answered(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/?c={home.conversation}")
    settled(page)
    answer = page.get_by_test_id("stChatMessage").last
    answer.get_by_test_id("stExpander").first.locator("summary").click()  # on a phone the passage lies over it
    answer.locator('a[href^="#cite-"]').first.click(timeout=SLOW)
    expect(page.locator(".st-key-passage")).to_be_visible(timeout=SLOW)


def draft(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(app)
    box = page.get_by_test_id("stChatInput").locator("textarea")
    expect(box).to_be_enabled(timeout=SLOW)
    settled(page)
    box.fill("学习率太大会怎样？" if language == "zh" else "What is temperature?")
    page.keyboard.press("Enter")
    waiting = page.locator(".st-key-draft")
    expect(waiting).to_be_visible(timeout=SLOW)
    settled(page)
    for fold in waiting.locator("summary").all():
        fold.click()


def library(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/library")


def note(page: Page, app: str, home: Home, language: Language) -> None:
    name = next(file.relative_to(home.notes).as_posix() for file in sorted(home.notes.rglob("*.md")))
    page.goto(f"{app}/library?note={name}")


def usage(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/usage")
    expect(page.locator("canvas, svg.marks").first).to_be_visible(timeout=SLOW)


def evaluate(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/evaluate")
    expect(page.get_by_test_id("stMultiSelect").first).to_be_visible(timeout=SLOW)


def settings(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/settings")


def doctor(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/doctor")
    page.get_by_role("button", name=say(language, "doctor.start")).click(timeout=SLOW)
    settled(page)
    expect(page.get_by_text("🩺").last).to_be_attached()


def glossary(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/glossary")
    page.get_by_text(say(language, "study.only_differing"), exact=True).click(timeout=SLOW)
    expect(page.get_by_text(say(language, "study.differs", count=2)).first).to_be_visible(timeout=SLOW)


def backlog(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/backlog")
    page.locator("[class*=st-key-explain-] button").first.click(timeout=SLOW)
    settled(page)
    page.locator("[class*=st-key-place-] button").first.click()
    expect(page.locator(".st-key-passage")).to_be_visible(timeout=SLOW)


def guide(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/guide")
    page.get_by_test_id("stMultiSelect").locator("input").click(timeout=SLOW)
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-write-guide")).to_be_visible(timeout=SLOW)


def mind_map(page: Page, app: str, home: Home, language: Language) -> None:
    guide(page, app, home, language)
    page.get_by_text(say(language, "study.form_map"), exact=True).click()
    expect(page.locator(".st-key-mind-map svg:has(g.node)")).to_be_visible(timeout=SLOW)


def progress(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/progress")
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(4, timeout=SLOW)


def today(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(f"{app}/today")
    expect(page.locator("[class*=st-key-item-]")).to_be_visible(timeout=SLOW)


def model_picker(page: Page, app: str, home: Home, language: Language) -> None:
    page.goto(app)
    settled(page)
    if (page.viewport_size or {})["width"] < 600:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.locator(".st-key-model-picker button").first.click(timeout=SLOW)
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible(timeout=SLOW)


SCREENS = (
    welcome, answered, draft, library, note, usage, evaluate, settings, doctor, model_picker, glossary, backlog, guide,
    mind_map, progress, today)  # fmt: skip


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_axe_finds_nothing_serious(
    app: str,
    home: Home,
    page: Page,
    view: View,
    axe_script: str,
    screen: Callable[[Page, str, Home, Language], None],
) -> None:
    screen(page, app, home, view.language)
    settled(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{screen.__name__}-{view}.png")

    expect(page.get_by_test_id("stException")).to_have_count(0)
    found = findings(page, axe_script)
    if found:  # what scrolls becomes reachable a moment after it was drawn
        page.wait_for_timeout(1_500)
        found = findings(page, axe_script)
    assert not found, "\n".join(found)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="zh-CN")
    yield context.new_page()
    context.close()


FOCUSED = """() => {
  const one = document.activeElement
  const places = [["skip", 'a[href="#stMain"]'], ["pages", '[data-testid="stSidebarNav"]'], ["new chat", ".st-key-new-chat"],
    ["chats", ".st-key-conversations"], ["model", ".st-key-model-picker"], ["language", ".st-key-language-choice"],
    ["suggestion", '[data-testid="stMain"] [class*="st-key-suggest"]'], ["composer", '[data-testid="stChatInput"]']]
  return (places.find(([, place]) => one.closest(place)) ?? ["other"])[0]
}"""


def test_tab_goes_through_the_chat_page_in_the_order_it_is_read(app: str, desk: Page) -> None:
    desk.goto(app)
    expect(desk.get_by_test_id("stChatInput").locator("textarea")).to_be_enabled(timeout=SLOW)
    settled(desk)
    desk.evaluate("document.activeElement.blur()")
    passed: list[str] = []
    for _ in range(40):
        desk.keyboard.press("Tab")
        place = desk.evaluate(FOCUSED)
        if place != "other" and place not in passed:
            passed.append(place)
    order = ["pages", "model", "new chat", "chats", "language", "composer"]

    assert [place for place in passed if place in order] == order


def test_the_page_names_its_language_and_follows_a_change(browser: Browser, desk: Page, tmp_path: Path) -> None:
    choices = {"ASSISTANT_NOTES_DIR": str(ROOT / "notes"), "ASSISTANT_DATA_DIR": str(tmp_path)}
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as own:  # the choice is kept, and other tests have theirs
        desk.goto(f"{own}/library")
        expect(desk.locator("html[lang=zh-CN]")).to_be_attached(timeout=SLOW)
        uploads = desk.get_by_test_id("stFileUploaderDropzone").locator("button p").last
        expect(uploads).to_have_css("font-size", "0px")  # Streamlit's English word gives way to a Chinese one
        settled(desk)
        desk.get_by_text("English", exact=True).click()
        expect(desk.locator("html[lang=en]")).to_be_attached(timeout=SLOW)
        expect(uploads).not_to_have_css("font-size", "0px")
