"""What one visitor keeps: language, open conversation, open passage."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.ui import session
from assistant.ui.session import OpenPassage

PASSAGE = OpenPassage("a.md", "A", (), None, (1, 1), (0, 1), "x")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ASSISTANT_NOTES_DIR", str(notes))
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    st.cache_resource.clear()
    yield
    for thread in threading.enumerate():
        if thread.name in ("warm-up", "sync"):
            thread.join(60)
    st.cache_resource.clear()


def visit(script: str) -> AppTest:
    """Run a script as a new visitor, the session's functions at hand; what it shows is text."""
    text = f"import streamlit as st\nfrom assistant.ui.session import *\n{script}"
    screen = AppTest.from_string(text, default_timeout=60).run()
    assert not screen.exception
    return screen


def shown(screen: AppTest) -> list[str]:
    return [text.value for text in screen.text]


def test_what_is_loaded_once_is_not_searched_for_garbage_after_every_run() -> None:
    gc.unfreeze()
    session.assistant()
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join(60)
    loaded = gc.get_freeze_count()
    gc.unfreeze()

    assert loaded > 100_000  # LlamaIndex alone is more


def test_all_visitors_share_the_parts_and_notes_are_read_in_the_background() -> None:
    assert session.assistant() is session.assistant()
    assert shown(visit("st.text(assistant().database.folder.name)")) == ["data"]
    latest = session.assistant().start_sync()
    latest.wait(30)
    assert latest.report is not None
    assert latest.report.notes == 3


def test_a_language_chosen_here_wins_and_is_kept_for_the_next_visitor() -> None:
    first = visit("st.text(language())\nchoose_language('en')\nst.text(language())\nst.text(say('app.chat'))")

    assert shown(first) == ["zh", "en", "Chat"]
    assert shown(visit("st.text(language())")) == ["en"]


def test_another_visitors_later_choice_does_not_change_mine() -> None:
    mine = visit(
        "if recall('been here') is None: choose_language('en')\nremember('been here', True)\nst.text(language())"
    )
    visit("choose_language('zh')")

    assert shown(mine.run()) == ["en"]
    assert shown(visit("st.text(language())")) == ["zh"]


def test_a_language_given_from_outside_is_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_LANGUAGE", "en")
    st.cache_resource.clear()

    assert shown(visit("st.text(language())")) == ["en"]


def test_the_open_conversation_is_in_the_address() -> None:
    script = "open_conversation('abc')\nst.text(st.query_params['c'])\nst.text(conversation())\nopen_conversation(None)\nst.text(conversation())"

    assert shown(visit(script)) == ["abc", "abc", "None"]
    assert "c" not in visit("open_conversation('abc')\nopen_conversation(None)").query_params


def test_another_conversation_closes_the_evidence() -> None:
    script = f"show_passage({PASSAGE!r})\nst.text(open_passage().note)\nopen_conversation('b')\nst.text(open_passage())"

    assert shown(visit(script)) == ["a.md", "None"]


def test_a_passage_is_scrolled_to_once_each_time_it_is_opened() -> None:
    script = (
        "st.text(scroll_to_passage_once())\n"
        f"show_passage({PASSAGE!r})\n"
        "st.text(scroll_to_passage_once())\nst.text(scroll_to_passage_once())\n"
        f"show_passage({PASSAGE!r})\n"
        "st.text(scroll_to_passage_once())\n"
        "show_passage(None)\nst.text(scroll_to_passage_once())"
    )

    assert shown(visit(script)) == ["False", "True", "False", "True", "False"]


def test_a_page_recalls_what_it_kept_and_nothing_else() -> None:
    script = "remember('a', [1])\nst.text(recall('a'))\nst.text(recall('b'))\nopen_library_note('n.md')\nst.text(library_note())"

    assert shown(visit(script)) == ["[1]", "None", "n.md"]
