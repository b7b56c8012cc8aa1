"""What the next question may look at, beside the composer: folders, notes, tags, kinds, days, pinned notes, and general knowledge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

import streamlit as st

from assistant.answers.scope import Scope, covers, scope_of
from assistant.errors import AssistantError
from assistant.knowledge.stored import Stored
from assistant.ui.render import plain
from assistant.ui.session import assistant, conversation, recall, remember, say, set_widget, widget_value

MOST_FOLDERS = 60  # more are no tree to look at; every one can be named with @
_INDENT = "\u2003"  # an em space: Markdown keeps it


def current_scope() -> Scope:
    """Return the open conversation's scope; that of a new one is kept with the session until it is saved."""
    id_ = conversation()
    scope = assistant().scopes.of(id_) if id_ else scope_of(recall("scope"))
    return (
        scope.now(readable_notes()) if scope.paths or scope.pinned else scope
    )  # the list of notes is read for a reason only


def keep_scope(scope: Scope) -> None:
    """Keep what was chosen for the open conversation, or for the one that begins with the next question."""
    id_ = conversation()
    if id_:
        assistant().scopes.keep(id_, scope)
    else:
        remember("scope", scope.as_json())


def readable_notes() -> list[Stored]:
    """Return the notes that can be searched."""
    return [note for note in assistant().store.notes() if note.error is None]


def draw_scope(notes: Sequence[Stored]) -> Scope:
    """Draw the control, its name telling the choice; return what is chosen."""
    scope = current_scope()
    with st.popover(_summary(scope, notes), icon="🎯", key="scope"):
        st.caption(say("scope.help"))
        _folders(scope, notes)
        titles = _titles(notes)
        _several("paths", say("scope.notes"), [path for path in scope.paths if path in titles], titles)
        tags = sorted({tag for note in notes for tag in note.tags})
        if tags:
            _several(
                "tags", say("scope.tags"), [tag for tag in scope.tags if tag in tags], {tag: f"#{tag}" for tag in tags}
            )
        _kinds(scope, notes)
        _days(scope)
        _several("pinned", say("scope.pinned"), [path for path in scope.pinned if path in titles], titles)
        st.caption(say("scope.pinned_help"))
        _general(scope)
    return scope


def _kinds(scope: Scope, notes: Sequence[Stored]) -> None:
    """Offer the kinds of files that there are, where there is more than one."""
    kinds = sorted({note.kind for note in notes} | set(scope.kinds))
    if len(kinds) > 1:
        _several("kinds", say("scope.kinds"), list(scope.kinds), {kind: say(f"kind.{kind}") for kind in kinds})


def _days(scope: Scope) -> None:
    """Offer a first and a last day on which the file was changed."""
    columns = st.columns(2)
    for column, field, label in zip(columns, ("since", "until"), (say("scope.since"), say("scope.until")), strict=True):
        key = _key(field)
        day: str = getattr(scope, field)
        set_widget(key, date.fromisoformat(day) if day else None)
        column.date_input(label, value=None, key=key, format="YYYY-MM-DD", on_change=_date, args=(field, key))


def _date(field: Literal["since", "until"], key: str) -> None:
    day = widget_value(key)
    chosen = day.isoformat() if isinstance(day, date) else ""
    scope = current_scope()
    keep_scope(replace(scope, since=chosen) if field == "since" else replace(scope, until=chosen))


def _titles(notes: Sequence[Stored]) -> dict[str, str]:
    """Return what each note is called by its path; notes that share a title are told apart by the path."""
    counts = Counter(note.title for note in notes)
    return {note.place.path: note.title if counts[note.title] == 1 else note.place.path for note in notes}


def _summary(scope: Scope, notes: Sequence[Stored]) -> str:
    within = scope.within(notes)
    parts = [say("scope.all") if within is None else say("scope.some", notes=len(within), all=len(notes))]
    if scope.pinned:
        parts.append(f"📌 {len(scope.pinned)}")
    if scope.general:
        parts.append(say("scope.general_on"))
    return " · ".join(parts)


def _folders(scope: Scope, notes: Sequence[Stored]) -> None:
    """Draw the folders as a tree; one below a chosen folder belongs to it."""
    counts = Counter(str(parent) for note in notes for parent in PurePosixPath(note.place.path).parents if parent.name)
    for folder in sorted(counts)[:MOST_FOLDERS]:
        path = PurePosixPath(folder)
        implied = folder not in scope.paths and covers(scope.paths, folder)
        key = _key("folder", folder)
        set_widget(key, implied or folder in scope.paths)
        st.checkbox(
            f"{_INDENT * (len(path.parts) - 1)}{plain(path.name)} ({counts[folder]})",
            key=key,
            disabled=implied,
            on_change=_tick,
            args=(folder, key),
        )


def _key(kind: str, name: str = "") -> str:
    return f"scope-{kind}-{conversation() or 'new'}-{name}"


def _tick(folder: str, key: str) -> None:
    scope = current_scope()
    rest = tuple(path for path in scope.paths if path != folder)
    keep_scope(replace(scope, paths=(*rest, folder) if widget_value(key) else rest))


def _several(field: str, label: str, chosen: list[str], names: dict[str, str]) -> None:
    key = _key(field)
    set_widget(key, chosen)
    st.multiselect(
        label,
        list(names),
        format_func=names.__getitem__,
        key=key,
        placeholder=say("scope.choose"),
        on_change=_choose,
        args=(field, key),
    )


def _choose(field: str, key: str) -> None:
    scope = current_scope()
    values = tuple(widget_value(key) or ())
    if field == "paths":
        files = {note.place.path for note in assistant().store.notes()}
        keep_scope(replace(scope, paths=(*(path for path in scope.paths if path not in files), *values)))
    elif field == "tags":
        keep_scope(replace(scope, tags=values))
    elif field == "kinds":
        keep_scope(replace(scope, kinds=values))
    else:
        keep_scope(replace(scope, pinned=values))


def _general(scope: Scope) -> None:
    """Offer general knowledge where there is a model that has some; say why where there is none."""
    try:
        offline = assistant().connection.quotes
    except AssistantError:  # said where the model is chosen
        offline = False
    if offline:
        st.caption(say("scope.general_offline"))
        return
    key = _key("general")
    set_widget(key, scope.general)
    st.toggle(say("scope.general"), key=key, help=say("scope.general_help"), on_change=_allow, args=(key,))


def _allow(key: str) -> None:
    keep_scope(replace(current_scope(), general=bool(widget_value(key))))
