"""The composer: a question, files dropped on it, or both. Files are read before the question is answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from assistant.answers.turn import Turn
from assistant.errors import AssistantError
from assistant.ui import panels
from assistant.ui.render import plain
from assistant.ui.session import assistant, conversation, open_conversation, say, show_passage
from assistant.ui.turn_view import draw_question

FILE_TYPES = ["pdf", "md", "markdown", "txt"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the learner sent: a question, files, or both."""

    question: str
    files: Sequence[UploadedFile] = ()


def draw_composer() -> Asked | None:
    """Draw the input line; return what was sent in this run."""
    count = sum(note.state != "failed" for note in assistant().store.notes())
    hint = say("chat.placeholder", notes=count) if count else say("chat.placeholder_empty")
    sent = st.chat_input(hint, accept_file="multiple", file_type=FILE_TYPES, key="composer")
    if not sent:
        return None
    return Asked(sent.text.strip(), sent.files)


def compose(asked: Asked) -> Turn | None:
    """Take in the files, then save the question, search and start the answer; None when only files were sent."""
    show_passage(None)  # it belongs to an answer before, and on a phone it would stand between question and answer
    if asked.question:
        draw_question(asked.question)
    if asked.files:
        add_files(asked.files)
        _wait_for_sync()
    elif asked.question and not any(note.chunks for note in assistant().store.notes()):
        _wait_for_sync()  # the very first question can come before the first sync has ended
    if not asked.question:
        return None
    app = assistant()
    history = app.conversations.history(conversation() or "")
    id_, turn_id = app.conversations.ask(conversation(), asked.question)
    if conversation() != id_:
        open_conversation(id_)
    with st.spinner(say("chat.thinking")):
        draft = app.engine.prepare(asked.question, history)
    return app.answer(id_, turn_id, draft)


def add_files(files: Sequence[UploadedFile]) -> None:
    """Store uploads and say what became of each; the sync that reads them starts at once."""
    added = []
    for file in files:
        try:
            upload, new = assistant().uploads.add(file.name, file.getvalue())
        except AssistantError as error:
            panels.show_error(error)
            continue
        if new:
            added.append(upload.name)
        else:
            st.info(say("chat.upload_known", name=plain(upload.name)))
    if added:
        st.toast(say("chat.uploaded", names=plain(", ".join(added))))
    assistant().start_sync()


def _wait_for_sync() -> None:
    job = assistant().start_sync()
    place = st.empty()
    while job.state == "running":
        with place.container():
            panels.sync_progress(job)
        time.sleep(0.2)
    place.empty()
    if job.error:
        panels.show_error(job.error)
    for _, error in job.report.failed if job.report else ():
        panels.show_error(error)
