"""What can be done with an answer: copy it, keep it as a note, have it anew, ask otherwise, look at another version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from assistant.answers.conversations import SavedTurn, title_of
from assistant.answers.export import escaped, quoted, turn_markdown
from assistant.answers.note_file import note_name, save_note
from assistant.connections import Choice
from assistant.ui import panels
from assistant.ui.card_of_answer import card_button
from assistant.ui.composer import sync_if_free
from assistant.ui.copy_button import copy_button
from assistant.ui.render import plain, visible
from assistant.ui.session import add_notice, assistant, catalog, conversation, language, recall, remember, say

Action = Literal["anew", "edit", "note"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A question to be answered as another version of a turn."""

    turn: SavedTurn
    question: str


def draw_actions(turn: SavedTurn, *, busy: bool) -> Wish | None:
    """Draw the row below an answer and what was opened from it; return what is to be asked.

    ``busy``: an answer or a draft of this conversation is on its way, and the branch must stay.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"actions-{turn.id}"):
        if turn.answer:
            copy_button(turn_markdown(turn, language()) + "\n", key=f"copy-{turn.id}")
        if not busy:
            if "draft" not in turn.record:
                _opener(turn, "anew", "🔁", say("turn.anew"))
            _opener(turn, "edit", "✏️", say("turn.edit"))
        if turn.answer:
            _opener(turn, "note", "💾", say("turn.note"))
            if turn.state == "complete":
                card_button(turn)
        if len(turn.versions) > 1 and not busy:
            _versions(turn)
    opened = recall("acting")
    if opened == (turn.id, "note"):
        _note(turn)
    if busy:
        return None
    if opened == (turn.id, "anew"):
        return _anew(turn)
    return _edit(turn) if opened == (turn.id, "edit") else None


def _opener(turn: SavedTurn, action: Action, icon: str, label: str) -> None:
    st.button(label, key=f"{action}-{turn.id}", type="tertiary", icon=icon, on_click=_toggle, args=(turn.id, action))


def _toggle(turn_id: int, action: Action) -> None:
    remember("acting", None if recall("acting") == (turn_id, action) else (turn_id, action))


def _versions(turn: SavedTurn) -> None:
    """Draw ‹ 1/2 ›: which of the versions this is, and the way to those beside it."""
    place = turn.versions.index(turn.id)
    for step, sign, name in ((-1, "‹", say("turn.version_before")), (1, "›", say("turn.version_after"))):
        beside = place + step
        exists = 0 <= beside < len(turn.versions)
        if step > 0:
            st.markdown(f"{place + 1}/{len(turn.versions)}", width="content")
        st.button(
            sign,
            key=f"version-{turn.id}-{sign}",
            type="tertiary",
            help=name,
            disabled=not exists,
            on_click=_show,
            args=(turn.versions[beside] if exists else turn.id,),
        )


def _show(turn_id: int) -> None:
    app, id_ = assistant(), conversation()
    if id_ and not app.turns.of(id_) and not app.drafts.of(id_):  # another window may have asked something meanwhile
        app.conversations.show(id_, turn_id)


def _anew(turn: SavedTurn) -> Wish | None:
    """Offer the models that could be asked now; another one than the present stays chosen, as everywhere."""
    app = assistant()
    chosen = app.chat_choice
    with st.container(border=True, key=f"panel-{turn.id}"):
        picked = st.selectbox(
            say("turn.anew_model"),
            app.choices_beside(chosen),
            format_func=_model_name,
            key=f"anew-model-{turn.id}",
            help=say("turn.anew_help"),
        )
        wanted = st.button(say("turn.anew_go"), key=f"anew-go-{turn.id}", type="primary")
    if not wanted:
        return None
    if picked != chosen:
        app.choose_chat(picked)
    remember("acting", None)
    return Wish(turn, turn.question)


def _model_name(choice: Choice) -> str:
    vendor = catalog().provider(choice.provider)
    if vendor.kind == "offline":
        return vendor.labels[language()]
    at = f" ({choice.base_url})" if choice.base_url else ""
    return visible(f"{choice.provider} / {choice.model or '?'}{at}")


def _edit(turn: SavedTurn) -> Wish | None:
    with st.form(f"panel-{turn.id}"):
        asked = st.text_area(
            say("turn.edit_label"), turn.question, key=f"edit-text-{turn.id}", help=say("turn.edit_help")
        )
        wanted = st.form_submit_button(say("turn.edit_go"), type="primary")
    if not wanted or not asked.strip():
        return None
    remember("acting", None)
    return Wish(turn, asked.strip())


def _note(turn: SavedTurn) -> None:
    """Have the learner choose folder and name, and write the answer there."""
    folders = _folders()
    with st.container(border=True, key=f"note-panel-{turn.id}"):
        if not folders:
            st.info(say("turn.note_no_folder"))
            return
        with st.form(f"note-form-{turn.id}", border=False):
            folder = st.selectbox(
                say("turn.note_folder"), folders, format_func=lambda one: visible(str(one)), key=f"folder-{turn.id}"
            )
            name = st.text_input(
                say("turn.note_name"),
                note_name(title_of(turn.question)),
                key=f"name-{turn.id}",
                help=say("turn.note_help"),
            )
            wanted = st.form_submit_button(say("turn.note_go"), type="primary")
        if wanted:
            with panels.errors():
                _save(turn, folder, name)


def _save(turn: SavedTurn, folder: Path, name: str) -> None:
    title = note_name(name)
    text = f"# {escaped(title)}\n\n{quoted(turn.question)}\n\n{turn_markdown(turn, language())}\n"
    file = save_note(folder, name, text, assistant().settings.notes)
    remember("acting", None)
    add_notice("success", say("turn.note_saved", file=plain(str(file))))
    sync_if_free()
    st.rerun()


def _folders() -> list[Path]:
    """List the notes folders and the folders below them that hold notes."""
    roots = [folder for folder in assistant().settings.notes if folder.is_dir()]
    known = {str(root): root for root in roots}
    below = {
        known[note.place.root] / Path(note.place.file).parent
        for note in assistant().store.notes()
        if note.place.root in known
    }
    return [*roots, *sorted(below - set(roots))]
