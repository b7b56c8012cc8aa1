"""设置: which folders are read, the model, and the data."""

from pathlib import Path

import streamlit as st

from assistant import __version__
from assistant.knowledge.consistency import contradictions
from assistant.ui import panels
from assistant.ui.backup_view import draw_backups
from assistant.ui.composer import sync_if_free
from assistant.ui.model_settings import draw_answer_language, draw_embedding, draw_rule
from assistant.ui.price_table import draw_price_table
from assistant.ui.refine_view import draw_settings
from assistant.ui.render import plain
from assistant.ui.session import add_notice, assistant, say
from assistant.ui.welcome import about_the_model


def folders() -> None:
    """Offer the notes folders for change, unless they are given from outside."""
    st.subheader(say("settings.folders"))
    panels.notices()
    current = assistant().settings
    fixed = "ASSISTANT_NOTES_DIR" in current.fixed
    with st.form("folders"):
        written = st.text_area(
            say("settings.folders"),
            "\n".join(str(folder) for folder in current.notes),
            help=say("settings.folders_help"),
            disabled=fixed,
            label_visibility="collapsed",
            key="folders-text",
        )
        saved = st.form_submit_button(say("settings.save"), disabled=fixed, icon="💾")
    st.caption(say("settings.folders_fixed") if fixed else say("settings.folders_help"))
    watching()
    if saved:
        save_folders([line.strip() for line in written.splitlines() if line.strip()])


def watching() -> None:
    """Let the learner switch the watching of the folders, and say how each is watched."""
    app = assistant()
    wanted = st.toggle(say("settings.watch"), app.watches, help=say("settings.watch_help"), key="watch-folders")
    if wanted != app.watches:
        app.preferences.choose("watch", None if wanted else False)
        app.follow_folders()
    for folder, how in app.live.how().items() if wanted else ():
        if how != "events":
            st.caption(say(f"settings.watch_{how}", folder=plain(str(folder))))


def save_folders(names: list[str]) -> None:
    """Keep the folders if all of them exist, and read them."""
    missing = [name for name in names if not Path(name).expanduser().is_dir()]
    if missing or not names:
        st.error(
            say("settings.folder_missing", folder=plain(", ".join(missing))) if missing else say("settings.folder_none")
        )
        return
    assistant().preferences.choose("notes", [str(Path(name).expanduser()) for name in names])
    add_notice("success", say("settings.saved"))
    sync_if_free()
    st.rerun()


def data() -> None:
    """Show where the data lies and how much it is, and check it on request."""
    st.subheader(say("settings.data"))
    app = assistant()
    notes = app.store.notes()
    size = sum(file.stat().st_size for file in app.database.folder.rglob("*") if file.is_file())
    facts = {
        say("settings.data_place"): str(app.database.folder.absolute()),
        say("settings.data_size"): f"{size / 1_000_000:.1f} MB",
        say(
            "settings.data_notes"
        ): f"{sum(note.error is None for note in notes)} / {sum(note.chunks for note in notes)}",
        say("settings.data_conversations"): str(len(app.conversations.all())),
        say("settings.data_version"): __version__,
    }
    st.table({name: plain(value) for name, value in facts.items()}, border="horizontal")
    if st.button(say("settings.check"), icon="🩺"):
        wrong = contradictions(app.database, app.embedder.key)
        if wrong:
            st.warning("\n\n".join([say("settings.check_bad"), *map(plain, wrong), say("settings.check_repair")]))
        else:
            st.success(say("settings.check_ok"))


with panels.errors():
    st.header(say("app.settings"))
    folders()
    st.subheader(say("settings.model"))
    st.info(about_the_model(), icon="🔌")
    st.caption(say("settings.model_where"))
    draw_rule()
    draw_answer_language()
    with panels.errors():
        draw_settings()
    st.subheader(say("model.embedding"))
    with panels.errors():
        draw_embedding()
    draw_price_table()
    data()
    with panels.errors():
        draw_backups()
