"""What the learner waits for on screen: the draft drawn anew after a passage is dropped, and the server's slot after Stop.

Real Chromium, the app as a process of its own. Times come from the browser's own clock and its record of the WebSocket;
CPU is the app's whole process, so that nothing which a redraw sets off is left out.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import CDPSession, Page
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tables import markdown_table, write_result

from assistant.bootstrap import open_assistant
from assistant.settings import Settings

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the servers and the browser of the tests

from tests.browser.running import chromium, streamlit_app  # noqa: E402
from tests.servers.llama_cpp import Server, Serving, llama_server  # noqa: E402
from tests.servers.tiny_models import tiny_model  # noqa: E402

KEY = "sk-local"
DROPS = 30
STOPS = 10
QUESTION = "RAG 怎么切块？"
FORMER = "检索增强生成先把笔记切成片段，再为每个片段算出向量；提问时取最相近的片段放进提示里。"
# Runs in the page: from the next release of the mouse until the draft's headline has another text, in milliseconds.
WATCH = """() => {
    const headline = () => document.querySelector('.st-key-draft p').innerText;
    const before = headline();
    let released = 0;
    document.addEventListener('pointerup', () => { released = performance.now(); }, {capture: true, once: true});
    window.redrawn = new Promise(done => {
        const look = () => headline() === before ? requestAnimationFrame(look) : done(performance.now() - released);
        look();
    });
}"""

Row = dict[str, object]


class Wire:
    """Listens to the WebSocket between page and app: when the last press left, and when its script run had ended."""

    def __init__(self, session: CDPSession) -> None:
        self.sent = self.ended = 0.0
        session.on("Network.webSocketFrameSent", self._note_sent)
        session.on("Network.webSocketFrameReceived", self._note_received)
        session.send("Network.enable")

    def _note_sent(self, event: dict[str, Any]) -> None:
        self.sent = event["timestamp"]

    def _note_received(self, event: dict[str, Any]) -> None:
        message = ForwardMsg()
        message.ParseFromString(base64.b64decode(event["response"]["payloadData"]))
        if message.WhichOneof("type") == "script_finished":
            self.ended = event["timestamp"]


def long_conversation(folder: Path) -> str:
    """Read the sample notes and write a conversation whose turns fill a prompt; return its id."""
    app = open_assistant(Settings(notes=(ROOT / "notes",), data=folder))
    app.sync().run()
    id_: str | None = None
    for number in range(6):
        id_, turn = app.conversations.ask(id_, f"第 {number + 1} 个问题：{QUESTION}")
        app.conversations.save(turn, FORMER * 26, "complete", {})
    app.database.close()
    return str(id_)


@contextmanager
def page_of(folder: Path, **choices: str) -> Iterator[tuple[Page, str, psutil.Process]]:
    """Open the app in Chromium; yield the page, the app's address and its process."""
    settings = {"ASSISTANT_NOTES_DIR": str(ROOT / "notes"), "ASSISTANT_DATA_DIR": str(folder), **choices}
    before = set(psutil.Process().children())
    with streamlit_app(ROOT / "streamlit_app.py", **settings) as address:
        (process,) = set(psutil.Process().children()) - before
        with chromium() as browser:
            yield browser.new_page(viewport={"width": 1280, "height": 900}), address, process


def draft_of(page: Page, address: str) -> None:
    """Ask, and wait for the draft."""
    page.goto(address)
    composer = page.get_by_test_id("stChatInput").locator("textarea:enabled")
    composer.wait_for(timeout=60_000)
    composer.fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".st-key-draft").wait_for(timeout=60_000)
    at_rest(page)


def at_rest(page: Page) -> None:
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)


def redraws(folder: Path) -> Iterator[Row]:
    """Drop a passage of a long draft and take it back, again and again."""
    conversation = long_conversation(folder)
    with page_of(folder, ASSISTANT_PROVIDER="dashscope", ASSISTANT_MODEL="qwen-plus") as (page, address, process):
        wire = Wire(page.context.new_cdp_session(page))
        draft_of(page, f"{address}/?c={conversation}")
        headline = page.locator(".st-key-draft p").first.inner_text()
        boxes = page.locator(".st-key-draft [data-testid=stCheckbox] label")
        page.wait_for_timeout(3_000)  # the app has loaded all that it loads in the background
        screen, server = [], []
        cpu, started = cpu_seconds(process), time.monotonic()
        for drop in range(DROPS):
            page.evaluate(WATCH)
            boxes.nth(drop // 2 % boxes.count()).click()
            screen.append(float(page.evaluate("window.redrawn")))
            at_rest(page)
            page.wait_for_timeout(50)
            server.append(1000 * (wire.ended - wire.sent))
        cpu, seconds = cpu_seconds(process) - cpu, time.monotonic() - started
        idle = cpu_seconds(process)
        page.wait_for_timeout(3_000)
        idle = (cpu_seconds(process) - idle) / 3
    yield row("draft: " + headline)
    yield row(f"passage dropped or taken back, {DROPS} times: press to new headline on screen", screen)
    yield row("of it the app: press received to script run ended", server)
    yield row("CPU of the app for one redraw", [1000 * (cpu - idle * seconds) / DROPS])


def stops(folder: Path, server: Server) -> Iterator[Row]:
    """Stop answers of a real llama.cpp server and watch its slot."""
    milliseconds = []
    choices = {
        "ASSISTANT_PROVIDER": "custom",
        "ASSISTANT_MODEL": server.serving.name,
        "ASSISTANT_BASE_URL": server.base_url,
        "ASSISTANT_API_KEY": KEY,
    }
    with page_of(folder, **choices) as (page, address, _):
        for _ in range(STOPS):
            draft_of(page, address)
            page.locator("[class*=st-key-send-] button").click()
            page.get_by_text("▌").wait_for(timeout=60_000)
            assert busy(server)
            started = time.monotonic()
            page.locator("[class*=st-key-stop-] button").click(no_wait_after=True)
            while busy(server):
                time.sleep(0.002)
            milliseconds.append(1000 * (time.monotonic() - started))
            at_rest(page)
    yield row(f"Stop pressed to slot free at llama.cpp's server, {STOPS} times", milliseconds)


def busy(server: Server) -> bool:
    request = urllib.request.Request(f"{server.address}/slots", headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return any(slot["is_processing"] for slot in json.load(reply))


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def row(what: str, milliseconds: list[float] | None = None) -> Row:
    if not milliseconds:
        return {"what": what, "ms p50": "", "ms p95": "", "ms worst": ""}
    ordered = sorted(milliseconds)
    if len(ordered) == 1:
        return {"what": what, "ms p50": f"{ordered[0]:.0f} (mean)", "ms p95": "", "ms worst": ""}
    p50, p95 = (ordered[int(share * len(ordered))] for share in (0.5, 0.95))
    return {"what": what, "ms p50": f"{p50:.0f}", "ms p95": f"{p95:.0f}", "ms worst": f"{ordered[-1]:.0f}"}


def main() -> None:
    for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        del os.environ[name]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        rows += redraws(Path(folder))
    serving = Serving("tiny-chat", KEY, most_answer=4_000)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        llama_server(tiny_model("chat"), serving) as server,
    ):
        rows += stops(Path(folder), server)
    write_result("screen", "bench/screen.py", markdown_table(rows))


if __name__ == "__main__":
    main()
