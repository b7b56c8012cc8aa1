"""资料库: what has been read, in what state, and what it looks like inside."""

import streamlit as st

from assistant.ui import panels
from assistant.ui.composer import FILE_TYPES, add_files
from assistant.ui.note_table import draw_note_table
from assistant.ui.note_view import draw_note
from assistant.ui.session import assistant, library_note, recall, remember, say

JOB_SECONDS = 0.5


@st.fragment(run_every=JOB_SECONDS if assistant().jobs.running else None)
def sync_state() -> None:
    """Draw the running sync, redrawn by itself; when it ends the whole page follows."""
    job = assistant().jobs.latest
    if job is None:
        return
    if job.state == "running":
        remember("sync seen running", True)
        panels.sync_progress(job)
        if st.button(say("library.cancel"), icon="⏹️"):
            job.cancel()
        return
    if recall("sync seen running"):
        remember("sync seen running", False)
        st.rerun()
    if job.state == "cancelled":
        st.info(say("library.report_cancelled"))
    elif job.error:
        panels.show_error(job.error)
    if job.report:
        panels.sync_report(job.report)


def upload() -> None:
    """Take in what is dropped, at once; the drop zone is a new and empty one afterwards."""
    zone = recall("drop zone") or 0
    files = st.file_uploader(
        say("library.upload"),
        FILE_TYPES,
        accept_multiple_files=True,
        help=say("library.upload_help"),
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
        if st.button(say("library.sync"), icon="🔄"):
            assistant().start_sync()
            st.rerun()
        sync_state()
        draw_note_table()
