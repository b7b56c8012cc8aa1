"""Hostile markup in a real browser: it must fetch nothing, run nothing and leave the page alive."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.browser.running import chromium, listener, streamlit_app
from tests.hostile_markup import FETCHING, FREEZING

SCRIPT = """
import json, time
from pathlib import Path
import streamlit as st
from assistant.ui.render import draw, plain, safe_markdown

texts = json.loads(Path("texts.json").read_text(encoding="utf-8"))
way = st.query_params["way"]
if way == "unprotected":
    for text in texts["fetching"]:
        st.markdown(text)
elif way == "whole":
    for text in texts["fetching"]:
        draw(text)
        with st.chat_message("assistant"):
            draw(text, citations=lambda number: f"#cite-a-{number}")
elif way == "streamed":
    for text in texts["fetching"]:
        place = st.empty()
        for end in range(len(text) + 1):
            draw(text[:end], container=place)
            time.sleep(0.003)
elif way == "labels":
    for number, text in enumerate(texts["fetching"]):
        st.button(plain(text), key=f"b{number}", help=plain(text))
        st.error(plain(text))
        st.sidebar.caption(safe_markdown(text))
        st.expander(plain(text), expanded=True).metric(plain(text), "1")
        st.checkbox(plain(text), key=f"c{number}")
        st.toast(plain(text))
        st.tabs([plain(text), "x"])
else:
    draw(texts["freezing"][way])
st.text("EVERYTHING IS DRAWN")
st.button("alive?", on_click=lambda: st.session_state.update(alive=True))
if st.session_state.get("alive"):
    st.text("STILL ALIVE")
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def ear() -> Iterator[tuple[str, list[str]]]:
    with listener() as (host, heard):
        yield host, heard


@pytest.fixture(scope="module")
def app(browser: Browser, ear: tuple[str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("app")
    host = ear[0]
    fetching = [text.replace("LEAK", f"http://{host}/leak?q=1").replace("HOST", host) for text in FETCHING.values()]
    texts = json.dumps({"fetching": fetching, "freezing": FREEZING})
    (folder / "texts.json").write_text(texts, encoding="utf-8")
    script = folder / "page.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with streamlit_app(script) as address:
        yield address


def look_at(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_text("EVERYTHING IS DRAWN").wait_for(timeout=180_000)
    page.wait_for_load_state("networkidle")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    scripts: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        scripts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    yield page
    context.close()
    assert scripts == []


def test_the_listener_would_hear_an_unprotected_page(app: str, ear: tuple[str, list[str]], page: Page) -> None:
    ear[1].clear()
    look_at(page, f"{app}/?way=unprotected")
    for _ in range(100):  # the pictures are fetched after the page says that it is drawn
        if len(ear[1]) >= 3:
            break
        page.wait_for_timeout(100)
    assert len(ear[1]) >= 3  # the browser may ask once for what stands there twice


@pytest.mark.parametrize("way", ["whole", "streamed", "labels"])
def test_no_text_reaches_the_listener(app: str, ear: tuple[str, list[str]], page: Page, way: str) -> None:
    ear[1].clear()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    look_at(page, f"{app}/?way={way}")
    assert ear[1] == []
    assert [url for url in asked if not url.startswith((app, app.replace("http", "ws"), "data:", "blob:"))] == []
    content = page.locator("[data-testid=stMain], [data-testid=stSidebar], [data-testid=stToast]")
    assert content.locator("iframe, object, video, form, meta, link, script, style, img").count() == 0
    hrefs = content.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href') ?? '')")
    assert [href for href in hrefs if not href.lower().startswith(("http://", "https://", "mailto:", "#"))] == []


@pytest.mark.parametrize("name", FREEZING)
def test_the_page_stays_alive(app: str, page: Page, name: str) -> None:
    look_at(page, f"{app}/?way={name}")
    page.get_by_role("button", name="alive?").click(timeout=60_000)
    page.get_by_text("STILL ALIVE").wait_for(timeout=60_000)
