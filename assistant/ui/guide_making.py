"""A guide by the chosen model: its price and the literal text first, then a run that goes on when the page is left."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from assistant.errors import Cancelled, Language
from assistant.study.guide import finished, so_far
from assistant.study.guide_job import GuideJob
from assistant.study.guide_parts import GuideParts
from assistant.study.guide_plan import Plan
from assistant.ui import panels
from assistant.ui.guide_view import draw_guide, draw_parts
from assistant.ui.money_text import cost_range, grouped, paid
from assistant.ui.render import plain, visible
from assistant.ui.session import add_notice, assistant, language, recall, remember, say, set_widget, widget_value
from assistant.ui.study_view import warn_of_budgets

_NOTES, _FORM = "guide-notes", "guide-form"
_CHOSEN, _ANEW = "guide chosen", "guide anew"
_TITLES = 3  # of the notes of a guide, where it is spoken of in one line


def choose_again(paths: Collection[str]) -> None:
    """Have the page open on what was chosen before it was left, else on the guide that was written last or is just being."""
    job = assistant().guide_jobs.current
    last = (list(job.plan.notes), job.plan.form) if job is not None else ([], "guide")
    notes, form = recall(_CHOSEN) or last
    chosen = widget_value(_NOTES)
    there = [path for path in (notes if chosen is None else chosen) if path in paths]
    if there != chosen:
        set_widget(_NOTES, there)
    if widget_value(_FORM) is None:
        set_widget(_FORM, form)


def keep_choice(notes: list[str], form: str) -> None:
    """Keep what is chosen for when the learner comes back to the page."""
    remember(_CHOSEN, (notes, form))


def under_way() -> bool:
    """Tell whether a guide is being written; ask before planning, for it may end before the page is drawn."""
    job = assistant().guide_jobs.current
    return job is not None and job.running


def draw_other_job(made: Plan | None) -> None:
    """Say that another guide than this one is being written, and lead there."""
    job = assistant().guide_jobs.current
    if job is None or not job.running or (made is not None and made.subject == job.plan.subject):
        return
    with st.container(border=True, key="guide-other"):
        titles = list(dict.fromkeys(job.plan.notes.values()))
        more = " …" if len(titles) > _TITLES else ""
        st.markdown(say("study.guide_other", titles=plain(" · ".join(titles[:_TITLES]) + more)))
        _follow(None)
        st.button(say("study.guide_show"), key="guide-show", on_click=_show, args=(job,))


def draw_planned(made: Plan, spoken: Language, *, running: bool) -> None:
    """Draw a guide as far as it is there: what it takes to write it, how far the writing is, what can be read.

    ``running``: whether a guide was being written when this one was planned; where it has ended since, the page is drawn anew.
    """
    known, job = assistant().guide_parts, assistant().guide_jobs.current
    if job is not None and job.plan.subject != made.subject:
        job = None
    running = running and job is not None
    guide = finished(made, known)
    if job is not None:
        _draw_job(job, running=running)
    if guide is None:
        if not running:
            _offer(made, known, anew=False)
        if parts := so_far(made):
            st.caption(say("study.guide_so_far"))
            draw_parts(parts)
        return
    asked = not (made.connection.quotes or running) and _draw_rewriting(made, known)
    idle = bool(guide.parts) and not (made.connection.quotes or running or asked)
    draw_guide(guide, spoken, (lambda: _rewriting_button(made)) if idle else lambda: None)


def _draw_rewriting(made: Plan, known: GuideParts) -> bool:
    """Offer a second writing where the learner asked for one, or one was not finished; tell whether it is offered."""
    if not known.anew.layout(made.subject) and recall(_ANEW) != made.subject:
        return False
    _offer(assistant().plan_guide(made.chunks, made.form, made.language, anew=True), known.anew, anew=True)
    return True


def _rewriting_button(made: Plan) -> None:
    st.button(say("study.anew"), key="guide-anew", icon="🔁", on_click=remember, args=(_ANEW, made.subject))


def _offer(made: Plan, place: GuideParts, *, anew: bool) -> None:
    """Show what is still to be sent and its price; the button sends the very messages that are shown."""
    cost, connection = made.cost(place), made.connection
    kept = len(made.parts) - len(made.pending)
    with st.container(border=True, key="guide-draft"):
        st.markdown(
            say(
                "study.guide_price",
                model=plain(f"{connection.model.provider} / {connection.model.name}"),
                calls=made.calls(place),
                tokens=grouped(made.prompt_tokens(place)),
                price=plain(cost_range(cost, local=connection.entry.local)),
            )
        )
        if kept:
            st.caption(say("study.anew_resumes" if anew else "study.guide_resumes", count=kept))
        if anew:
            st.caption(say("study.anew_keeps"))
        warn_of_budgets(cost)
        _literal_text(made)
        busy = under_way()
        if made.refusal is not None:
            panels.show_error(made.refusal)
        elif busy:
            st.info(say("study.guide_busy"), icon="⏳")
        _buttons(made, anew=anew, kept=kept, may_send=made.refusal is None and not busy)


def _buttons(made: Plan, *, anew: bool, kept: int, may_send: bool) -> None:
    label = say("study.guide_go_on") if kept else say("study.anew_send" if anew else "study.write_guide")
    with st.container(horizontal=True):
        if may_send:
            st.button(label, key="write-guide", type="primary", icon="📨", on_click=_start, args=(made, anew))
        if anew:
            leave = say("study.anew_drop" if kept else "draft.cancel")
            st.button(leave, key="guide-anew-leave", on_click=_leave, args=(made,))


def _literal_text(made: Plan) -> None:
    drafts = [part.draft for part in made.pending]
    if not drafts:
        drafts = [made.overview([part.kept or "" for part in made.parts])]
    with st.expander(say("study.guide_text")):
        label = say("study.guide_text_of", calls=len(drafts))
        number = st.number_input(label, 1, len(drafts), key=f"guide-text-{len(drafts)}") if len(drafts) > 1 else 1
        for message in drafts[number - 1].request.messages:
            st.caption(message.role)
            st.code(visible(message.content), language=None, wrap_lines=True)
        if made.pending and made.has_overview:
            st.caption(say("study.guide_text_overview"))


def _start(made: Plan, anew: bool) -> None:
    remember(_ANEW, None)
    if assistant().write_guide(made, anew=anew).plan is not made:  # another window was faster
        add_notice("info", say("study.guide_busy"))


def _leave(made: Plan) -> None:
    """Give up a second writing; what there is of it goes."""
    remember(_ANEW, None)
    assistant().guide_parts.anew.forget(made.subject, made.keys)
    assistant().guide_jobs.forget()


def _show(job: GuideJob) -> None:
    set_widget(_NOTES, list(job.plan.notes))
    set_widget(_FORM, job.plan.form)


def _draw_job(job: GuideJob, *, running: bool) -> None:
    """Show a run while it goes on, and afterwards what became of it."""
    if running:
        with st.container(border=True, key="guide-running"):
            _follow(None if job.anew else job.done)
            if job.anew:
                st.caption(say("study.anew_keeps"))
    elif isinstance(job.error, Cancelled):
        st.info(say("study.guide_stopped"), icon="⏹️")
    elif job.error is not None:
        panels.show_error(job.error)
    elif job.guide is not None and job.guide.calls:
        connection, cost = job.plan.connection, job.guide.paid
        local = say("cost.local") if connection.entry.local else paid(cost.as_json() if cost else None)
        model = plain(f"{connection.model.provider} / {connection.model.name}")
        st.caption(say("study.guide_done", model=model, cost=plain(local)))


@st.fragment(run_every=1.0)
def _follow(seen: int | None) -> None:
    """Follow the run; the page is drawn anew when it has ended, and when there is more to read than was ``seen``."""
    job = assistant().guide_jobs.current
    if job is None or not job.running or seen not in (None, job.done):
        st.rerun()
        return
    step = "study.writing_overview" if job.done >= len(job.plan.parts) else "study.writing_part"
    words = say("study.guide_stopping") if job.stopping else say(step, number=job.done + 1, total=job.total)
    st.progress(job.done / max(1, job.total), words)
    if job.waiting is not None:
        error, seconds = job.waiting
        st.info(say("chat.waiting", reason=plain(error.message(language())), seconds=f"{seconds:.0f}"))
    st.button(say("chat.stop"), key="guide-stop", icon="⏹️", on_click=job.cancel, disabled=job.stopping)
