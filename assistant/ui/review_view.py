"""One card at a time: its question, then its answer with four grades, each with the time until it comes again."""

from __future__ import annotations

import time
from datetime import timedelta

import streamlit as st

from assistant.errors import AssistantError, CardChanged
from assistant.study.card import Card
from assistant.study.reviews import Due
from assistant.study.schedule import Rating, day_bounds
from assistant.ui.card_face import draw_back, draw_front, draw_stale, passage_button
from assistant.ui.card_form import draw_form, edit_button
from assistant.ui.render import plain
from assistant.ui.session import add_notice, assistant, language, now, recall, remember, say, show_passage

_LONGEST_THOUGHT = 600.0  # seconds; who takes longer has gone away
_SEEN, _TURNED = "card under review", "card turned"
_YEAR, _MONTH = 365.25, 30.44


def draw_review(card: Card, due: Due) -> None:
    """Draw a card and what can be done with it."""
    turned = recall(_TURNED) == (card.id, card.version)
    if recall(_SEEN) is None or recall(_SEEN)[:2] != (card.id, card.version):
        remember(_SEEN, (card.id, card.version, time.monotonic()))
    st.caption(say("review.waiting", new=due.new, learning=due.learning, review=due.review))
    with st.container(border=True, key="card-face"):
        draw_front(card)
        if turned:
            st.divider()
            draw_back(card)
    if turned:
        _grades(card)
    else:
        st.button(say("review.turn"), key="turn", type="primary", width="stretch", on_click=_turn, args=(card,))
    with st.container(horizontal=True, key="card-row"):
        passage_button(card, "review-passage")
        edit_button(card, "review")
        st.button(say("review.bury"), key="bury", icon="💤", type="tertiary", on_click=_bury, args=(card,))
        st.button(say("review.suspend"), key="suspend", icon="⏸️", type="tertiary", on_click=_suspend, args=(card,))
        undo_button()
    draw_form(card, "review")
    draw_stale(card, "review")


def undo_button() -> None:
    """Offer to take the latest grade back."""
    if assistant().reviews.can_undo():
        st.button(say("review.undo"), key="undo", icon="↩️", type="tertiary", on_click=_undo)


def _grades(card: Card) -> None:
    moment = now()
    with st.container(horizontal=True, key="grades"):
        for rating, after in assistant().reviews.schedule.choices(card.memory, moment).items():
            wait = wait_words(after.due - moment)
            name = say(f"review.grade_{rating}")
            st.button(
                f"{rating} · {name}  \n{wait}",
                key=f"grade-{rating}",
                width="stretch",
                on_click=_grade,
                args=(card, rating),
            )


def wait_words(wait: timedelta) -> str:
    """Say how long an interval is, in the largest unit that keeps it a small number."""
    minutes, days = wait.total_seconds() / 60, wait.total_seconds() / 86_400
    if minutes < 60:
        return say("review.minutes", count=max(1, round(minutes)))
    if days < 1:
        return say("review.hours", count=round(minutes / 60))
    if days >= _MONTH:
        length = _YEAR if days >= _YEAR else _MONTH
        count = f"{days / length:.1f}".removesuffix(".0")
        return say("review.years" if length == _YEAR else "review.months", count=count)
    return say("review.days", count=round(days))


def _turn(card: Card) -> None:
    remember(_TURNED, (card.id, card.version))


def _grade(card: Card, rating: Rating) -> None:
    seen = recall(_SEEN)
    seconds = time.monotonic() - seen[2] if seen and seen[:2] == (card.id, card.version) else 0.0
    try:
        graded = assistant().reviews.grade(card, rating, now(), min(seconds, _LONGEST_THOUGHT))
    except CardChanged as error:
        add_notice("info", plain(error.message(language())))
    except AssistantError as error:
        add_notice("error", f"{plain(error.message(language()))} {plain(error.hint(language()))}")
        return
    else:
        if graded.suspended:
            add_notice("info", say("review.leech", front=plain(graded.front[:80]), count=graded.memory.lapses))
    show_passage(None)
    remember(_TURNED, None)


def _undo() -> None:
    assistant().reviews.undo()
    remember(_TURNED, None)


def _bury(card: Card) -> None:
    assistant().cards.bury(card.id, day_bounds(now(), assistant().reviews.day_starts)[1])


def _suspend(card: Card) -> None:
    assistant().cards.suspend(card.id)
