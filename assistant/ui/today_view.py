"""What the learner is told to do next, one thing after the other; more sections are added to ``SECTIONS``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from assistant.study.backlog import Backlog, pick
from assistant.study.flashcards import from_notes
from assistant.study.quiz_making import Wish, make_offline
from assistant.study.quiz_store import Kept
from assistant.study.schedule import day_bounds
from assistant.ui.backlog_view import draw_items
from assistant.ui.card_files import report
from assistant.ui.quiz_start import title_of
from assistant.ui.render import plain
from assistant.ui.session import assistant, now, open_quiz, say

_REVIEW, _CARDS, _QUIZ = (f"assistant/ui/pages/{name}.py" for name in ("review", "cards", "quiz"))


def cards_of_the_day(today: date) -> bool:
    """Draw the cards that wait, or the way to the first ones; return False where nothing waits."""
    app = assistant()
    due, waiting = app.reviews.due(now()), app.cards.waiting()
    deck = app.cards.find(limit=1)[1]
    if not deck and not waiting:
        return _first_cards()
    st.subheader(say("app.review"))
    if due.total:
        with st.container(border=True, key="today-cards"):
            st.markdown(f"**{say('today.due', count=due.total)}**")
            st.caption(say("review.waiting", new=due.new, learning=due.learning, review=due.review))
            if st.button(say("today.review"), type="primary", icon="🔁", key="today-review"):
                st.switch_page(_REVIEW)
    elif deck:
        done = len(app.reviews.log(day_bounds(now(), app.reviews.day_starts)[0]))
        st.caption(f"✅ {say('today.reviewed', count=done)}" if done else say("today.none_due"))
    if waiting:
        st.page_link(_CARDS, label=say("review.proposed", count=waiting), icon="🗃️")
    return bool(due.total or waiting)


def quiz_of_the_day(today: date) -> bool:
    """Draw one quiz: the one that waits, else one about the note of which most was wrong; False once one was done today."""
    app = assistant()
    newest = app.quizzes.attempts(5)
    waiting = next((one for one in newest if one.answered < one.questions), None)
    answered, right = app.quizzes.answered_since(day_bounds(now(), app.reviews.day_starts)[0])
    notes = {note.place.path: note.title for note in app.store.notes() if note.error is None}
    if not notes and waiting is None:
        return False
    st.subheader(say("app.quiz"))
    if answered and waiting is None:
        st.caption(f"✅ {say('today.asked', count=answered, right=right)}")
        return False
    if waiting is not None:
        _go_on(waiting)
        return True
    missed = next(((note, count) for note, count in app.quizzes.missed().items() if note in notes), None)
    wish = Wish(within=frozenset([missed[0]])) if missed else Wish()
    with st.container(border=True, key="today-quiz"):
        why = say("today.missed", title=plain(notes[missed[0]]), count=missed[1]) if missed else say("today.any_note")
        st.markdown(why)
        if st.button(say("quiz.start", count=wish.number), type="primary", icon="❓", key="today-quiz-start"):
            open_quiz(make_offline(wish, app.store, app.quizzes))
            st.switch_page(_QUIZ)
    return True


def open_point_of_the_day(today: date) -> bool:
    """Draw one item of the backlog, the same all day; return False where the notes leave nothing open."""
    items = Backlog(assistant().store).items()
    item = pick(items, today.toordinal())
    if item is None:
        return False
    st.subheader(say("study.today_open"))
    st.caption(say("study.today_of", count=len(items)))
    draw_items([item])
    return True


def _first_cards() -> bool:
    """Offer the first cards with one click, where there are notes to find them in."""
    app = assistant()
    if not any(note.error is None for note in app.store.notes()):
        return False
    st.subheader(say("app.cards"))
    with st.container(border=True, key="today-cards"):
        st.markdown(say("review.none"))
        if st.button(say("cards.find"), type="primary", icon="✨", key="today-find", help=say("cards.find_help")):
            report(app.cards.propose(from_notes(app.store)))
            st.switch_page(_CARDS)
    return True


def _go_on(waiting: Kept) -> None:
    with st.container(border=True, key="today-quiz"):
        st.markdown(say("quiz.go_on", title=title_of(waiting.title), done=waiting.answered, all=waiting.questions))
        if st.button(say("today.go_on"), type="primary", icon="▶️", key="today-quiz-go-on"):
            open_quiz(waiting.id)
            st.switch_page(_QUIZ)


# Each draws itself and returns whether it had something to do; the first ones are the most pressing.
SECTIONS: tuple[Callable[[date], bool], ...] = (cards_of_the_day, quiz_of_the_day, open_point_of_the_day)
