"""The composer: a question, files dropped on it, or both. Files are read before the question is answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from assistant.answers.conversations import SavedTurn
from assistant.answers.pictures import MOST, read_picture
from assistant.answers.scope import Scope, reach, unclear
from assistant.answers.turn import Turn, error_json
from assistant.errors import AssistantError, PictureUnreadable
from assistant.knowledge.kinds import registered
from assistant.knowledge.notes import KINDS
from assistant.knowledge.stored import UPLOADS, Stored
from assistant.knowledge.uploads import Upload
from assistant.providers.base import Picture
from assistant.refining import chosen_steps, refined
from assistant.ui import panels
from assistant.ui.draft_view import give_way, hold
from assistant.ui.keyboard import chat_keys
from assistant.ui.mention_view import draw_choice
from assistant.ui.render import plain
from assistant.ui.scope_control import current_scope, draw_scope, readable_notes
from assistant.ui.session import (
    add_notice,
    assistant,
    conversation,
    language,
    open_conversation,
    recall,
    remember,
    say,
    show_passage,
    sync_is_free,
)
from assistant.ui.standing import draw_standing_cost
from assistant.ui.turn_view import draw_question
from assistant.ui.uploaded import content_of

FILE_TYPES = sorted(suffix.removeprefix(".") for suffix in (*KINDS, *registered()))
PICTURE_TYPES = ["png", "jpg", "jpeg", "webp"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the learner sent: a question, files, or both.

    ``pictures`` are those of a question that is asked again, ``instead_of`` the turn that it becomes another version of.
    """

    question: str
    files: Sequence[UploadedFile] = ()
    pictures: tuple[Picture, ...] = ()
    instead_of: int | None = None


def draw_composer(running: Turn | None, *, price_next: bool = True) -> Asked | None:
    """Draw the input line, closed while an answer runs, which can be stopped there; return what was sent in this run.

    ``price_next``: say what the next question will cost; beside a draft that waits, a second price would only confuse.
    """
    chat_keys()
    notes = readable_notes()
    scope = current_scope()
    if running:
        # Here it stays in place while the answer grows; and a callback is run before anything of the page is drawn.
        st.bottom.button(say("chat.stop"), key=f"stop-{running.id}", icon="⏹️", on_click=running.cancel)
    else:
        with st.bottom:
            scope = draw_scope(notes)
    if price_next and not running:
        draw_standing_cost()
    sent = st.chat_input(
        _hint(scope, notes),
        accept_file="multiple",
        file_type=[*FILE_TYPES, *PICTURE_TYPES],
        key="composer",
        disabled=running is not None,
    )
    pending: Asked | None = recall(_unclear())
    if sent:
        remember(_unclear(), None)
        return Asked(sent.text.strip(), sent.files)
    return _made_clear(pending, notes) if pending and not running else None


def _unclear() -> str:
    """Name the question that waits for a word; it belongs to its conversation."""
    return f"unclear:{conversation()}"


def _made_clear(pending: Asked, notes: Sequence[Stored]) -> Asked | None:
    """Have the learner say what a name in a waiting question means; return it once that is known."""
    question = draw_choice(pending.question, notes)
    if question is None:
        return None
    remember(_unclear(), None)
    if not question:
        st.rerun()
    return replace(pending, question=question)


def _hint(scope: Scope, notes: Sequence[Stored]) -> str:
    within = scope.within(notes)
    if notes:
        return say("chat.placeholder", notes=len(notes) if within is None else len(within))
    return say("library.starting") if assistant().jobs.running else say("chat.placeholder_empty")


def compose(asked: Asked) -> None:
    """Save the question, take in the files, search, and start the answer or have its draft wait."""
    show_passage(None)  # it belongs to an answer before, and on a phone it would stand between question and answer
    app = assistant()
    files = [file for file in asked.files if not _is_picture(file)]
    attached = [file for file in asked.files if _is_picture(file)]
    try:
        pictures = asked.pictures or _pictures(attached)
    except PictureUnreadable as error:  # not sent without it: the question stays, with what is wrong
        _fail(_save(asked.question or say("chat.picture_question"), (), asked.instead_of), error)
        return
    question = asked.question or (say("chat.picture_question") if pictures else "")
    if unclear(question, readable_notes()):
        remember(_unclear(), asked)
        return
    turn_id = 0
    if question:
        if asked.instead_of is None:  # another version stands in its place among the others, not below them
            draw_question(question, pictures=pictures)
        turn_id = _save(question, pictures, asked.instead_of)
    if files:
        _wait_for_sync(add_files(files))
    elif not any(note.chunks for note in app.store.notes()):
        _wait_for_sync([])  # the very first question can come before the first sync has ended
    if question:
        _prepare(turn_id, question)


def _save(question: str, pictures: Sequence[Picture], instead_of: int | None) -> int:
    """Save a question with its pictures; a new conversation keeps the scope that was chosen before it began."""
    app = assistant()
    scope = current_scope()
    id_, turn_id = app.conversations.ask(conversation(), question, instead_of=instead_of)
    app.pictures.keep(turn_id, pictures)
    if conversation() != id_:
        open_conversation(id_)
        app.scopes.keep(id_, scope)
        remember("scope", None)
    return turn_id


def _is_picture(file: UploadedFile) -> bool:
    return file.name.rpartition(".")[2].lower() in PICTURE_TYPES


def _pictures(files: Sequence[UploadedFile]) -> tuple[Picture, ...]:
    """Read the pictures that came with a question; raise ``PictureUnreadable`` for one that cannot be used."""
    if len(files) > MOST:
        raise PictureUnreadable(name=files[MOST].name, reason=f"{len(files)} > {MOST}")
    return tuple(read_picture(file.name, content_of(file)) for file in files)


def ask_again(turn: SavedTurn, *, newest: bool) -> None:
    """Ask a question again: the last one in its own place, beside what it got of an answer; another as a new one."""
    if not newest:
        compose(Asked(turn.question, pictures=assistant().pictures.of(turn.id)))
    elif turn.answer:
        answer_anew(turn, turn.question)
    else:
        _prepare(turn.id, turn.question)


def answer_anew(turn: SavedTurn, question: str) -> None:
    """Have a question, the same or an edited one, answered as another version of a turn; the former version stays."""
    compose(Asked(question, pictures=assistant().pictures.of(turn.id), instead_of=turn.id))


def _prepare(turn_id: int, question: str) -> None:
    app = assistant()
    id_ = conversation() or ""
    history = app.conversations.history(id_)
    plain_question, reached = reach(app.scopes.of(id_), question, readable_notes())
    try:
        with st.spinner(say("chat.thinking")):
            draft = app.engine.prepare(plain_question, history, reach=reached, pictures=app.pictures.of(turn_id))
            draft = refined(app, draft, history)
    except AssistantError as error:  # a model without an address, an embedder that is away: the question stays
        _fail(turn_id, error)
        return
    if app.must_wait(draft) or chosen_steps(app, draft, history):
        hold(id_, turn_id, draft)
    else:
        give_way(id_, turn_id)
        app.answer(id_, turn_id, draft)


def _fail(turn_id: int, error: AssistantError) -> None:
    assistant().conversations.save(turn_id, "", "failed", {"error": error_json(error)})


def add_files(files: Sequence[UploadedFile]) -> list[Upload]:
    """Store uploads, note what became of each, and start the sync that reads them; return the new ones."""
    added = []
    for file in files:
        try:
            upload, new = assistant().uploads.add(file.name, content_of(file))
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
