"""Three questions to go on with, below the newest answer; a click asks one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.answers.conversations import SavedTurn
from assistant.answers.next_questions import next_questions
from assistant.ui.composer import Asked
from assistant.ui.render import plain
from assistant.ui.session import assistant, say


def draw_next(turns: Sequence[SavedTurn]) -> Asked | None:
    """Draw the questions that follow upon the newest turn, if it has an answer; return the one that was clicked."""
    newest = turns[-1]
    if newest.state != "complete" or not newest.answer:
        return None
    questions = next_questions(newest.record, [turn.question for turn in turns], assistant().store.chunks_of)
    if not questions:
        return None
    st.caption(say("chat.next"))
    for number, question in enumerate(questions):
        if st.button(plain(question), key=f"next-{newest.id}-{number}", icon="↪️", type="tertiary"):
            return Asked(question)
    return None
