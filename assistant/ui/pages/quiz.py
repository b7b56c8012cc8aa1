"""测验: one question a screen, its answer and its passage at once, and what it came to in the end."""

import streamlit as st

from assistant.errors import NotFound
from assistant.ui import panels
from assistant.ui.passage_panel import draw_passage
from assistant.ui.quiz_question import draw_question, question_on_screen
from assistant.ui.quiz_result_view import draw_result
from assistant.ui.quiz_start import draw_start
from assistant.ui.session import assistant, open_passage, open_quiz, quiz_attempt, say

passage = open_passage() if quiz_attempt() else None
centre, side = st.columns([4, 3], gap="medium") if passage else (st.container(), None)

with centre, panels.errors():
    panels.notices()
    attempt = None
    if opened := quiz_attempt():
        try:
            attempt = assistant().quizzes.attempt(opened)
        except NotFound:
            open_quiz(None)
            st.info(say("quiz.missing"))
    if attempt is None:
        draw_start()
    elif asked := question_on_screen(attempt):
        draw_question(attempt, asked)
    else:
        draw_result(attempt)
if passage and side:
    with side.container(border=True, key="evidence"), panels.errors():
        draw_passage(passage)
