"""The running work on the library, a sync or the vectors of another model, with its end; the same on every page."""

from __future__ import annotations

import streamlit as st

from assistant.knowledge.sync import SyncReport
from assistant.ui import panels
from assistant.ui.index_bill import draw_bill, model_name
from assistant.ui.session import assistant, recall, remember, say, sync_is_free

JOB_SECONDS = 0.5


def work_under_way() -> bool:
    """Tell whether something runs; a page that was told so is drawn anew when it ends, however soon that is."""
    running = assistant().jobs.running
    if running:
        remember("sync seen running", True)  # here already: it may end before the next line
    return running


def draw_job() -> None:
    """Draw the latest work, redrawn by itself while it runs; when it ends the whole page follows."""
    st.fragment(_job, run_every=JOB_SECONDS if work_under_way() else None)()


def draw_sync_button() -> None:
    """Offer a sync; one that the embedding model charges for says its price first and wants a yes."""
    app = assistant()
    if sync_is_free(app):
        if st.button(say("library.sync"), icon="🔄"):
            app.start_sync()
            st.rerun()
        return
    if st.button(say("library.sync_price"), icon="🔄", key="sync-price"):
        with st.spinner(say("library.starting")):
            remember("sync estimate", app.sync().estimate())
    estimate: SyncReport | None = recall("sync estimate")
    if estimate is None:
        return
    entry = app.embedder.entry
    draw_bill(say("library.sync_cost", model=model_name(entry)), estimate, entry, app.budgets)
    if st.button(say("library.sync_yes"), type="primary", key="sync-yes"):
        remember("sync estimate", None)
        app.start_sync()
        st.rerun()


def _job() -> None:
    job = assistant().jobs.latest
    if job is None:
        return
    if job.state == "running":
        panels.sync_progress(job)
        if st.button(say("library.cancel"), icon="⏹️", key="cancel-job"):
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
