"""Opens pages of the whole app as scripts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.bootstrap import Assistant
from tests.ui.screens import ROOT, Open, shared


@pytest.fixture
def open_page(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of the whole app, its notes read."""
    monkeypatch.chdir(tmp_path)  # where the default notes folder is
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    st.cache_resource.clear()

    opened: list[Assistant] = []

    def open_page(page: str = "chat", **address: str) -> AppTest:
        opened.append(shared())
        opened[-1].start_sync().wait(30)
        screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        screen.query_params.update(address)
        screen.switch_page(f"assistant/ui/pages/{page}.py")
        return screen.run()

    yield open_page
    for app in opened:
        app.live.follow(False)
    for thread in threading.enumerate():
        if thread.name in ("warm-up", "sync"):
            thread.join(60)
    st.cache_resource.clear()
