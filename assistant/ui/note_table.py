"""The table of the library: every note and upload with its state. Choosing a row opens the note."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from assistant.knowledge.stored import UPLOADS, Stored
from assistant.ui.note_text import kind_name
from assistant.ui.ocr_panel import draw_waiting, pages_words
from assistant.ui.render import plain
from assistant.ui.session import assistant, language, open_library_note, say

STATE_SIGNS = {"ready": "🟢", "partly": "🟡", "failed": "🔴", "waiting": "⏳"}


def draw_note_table() -> None:
    """Draw the filter and the table."""
    everything = assistant().store.notes()
    draw_waiting(everything)
    notes = [
        note for note in everything if note.state != "needs_ocr"
    ]  # pictures: hundreds of them may lie beside notes
    waiting = _waiting(everything)
    if not notes and not waiting:
        st.info(say("library.empty"), icon="🌱")
        return
    st.subheader(say("library.notes", count=sum(note.error is None for note in notes)))
    wanted = st.text_input(say("library.filter"), key="note-filter", icon="🔎")
    shown = [
        note for note in notes if wanted.lower() in note.place.path.lower() or wanted.lower() in note.title.lower()
    ]
    if not shown and not waiting:
        st.caption(say("library.no_match", text=plain(wanted)))
        return
    st.caption(say("library.pick"))
    rows = [
        *({"state": f"{STATE_SIGNS['waiting']} {say('library.waiting')}", "note": name} for name in waiting),
        *map(_row, shown),
    ]
    names = ("state", "note", "kind", "chunks", "tokens", "pages", "synced")
    columns = {name: say(f"library.column_{name}") for name in names}
    table = st.dataframe(
        rows,
        hide_index=True,
        column_config=columns,
        column_order=names,
        on_select="rerun",
        selection_mode="single-cell",
        key="note-table",
    )
    if table.selection.cells:
        row = table.selection.cells[0][0] - len(waiting)
        if row >= 0:
            open_library_note(shown[row].place.path)
            st.rerun()


def _waiting(notes: list[Stored]) -> list[str]:
    """Name the uploads that are stored but not yet read."""
    read = {note.place.file for note in notes if note.place.root == UPLOADS}
    return [upload.name for upload in assistant().uploads.all() if upload.file_name not in read]


def _row(note: Stored) -> dict[str, object]:
    state = note.error.message(language()) if note.error else pages_words(note) or say(f"state.{note.state}")
    return {
        "state": f"{STATE_SIGNS[note.state]} {state}",
        "note": note.place.path,
        "kind": kind_name(note.kind) + (f" · {say('library.uploaded_mark')}" if note.place.root == UPLOADS else ""),
        "chunks": note.chunks,
        "tokens": note.tokens,
        "pages": str(note.pages or ""),
        "synced": datetime.fromisoformat(note.synced_at).astimezone().strftime("%Y-%m-%d %H:%M"),
    }
