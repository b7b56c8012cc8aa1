"""The pages of the app: few entries in the sidebar, and above a page the links to those that share its entry."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from assistant.ui.due_count import review_title
from assistant.ui.session import say

_PAGES = "assistant/ui/pages"


@dataclass(frozen=True, slots=True)
class _Place:
    """A page: its script and address, and the sign before its name."""

    path: str
    icon: str


# Each row is one entry of the sidebar, which bears the names of all its pages; the first of them is opened by it. There are no
# sections: Streamlit writes their titles into the list in a way that screen readers cannot follow.
_ENTRIES = (
    (_Place("chat", "💬"),),
    (_Place("library", "🗂️"),),
    (_Place("today", "📅"), _Place("progress", "📈")),
    (_Place("review", "🔁"), _Place("cards", "🗃️")),
    (_Place("quiz", "❓"),),
    (_Place("glossary", "📖"), _Place("backlog", "🔭"), _Place("guide", "🧭")),
    (_Place("usage", "💰"),),
    (_Place("settings", "⚙️"), _Place("doctor", "🩺"), _Place("evaluate", "📏")),
)


def navigation() -> st.Page:
    """Draw the sidebar's entries and, where the open page shares one, the row of links above it; return that page."""
    rows = {place.path: row for row in _ENTRIES for place in row}
    pages = {path: _page(path, row) for path, row in rows.items()}
    open_ = st.navigation(list(pages.values()))
    path = next(path for path, page in pages.items() if page is open_)
    row = rows[path]
    if len(row) > 1:
        _siblings(row[0].path, [(pages[place.path], _name(place.path)) for place in row])
    return open_


def _page(path: str, row: tuple[_Place, ...]) -> st.Page:
    first = row[0].path == path
    icon = next(place.icon for place in row if place.path == path)
    script = f"{_PAGES}/{path}.py"
    return st.Page(
        script,
        title=say("app.and").join(_name(place.path) for place in row) if first else _name(path),
        icon=icon,
        url_path=path,
        default=path == "chat",
        visibility="visible" if first else "hidden",
    )


def _siblings(entry: str, pages: list[tuple[st.Page, str]]) -> None:
    """Draw the links; by the key the style sheet lights up the entry that these pages share."""
    with st.container(horizontal=True, key=f"siblings-{entry}"):
        for page, name in pages:
            st.page_link(page, label=name, icon=page.icon, width="content")


def _name(path: str) -> str:
    return review_title() if path == "review" else say(f"app.{path}")
