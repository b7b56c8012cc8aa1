"""评测: which chunk size, weight and embedding model finds the learner's own notes best, and how sure that is."""

import streamlit as st

from assistant.evaluate.own import bills, questions_of
from assistant.ui import panels
from assistant.ui.evaluate_view import chosen_setups, draw_bills, draw_job, draw_outcomes, work_under_way
from assistant.ui.job_view import draw_job as draw_sync
from assistant.ui.session import assistant, recall, remember, say


def offer() -> None:
    """Offer what to compare: its price first where one of the models charges, then the work."""
    app = assistant()
    setups = chosen_setups()
    if not setups:
        return
    chosen = [(setup.embedder.key, setup.target, setup.weight) for setup in setups]
    if st.button(say("evaluate.count"), icon="🧮", key="evaluate-count"):
        with st.spinner(say("evaluate.counting")):
            questions = questions_of(app.store)
            remember("evaluation", (chosen, questions, bills(app.store, setups, questions)))
    kept = recall("evaluation")
    if kept is None or kept[0] != chosen:
        return
    _, questions, counted = kept
    if not questions:
        st.warning(say("evaluate.no_questions"), icon="🌱")
        return
    draw_bills(counted, len(questions))
    if st.button(say("evaluate.start"), type="primary", icon="▶️", key="evaluate-start"):
        remember("evaluation", None)
        app.comparisons.start(app.store, setups, questions)
        st.rerun()


with panels.errors():
    st.header(say("app.evaluate"))
    st.caption(say("evaluate.intro"))
    if not any(note.chunks for note in assistant().store.notes()):
        if assistant().jobs.running:
            draw_sync()  # the very first look at the notes: the page follows when it ends
        else:
            st.info(say("evaluate.empty"), icon="🌱")
    else:
        busy = work_under_way()
        if not busy:
            offer()
        draw_job()
        if not busy:
            draw_outcomes()
