"""A model that was picked but is not in use yet: it takes over when its server passes the free test, or on the learner's word."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import streamlit as st

from assistant.connections import Choice
from assistant.errors import AssistantError
from assistant.ui import panels
from assistant.ui.ollama_offer import offer_pull
from assistant.ui.render import plain
from assistant.ui.session import assistant, catalog, recall, remember, say

Failure = AssistantError | Literal["not listed"]


def settle(picked: Choice, chosen: Choice) -> None:
    """Put a pick into use: at once where the server stays the same or none is needed, else after its test."""
    if picked == chosen:
        return
    if catalog().provider(picked.provider).kind == "offline" or _place(picked) == _place(chosen):
        _use(picked)
        return
    still = st.empty()
    if st.button(say("model.test_and_use"), type="primary", icon="🔌", key="test-and-use"):
        failure = _failure(picked)
        if failure is None:
            _use(picked)
        remember("failed draft", (picked, failure))
    tried: tuple[Choice, Failure] | None = recall("failed draft")
    if tried and tried[0] == picked:
        _explain(picked, tried[1])
        st.caption(say("model.previous_stays", model=plain(_named(chosen))))
        if st.button(say("model.use_anyway"), key="use-anyway"):
            _use(picked)
    else:
        still.caption(say("model.still", model=plain(_named(chosen))))


def _failure(picked: Choice) -> Failure | None:
    """Have the server list its models, which proves address and key and costs nothing; return what is wrong."""
    try:
        with st.spinner(say("model.testing")):
            live = assistant().connections.models(picked)
    except AssistantError as error:
        return error
    remember(f"models:{picked.provider}:{picked.base_url}", live)
    return None if {picked.model, f"{picked.model}:latest"} & set(live) else "not listed"


def _explain(picked: Choice, failure: Failure) -> None:
    """Say what was wrong with a pick for as long as it stands, so that what is offered beside it can be clicked."""
    if isinstance(failure, AssistantError):
        panels.show_error(failure)
        return
    st.warning(say("model.not_listed", model=plain(picked.model)))
    if picked.provider == "ollama":
        offer_pull(picked.model, "picker")


def _place(choice: Choice) -> Choice:
    """Leave out what only steers the answer: whether the server works does not depend on it."""
    usual = Choice()
    return replace(choice, num_ctx=usual.num_ctx, thinking=usual.thinking, keep_alive=usual.keep_alive)


def _named(choice: Choice) -> str:
    offline = catalog().provider(choice.provider).kind == "offline"
    return say("model.offline") if offline else f"{choice.provider} / {choice.model or '?'}"


def _use(picked: Choice) -> None:
    remember("failed draft", None)
    remember("drawn:chat", picked)
    assistant().choose_chat(picked)
    st.rerun()
