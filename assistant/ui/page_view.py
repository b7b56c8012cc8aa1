"""A page of a PDF as it looks, with the passage marked on it, and the pages before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from assistant.errors import AssistantError
from assistant.knowledge.page_image import PageImage, marked
from assistant.knowledge.readers import page_picture
from assistant.ui.render import plain
from assistant.ui.session import OpenPassage, language, recall, remember, say


def draw_page_view(passage: OpenPassage, file: Path, pages: int, quotes: Sequence[str]) -> int:
    """Draw the page that is looked at, at first the cited one, with what leads to its neighbours; return its number."""
    cited = min(max(passage.page or 1, 1), pages)
    page = _page_looked_at(passage, cited)
    with st.container(horizontal=True, vertical_alignment="center", key="page-steps"):
        _step("◀", "page-before", say("passage.page_before"), passage, page - 1, enabled=page > 1)
        st.markdown(say("passage.page_of", page=page, pages=pages), width="content")
        _step("▶", "page-after", say("passage.page_after"), passage, page + 1, enabled=page < pages)
        if page != cited:
            st.button(say("passage.page_cited", page=cited), key="page-cited", on_click=_turn_to, args=(passage, cited))
    try:
        picture = _picture(file, page, file.stat().st_mtime_ns)
    except (AssistantError, OSError) as error:
        reason = error.message(language()) if isinstance(error, AssistantError) else error.strerror
        st.info(say("passage.no_picture", reason=plain(str(reason))))
        return page
    png, found = marked(picture, passage.text, quotes) if page == cited else (picture.png, 0)
    with st.container(key="page-picture"):
        st.image(png, width="stretch")
    if page == cited and not found and quotes:
        st.caption(say("passage.not_on_picture"))
    return page


def _page_looked_at(passage: OpenPassage, cited: int) -> int:
    """Return the page this passage was last turned to; another passage begins at its own."""
    kept = recall("page of passage")
    return int(kept[1]) if kept and kept[0] == _name(passage) else cited


def _step(sign: str, key: str, hint: str, passage: OpenPassage, page: int, *, enabled: bool) -> None:
    st.button(sign, key=key, help=hint, disabled=not enabled, on_click=_turn_to, args=(passage, page))


def _turn_to(passage: OpenPassage, page: int) -> None:
    remember("page of passage", (_name(passage), page))


def _name(passage: OpenPassage) -> tuple[object, ...]:
    return (passage.note, passage.chars, passage.claims)


@st.cache_data(max_entries=60, show_spinner=False)
def _picture(file: Path, page: int, _changed: int) -> PageImage:
    return page_picture(file, page)
