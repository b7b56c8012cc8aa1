"""The settings of what is sent and searched with: the rule before sending, and the embedding model with its price."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import streamlit as st

from assistant.answers.drafts import AskFirst, Rule
from assistant.chosen import searches_with_vectors
from assistant.connections import Choice
from assistant.ui.i18n import LANGUAGES
from assistant.ui.index_bill import draw_bill, model_name
from assistant.ui.job_view import draw_job, work_under_way
from assistant.ui.model_picker import draw_choice
from assistant.ui.render import plain
from assistant.ui.session import assistant, embedding_choice, recall, remember, say


def draw_rule() -> None:
    """Offer when a draft must be shown before it is sent; the choice takes effect at once."""
    current = assistant().ask_first
    rules: list[Rule] = list(get_args(Rule))
    rule: Rule = st.radio(
        say("model.rule"),
        rules,
        index=rules.index(current.rule),
        format_func=lambda name: say(f"model.rule_{name}"),
        key="rule",
    )
    amount = current.amount
    if rule == "above":
        step = Decimal("0.01")
        written = st.number_input(say("model.rule_amount"), 0.0, 1_000.0, float(amount), float(step), key="rule-amount")
        amount = Decimal(str(written)).quantize(Decimal("0.0001")).normalize()
    chosen = AskFirst(rule, amount)
    if chosen != current:
        assistant().preferences.choose("ask_first", chosen.as_json())
        st.rerun()


def draw_answer_language() -> None:
    """Offer the language of the answers: that of each question, or always the same one."""
    current = assistant().answer_language
    texts: dict[str, str] = {"": say("model.answer_as_asked")} | {str(code): name for code, name in LANGUAGES.items()}
    chosen = st.radio(
        say("model.answer_language"),
        list(texts),
        index=list(texts).index(current or ""),
        format_func=texts.__getitem__,
        help=say("model.answer_language_help"),
        horizontal=True,
        key="answer-language",
    )
    if chosen != (current or ""):
        assistant().preferences.choose("answer_language", chosen or None)
        st.rerun()


def draw_embedding() -> None:
    """Say which embedding model is in use and offer another: its price first, then a yes, then the work."""
    app = assistant()
    busy = work_under_way()  # asked before the model in use is named: its end changes that
    st.caption(say("model.embedding_help"))
    st.markdown(say("model.embedding_now", key=plain(app.embedder.key)))
    _draw_questions()
    if busy and recall("building vectors"):
        st.info(say("model.embedding_running"))
    if busy or recall("building vectors"):
        draw_job()
    if busy:
        return
    with st.container(border=True, key="embedding"):
        picked = draw_choice("embedding", embedding_choice(app))
        if picked:
            _offer(picked)


def _draw_questions() -> None:
    """Let the learner keep questions from an embedding model that is not in this process; keywords are left then."""
    app = assistant()
    if app.embedder.offline:
        return
    current = searches_with_vectors(app.preferences)
    model = model_name(app.embedder.entry)
    wanted = st.toggle(say("model.search_with_vectors", model=model), current, key="search-with-vectors")
    if wanted != current:
        app.preferences.choose("search_with_vectors", wanted)
        st.rerun()


def _offer(picked: Choice) -> None:
    """Show what building the vectors will take, and start on a yes."""
    app = assistant()
    embedder = app.meter(picked)
    if embedder.key == app.embedder.key:
        st.caption(say("model.embedding_same"))
        return
    estimate = app.reembedding(picked).estimate()
    entry = embedder.entry
    draw_bill(say("model.embedding_build", model=model_name(entry)), estimate, entry, app.budgets)
    text = say("model.embedding_yes") if estimate.embedded_chunks else say("model.embedding_switch")
    if st.button(text, type="primary", key="embedding-yes"):
        remember("building vectors", True)
        app.jobs.start(app.reembedding(picked))
        st.rerun()
