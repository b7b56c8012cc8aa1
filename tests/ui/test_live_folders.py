"""What the library and settings pages show of folders that live: a rest, a price that waits, and how folders are watched."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.connections import Choice
from assistant.knowledge.unfinished import Unfinished
from assistant.ui.i18n import say
from assistant.ui.money_text import grouped
from tests.conftest import write
from tests.ui.screens import ROOT, Open, shared


def infos(screen: AppTest) -> list[str]:
    return [one.value for one in screen.info]


def test_what_a_paused_sync_left_is_shown_after_a_restart_and_goes_on_by_a_click(open_page: Open, notes: Path) -> None:
    open_page("library")
    shared().live.follow(False)
    write(notes, {"new.md": "# New\n\nText.\n"})
    unfinished = Unfinished(shared().database)
    unfinished.begin(5000)
    for _ in range(4883):
        unfinished.step()
    unfinished.pause()
    st.cache_resource.clear()

    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    screen.switch_page("assistant/ui/pages/library.py").run()
    assert not screen.exception
    assert say("zh", "library.rest", left="117", total=grouped(5000)) in infos(screen)
    screen.button(key="resume-job").click().run()
    latest = shared().jobs.latest
    assert latest is not None
    latest.wait(30)
    screen.run()

    assert not screen.exception
    assert infos(screen) == []
    assert "new.md" in list(screen.dataframe[0].value["note"])


def test_a_rest_can_be_forgotten(open_page: Open) -> None:
    screen = open_page("library")
    Unfinished(shared().database).begin(7)
    screen.run()
    assert say("zh", "library.rest", left="7", total="7") in infos(screen)
    screen.button(key="forget-rest").click().run()

    assert infos(screen) == []


def test_a_change_that_costs_is_said_with_its_price(open_page: Open, notes: Path) -> None:
    open_page("library")
    shared().live.follow(False)
    shared().preferences.choose("embedding", Choice("dashscope", "text-embedding-v4").as_json())
    st.cache_resource.clear()
    write(notes, {"new.md": "# New\n\nText.\n"})
    shared().live.look()

    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    screen.switch_page("assistant/ui/pages/library.py").run()
    assert not screen.exception
    (line,) = [text for text in infos(screen) if "dashscope" in text]
    assert "¥" in line
    assert shared().ledger.entries() == []


def test_watching_is_switched_off_and_on_in_the_settings(open_page: Open) -> None:
    screen = open_page("settings")
    assert screen.toggle(key="watch-folders").value
    screen.toggle(key="watch-folders").set_value(False).run()
    assert not screen.exception
    assert not shared().watches
    assert not shared().live.watching
    screen.toggle(key="watch-folders").set_value(True).run()

    assert shared().watches
    assert shared().live.watching
