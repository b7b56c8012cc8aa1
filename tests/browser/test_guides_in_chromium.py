"""Glossary, backlog, guide, mind map and progress in a real browser: offline, in both languages, on a desk and on a phone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Locator, Page, expect

from assistant.bootstrap import open_assistant
from assistant.errors import Language
from assistant.settings import Settings
from assistant.ui.i18n import say
from tests.browser.lived_in import lived_in
from tests.browser.running import ROOT, streamlit_app

SLOW = 60_000
NOTE = "梯度与优化"
WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}


@dataclass(frozen=True)
class Screen:
    """A window on the app, and the language that it speaks."""

    page: Page
    app: str
    language: Language
    size: str

    def say(self, name: str, **values: object) -> str:
        return say(self.language, name, **values)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.app}/{path}")
        expect(self.page.get_by_role("heading", name=self.say(f"app.{path}"), exact=True)).to_be_visible(timeout=SLOW)
        settled(self.page)

    def main(self) -> Locator:
        return self.page.get_by_test_id("stMain")

    def saved(self, name: str) -> Download:
        with self.page.expect_download(timeout=SLOW) as waiting:
            self.main().get_by_role("button", name=name).click()
        return waiting.value


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = lived_in(tmp_path_factory.mktemp("learner"))
    opened = open_assistant(Settings(notes=(home.notes,), data=home.data))
    opened.preferences.choose("chat", None)  # no model
    opened.database.close()
    with streamlit_app(ROOT / "streamlit_app.py", **home.environment) as address:
        yield address


@pytest.fixture(params=[("zh", "desk"), ("en", "phone")], ids="-".join)
def screen(request: pytest.FixtureRequest, browser: Browser, app: str) -> Iterator[Screen]:
    language, size = request.param
    width, height = WIDTHS[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale={"zh": "zh-CN", "en": "en-US"}[language]
    )
    page = context.new_page()
    page.set_default_timeout(SLOW)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Screen(page, app, language, size)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()
    assert complaints == []


def settled(page: Page) -> None:
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=SLOW)


def read(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def choose_note(screen: Screen, title: str) -> None:
    field = screen.main().get_by_test_id("stMultiSelect").locator("input")
    field.click()
    screen.page.get_by_role("option", name=title, exact=True).click()
    field.press("Escape")
    expect(screen.main().locator("[data-tag]", has_text=title)).to_be_visible(timeout=SLOW)


def close_passage(screen: Screen) -> None:
    screen.page.get_by_role("button", name="✕").click()
    expect(screen.page.locator(".st-key-passage")).to_have_count(0, timeout=SLOW)


def test_differing_definitions_stand_side_by_side_and_go_into_a_table_file(screen: Screen) -> None:
    screen.open("glossary")
    screen.main().get_by_role("textbox").fill("quantization")
    screen.main().get_by_role("textbox").press("Enter")
    expect(screen.main().get_by_text(screen.say("study.differs", count=2)).first).to_be_visible()
    places = screen.main().locator("[class*=st-key-term-] button")
    settled(screen.page)
    boxes = [place.bounding_box() or {} for place in (places.first, places.last)]
    beside = boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert beside if screen.size == "desk" else boxes[0]["y"] < boxes[1]["y"]

    header, *rows = csv.reader(io.StringIO(read(screen.saved(screen.say("study.export_csv"))).decode("utf-8-sig")))
    assert header[:3] == ["zh", "en", "abbreviation"]
    assert [row[4] for row in rows if row[1].casefold() == "quantization"] == ["yes", "yes"]

    page = re.compile(re.escape(screen.say("passage.page", page="N")).replace("N", r"\d"))
    expect(places.filter(has_text=".pdf").first).to_contain_text(page)  # the lines of a PDF are nowhere to be seen
    places.last.click()
    expect(screen.page.locator(".st-key-passage")).to_be_in_viewport(timeout=SLOW)
    close_passage(screen)


def test_a_search_that_finds_no_term_says_so(screen: Screen) -> None:
    screen.open("glossary")
    screen.main().get_by_role("textbox").fill("quokka")
    screen.main().get_by_role("textbox").press("Enter")

    expect(screen.main().get_by_text(screen.say("study.no_such_term"))).to_be_visible()


def test_an_open_point_is_explained_settled_and_opened_again(screen: Screen) -> None:
    screen.open("backlog")
    items = screen.main().locator("[class*=st-key-item-]")
    point = items.first
    words = point.get_by_test_id("stMarkdown").first.inner_text()
    point.get_by_role("button", name=screen.say("study.explain"), exact=True).click()
    said = point.locator("[class*=st-key-sources-source-] button").or_(
        point.get_by_text(screen.say("study.not_in_notes"))
    )
    expect(said.first).to_be_visible(timeout=SLOW)
    settled(screen.page)

    point.get_by_role("button", name=screen.say("study.done"), exact=True).click()
    expect(items.first).not_to_contain_text(words, timeout=SLOW)
    screen.main().get_by_text(screen.say("study.show_done"), exact=True).click()
    expect(items).to_have_count(1, timeout=SLOW)
    expect(items.first).to_contain_text(words)
    items.first.get_by_role("button", name=screen.say("study.reopen"), exact=True).click()
    expect(screen.main().get_by_text(screen.say("study.backlog_empty"))).to_be_visible(timeout=SLOW)


def test_the_markers_of_an_explained_point_show_their_words_and_open_their_passages(screen: Screen) -> None:
    screen.open("backlog")
    point = screen.main().locator("[class*=st-key-item-]", has_text="Muon")
    point.get_by_role("button", name=screen.say("study.explain"), exact=True).click()
    marker = point.locator('a[href^="#cite-"]').first
    expect(marker).to_have_attribute("aria-label", re.compile("Muon|AdamW"), timeout=SLOW)
    settled(screen.page)
    marker.click()
    expect(screen.page.locator(".st-key-passage")).to_contain_text(re.compile("Muon|AdamW"), timeout=SLOW)
    close_passage(screen)


def test_a_guide_without_a_model_costs_nothing_and_its_markers_open_their_passages(screen: Screen) -> None:
    screen.open("guide")
    expect(screen.main().get_by_text(screen.say("study.choose_first"))).to_be_visible()
    choose_note(screen, NOTE)
    heading = screen.main().get_by_role("heading", level=3).first
    expect(heading).to_contain_text(NOTE, timeout=SLOW)
    settled(screen.page)
    marker = screen.main().locator('a[href^="#cite-part1-"]').first
    cited = marker.locator("xpath=ancestor::li[1]").inner_text().rsplit("[", 1)[0]
    marker.click()
    passage = screen.page.locator(".st-key-passage")
    expect(passage).to_be_visible(timeout=SLOW)
    assert "".join(cited.split())[:6] in "".join(passage.inner_text().split())
    close_passage(screen)

    text = read(screen.saved(screen.say("study.export_md"))).decode()
    assert text.startswith(f"## 1. {NOTE}")
    assert "[1] 基础/梯度与优化.md" in text


def test_a_mind_map_is_drawn_narrowed_down_and_saved_in_three_forms(screen: Screen) -> None:
    screen.open("guide")
    choose_note(screen, NOTE)
    screen.main().get_by_text(screen.say("study.form_map"), exact=True).click()
    nodes = screen.main().locator(".st-key-mind-map g.node")
    expect(nodes.nth(7)).to_be_attached(timeout=SLOW)
    expect(screen.main().locator(".st-key-mind-map svg:has(g.node)")).to_contain_text("反向传播 Backpropagation")
    settled(screen.page)
    every = nodes.count()

    assert read(screen.saved(screen.say("study.export_png"))).startswith(b"\x89PNG")
    assert read(screen.saved(screen.say("study.export_svg"))).startswith(b"<svg ")
    outline = read(screen.saved(screen.say("study.export_map"))).decode()
    assert outline.startswith(f"# {NOTE}\n\n- 损失函数 Loss\n")
    assert outline.count("- ") == every - 1

    topic = screen.main().get_by_role("textbox")
    topic.fill("梯度消失")
    topic.press("Enter")
    expect(nodes).to_have_count(3, timeout=SLOW)


def test_progress_is_drawn_from_reviews_and_answers_each_plot_with_its_definition(screen: Screen) -> None:
    screen.open("progress")
    plots = screen.main().get_by_test_id("stVegaLiteChart")
    expect(plots).to_have_count(4)
    for plot in plots.all():
        expect(plot.locator("canvas, svg.marks").first).to_be_attached()
    labels = "\n".join(screen.main().locator("[aria-label]").evaluate_all("all => all.map(one => one.ariaLabel)"))
    for name in ("heat", "retention", "load", "mastery"):
        assert screen.say(f"progress.{name}") in labels
    said = screen.main().locator(".st-key-progress-figures").inner_text().splitlines()
    assert screen.say("progress.days", count=1) in said  # the quiz of today; the reviews end two days before

    title = screen.main().get_by_test_id("stHeading").filter(has_text=screen.say("progress.mastery"))
    title.get_by_test_id("stTooltipIcon").hover()
    tip = screen.page.get_by_role("tooltip").or_(screen.page.get_by_test_id("stTooltipContent"))
    expect(tip.first).to_contain_text("FSRS", timeout=SLOW)
    screen.main().get_by_test_id("stExpander").locator("summary").click()
    expect(screen.main().get_by_role("row").nth(1)).to_contain_text("%", timeout=SLOW)


def test_without_cards_and_quizzes_progress_leads_to_them(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    folders = {"ASSISTANT_NOTES_DIR": str(tmp_path / "notes"), "ASSISTANT_DATA_DIR": str(tmp_path / "data")}
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    with streamlit_app(ROOT / "streamlit_app.py", **folders) as address:
        page = context.new_page()
        Screen(page, address, "en", "phone").open("progress")
        expect(page.get_by_text(say("en", "progress.empty"))).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(0)
        page.get_by_role("link", name=say("en", "progress.to_cards")).click()
        expect(page.get_by_role("heading", name=say("en", "app.cards"), exact=True)).to_be_visible(timeout=SLOW)
        context.close()


def test_every_page_is_in_reach_of_a_short_sidebar(screen: Screen) -> None:
    screen.open("progress")
    if screen.size == "phone":
        screen.page.get_by_test_id("stExpandSidebarButton").click()
    entries = screen.page.get_by_test_id("stSidebarNavLink")
    expect(entries).to_have_count(8)
    expect(screen.page.get_by_test_id("stSidebarNavViewButton")).to_have_count(0)
    entries.filter(has_text=screen.say("app.backlog")).click()
    settled(screen.page)
    if screen.size == "phone":  # where the page lies below the sidebar
        screen.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    for name in ("guide", "backlog", "glossary"):
        row = screen.main().locator(".st-key-siblings-glossary")
        row.get_by_role("link", name=screen.say(f"app.{name}"), exact=False).click()
        expect(screen.page.get_by_role("heading", name=screen.say(f"app.{name}"), exact=True)).to_be_visible(
            timeout=SLOW
        )
        lit = entries.filter(has_text=screen.say("app.backlog"))
        expect(lit).not_to_have_css("background-color", "rgba(0, 0, 0, 0)", timeout=SLOW)
        expect(lit).to_have_attribute("aria-current", "page" if name == "glossary" else "true", timeout=SLOW)
        expect(row.locator("a[aria-current=page]")).to_have_text(re.compile(screen.say(f"app.{name}")), timeout=SLOW)
        expect(row.locator("a[aria-current]")).to_have_count(1)
    entry = screen.page.locator("[data-testid=stSidebarNavLink][aria-current]")
    expect(entry).to_have_count(1)
    screen.open("backlog")
    expect(entry).to_have_attribute("aria-current", "true", timeout=SLOW)
    if screen.size == "phone":
        screen.page.get_by_test_id("stExpandSidebarButton").click()
    entries.filter(has_text=screen.say("app.quiz")).click()
    expect(entries.filter(has_text=screen.say("app.quiz"))).to_have_attribute("aria-current", "page", timeout=SLOW)
    expect(entry).to_have_count(1, timeout=SLOW)
