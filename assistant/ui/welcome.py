"""The empty chat: what this is, and three questions to click that the notes can answer."""

from __future__ import annotations

import re

import streamlit as st

from assistant.answers.topics import topic_of
from assistant.knowledge.chunks import Chunk
from assistant.ui import panels
from assistant.ui.composer import Asked
from assistant.ui.render import plain
from assistant.ui.session import assistant, catalog, language, recall, remember, say

SUGGESTIONS = 3
_TERM = re.compile(r"[A-Za-z]{2,}")
_QUESTION = {"zh": "什么是 {topic}？", "en": "What do my notes say about {topic}?"}


def draw_welcome() -> Asked | None:
    """Draw the greeting; return the suggestion that was clicked."""
    st.header(say("chat.welcome"))
    st.caption(about_the_model())
    reading = assistant().jobs.running  # looked at before the notes: it may end in between
    topics = _topics()
    if reading and len(topics) < SUGGESTIONS:
        remember("awaiting notes", True)
    if not topics or recall("awaiting notes"):
        _await_notes()
    if not topics:
        if not assistant().jobs.running and not assistant().store.notes():
            st.info(say("library.empty"), icon="🌱")
        return None
    st.markdown(say("chat.suggestions"))
    for number, topic in enumerate(topics):
        question = _question(topic)
        if st.button(question, key=f"suggestion-{number}", icon="💡"):
            return Asked(question)
    return None


def about_the_model() -> str:
    """Say who answers, and what leaves this machine for it."""
    app = assistant()
    choice = app.chat_choice
    if catalog().provider(choice.provider).kind == "offline":
        return say("chat.about_offline")
    who = say("chat.about_model", model=plain(f"{choice.provider} / {choice.model}"))
    before = say(f"chat.about_{app.ask_first.rule}")
    return who + ("" if language() == "zh" else " ") + before


@st.fragment(run_every=0.5)
def _await_notes() -> None:
    """On the very first start the notes are still being read: show it, and draw the page again when all of them are."""
    job = assistant().jobs.latest
    if job and job.state == "running":
        panels.sync_progress(job)
        remember("awaiting notes", True)
    elif recall("awaiting notes"):
        remember("awaiting notes", False)
        st.rerun()


def _topics() -> list[str]:
    """Choose one telling heading from each of a few notes: of a long section, best with a term of the trade in it."""
    store = assistant().store
    notes = [note for note in store.notes() if note.chunks]
    step = max(1, len(notes) // SUGGESTIONS)
    topics: list[str] = []
    for note in [note for offset in range(step) for note in notes[offset::step]]:  # spread over the library
        sections = sorted(store.chunks_of(note.place.path), key=lambda chunk: -chunk.piece.tokens)
        names = [name for chunk in sections if (name := _topic(chunk))]
        topic = next((name for name in names if _fits(name)), names[0] if names else None)
        if topic and topic not in topics and _answerable(topic):
            topics.append(topic)
        if len(topics) == SUGGESTIONS:
            break
    return topics


def _answerable(topic: str) -> bool:
    """Tell whether the notes answer a suggestion; no embedding model is asked, for nobody has asked this yet."""
    return assistant().search.find(_question(topic), 1, by_vectors=False).relevant


def _question(topic: str) -> str:
    return _QUESTION[language()].replace("{topic}", topic)


def _fits(name: str) -> bool:
    """Prefer a term of the trade, and for an English question one without Chinese around it."""
    return bool(_TERM.search(name)) and (language() == "zh" or name.isascii())


def _topic(chunk: Chunk) -> str | None:
    return topic_of(chunk.piece.heading[-1]) if chunk.piece.heading else None
