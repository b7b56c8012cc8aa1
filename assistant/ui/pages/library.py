"""资料库: what has been read, in what state, and what it looks like inside."""

import streamlit as st

from assistant.ui import panels
from assistant.ui.composer import FILE_TYPES, PICTURE_TYPES, add_files
from assistant.ui.job_view import draw_job, draw_sync_button
from assistant.ui.note_table import draw_note_table
from assistant.ui.note_view import draw_note
from assistant.ui.session import library_note, recall, remember, say


def upload() -> None:
    """Take in what is dropped, at once; the drop zone is a new and empty one afterwards."""
    zone = recall("drop zone") or 0
    files = st.file_uploader(
        say("library.upload"),
        [*FILE_TYPES, *PICTURE_TYPES],
        accept_multiple_files=True,
        help=say("library.upload_help", size=st.get_option("server.maxUploadSize")),
        key=f"upload-{zone}",
    )
    if files:
        remember("drop zone", zone + 1)
        add_files(files)
        st.rerun()


with panels.errors():
    if library_note():
        draw_note(library_note() or "")
    else:
        st.header(say("app.library"))
        st.caption(say("library.intro"))
        panels.notices()
        upload()
        draw_sync_button()
        draw_job()
        draw_note_table()
