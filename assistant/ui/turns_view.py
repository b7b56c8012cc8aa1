"""Which turns of a conversation are drawn: the newest; older ones are folded away until they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.answers.conversations import SavedTurn
from assistant.ui.session import conversation, recall, remember, say

NEWEST = 20  # enough to scroll back through; each drawn turn costs time in every rerun
MORE = 40


def unfolded(turns: Sequence[SavedTurn]) -> Sequence[SavedTurn]:
    """Return the turns to draw."""
    return turns[-int(recall(_name()) or NEWEST) :]


def draw_older(turns: Sequence[SavedTurn], shown: Sequence[SavedTurn]) -> None:
    """Offer the next older turns, above those that are shown."""
    folded = len(turns) - len(shown)
    if folded > 0:
        more = min(MORE, folded)
        st.button(
            say("chat.older", more=more, count=folded),
            key="older-turns",
            icon="🔼",
            type="tertiary",
            on_click=remember,
            args=(_name(), len(shown) + more),
        )


def _name() -> str:
    return f"unfolded:{conversation()}"
