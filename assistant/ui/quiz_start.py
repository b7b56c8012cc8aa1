"""Before a quiz: one button that asks at once, what else can be chosen folded away, and the quizzes that wait."""

from __future__ import annotations

from pathlib import PurePosixPath

import streamlit as st

from assistant.study.quiz import KINDS
from assistant.study.quiz_making import MOST, NUMBER, Wish, make_offline
from assistant.study.quiz_store import Kept
from assistant.ui.quiz_by_model import offer_model
from assistant.ui.render import plain
from assistant.ui.scope_control import readable_notes
from assistant.ui.session import assistant, open_quiz, say


def draw_start() -> None:
    """Draw the page without an open quiz; starting one draws the page anew."""
    st.header(say("app.quiz"))
    st.caption(say("quiz.about"))
    former = assistant().quizzes.attempts()
    start = st.empty()
    wish = _wish()
    if start.button(say("quiz.start", count=wish.number), type="primary", icon="❓", key="quiz-start"):
        app = assistant()
        open_quiz(make_offline(wish, app.store, app.quizzes))
        st.rerun()
    offer_model(wish)
    _going_on(former)
    _former(former)


def title_of(title: str) -> str:
    """Return the name of a quiz, ready to be drawn."""
    return plain(title) if title else say("quiz.all_notes")


def _wish() -> Wish:
    """Offer scope, number and kinds, folded; left alone they are the usual ones."""
    with st.expander(say("quiz.choose"), icon="🎯"):
        notes = [note.place.path for note in readable_notes()]
        folders = {f"{parent}/" for path in notes for parent in PurePosixPath(path).parents if parent.name}
        within = st.multiselect(
            say("quiz.choose_notes"),
            [*sorted(folders), *notes],
            placeholder=say("quiz.choose_nothing"),
            key="quiz-within",
        )
        number = st.slider(say("quiz.number"), 1, MOST, NUMBER, key="quiz-number")
        kinds = st.pills(
            say("quiz.kinds"),
            KINDS,
            selection_mode="multi",
            default=KINDS,
            format_func=lambda kind: say(f"quiz.kind_{kind}"),
            key="quiz-kinds",
        )
    return Wish(number, tuple(kinds) or KINDS, frozenset(within) or None)


def _going_on(former: list[Kept]) -> None:
    """Offer the newest quiz that is not done."""
    waiting = next((one for one in former if one.answered < one.questions), None)
    if waiting is not None:
        label = say("quiz.go_on", title=title_of(waiting.title), done=waiting.answered, all=waiting.questions)
        st.button(label, icon="▶️", key="quiz-go-on", on_click=open_quiz, args=(waiting.id,))


def _former(former: list[Kept]) -> None:
    if not former:
        return
    with st.expander(say("quiz.former", count=len(former)), icon="🗒️"):
        for one in former:
            line = say(
                "quiz.former_line",
                title=title_of(one.title),
                date=one.started_at[:10],
                right=one.right,
                answered=one.answered,
                all=one.questions,
            )
            st.button(line, key=f"quiz-open-{one.id}", type="tertiary", on_click=open_quiz, args=(one.id,))
