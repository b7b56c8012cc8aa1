"""One note of the library from inside: its text as it was read, and the chunks it was cut into."""

from __future__ import annotations

import streamlit as st

from assistant.knowledge.chunks import Chunk
from assistant.knowledge.stored import UPLOADS
from assistant.ui import panels
from assistant.ui.citation_links import scroll_into_view
from assistant.ui.passage_panel import images_of
from assistant.ui.render import draw, plain
from assistant.ui.session import assistant, language, open_library_note, say

CHUNKS_PER_PAGE = 20


def draw_note(path: str) -> None:
    """Draw a note with its problems, its chunks and its text."""
    with st.container(key="note-top"):
        closed = st.button(say("library.close_note"), icon="⬅️")
    if closed:
        open_library_note(None)
        st.rerun()
    scroll_into_view("note-top", path)  # the page keeps the place where the table was
    root, file, text, _ = assistant().store.note_text(path)
    note = next(note for note in assistant().store.notes() if note.place.path == path)
    st.subheader(plain(note.title))
    st.caption(plain(f"{path} · {note.encoding} · {note.size / 1000:.0f} kB"))
    if note.error:
        panels.show_error(note.error)
    for line in panels.problem_lines(path):
        st.warning(plain(line), icon="🟡")
    if root == UPLOADS:
        _delete(path, file)
    chunks = assistant().store.chunks_of(path)
    if not chunks:
        return
    pieces, whole = st.tabs([say("library.chunks_title", count=len(chunks)), say("library.note_title")])
    images = images_of(root, file)
    with whole:
        draw(text, images=images, language=language())
    with pieces:
        page = 1
        if len(chunks) > CHUNKS_PER_PAGE:
            page = st.pagination(-(-len(chunks) // CHUNKS_PER_PAGE), key=f"chunk-page-{path}") or 1
        first = (page - 1) * CHUNKS_PER_PAGE
        for number, chunk in enumerate(chunks[first : first + CHUNKS_PER_PAGE], start=first + 1):
            with st.container(border=True):
                st.caption(plain(_label(number, chunk)))
                if chunk.piece.lead:
                    st.caption(plain(f"⋯ {chunk.piece.lead}"))
                draw(chunk.text, images=images, language=language())


def _label(number: int, chunk: Chunk) -> str:
    piece = chunk.piece
    lines = say("passage.lines", first=piece.lines[0], last=piece.lines[1])
    place = " › ".join([*piece.heading, say("passage.page", page=piece.page) if piece.page is not None else lines])
    return say("library.chunk_label", number=number, place=place, tokens=piece.tokens)


def _delete(path: str, file: str) -> None:
    with st.popover(say("library.delete_upload"), icon="🗑️"):
        st.markdown(say("library.delete_sure", name=plain(path)))
        if st.button(say("library.delete_upload"), key="delete-upload", type="primary"):
            assistant().uploads.remove(file.partition(".")[0])
            app = assistant()
            app.jobs.start(app.sync(spends=app.sync_is_free)).wait(10)
            open_library_note(None)
            st.rerun()
