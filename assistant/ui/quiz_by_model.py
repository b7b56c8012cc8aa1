"""A quiz by the connected model: its price before anything is sent, then how far the making has come."""

from __future__ import annotations

import streamlit as st

from assistant.errors import AssistantError
from assistant.study.quiz_job import QuizJob
from assistant.study.quiz_making import Wish
from assistant.study.quiz_model import QuizDraft
from assistant.ui.money_text import cost_range, grouped
from assistant.ui.panels import show_error
from assistant.ui.render import plain, visible
from assistant.ui.session import assistant, language, open_quiz, recall, remember, say
from assistant.ui.study_view import warn_of_budgets


def offer_model(wish: Wish) -> None:
    """Offer a quiz by the model, where one is connected; what it costs is shown before anything is sent."""
    app = assistant()
    if app.quiz_jobs.current is not None:
        _job(app.quiz_jobs.current)
        return
    draft: QuizDraft | None = recall("quiz draft")
    if draft is not None and draft.wish == wish:
        _draft(draft)
        return
    try:
        connection = app.connection
    except AssistantError:  # said where the model is chosen
        return
    if connection.quotes:
        return
    name = plain(f"{connection.model.provider} / {connection.model.name}")
    if st.button(say("quiz.by_model", model=name), icon="✨", key="quiz-by-model", help=say("quiz.by_model_help")):
        remember("quiz draft", app.prepare_quiz(wish))
        st.rerun()


def _draft(draft: QuizDraft) -> None:
    """Show what will be sent and what it costs; only the button sends it."""
    app = assistant()
    connection = draft.batches[0].draft.connection
    with st.container(border=True, key="quiz-draft"):
        st.markdown(
            say(
                "quiz.draft",
                model=plain(f"{connection.model.provider} / {connection.model.name}"),
                calls=len(draft.batches),
                tokens=grouped(draft.prompt_tokens),
                cost=plain(cost_range(draft.cost, local=connection.entry.local)),
            )
        )
        warn_of_budgets(draft.cost)
        if draft.refusal:
            show_error(draft.refusal)
        with st.expander(say("draft.messages")):
            for batch in draft.batches:
                for message in batch.draft.request.messages:
                    st.caption(message.role)
                    st.code(visible(message.content), language=None, wrap_lines=True)
        with st.container(horizontal=True):
            label = say("quiz.send")
            if st.button(label, type="primary", key="quiz-send", icon="📨", disabled=draft.refusal is not None):
                remember("quiz draft", None)
                app.make_quiz(draft)
                st.rerun()
            st.button(say("draft.cancel"), key="quiz-cancel", on_click=remember, args=("quiz draft", None))


@st.fragment(run_every=1.0)
def _running(job: QuizJob) -> None:
    """Follow a job; the page is drawn anew when it has ended."""
    if not job.running:
        st.rerun()
    all_ = len(job.draft.batches)
    st.progress(job.done / all_, say("quiz.making", done=job.done, all=all_, made=job.made))


def _job(job: QuizJob) -> None:
    """Draw a quiz in the making, or what came of it."""
    if job.running:
        _running(job)
        st.button(say("chat.stop"), key="quiz-stop", on_click=job.cancel)
        if job.attempt:
            st.button(say("quiz.begin"), key="quiz-begin", on_click=open_quiz, args=(job.attempt,))
        return
    if job.error is not None:
        st.error(f"{plain(job.error.message(language()))}\n\n{plain(job.error.hint(language()))}", icon="⚠️")
    if job.dropped:
        st.caption(say("quiz.dropped", count=job.dropped))
    if job.attempt:
        st.success(say("quiz.made", count=job.made))
        st.button(say("quiz.begin"), type="primary", key="quiz-begin", on_click=_begin, args=(job.attempt,))
    else:
        st.button(say("quiz.put_away"), key="quiz-put-away", on_click=assistant().quiz_jobs.forget)


def _begin(attempt: str) -> None:
    assistant().quiz_jobs.forget()
    open_quiz(attempt)
