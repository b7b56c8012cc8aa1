"""One note of the library from inside: its text as it was read, and the chunks it was cut into."""

from __future__ import annotations

import streamlit as st

from assistant.knowledge.chunks import Chunk
from assistant.knowledge.links import links_from, links_to
from assistant.knowledge.stored import UPLOADS
from assistant.ui import panels
from assistant.ui.citation_links import scroll_into_view
from assistant.ui.note_text import as_drawn, place_in
from assistant.ui.ocr_panel import draw_note_ocr
from assistant.ui.passage_panel import images_of
from assistant.ui.render import draw, plain
from assistant.ui.session import assistant, language, open_library_note, say

CHUNKS_PER_PAGE = 20
_MOST_LINKS = 40


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
    draw_note_ocr(note)
    if root == UPLOADS:
        _delete(path, file)
    chunks = assistant().store.chunks_of(path)
    if not chunks:
        return
    pieces, whole = st.tabs([say("library.chunks_title", count=len(chunks)), say("library.note_title")])
    images = images_of(root, file)
    with whole:
        draw(as_drawn(text, note.kind, path), images=images, language=language())
        draw_links(path)
    with pieces:
        page = 1
        if len(chunks) > CHUNKS_PER_PAGE:
            page = st.pagination(-(-len(chunks) // CHUNKS_PER_PAGE), key=f"chunk-page-{path}") or 1
        first = (page - 1) * CHUNKS_PER_PAGE
        for number, chunk in enumerate(chunks[first : first + CHUNKS_PER_PAGE], start=first + 1):
            with st.container(border=True):
                st.caption(plain(_label(number, chunk)))
                text = chunk.text
                if chunk.kind == "table" and chunk.piece.lead:
                    text = f"{chunk.piece.lead}\n{text}"  # rows are a table only under their head
                elif chunk.piece.lead:
                    st.caption(plain(f"⋯ {chunk.piece.lead}"))
                draw(as_drawn(text, chunk.kind, path), images=images, language=language())


def draw_links(path: str) -> None:
    """Draw where the links of a note lead and what links to it, each with a way there."""
    store = assistant().store
    links, notes = store.links(), store.notes()
    led_to = links_from(path, links, notes)
    leading = [(led.path, True) for led in led_to if led.path]
    coming = [(source, False) for source in links_to(path, links, notes)]
    for number, (other, leads) in enumerate(list(dict.fromkeys([*leading, *coming]))[:_MOST_LINKS]):
        help_text = say("library.links_from" if leads else "library.links_to")
        if st.button(f"{'→' if leads else '←'} {plain(other)}", key=f"link-{number}", type="tertiary", help=help_text):
            open_library_note(other)
            st.rerun()
    missing = [led.link.target for led in led_to if not led.path]
    if missing:
        st.caption(say("library.links_missing", names=plain(", ".join(dict.fromkeys(missing[:_MOST_LINKS])))))


def _label(number: int, chunk: Chunk) -> str:
    piece = chunk.piece
    parts = [*piece.path, place_in(chunk.kind, piece.page, piece.lines, ocr=chunk.ocr)]
    place = " › ".join(part for part in parts if part) or "–"
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
