"""The evidence panel: one passage in its place, what the answer took from it highlighted, with its page if it is a PDF's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import streamlit as st

from assistant.errors import NotFound
from assistant.knowledge.stored import UPLOADS
from assistant.language.stretch import Stretch, stretch_of
from assistant.language.wiki import shown
from assistant.ui.citation_links import mark_quotes, scroll_into_view
from assistant.ui.note_text import as_drawn, place_in
from assistant.ui.note_window import NoteWindow, window_of
from assistant.ui.page_view import draw_page_view
from assistant.ui.render import draw, note_images, plain
from assistant.ui.session import (
    OpenPassage,
    assistant,
    language,
    open_library_note,
    say,
    scroll_to_passage_once,
    show_passage,
)

Images = Callable[[str], str | None] | None


def draw_passage(passage: OpenPassage) -> None:
    """Draw the panel; when it opens it scrolls to the passage once, by itself."""
    with st.container(horizontal=True, vertical_alignment="center", key="evidence-head"):
        st.markdown(f"**{plain(passage.title)}**")
        if st.button("✕", key="passage-close", help=say("passage.close")):
            show_passage(None)
            st.rerun()
    passage = _where_it_is_now(passage)
    st.caption(place_of(passage))
    if passage.also:
        st.caption(say("passage.also", notes=plain(", ".join(passage.also))))
    quotes = _quotes(passage)
    try:
        target = _in_its_note(passage, quotes)
    except NotFound:
        st.info(say("passage.gone"))
        target = _only(as_drawn(passage.text, passage.kind, passage.note), None)
    mark_quotes("passage", quotes)
    if scroll_to_passage_once():
        scroll_into_view(target, f"{passage.note}:{passage.chars}:{id(passage)}")


def place_of(passage: OpenPassage) -> str:
    """Say where a passage stands: note, headings, page or lines."""
    where = place_in(passage.kind, passage.page, passage.lines)
    return plain(" › ".join(part for part in (passage.note, *passage.heading, where) if part))


def images_of(root: str, file: str) -> Images:
    """Return what resolves the pictures of a note; uploads bring none."""
    return note_images(Path(root), file) if root != UPLOADS and Path(root).is_dir() else None


def _where_it_is_now(passage: OpenPassage) -> OpenPassage:
    """Follow a passage whose note was renamed, or whose path is another note's since the folders were chosen anew."""
    store = assistant().store
    with suppress(NotFound):
        if passage.text in store.note_text(passage.note)[2]:
            return passage
    path = store.path_of_text(passage.text)
    return replace(passage, note=path) if path else passage


def _quotes(passage: OpenPassage) -> list[str]:
    """Return the passage's own words for what the answer says, and say where they are not the answer's."""
    found = [stretch_of(passage.text, claim) for claim in passage.claims]
    stretches: list[Stretch] = [stretch for stretch in found if stretch]
    if passage.claims and not stretches:
        st.caption(say("passage.no_sentence"))
    elif any(not stretch.verbatim for stretch in stretches):
        st.caption(say("passage.closest"))
    return list(dict.fromkeys(shown(passage.text[stretch.start : stretch.end]) for stretch in stretches))


def _in_its_note(passage: OpenPassage, quotes: list[str]) -> str:
    """Draw the passage where it stands now, and return the key of what to scroll to."""
    root, file, text, page_starts = assistant().store.note_text(passage.note)
    start, end = passage.chars
    if text[start:end] != passage.text:
        start = text.find(passage.text)
        end = start + len(passage.text)
    images = images_of(root, file)
    target = "passage"
    if start < 0:
        st.info(say("passage.changed"))
        _only(as_drawn(passage.text, passage.kind, passage.note), images)
    else:
        if assistant().changed_since_sync(passage.note):
            st.info(say("passage.not_synced"))
        if page_starts and passage.kind in (
            "pdf",
            "",
        ):  # a passage cited before kinds were kept has pages only in a PDF
            path = assistant().uploads.folder / file if root == UPLOADS else Path(root) / file
            page = draw_page_view(passage, path, len(page_starts), quotes)
            is_ocr = assistant().store.qualities(passage.note)[page - 1 : page] == ("ocr",)
            _text_of_page(text, (*page_starts, len(text)), page, (start, end), is_ocr=is_ocr)
            target = "page-picture"
        else:
            draw_window(_drawable(window_of(text, start, end), passage), images)
    if st.button(say("passage.open_note"), key="passage-library", icon="🗂️"):
        open_library_note(passage.note)
        st.switch_page("assistant/ui/pages/library.py")
    return target


def _drawable(window: NoteWindow, passage: OpenPassage) -> NoteWindow:
    """Put each part of a window into the form in which its kind of note is drawn."""
    above, here, below = (
        as_drawn(part, passage.kind, passage.note) for part in (window.above, window.passage, window.below)
    )
    return NoteWindow(above, here, below, window.left_out)


def draw_window(window: NoteWindow, images: Images) -> None:
    """Draw a note around a passage, and say how much of it is left out at both ends."""
    if window.left_out[0]:
        st.caption(say("passage.more_above", count=window.left_out[0]))
    if window.above.strip():
        draw(window.above, images=images, language=language())
    _only(window.passage, images)
    if window.below.strip():
        draw(window.below, images=images, language=language())
    if window.left_out[1]:
        st.caption(say("passage.more_below", count=window.left_out[1]))


def _text_of_page(text: str, edges: tuple[int, ...], page: int, passage: tuple[int, int], *, is_ocr: bool) -> None:
    """Draw the words of a page line by line as they stand on it, the passage highlighted if it is there."""
    first, last = edges[page - 1], edges[page]
    start, end = max(passage[0], first), min(passage[1], last)
    st.caption(say("ocr.page_text" if is_ocr else "passage.page_text", page=page))
    if start >= end:
        draw(_lines_kept(text[first:last]), language=language())
        return
    above, here, below = map(_lines_kept, (text[first:start], text[start:end], text[end:last]))
    draw_window(NoteWindow(above, here, below, left_out=(0, 0)), None)


def _lines_kept(text: str) -> str:
    return text.replace("\n", "  \n").replace("  \n  \n", "\n\n")


def _only(text: str, images: Images) -> str:
    with st.container(key="passage"):
        draw(text, images=images, language=language())
    return "passage"
