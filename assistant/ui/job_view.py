"""The running work on the library, a sync or the vectors of another model, with its end; the same on every page."""

from __future__ import annotations

import streamlit as st

from assistant.knowledge.job import SyncJob
from assistant.knowledge.live import LiveFolders
from assistant.knowledge.sync import SyncReport
from assistant.money.cost import Forecast
from assistant.ui import panels
from assistant.ui.index_bill import draw_bill, model_name
from assistant.ui.money_text import cost_range, grouped
from assistant.ui.render import plain
from assistant.ui.session import assistant, recall, remember, say, sync_is_free

JOB_SECONDS = 0.5
IDLE_SECONDS = 3.0  # between two glances at whether a change of the folders has started something


def work_under_way() -> bool:
    """Tell whether something runs; a page that was told so is drawn anew when it ends, however soon that is."""
    running = assistant().jobs.running
    if running:
        remember("sync seen running", True)  # here already: it may end before the next line
    return running


def draw_job() -> None:
    """Draw the latest work, redrawn by itself while it runs; when it ends the whole page follows."""
    remember("job seen", assistant().jobs.latest)
    idle = IDLE_SECONDS if assistant().live.watching else None
    st.fragment(_job, run_every=JOB_SECONDS if work_under_way() else idle)()


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
    live, job = assistant().live, assistant().jobs.latest
    if job is not recall("job seen"):
        # A change of the folders started it; it may even have ended since the last glance.
        remember("job seen", job)
        st.rerun()
    if job is not None and job.state == "running":
        _running(job)
        return
    if recall("sync seen running"):
        remember("sync seen running", False)
        st.rerun()
    _rest(live, job)
    if live.waiting:
        _priced(live.waiting)
    if job is None:
        return
    if job.state == "cancelled":
        st.info(say("library.report_cancelled"))
    elif job.error and job.state != "paused":
        panels.show_error(job.error)
    if job.report:
        panels.sync_report(job.report)


def _running(job: SyncJob) -> None:
    panels.sync_progress(job)
    with st.container(horizontal=True):
        if st.button(say("library.pause"), icon="⏸️", key="pause-job"):
            assistant().live.pause()
        if st.button(say("library.cancel"), icon="⏹️", key="cancel-job"):
            assistant().live.cancel()


def _rest(live: LiveFolders, job: SyncJob | None) -> None:
    """Say what a paused or interrupted sync left to do, also one of an earlier run of the app, and offer to go on."""
    rest = live.rest()
    paused = job is not None and job.state == "paused"
    if rest is None and not paused:
        return
    if rest and rest.left:
        text = say("library.rest", left=grouped(rest.left), total=grouped(rest.total))
    else:
        text = say("library.paused")
    st.info(text, icon="⏸️")
    with st.container(horizontal=True):
        if st.button(say("library.resume"), icon="▶️", key="resume-job", type="primary"):
            if sync_is_free(assistant()) or paused:  # what was paused in this run of the app has had its yes
                live.resume()
            else:
                remember("sync estimate", assistant().sync().estimate())
            st.rerun()
        if not paused and st.button(say("library.forget_rest"), key="forget-rest"):
            live.cancel()
            st.rerun()


def _priced(held: SyncReport) -> None:
    """Say what a change of the folders would cost: nothing of it is sent before the learner agrees above."""
    entry = assistant().embedder.entry
    cost = held.cost if isinstance(held.cost, Forecast) else None
    words = plain(cost_range(cost, local=entry.local))
    st.info(say("library.held", count=len(held.held), cost=words, model=model_name(entry)), icon="💰")
