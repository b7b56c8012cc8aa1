"""Typed access to session state and to the parts that all sessions share; the only file that names either."""

from __future__ import annotations

import gc
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from assistant.bootstrap import Assistant, open_assistant
from assistant.connections import Choice
from assistant.errors import AssistantError, Language
from assistant.providers.catalog import Catalog
from assistant.ui.i18n import language_of_locale
from assistant.ui.i18n import say as _say

Notice = Literal["info", "success", "error"]


@dataclass(frozen=True, slots=True)
class OpenPassage:
    """The passage that the evidence panel shows: a stretch of a note, as it was when it was cited."""

    note: str
    title: str
    heading: tuple[str, ...]
    page: int | None
    lines: tuple[int, int]
    chars: tuple[int, int]
    text: str
    kind: str = ""
    claims: tuple[str, ...] = ()  # what the answer says with it: its quotations, or its own words
    also: tuple[str, ...] = ()  # other notes in which the same text stands


@st.cache_resource(show_spinner=False)
def assistant() -> Assistant:
    """Return the parts of this process; the first call opens the data folder and starts warming up in the background."""
    from assistant.settings import read_settings

    opened = open_assistant(read_settings())
    opened.database.backups.keep_up()
    opened.conversations.close_interrupted()
    opened.conversations.empty_trash(datetime.now(UTC))
    threading.Thread(target=_warm_up, args=(opened,), name="warm-up", daemon=True).start()
    return opened


def reopen() -> None:
    """Let go of all parts, so that the next access opens the data folder anew; what this session had open is forgotten."""
    assistant.clear()
    for name in [name for name in st.session_state if str(name).startswith("page:") or name in ("passage", "quiz")]:
        del st.session_state[name]
    st.session_state.pop("conversation", None)
    st.query_params.clear()


def back_up_in_use() -> None:
    """Have a backup made in the background whenever half an hour of use lies behind the last; costs nothing otherwise."""
    assistant().database.backups.keep_up()


def data_folder() -> Path:
    """Return the data folder that was given, whether it can be opened or not."""
    from assistant.settings import read_settings

    return read_settings().data


def now() -> datetime:
    """Return the present moment in the learner's own time zone: the browser's, else this machine's."""
    name = st.context.timezone
    try:
        return datetime.now(ZoneInfo(name)) if name else datetime.now().astimezone()
    except (ZoneInfoNotFoundError, ValueError):  # the browser's word for its zone is a word from outside
        return datetime.now().astimezone()


def catalog() -> Catalog:
    """Return the models and prices of this process: those that ship with the app, and the learner's own."""
    return assistant().connections.catalog


def _warm_up(opened: Assistant) -> None:
    """Do what costs nothing but time: read the notes, then load LlamaIndex, so that no page has to wait for either."""
    opened.follow_folders()  # before the look: nothing that changes in between is missed
    opened.live.look()
    opened.index.refresh()
    _ = opened.engine
    opened.conversation_search.refresh()
    _spare_the_collector()


def _spare_the_collector() -> None:
    """Take what is loaded by now out of garbage collection, once.

    Streamlit collects after every script run; over LlamaIndex's modules that measured 180 ms, four times the run itself.
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


def embedding_choice(opened: Assistant) -> Choice:
    """Return the embedding model in use, as chosen in the app or given from outside."""
    return opened.embedding_choice


def sync_is_free(opened: Assistant) -> bool:
    """Tell whether reading notes costs nothing; an unknown price may be any, and must not be run into unasked."""
    return opened.sync_is_free


def language() -> Language:
    """Return the language of this session: chosen here, else kept, else the browser's."""
    chosen: Language | None = st.session_state.get("language")
    return chosen or assistant().settings.language or language_of_locale(st.context.locale)


def language_without_data() -> Language:
    """Return the language of this session also where the data folder, and with it what was kept, cannot be opened."""
    from assistant.settings import read_settings

    try:
        return language()
    except AssistantError:
        pass
    chosen: Language | None = st.session_state.get("language")
    try:
        return chosen or read_settings().language or language_of_locale(st.context.locale)
    except AssistantError:
        return chosen or language_of_locale(st.context.locale)


def choose_language(chosen: Language) -> None:
    """Switch the language of this session and keep the choice."""
    st.session_state["language"] = chosen
    assistant().preferences.choose("language", chosen)


def say(text: str, /, **values: object) -> str:
    """Return a text of the catalogue in this session's language."""
    return _say(language(), text, **values)


def open_passage() -> OpenPassage | None:
    """Return the passage that the evidence panel shows, if it is open."""
    return st.session_state.get("passage")


def show_passage(passage: OpenPassage | None) -> None:
    """Open the evidence panel on a passage, or close it."""
    st.session_state["passage"] = passage
    st.session_state["passage_shown"] = False


def scroll_to_passage_once() -> bool:
    """Say whether the open passage is new on screen, and has to be scrolled to; True once for each."""
    new = st.session_state.get("passage") is not None and not st.session_state.get("passage_shown", True)
    st.session_state["passage_shown"] = True
    return new


def conversation() -> str | None:
    """Return the id of the open conversation; it is in the address, so that a reload comes back to it.

    Going to another page and back drops the address: then the session still knows.
    """
    if "c" not in st.query_params and st.session_state.get("conversation"):
        st.query_params["c"] = st.session_state["conversation"]
    st.session_state["conversation"] = st.query_params.get("c")
    return st.query_params.get("c")


def open_conversation(id_: str | None) -> None:
    """Open a conversation, or a new one for None; the evidence panel closes."""
    if id_ is None:
        st.query_params.pop("c", None)
    else:
        st.query_params["c"] = id_
    st.session_state["conversation"] = id_
    st.session_state["passage"] = None


def library_note() -> str | None:
    """Return the note that the library page has open; it is in the address as well."""
    if st.session_state.get("library_note") and "note" not in st.query_params:
        st.query_params["note"] = st.session_state["library_note"]
    return st.query_params.get("note")


def open_library_note(path: str | None) -> None:
    """Open a note on the library page, or close it."""
    st.session_state["library_note"] = path
    if path is None:
        st.query_params.pop("note", None)


def quiz_attempt() -> str | None:
    """Return the quiz that is being answered; it is in the address, so that a reload comes back to it."""
    if st.session_state.get("quiz") and "q" not in st.query_params:
        st.query_params["q"] = st.session_state["quiz"]
    return st.query_params.get("q")


def open_quiz(attempt: str | None) -> None:
    """Open a quiz on its page, or close it."""
    st.session_state["quiz"] = attempt
    st.session_state["passage"] = None
    if attempt is None:
        st.query_params.pop("q", None)
    else:
        st.query_params["q"] = attempt


def add_notice(level: Notice, text: str) -> None:
    """Keep a line for the learner that must survive the rerun after it; the text is escaped already."""
    st.session_state.setdefault("notices", []).append((level, text))


def take_notices() -> list[tuple[Notice, str]]:
    """Return the lines that wait to be shown, once."""
    waiting: list[tuple[Notice, str]] = st.session_state.pop("notices", [])
    return waiting


def remember(name: str, value: Any) -> None:
    """Keep a value of a page over its reruns."""
    st.session_state[f"page:{name}"] = value


def set_widget(key: str, value: Any) -> None:
    """Set what a widget that is not drawn yet will show, whatever this session left in it before."""
    st.session_state[key] = value


def widget_value(key: str) -> Any:
    """Return what a widget holds; for callbacks, which run before the page is drawn."""
    return st.session_state.get(key)


def recall(name: str) -> Any:
    """Return a value that a page kept, or None."""
    return st.session_state.get(f"page:{name}")
