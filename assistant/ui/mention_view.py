"""A name after @ that may mean several things: the learner says which, before the question is searched."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.answers.scope import chosen, unclear
from assistant.knowledge.stored import Stored
from assistant.ui.render import plain
from assistant.ui.session import say

_ICONS = {"note": "📄", "folder": "📁", "tag": "🏷️"}


def draw_choice(question: str, notes: Sequence[Stored]) -> str | None:
    """Draw what a name may mean; return the question with what was chosen, or '' when the learner gives it up."""
    mention = unclear(question, notes)
    if mention is None:
        return question
    with st.container(border=True, key="mention"):
        st.markdown(say("scope.which", name=plain(mention.name)))
        for number, target in enumerate(mention.targets):
            label = plain(target.label if target.kind == "tag" else target.value)
            if st.button(label, key=f"mention-{number}", icon=_ICONS[target.kind]):
                return chosen(question, mention, target)
        if st.button(say("draft.cancel"), key="mention-cancel"):
            return ""
    return None
