"""The steps that a model may take for a search: their choice in the settings, their price before, what they did after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from assistant.answers.draft import Draft
from assistant.answers.refinement import Method
from assistant.money.budget import exceeded
from assistant.refining import (
    Step,
    choose_method,
    choose_reranker,
    chosen_steps,
    method_of,
    reranker_choice,
    rerankers,
    take,
)
from assistant.ui.money_text import cost_range, grouped, paid, standing_words
from assistant.ui.render import plain
from assistant.ui.session import assistant, language, say

_METHODS: tuple[Method | None, ...] = (None, "rewrite", "several", "hyde")


def draw_settings() -> None:
    """Offer both kinds of steps; what is chosen takes effect with the next question."""
    app = assistant()
    current = method_of(app)
    chosen = st.radio(
        say("refine.method"),
        _METHODS,
        index=_METHODS.index(current),
        format_func=lambda method: say(f"refine.method_{method or 'none'}"),
        help=say("refine.method_help"),
        key="refine-method",
    )
    if chosen != current:
        choose_method(app, chosen)
        st.rerun()
    _draw_rerankers()


def _draw_rerankers() -> None:
    app = assistant()
    now = reranker_choice(app)
    offered = {f"{choice.provider} / {choice.model}": (choice, entry) for choice, entry in rerankers(app)}
    if not offered and now is None:
        st.caption(say("refine.no_reranker"))
        return
    current = f"{now.provider} / {now.model}" if now else ""
    names = list(dict.fromkeys(["", *offered, current]))
    chosen = st.selectbox(
        say("refine.reranker"),
        names,
        index=names.index(current),
        format_func=lambda name: name or say("refine.reranker_none"),
        help=say("refine.reranker_help"),
        key="refine-reranker",
    )
    if chosen != current:
        choose_reranker(app, offered[chosen][0] if chosen in offered else None)
        st.rerun()
    if chosen in offered:
        entry = offered[chosen][1]
        price = (
            say("refine.price", price=f"{entry.price} {entry.currency}", date=entry.as_of)
            if entry.price is not None
            else ""
        )
        st.caption(plain(price or say("refine.price_unknown")))


def draw_steps(conversation: str, turn_id: int, draft: Draft) -> None:
    """Say what was done for this search already, and offer what the settings name with its price; a click takes it."""
    for done in draft.asked.refined:
        draw_refinement(done.as_json())
    app = assistant()
    history = app.conversations.history(conversation)
    for step in chosen_steps(app, draft, history)[:1]:
        with st.container(border=True, key="refine-step"):
            st.markdown(_offer(step))
            for standing in exceeded(app.budgets, step.cost):
                text = say("draft.budget_gone" if standing.gone else "draft.over_budget", **standing_words(standing))
                st.warning(text, icon="💰")
            label = say(f"refine.take_{step.kind}")
            if st.button(label, key=f"refine-{turn_id}-{step.kind}", icon="🔎"):
                with st.spinner(say("chat.thinking")):
                    changed = take(app, draft, history, step)
                app.drafts.hold(conversation, turn_id, changed)
                st.rerun()


def _offer(step: Step) -> str:
    return say(
        "refine.offer",
        what=say(f"refine.what_{step.kind}"),
        model=plain(f"{step.provider} / {step.model}"),
        tokens=grouped(step.tokens),
        cost=plain(cost_range(step.cost, local=step.local)),
    )


def draw_refinement(step: Mapping[str, Any]) -> None:
    """Say what a model did for a search: the words it searched with, its bill, or why it was done without."""
    what = say(f"refine.what_{step['kind']}")
    model = plain(f"{step['provider']} / {step['model']}")
    failure = step["failure"]
    if failure:
        st.warning(
            say(
                "refine.failed",
                what=what,
                model=model,
                reason=plain(failure[language()]),
                hint=plain(failure["hint"][language()]),
            ),
            icon="🔎",
        )
        return
    cost = say("cost.local") if step["local"] else plain(paid(step["cost"]))
    st.caption(say("refine.done", what=what, model=model, cost=cost))
    for query in step["queries"]:
        st.caption("→ " + plain(query))
