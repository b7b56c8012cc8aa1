"""The checks on screen: what asking a model would cost, then one line after the other as each check ends."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from assistant.doctor.checks import Check, Group, Step, run
from assistant.doctor.spend import Spend
from assistant.doctor.texts import title
from assistant.ui.money_text import cost_range
from assistant.ui.render import plain
from assistant.ui.session import language, recall, remember, say

_MARKS = {"ok": "✅", "failed": "❌", "skipped": "➖"}


def ask_too(spend: Spend | None, group: Group) -> bool:
    """Say what asking the model will cost at most, and return whether the learner wants it; nothing is asked by default."""
    if spend is None:
        return False
    cost = plain(cost_range(spend.cost, local=spend.local))
    text = say("doctor.ask_too", calls=spend.calls, cost=cost)
    return st.toggle(text, key=f"doctor-ask-{group}", help=say("doctor.ask_help"))


def draw_run(group: Group, steps: Iterable[Step]) -> None:
    """Make the checks, drawing each when it has ended, and keep them for as long as the page is looked at."""
    made: list[Check] = []
    with st.container(border=True), st.spinner(say("doctor.running")):
        for check in run(steps):
            made.append(check)
            _line(check)
        _sum(made)
    remember(f"checks:{group}", tuple(made))


def draw_last(group: Group) -> None:
    """Draw the checks that were made last, if there are any."""
    made: tuple[Check, ...] = recall(f"checks:{group}") or ()
    if made:
        with st.container(border=True):
            for check in made:
                _line(check)
            _sum(made)


def _line(check: Check) -> None:
    spoken = language()
    finding = check.finding
    name = plain(title(check.name)[spoken])
    st.markdown(f"{_MARKS[finding.state]} **{name}** · {plain(finding.message[spoken])}{_time(check.seconds)}")
    if finding.hint[spoken]:
        st.caption(f"→ {plain(finding.hint[spoken])}")


def _time(seconds: float) -> str:
    """Say how long a check took where it was long enough to be felt."""
    return " · " + say("doctor.seconds", seconds=f"{seconds:.1f}") if seconds >= 0.1 else ""


def _sum(made: Iterable[Check]) -> None:
    wrong = sum(not check.ok for check in made)
    st.markdown(say("doctor.some_wrong", count=wrong) if wrong else say("doctor.all_well"))
