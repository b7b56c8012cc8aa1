"""From a marker to its evidence in a real browser: the words under the pointer, the marked note, the marked page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.running import ROOT, streamlit_app
from tests.browser.test_first_run import SLOW, ask, go, letters, settled
from tests.conftest import write
from tests.documents import pdf

FILLER = "\n\n".join(f"## 第 {number} 节\n\n这里是第 {number} 段无关的话。" for number in range(60))
RATE = "学习率太大时损失会来回震荡甚至发散"
NOTE = f"# 优化笔记\n\n{FILLER}\n\n## 学习率\n\n**{RATE}**。\n\n![示意](./img/图.png)\n\n{FILLER}\n"
PAGES = ["第一页是目录。", "投机解码用一个小模型先起草若干个候选词元，\n再由大模型一次并行验证。\n别的话。", "第三页。"]
MARKED = "[...(CSS.highlights.get('cited') ?? [])].map(range => range.toString())"


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("learner")
    write(folder / "notes", {"优化.md": NOTE, "img/图.png": b""})
    Image.new("RGB", (60, 40), "blue").save(folder / "notes" / "img" / "图.png")
    pdf(folder / "notes" / "讲义.pdf", PAGES, title="推理讲义")
    choices = {"ASSISTANT_NOTES_DIR": str(folder / "notes"), "ASSISTANT_DATA_DIR": str(folder / "data")}
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def first_marker(page: Page, question: str) -> Locator:
    return ask(page, question).locator('a[href^="#cite-"]').first


def marked(page: Page, words: str) -> None:
    """Wait until the browser colours these words."""
    page.wait_for_function(f"words => {MARKED}.join(' ').replace(/\\s/g, '').includes(words)", arg=words, timeout=SLOW)


def test_a_marker_shows_its_quotation_and_opens_the_note_there(app: str, page: Page) -> None:
    go(page, app)
    marker = first_marker(page, "学习率太大会怎样？")
    popup = page.locator(".cite-quote")
    expect(popup).to_have_count(0)
    marker.hover()
    expect(popup).to_contain_text("优化笔记 › 学习率")
    expect(popup).to_contain_text(RATE)
    page.mouse.move(5, 5)
    expect(popup).to_have_count(0)
    marker.focus()
    expect(popup).to_contain_text(RATE)
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    assert RATE in (marker.get_attribute("aria-label") or "")

    page.keyboard.press("Enter")
    evidence, passage = page.locator(".st-key-evidence"), page.locator(".st-key-passage")
    expect(passage).to_be_in_viewport(timeout=SLOW)
    marked(page, RATE)
    picture = passage.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 60
    expect(evidence).to_contain_text("第 20 节")  # the note around it
    expect(page.get_by_role("button", name="✕")).to_be_in_viewport()


def test_sources_are_named_by_title_and_place_and_the_others_have_scores(app: str, page: Page) -> None:
    go(page, app)
    answer = ask(page, "学习率太大会怎样？")
    chips = answer.locator("[class*=st-key-source-] button")
    expect(chips.first).to_have_text("[1] 优化笔记 › 学习率")
    answer.get_by_text("其他检索到的片段").click()
    others = answer.locator("[class*=st-key-sources-others-] button")
    expect(others.first).to_be_visible()
    expect(answer).to_contain_text("0–1，越高越相关")

    scores = [float(re.findall(r"[01]\.\d\d$", text)[0]) for text in others.all_inner_texts()]
    assert scores
    assert scores == sorted(scores, reverse=True)
    others.last.click()
    expect(page.locator(".st-key-passage")).to_be_in_viewport(timeout=SLOW)
    settled(page)
    assert page.evaluate(MARKED) == []


def yellow(picture: Locator) -> int:
    """Count the strongly marked pixels of a picture on the page."""
    return int(
        picture.evaluate(
            """image => {
              const canvas = document.createElement("canvas")
              canvas.width = image.naturalWidth; canvas.height = image.naturalHeight
              const context = canvas.getContext("2d")
              context.drawImage(image, 0, 0)
              const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data
              let count = 0
              for (let at = 0; at < pixels.length; at += 4) count += pixels[at] > 240 && pixels[at + 2] < 110
              return count
            }"""
        )
    )


def test_a_page_of_a_pdf_is_shown_with_the_words_marked_and_can_be_turned(app: str, page: Page) -> None:
    go(page, app)
    marker = first_marker(page, "投机解码怎样起草候选词元？")
    marker.hover()
    expect(page.locator(".cite-quote")).to_contain_text("推理讲义 › 第 2 页")
    marker.click()
    picture = page.locator(".st-key-page-picture img")
    expect(picture).to_be_in_viewport(timeout=SLOW)
    settled(page)
    assert yellow(picture) > 500
    assert letters(PAGES[1])[:12] in letters(page.locator(".st-key-passage").inner_text())
    marked(page, "候选词元")

    page.get_by_role("button", name="▶").click()
    expect(page.get_by_text("第 3 / 3 页")).to_be_visible(timeout=SLOW)
    settled(page)
    assert yellow(picture) == 0
    expect(page.get_by_role("button", name="▶")).to_be_disabled()
    page.get_by_role("button", name="回到第 2 页").click()
    expect(page.get_by_text("第 2 / 3 页")).to_be_visible(timeout=SLOW)


def test_on_a_phone_the_evidence_lies_over_the_chat_and_can_be_closed(app: str, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="en-US", color_scheme="dark", has_touch=True, is_mobile=True
    )
    page = context.new_page()
    go(page, app)
    first_marker(page, "学习率太大会怎样？").tap()
    evidence = page.locator(".st-key-evidence")
    expect(page.locator(".st-key-passage")).to_be_in_viewport(timeout=SLOW)
    settled(page)
    expect(page.locator(".cite-quote")).to_have_count(0)
    box = evidence.bounding_box()
    composer = page.get_by_test_id("stChatInput").bounding_box()
    assert box
    assert composer
    assert box["y"] + box["height"] <= composer["y"]
    assert box["height"] > 400
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="✕").tap()
    expect(evidence).to_have_count(0, timeout=SLOW)
    expect(page.get_by_test_id("stChatInput")).to_be_in_viewport()
    context.close()


def test_the_library_opens_where_the_evidence_leads(app: str, page: Page) -> None:
    go(page, app)
    first_marker(page, "学习率太大会怎样？").click()
    expect(page.locator(".st-key-passage")).to_be_visible(timeout=SLOW)
    settled(page)
    page.get_by_role("button", name="在资料库中打开").click()
    expect(page.get_by_role("heading", name="优化笔记").first).to_be_visible(timeout=SLOW)
