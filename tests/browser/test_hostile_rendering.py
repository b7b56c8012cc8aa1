"""Hostile markup in a real browser: it must fetch nothing, run nothing and leave the page alive."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.running import listener, streamlit_app
from tests.hostile_markup import FETCHING, FREEZING

MARKER = re.compile(r"^\[1\]$")
SCRIPT = """
import json, time
from pathlib import Path
import streamlit as st
from assistant.answers.conversations import SavedTurn
from assistant.ui.citation_links import citation_clicks, mark_quotes
from assistant.ui.note_window import window_of
from assistant.ui.passage_panel import draw_window, place_of
from assistant.ui.render import draw, plain, safe_markdown, visible
from assistant.ui.sources import draw_sources, passage_of, remarks_of

# What the panel, the chips and the markers show of a passage whose every part is hostile.
def evidence(text):
    turn = cited(text)
    citation_clicks(remarks_of([turn]))
    draw("Read this [1].", citations=lambda number: f"#cite-7-{number}")
    draw_sources(turn)
    whole = f"{text}\\n\\n{text}\\n\\n{text}"
    draw_window(window_of(whole, len(text) + 2, 2 * len(text) + 2), None)
    st.caption(place_of(passage_of(turn, 1)))
    mark_quotes("passage", [text])


def cited(text):
    match = {"note": text, "title": text, "heading": [text], "page": None, "lines": [1, 2], "chars": [0, 9], "text": text,
             "score": 0.5, "scores": {"vector": None, "keyword": 0.5}}
    citation = {"marker": 1, "quote": text, "verified": True}
    record = {"matches": [match, match], "citations": [citation], "relevant": True}
    return SavedTurn(7, "?", "Read this [1].", "complete", record, "now")


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
elif way == "evidence":
    number = st.session_state.setdefault("number", 0)
    st.button("next", on_click=lambda: st.session_state.update(number=number + 1))
    evidence(texts["fetching"][number])
    st.text(f"text {number} is drawn.")
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
        if len(ear[1]) >= 3:
            break
        page.wait_for_timeout(100)
    assert len(ear[1]) >= 3  # the browser may ask once for what stands there twice


@pytest.mark.case(32, 33, 34, 35, 36)
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


@pytest.mark.case(34)
def test_the_evidence_of_a_hostile_passage_fetches_nothing_and_is_only_text(
    app: str, ear: tuple[str, list[str]], page: Page
) -> None:
    ear[1].clear()
    look_at(page, f"{app}/?way=evidence")
    popup = page.locator(".cite-quote")
    for number in range(len(FETCHING)):
        page.get_by_text(f"text {number} is drawn.").wait_for(timeout=60_000)
        expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=60_000)
        page.mouse.move(1, 1)
        page.locator('a[href="#cite-7-1"]').filter(has_text=MARKER).hover()
        expect(popup).to_contain_text("[1]")
        assert popup.locator("*").evaluate_all("parts => parts.map(part => part.localName)") == ["b", "div"]
        content = page.locator("[data-testid=stMain], .cite-quote")
        assert content.locator("iframe, object, video, form, meta, link, script, style, img").count() == 0
        if number + 1 < len(FETCHING):
            page.get_by_role("button", name="next").click()
    assert ear[1] == []


@pytest.mark.case(38)
@pytest.mark.parametrize("name", FREEZING)
def test_the_page_stays_alive(app: str, page: Page, name: str) -> None:
    look_at(page, f"{app}/?way={name}")
    page.get_by_role("button", name="alive?").click(timeout=60_000)
    page.get_by_text("STILL ALIVE").wait_for(timeout=60_000)


@pytest.mark.case(39)
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
