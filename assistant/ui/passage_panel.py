"""The evidence panel: one passage in its place, highlighted, with its page as it looks where it comes from a PDF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from assistant.errors import AssistantError, NotFound
from assistant.knowledge.readers import page_picture
from assistant.knowledge.stored import UPLOADS
from assistant.ui.citation_links import scroll_into_view
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

AROUND = 1_500  # characters of the note shown above and below the passage


def draw_passage(passage: OpenPassage) -> None:
    """Draw the panel; it scrolls into view once when it opens, which on a phone means: down to it."""
    heading, close = st.columns([5, 1], vertical_alignment="center")
    heading.markdown(f"**{plain(passage.title)}**")
    if close.button("✕", key="passage-close", help=say("passage.close")):
        show_passage(None)
        st.rerun()
    passage = _where_it_is_now(passage)
    st.caption(place_of(passage))
    try:
        _in_its_note(passage)
    except NotFound:
        st.info(say("passage.gone"))
        _highlighted(passage.text, None)
    if scroll_to_passage_once():  # beside the chat it is in sight already; on a phone it stands below
        scroll_into_view("passage", f"{passage.note}:{passage.chars}:{id(passage)}")


def _where_it_is_now(passage: OpenPassage) -> OpenPassage:
    """Follow a passage whose note was renamed, or got another path because a folder was added."""
    store = assistant().store
    if any(note.place.path == passage.note for note in store.notes()):
        return passage
    path = store.path_of_text(passage.text)
    return replace(passage, note=path) if path else passage


def _in_its_note(passage: OpenPassage) -> None:
    root, file, text, page_starts = assistant().store.note_text(passage.note)
    start, end = passage.chars
    if text[start:end] != passage.text:
        start = text.find(passage.text)
        end = start + len(passage.text)
    images = images_of(root, file)
    path = assistant().uploads.folder / file if root == UPLOADS else Path(root) / file
    if start < 0:
        st.info(say("passage.changed"))
        _highlighted(passage.text, images)
    elif page_starts:
        _pdf(passage, path)
    else:
        if assistant().changed_since_sync(passage.note):
            st.info(say("passage.not_synced"))
        _around(text, start, end, images)
    if st.button(say("passage.open_note"), key="passage-library", icon="🗂️"):
        open_library_note(passage.note)
        st.switch_page("assistant/ui/pages/library.py")


def place_of(passage: OpenPassage) -> str:
    """Say where a passage stands: note, headings, page or lines."""
    if passage.page is not None:
        where = say("passage.page", page=passage.page)
    elif passage.lines[0] == passage.lines[1]:
        where = say("passage.line", first=passage.lines[0])
    else:
        where = say("passage.lines", first=passage.lines[0], last=passage.lines[1])
    return plain(" › ".join([passage.note, *passage.heading, where]))


def images_of(root: str, file: str) -> Callable[[str], str | None] | None:
    """Return what resolves the pictures of a note; uploads bring none."""
    return note_images(Path(root), file) if root != UPLOADS and Path(root).is_dir() else None


def _around(text: str, start: int, end: int, images: Callable[[str], str | None] | None) -> None:
    above = text[max(0, start - AROUND) : start]
    if start > AROUND:
        above = above[above.find("\n") + 1 :]
    below = text[end : end + AROUND]
    if len(text) > end + AROUND:
        below = below[: below.rfind("\n") + 1]
    if above.strip():
        with st.expander(say("passage.above")):
            draw(above, images=images, language=language())
    _highlighted(text[start:end], images)
    if below.strip():
        draw(below, images=images, language=language())


def _pdf(passage: OpenPassage, path: Path) -> None:
    """Draw the words, line by line as they stand on the page, and the page itself."""
    _highlighted(passage.text.replace("\n", "  \n"), None)
    st.caption(say("passage.picture", page=passage.page))
    try:
        st.image(_picture(path, passage.page or 1, path.stat().st_mtime_ns), width="stretch")
    except (AssistantError, OSError) as error:
        reason = error.message(language()) if isinstance(error, AssistantError) else error.strerror
        st.info(say("passage.no_picture", reason=plain(str(reason))))


@st.cache_data(max_entries=60, show_spinner=False)
def _picture(path: Path, page: int, _changed: int) -> bytes:
    return page_picture(path, page)


def _highlighted(text: str, images: Callable[[str], str | None] | None) -> None:
    with st.container(key="passage"):
        draw(text, images=images, language=language())
