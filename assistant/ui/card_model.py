"""Cards written by the chosen model: the price and the literal text first, then a run that goes on when the page is left."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.errors import AssistantError
from assistant.study.card_job import CardJob
from assistant.study.card_writing import CardsDraft
from assistant.ui import panels
from assistant.ui.money_text import cost_range, grouped
from assistant.ui.render import visible
from assistant.ui.session import add_notice, assistant, recall, remember, say
from assistant.ui.study_view import warn_of_budgets

_DRAFT, _TOLD = "cards draft", "cards job told"


def draw_by_model(within: Sequence[str]) -> None:
    """Offer the price for the chosen notes; sending it is another click."""
    app = assistant()
    try:
        if app.connection.quotes:
            st.caption(say("cards.model_none"))
            return
        if st.button(say("cards.price"), key="cards-price", icon="🏷️"):
            remember(_DRAFT, app.prepare_cards(list(within) or None))
        draft: CardsDraft | None = recall(_DRAFT)
        if draft is not None:
            _offer(draft)
    except AssistantError as error:
        panels.show_error(error)


def _offer(draft: CardsDraft) -> None:
    first = draft.batches[0].draft
    calls = len(draft.batches)
    st.markdown(
        say(
            "cards.price_line",
            passages=sum(len(one.chunks) for one in draft.batches),
            calls=calls,
            tokens=grouped(draft.prompt_tokens),
            cost=cost_range(draft.cost, local=first.connection.entry.local),
        )
    )
    with st.expander(say("cards.price_text", calls=calls)):
        for message in first.request.messages:
            st.code(visible(message.content), language=None, wrap_lines=True)
    warn_of_budgets(draft.cost)
    if draft.refusal:
        panels.show_error(draft.refusal)
    elif st.button(say("cards.send"), key="cards-send", type="primary", icon="📨"):
        assistant().write_cards(draft)
        remember(_DRAFT, None)
        remember(_TOLD, None)
        st.rerun()


def draw_job() -> None:
    """Show a run while it goes on, and once what came of it."""
    job = assistant().card_jobs.current
    if job is None or recall(_TOLD) is job:
        return
    if job.running:
        _follow()
    else:
        _tell(job)


@st.fragment(run_every=1.0)
def _follow() -> None:
    job = assistant().card_jobs.current
    if job is None or not job.running:
        st.rerun()
        return
    values = {"done": job.done, "total": job.total, "found": job.found}
    st.progress(job.done / max(1, job.total), say("cards.writing", **values))
    st.button(say("cards.stop"), key="cards-stop", icon="⏹️", on_click=job.cancel)


def _tell(job: CardJob) -> None:
    remember(_TOLD, job)
    add_notice(
        "success" if job.found else "info", say("cards.written", found=job.found, dropped=job.dropped + job.known)
    )
    panels.notices()
    if job.error is not None:
        panels.show_error(job.error)
