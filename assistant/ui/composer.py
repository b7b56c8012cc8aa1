"""The composer: a question, files dropped on it, or both. Files are read before the question is answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from assistant.answers.conversations import SavedTurn
from assistant.answers.prompt import Exchange
from assistant.answers.turn import Turn
from assistant.errors import AssistantError
from assistant.knowledge.stored import UPLOADS
from assistant.knowledge.uploads import Upload
from assistant.ui import panels
from assistant.ui.draft_view import give_way, hold
from assistant.ui.render import plain
from assistant.ui.session import (
    add_notice,
    assistant,
    conversation,
    language,
    open_conversation,
    say,
    show_passage,
    sync_is_free,
)
from assistant.ui.standing import draw_standing_cost
from assistant.ui.turn_view import draw_question

FILE_TYPES = ["pdf", "md", "markdown", "txt"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the learner sent: a question, files, or both."""

    question: str
    files: Sequence[UploadedFile] = ()


def draw_composer(running: Turn | None, *, price_next: bool = True) -> Asked | None:
    """Draw the input line, closed while an answer runs, which can be stopped there; return what was sent in this run.

    ``price_next``: say what the next question will cost; beside a draft that waits, a second price would only confuse.
    """
    if running:
        # Here it stays in place while the answer grows; and a callback is run before anything of the page is drawn.
        st.bottom.button(say("chat.stop"), key=f"stop-{running.id}", icon="⏹️", on_click=running.cancel)
    elif price_next:
        draw_standing_cost()
    sent = st.chat_input(
        _hint(), accept_file="multiple", file_type=FILE_TYPES, key="composer", disabled=running is not None
    )
    if not sent:
        return None
    return Asked(sent.text.strip(), sent.files)


def _hint() -> str:
    count = sum(note.state != "failed" for note in assistant().store.notes())
    if count:
        return say("chat.placeholder", notes=count)
    return say("library.starting") if assistant().jobs.running else say("chat.placeholder_empty")


def compose(asked: Asked) -> None:
    """Save the question, take in the files, search, and start the answer or have its draft wait."""
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
        _wait_for_sync(add_files(asked.files))
    elif not any(note.chunks for note in app.store.notes()):
        _wait_for_sync([])  # the very first question can come before the first sync has ended
    if asked.question:
        _prepare(turn_id, asked.question, history)


def ask_again(turn: SavedTurn, *, newest: bool) -> None:
    """Ask a question again: the last one in its own place, beside what it got of an answer; another as a new one."""
    if not newest:
        compose(Asked(turn.question))
    elif turn.answer:
        answer_anew(turn, turn.question)
    else:
        _prepare(turn.id, turn.question, assistant().conversations.history(conversation() or ""))


def answer_anew(turn: SavedTurn, question: str) -> None:
    """Have a question, the same or an edited one, answered as another version of a turn; the former version stays."""
    show_passage(None)
    saved = assistant().conversations
    id_, turn_id = saved.ask(conversation(), question, instead_of=turn.id)
    _prepare(turn_id, question, saved.history(id_))


def _prepare(turn_id: int, question: str, history: Sequence[Exchange]) -> None:
    app = assistant()
    id_ = conversation() or ""
    try:
        with st.spinner(say("chat.thinking")):
            draft = app.engine.prepare(question, history)
    except AssistantError as error:  # a model without an address, an embedder that is away: the question stays
        hint = {"zh": error.hint("zh"), "en": error.hint("en")}
        said = {"kind": error.kind, "zh": error.message("zh"), "en": error.message("en"), "hint": hint}
        app.conversations.save(turn_id, "", "failed", {"error": said})
        return
    if app.must_wait(draft):
        hold(id_, turn_id, draft)
    else:
        give_way(id_, turn_id)
        app.answer(id_, turn_id, draft)


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
    sync_if_free()
    return added


def sync_if_free() -> None:
    """Start a sync; one that would cost money waits for a yes on the library page."""
    if sync_is_free(assistant()):
        assistant().start_sync()
    else:
        add_notice("info", say("library.sync_waits"))


def _wait_for_sync(added: Sequence[Upload]) -> None:
    if not sync_is_free(assistant()):
        return
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
