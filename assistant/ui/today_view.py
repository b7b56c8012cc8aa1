"""What the learner is told to do next, one thing after the other; more sections are added to ``SECTIONS``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from assistant.study.backlog import Backlog, pick
from assistant.ui.backlog_view import draw_item
from assistant.ui.session import assistant, say


def open_point_of_the_day(today: date) -> bool:
    """Draw one item of the backlog, the same all day; return False where the notes leave nothing open."""
    items = Backlog(assistant().store).items()
    item = pick(items, today.toordinal())
    if item is None:
        return False
    st.subheader(say("study.today_open"))
    st.caption(say("study.today_of", count=len(items)))
    draw_item(item)
    return True


# Each draws itself and returns whether it had something to do; the first ones are the most pressing.
SECTIONS: tuple[Callable[[date], bool], ...] = (open_point_of_the_day,)
