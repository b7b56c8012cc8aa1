"""What needs OCR: of the whole library, or of one note page by page; offered with a button, or with its install line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from assistant.knowledge.ocr_pages import pages_wanted
from assistant.knowledge.readers.ocr import INSTALL, is_installed
from assistant.knowledge.stored import Stored
from assistant.ui import panels
from assistant.ui.job_view import draw_job
from assistant.ui.render import plain
from assistant.ui.session import assistant, say, sync_is_free

_LISTED = 200  # lines of a list that is there to be glanced at


def pages_words(note: Stored) -> str:
    """Say how many pages of a note only OCR can read, as in "3 of 40 pages need OCR"; empty where there are none."""
    wanted = pages_wanted(note)
    return say("ocr.share", count=len(wanted), pages=max(note.pages, len(wanted))) if wanted else ""


def draw_waiting(notes: Sequence[Stored]) -> None:
    """Draw what of the library waits for OCR, and offer to read all of it."""
    waiting = [note for note in notes if pages_wanted(note)]
    if not waiting:
        return
    pages = sum(len(pages_wanted(note)) for note in waiting)
    with st.expander(say("ocr.waiting", files=len(waiting), pages=pages), icon="🔎"):
        for note in waiting[:_LISTED]:
            listed = panels.ranges(sorted(pages_wanted(note)))
            st.markdown(f"- {plain(note.place.path)}: {plain(pages_words(note))} ({listed})")
        if len(waiting) > _LISTED:
            st.caption(say("ocr.more", count=len(waiting) - _LISTED))
        _offer(None, pages, "all")


def draw_note_ocr(note: Stored) -> None:
    """Draw which pages of a note were read by OCR and which need it, and offer to read those that are chosen."""
    known = [
        page for page, quality in enumerate(assistant().store.qualities(note.place.path), start=1) if quality == "ocr"
    ]
    if known:
        st.info(say("ocr.known", pages=panels.ranges(known)), icon="🔎")
    wanted = sorted(pages_wanted(note))
    if wanted:
        st.markdown(f"🔎 {plain(pages_words(note))}")
        chosen = wanted
        if len(wanted) > 1:
            chosen = st.multiselect(
                say("ocr.choose"), wanted, placeholder=say("ocr.all"), key=f"ocr-pages-{note.place.path}"
            )
        _offer({note.place.path: chosen or wanted}, len(chosen or wanted), "note")
    if wanted or known:
        draw_job()


def _offer(pages: Mapping[str, Sequence[int]] | None, count: int, key: str) -> None:
    """Draw the button, or how to get what it needs."""
    if not is_installed():
        st.caption(say("ocr.install"))
        st.code(INSTALL, language="sh")
        return
    if not sync_is_free(assistant()):
        st.caption(say("ocr.then_price"))
    if st.button(say("ocr.read", count=count), key=f"ocr-{key}", disabled=assistant().jobs.running):
        assistant().start_ocr(pages, embed=sync_is_free(assistant()))
        st.rerun()
