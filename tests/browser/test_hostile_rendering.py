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
from assistant.ui.render import draw, plain, safe_markdown, visible

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
        st.popover(plain(text), key=f"p{number}").text("x")
        st.radio(plain(text), [plain(text), "x"], captions=[plain(text), "x"], key=f"r{number}")
        st.segmented_control(plain(text), [plain(text), "x"], key=f"s{number}")
        st.progress(0.5, plain(text))
        st.table({plain(text): plain(text)})
        st.selectbox(plain(text), [visible(text), "x"], key=f"o{number}")
        st.text_input(plain(text), visible(text), placeholder=visible(text), key=f"i{number}")
        st.dataframe([{"a": visible(text)}])
        st.code(visible(text), language=None)
        st.bar_chart({"x": [visible(text)], "y": [1]}, x="x", y="y")
elif way == "honest":
    place = st.empty()
    for end in range(len(texts["honest"]) + 1):
        draw(texts["honest"][:end], container=place)
        time.sleep(0.003)
else:
    draw(texts["freezing"][way])
st.text("EVERYTHING IS DRAWN")
st.button("alive?", on_click=lambda: st.session_state.update(alive=True))
if st.session_state.get("alive"):
    st.text("STILL ALIVE")
"""


HONEST = r"""
**重点**。前**“引”**后，~~“旧”~~新：$x^2$、\(n-1\)，价格是 $5 和 $6，￥7。

$$
\frac{a}{b}
$$

\[
a = b
\]

| 甲 | 乙 |
|---|---|
| 1 | $y$ |

```python
print("<b>")
```

```mermaid
graph TD; A-->B
```
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
    texts = json.dumps({"fetching": fetching, "freezing": FREEZING, "honest": HONEST})
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
        if len(ear[1]) > 3:
            break
        page.wait_for_timeout(100)
    assert len(ear[1]) > 3


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


def test_an_honest_answer_that_was_streamed_looks_as_it_was_meant(app: str, page: Page) -> None:
    page.goto(f"{app}/?way=honest")
    flawed: set[str] = set()
    while not page.get_by_text("EVERYTHING IS DRAWN").is_visible():
        flawed.update(page.locator(".katex-error, [data-testid=stMain] :is(b, svg.mermaid)").all_inner_texts())
        page.wait_for_timeout(100)
    page.wait_for_load_state("networkidle")
    answer = page.locator("[data-testid=stMain] [data-testid=stMarkdownContainer]").first

    assert flawed == set()
    assert answer.locator("strong").all_inner_texts() == ["重点", "“引”"]
    assert answer.locator("del").all_inner_texts() == ["“旧”"]
    assert answer.locator(".katex").count() == 5
    assert answer.locator(".katex-display").count() == 2
    assert answer.locator("table").count() == 1
    assert page.locator("[data-testid=stMain] pre").count() == 2
    assert "价格是 $5 和 $6，￥7。" in answer.inner_text()
    assert "graph TD; A-->B" in page.locator("[data-testid=stMain]").inner_text()
