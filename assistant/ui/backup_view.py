"""Backups in the settings, and in the place of every page while the database cannot be opened: restore, export, delete all."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import streamlit as st

from assistant import restoring
from assistant.backups import Backup, Backups
from assistant.database import FILE_NAME
from assistant.errors import DamagedData, NewerData
from assistant.export_all import export_all
from assistant.ui import panels
from assistant.ui.i18n import say as _say
from assistant.ui.render import plain
from assistant.ui.session import (
    add_notice,
    assistant,
    data_folder,
    language_without_data,
    now,
    recall,
    remember,
    reopen,
    set_widget,
)

_PATIENCE = 2.0  # seconds for the writer's lock: a click should not wait for a long sync


def say(text: str, /, **values: object) -> str:
    """Return a text in this session's language, also while the database cannot be opened."""
    return _say(language_without_data(), text, **values)


def draw_backups() -> None:
    """Draw the section of the settings page."""
    st.subheader(say("backup.title"))
    backups = assistant().database.backups
    st.caption(say("backup.about", folder=plain(str(backups.folder.absolute()))))
    if backups.trouble:
        panels.show_error(backups.trouble)
    with st.container(horizontal=True):
        if st.button(say("backup.now"), icon="💾", key="backup-now"):
            made = backups.make("hand")
            set_widget("backup-chosen", made)  # else the list would stay at what was the newest before
            add_notice("success", say("backup.made", name=plain(label(made))))
            st.rerun()
        st.download_button(
            say("backup.export"), _zip, "study-assistant.zip", "application/zip",
            icon="📦", key="export-all", on_click="ignore", help=say("backup.export_help"),
        )  # fmt: skip
    _draw_choice(backups)
    _draw_delete_all(backups)


@contextlib.contextmanager
def rescue() -> Iterator[None]:
    """Offer the backups where the database cannot be opened; nothing else could be drawn then."""
    try:
        yield
    except (DamagedData, NewerData) as error:
        st.header(say("backup.rescue"))
        panels.show_error(error)
        _draw_choice(Backups(data_folder(), FILE_NAME))
        if st.button(say("backup.anew"), key="begin-anew", icon="🌱"):
            remember("sure", "anew")
        if recall("sure") == "anew":
            st.warning(say("backup.anew_about"))
            if st.button(say("backup.anew_yes"), key="begin-anew-yes", type="primary"):
                with panels.errors():
                    _replaced(partial(restoring.begin_anew, data_folder(), _PATIENCE), say("backup.begun"))


def label(backup: Backup) -> str:
    """Say when and why a backup was made, and how large it is."""
    at = backup.at.astimezone(now().tzinfo)
    reason = say(f"backup.reason_{backup.reason}")
    return f"{at:%Y-%m-%d %H:%M:%S} · {reason} · {backup.size / 1_000_000:.1f} MB"


def _draw_choice(backups: Backups) -> None:
    there = backups.all()
    if not there:
        st.caption(say("backup.none"))
        return
    size = f"{sum(one.size for one in there) / 1_000_000:.1f}"
    chosen = st.selectbox(
        say("backup.list", count=len(there), size=size), there, format_func=label, key="backup-chosen"
    )
    if st.button(say("backup.restore"), icon="⏪", key="restore"):
        remember("sure", "restore")
    if chosen is None or recall("sure") != "restore":
        return
    st.warning(say("backup.restore_about", name=plain(label(chosen))))
    with st.container(horizontal=True):
        if st.button(say("backup.restore_yes"), key="restore-yes", type="primary"):
            with panels.errors():
                _replaced(
                    partial(restoring.restore, data_folder(), chosen.file, _PATIENCE),
                    say("backup.restored", name=plain(label(chosen))),
                )
        if st.button(say("backup.no"), key="restore-no"):
            remember("sure", None)
            st.rerun()


def _draw_delete_all(backups: Backups) -> None:
    app = assistant()
    with st.expander(say("backup.delete"), icon="🗑️"):
        kept, trashed = app.conversations.counts()
        counts = {
            "chats": kept + trashed,
            "cards": len(app.cards.all()),
            "calls": len(app.ledger.entries()),
            "notes": len(app.store.notes()),
            "uploads": len(app.uploads.all()),
        }
        st.markdown(say("backup.delete_about", **counts))
        also = st.checkbox(say("backup.delete_backups", count=len(backups.all())), key="delete-backups")
        st.caption(say("backup.delete_for_good") if also else say("backup.delete_kept"))
        word = say("backup.delete_word")
        typed = st.text_input(say("backup.delete_type", word=word), key="delete-word")
        sure = typed.strip().casefold() == word.casefold()
        if st.button(say("backup.delete_yes"), key="delete-all", type="primary", disabled=not sure) and sure:
            with panels.errors():
                _replaced(
                    partial(restoring.delete_all, data_folder(), backups=also, seconds=_PATIENCE), say("backup.deleted")
                )


def _replaced(replace: Callable[[], object], done: str) -> None:
    """Put another database in place while nothing of ours writes, then open everything anew."""
    with contextlib.ExitStack() as undone:
        with contextlib.suppress(DamagedData, NewerData):
            app = assistant()
            app.live.follow(False)
            undone.callback(app.follow_folders)  # should nothing come of it
            app.turns.stop_all()
            app.stop_jobs()
        replace()
        undone.pop_all()
    reopen()
    add_notice("success", done)
    st.rerun()


def _zip() -> bytes:
    with tempfile.TemporaryDirectory(prefix="study-assistant-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "all.zip"
        export_all(assistant(), file, language_without_data())
        return file.read_bytes()
