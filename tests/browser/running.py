"""Starts a small Streamlit script and a Chromium that looks at it, both on this machine only."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, Locator, sync_playwright

from assistant.ui.i18n import LANGUAGES, say
from tests.conftest import do_without

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ROOT = Path(__file__).parents[2]


def how_it_came_about(answer: Locator) -> Locator:
    """Return the fold below an answer that is drawn once the answer has ended."""
    names = "|".join(re.escape(say(language, "chat.how")) for language in LANGUAGES)
    return answer.get_by_test_id("stExpander").filter(has_text=re.compile(names))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def streamlit_app(script: Path, *, folder: Path | None = None, **environment: str) -> Iterator[str]:
    """Serve a script and yield its address; ``folder``, if given, is where it runs and what it prints is kept as app.log."""
    with streamlit_process(script, folder=folder, **environment) as (address, _):
        yield address


@contextmanager
def streamlit_process(
    script: Path, *, folder: Path | None = None, **environment: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same with the process that serves, for a test that ends it in its own way."""
    port = free_port()
    options = {
        "server.port": str(port),
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(script),
        *(f"--{name}={value}" for name, value in options.items()),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    log = folder / "app.log" if folder else os.devnull
    with (
        open(log, "wb") as printed,
        subprocess.Popen(
            command, cwd=folder or script.parent, env=environment, stdout=printed, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/_stcore/health", process)
            yield address, process
        finally:
            process.terminate()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"streamlit ended with {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("streamlit did not start")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield the browser of this machine; the test is skipped, or fails, where there is none."""
    if CHROMIUM is None:
        do_without("browser", "no Chromium or Chrome on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """Listen as an attacker would: yield an address and the list of what was asked of it so far."""
    heard: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent: what was heard is in the list."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
