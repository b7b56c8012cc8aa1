"""The quiet line at the composer: what the next question will take, before it is even written."""

from __future__ import annotations

import streamlit as st

from assistant.answers.prompt import HISTORY_TURNS, compose, new_fence
from assistant.errors import AssistantError
from assistant.money.cost import forecast
from assistant.ui.money_text import cost_range, grouped
from assistant.ui.render import plain
from assistant.ui.session import assistant, conversation, language, say

USUAL_CHUNKS = 6


def draw_standing_cost() -> None:
    """Draw model, usual tokens and money of the next question; nothing when no model is connected or it cannot be."""
    app = assistant()
    try:
        connection = app.connection
    except AssistantError:  # said where the model is chosen, and when something is asked
        return
    if connection.quotes:
        return
    history = app.conversations.history(conversation() or "")[-HISTORY_TURNS:]
    answer_in = app.answer_language
    prompt = compose("", (), history, answer_in or language(), new_fence(), chosen=answer_in is not None)
    frame = connection.counter.text(prompt.system) + connection.counter.text(prompt.history)
    tokens = frame + USUAL_CHUNKS * _usual_chunk()
    cost = forecast(connection.entry, tokens, connection.output_tokens, connection.thinking)
    st.bottom.caption(
        say(
            "model.standing",
            model=plain(f"{connection.model.provider} / {connection.model.name}"),
            tokens=grouped(tokens),
            cost=plain(cost_range(cost, local=connection.entry.local)),
        )
    )


def _usual_chunk() -> int:
    notes = assistant().store.notes()
    return sum(note.tokens for note in notes) // max(1, sum(note.chunks for note in notes))
