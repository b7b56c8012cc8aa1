"""What a quiz came to: the sum, the topics with the weakest first, and the wrong ones with their passages."""

from __future__ import annotations

import streamlit as st

from assistant.study.quiz_result import cards_from, result_by_topic, wrong
from assistant.study.quiz_store import Attempt
from assistant.ui.card_of_answer import cards_button
from assistant.ui.quiz_question import images_for, passage_of
from assistant.ui.render import draw, plain
from assistant.ui.session import assistant, language, open_quiz, say, show_passage


def draw_result(attempt: Attempt) -> None:
    """Draw the result of a finished attempt, and what can be done next."""
    topics = result_by_topic(attempt)
    if not topics:
        st.info(say("quiz.empty_quiz"))
    else:
        right = sum(one.right for one in topics)
        st.header(say("quiz.result", right=right, all=sum(one.marked for one in topics)))
        st.subheader(say("quiz.topics"))
        for one in topics:
            line = say("quiz.topic_line", topic=plain(one.topic), right=one.right, marked=one.marked)
            st.progress(one.right / one.marked, line)
    missed = cards_from(attempt)
    with st.container(horizontal=True, key="quiz-what-next"):
        if missed:
            cards_button(missed, say("quiz.make_cards", count=len(missed)), f"quiz-cards-{attempt.id}")
        st.button(say("quiz.another"), type="primary", key="quiz-another", on_click=open_quiz, args=(None,))
        if topics:
            st.button(say("quiz.again"), key="quiz-again", on_click=_again, args=(attempt,))
    _wrong(attempt)


def _wrong(attempt: Attempt) -> None:
    missed = wrong(attempt)
    if not missed:
        return
    st.subheader(say("quiz.wrong_ones", count=len(missed)))
    for one in missed:
        images = images_for(one.question)
        with st.container(border=True):
            draw(one.question.prompt, images=images, language=language())
            draw(say("quiz.right_answer", answer=one.question.answer), images=images, language=language())
            st.button(
                say("quiz.to_passage"),
                icon="📖",
                key=f"quiz-missed-{one.id}",
                type="tertiary",
                on_click=show_passage,
                args=(passage_of(one.question),),
            )


def _again(attempt: Attempt) -> None:
    open_quiz(assistant().quizzes.begin(attempt.quiz))
