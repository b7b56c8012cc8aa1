"""Citation markers in a real browser: a click or the Enter key tells Python, once, and stays in the same tab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import chromium, streamlit_app

SCRIPT = """
import time
import streamlit as st
from assistant.ui.citation_links import citation_anchors, citation_clicks, scroll_into_view
from assistant.ui.render import draw

clicks = st.session_state.setdefault("clicks", [])
remarks = {"a-1-1": {"where": "[1] Title > Heading", "said": ["the quote"], "together": ["the quote"]}}
if clicked := citation_clicks(remarks):
    clicks.append((clicked.answer, clicked.number))
answer = "First [1], second [2], invented [7]."
place = st.empty()
for end in range(0, len(answer) + 1, 6):
    draw(answer[:end], citations=citation_anchors("a-1", [1, 2]), container=place)
    time.sleep(0.02)
draw(answer, citations=citation_anchors("a-1", [1, 2]), container=place)
draw("# cite a-1 2")
st.text("clicks: " + " ".join(f"{answer}/{number}" for answer, number in clicks) + ".")
st.button("run again")
for line in range(60):
    st.text(f"line {line}")
if clicks:
    st.container(key="passage").text("THE PASSAGE")
    scroll_into_view("passage", str(len(clicks)))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    script: Path = tmp_path_factory.mktemp("app") / "page.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with chromium() as browser, streamlit_app(script) as address:
        page = browser.new_context().new_page()
        page.goto(address)
        yield page


def test_markers_answer_to_mouse_and_keyboard_once_each(page: Page) -> None:
    first = page.locator('a[href="#cite-a-1-1"]')
    second = page.get_by_role("link", name="[2]")
    first.click(timeout=60_000)
    expect(page.get_by_text("clicks: a-1/1.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("THE PASSAGE")).to_be_in_viewport(timeout=20_000)
    first.click()
    expect(page.get_by_text("clicks: a-1/1 a-1/1.")).to_have_count(1, timeout=20_000)
    second.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("clicks: a-1/1 a-1/1 a-1/2.")).to_have_count(1, timeout=20_000)
    page.get_by_role("button", name="run again").click()
    second.click(modifiers=["Control"])
    expect(page.get_by_text("clicks: a-1/1 a-1/1 a-1/2 a-1/2.")).to_have_count(1, timeout=20_000)
    second.click(button="middle")
    expect(page.get_by_text("clicks: a-1/1 a-1/1 a-1/2 a-1/2 a-1/2.")).to_have_count(1, timeout=20_000)
    assert len(page.context.pages) == 1
    assert "#" not in page.url


def test_a_run_without_a_new_click_leaves_the_page_where_it_is(page: Page) -> None:
    page.get_by_role("button", name="run again").scroll_into_view_if_needed()
    page.get_by_role("button", name="run again").click()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("THE PASSAGE")).not_to_be_in_viewport()


def test_an_invented_marker_and_a_heading_of_that_name_are_no_citations(page: Page) -> None:
    before = page.get_by_text("clicks:").inner_text()
    expect(page.get_by_role("link", name="[7]")).to_have_count(0)
    anchor = page.get_by_role("link", name="Link to heading")
    assert anchor.get_attribute("href") == "#cite-a-1-2"
    anchor.dispatch_event("click")
    page.get_by_role("button", name="run again").click()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=20_000)
    assert page.get_by_text("clicks:").inner_text() == before


def test_the_listening_component_takes_no_room(page: Page) -> None:
    parts = page.locator("[data-testid=stElementContainer]").filter(
        has=page.locator("[data-testid=stBidiComponentIsolated]")
    )
    expect(parts).to_have_count(2)
    expect(parts.first).to_be_hidden()
    expect(parts.last).to_be_hidden()


def test_a_click_before_the_script_listened_is_answered_once_it_does(page: Page) -> None:
    early = page.context.new_page()
    early.goto(f"{page.url.partition('#')[0]}#cite-a-1-2")  # where the browser's own answer to such a click leads
    expect(early.get_by_text("clicks: a-1/2.")).to_have_count(1, timeout=60_000)
    early.get_by_role("button", name="run again").click()
    expect(early.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=20_000)
    expect(early.get_by_text("clicks: a-1/2.")).to_have_count(1)
    assert "#" not in early.url
    early.close()
