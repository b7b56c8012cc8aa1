"""The composer: a question, files dropped on it, or both. Files are read before the question is answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from assistant.answers.turn import Turn
from assistant.errors import AssistantError
from assistant.knowledge.stored import UPLOADS
from assistant.knowledge.uploads import Upload
from assistant.ui import panels
from assistant.ui.render import plain
from assistant.ui.session import (
    add_notice,
    assistant,
    conversation,
    language,
    open_conversation,
    say,
    show_passage,
)
from assistant.ui.turn_view import draw_question

FILE_TYPES = ["pdf", "md", "markdown", "txt"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the learner sent: a question, files, or both."""

    question: str
    files: Sequence[UploadedFile] = ()


def draw_composer() -> Asked | None:
    """Draw the input line; return what was sent in this run."""
    sent = st.chat_input(_hint(), accept_file="multiple", file_type=FILE_TYPES, key="composer")
    if not sent:
        return None
    return Asked(sent.text.strip(), sent.files)


def _hint() -> str:
    count = sum(note.state != "failed" for note in assistant().store.notes())
    if count:
        return say("chat.placeholder", notes=count)
    return say("library.starting") if assistant().jobs.running else say("chat.placeholder_empty")


def compose(asked: Asked) -> Turn | None:
    """Save the question, take in the files, search and start the answer; None when only files were sent."""
    show_passage(None)  # it belongs to an answer before, and on a phone it would stand between question and answer
    app = assistant()
    history = app.conversations.history(conversation() or "")
    turn_id = 0
    if asked.question:
        draw_question(asked.question)
        id_, turn_id = app.conversations.ask(conversation(), asked.question)
        if conversation() != id_:
            open_conversation(id_)
    if asked.files:
        added = add_files(asked.files)
        _wait_for_sync(added)
    elif not any(note.chunks for note in app.store.notes()):
        _wait_for_sync([])  # the very first question can come before the first sync has ended
    if not asked.question:
        return None
    with st.spinner(say("chat.thinking")):
        draft = app.engine.prepare(asked.question, history)
    if app.ask_first.applies_to(draft):
        app.drafts.hold(conversation() or "", turn_id, draft)
        return None
    return app.answer(conversation() or "", turn_id, draft)


def add_files(files: Sequence[UploadedFile]) -> list[Upload]:
    """Store uploads, note what became of each, and start the sync that reads them; return the new ones."""
    added = []
    for file in files:
        try:
            upload, new = assistant().uploads.add(file.name, file.getvalue())
        except AssistantError as error:
            add_notice("error", f"{plain(error.message(language()))} {plain(error.hint(language()))}")
            continue
        if new:
            added.append(upload)
        else:
            add_notice("info", say("chat.upload_known", name=plain(file.name), known=plain(upload.name)))
    if added:
        add_notice("success", say("chat.uploaded", names=plain(", ".join(upload.name for upload in added))))
    assistant().start_sync()
    return added


def _wait_for_sync(added: Sequence[Upload]) -> None:
    job = assistant().start_sync()
    place = st.empty()
    while job.state == "running":
        with place.container():
            panels.sync_progress(job)
        time.sleep(0.2)
    place.empty()
    if job.error:
        panels.show_error(job.error)
    names = {upload.file_name for upload in added}
    for note in assistant().store.notes():  # of all that cannot be read, only what was added just now
        if note.error and note.place.root == UPLOADS and note.place.file in names:
            add_notice("error", f"{plain(note.error.message(language()))} {plain(note.error.hint(language()))}")
