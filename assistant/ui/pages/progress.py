"""进度: how the learning goes, from reviews and quiz answers only; what is missing, and the next step."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo

import streamlit as st

from assistant.study.history import reviewed, scheduled
from assistant.study.progress import (
    Answered,
    Reviewed,
    Scheduled,
    day_of,
    heat_map,
    last_days,
    load,
    mastery,
    retention,
    retention_by_week,
    streak,
)
from assistant.ui import panels
from assistant.ui.progress_charts import draw_all_topics, draw_heat, draw_load, draw_mastery, draw_retention, percent
from assistant.ui.session import assistant, now, say

CARDS, QUIZ, REVIEW = "assistant/ui/pages/cards.py", "assistant/ui/pages/quiz.py", "assistant/ui/pages/review.py"
HEAT_WEEKS, RETENTION_WEEKS, MONTH, LOAD_DAYS = 26, 12, 30, 30


def next_step(text: str, page: str, label: str, icon: str) -> None:
    """Say why there is nothing to draw yet, and lead to where that changes."""
    st.caption(text)
    st.page_link(page, label=label, icon=icon)


def nothing_yet() -> None:
    """Say what makes the plots appear."""
    st.info(say("progress.empty"), icon="🌱")
    next_step(say("progress.empty_cards"), CARDS, say("progress.to_cards"), "🗃️")
    next_step(say("progress.empty_quiz"), QUIZ, say("progress.to_quiz"), "❓")


def done_each_day(log: Sequence[Reviewed], answers: Sequence[Answered], days: Sequence[date]) -> None:
    """Draw the figures of today and the squares of the last half year."""
    heat = heat_map(log, (day_of(one.at, zone, starts) for one in answers), days)
    month, mature = retention(log, last_days(today, MONTH)[0]), retention(log, mature=True)
    with st.container(horizontal=True, key="progress-figures"):
        for name, value in {
            "streak": say("progress.days", count=streak(heat, today)),
            "today": str(heat[today]),
            "month": "–" if month is None else percent(month),
            "mature": "–" if mature is None else percent(mature),
        }.items():
            st.metric(say(f"progress.{name}"), value, help=say(f"progress.{name}_is"), width="content")
    st.subheader(say("progress.heat"), help=say("progress.heat_is"))
    if any(heat.values()):
        draw_heat(heat)
    else:
        next_step(say("progress.no_heat"), REVIEW, say("progress.to_review"), "🔁")


def remembered(log: Sequence[Reviewed]) -> None:
    """Draw the share that was remembered."""
    st.subheader(say("progress.retention"), help=say("progress.month_is"))
    weeks = retention_by_week(log, today, RETENTION_WEEKS)
    if weeks:
        draw_retention(weeks, reviews.schedule.retention)
    else:
        next_step(say("progress.no_retention"), REVIEW, say("progress.to_review"), "🔁")


def to_come(cards: Sequence[Scheduled]) -> None:
    """Draw the load of the next days."""
    st.subheader(say("progress.load"), help=say("progress.load_is"))
    ahead = load(cards, today, zone, LOAD_DAYS, starts)
    if any(ahead.values()):
        draw_load(ahead)
    else:
        next_step(say("progress.no_load"), REVIEW, say("progress.to_review"), "🔁")


def by_topic(cards: Sequence[Scheduled], answers: Sequence[Answered]) -> None:
    """Draw the topics, the weakest first."""
    st.subheader(say("progress.mastery"), help=say("progress.mastery_is"))
    topics = mastery(cards, answers)
    if any(one.value is not None for one in topics):
        draw_mastery(topics)
    else:
        next_step(say("progress.no_mastery"), QUIZ, say("progress.to_quiz"), "❓")
    draw_all_topics(topics)


with panels.errors():
    st.header(say("app.progress"))
    st.caption(say("progress.intro"))
    moment: datetime = now()
    zone: tzinfo = moment.tzinfo or UTC
    reviews = assistant().reviews
    starts = reviews.day_starts
    today: date = day_of(moment, zone, starts)
    window = last_days(today, 7 * (HEAT_WEEKS - 1) + today.weekday() + 1)  # whole weeks, the last one up to today
    titles = {note.place.path: note.title for note in assistant().store.notes()}
    deck, quiz = scheduled(reviews, titles, moment), assistant().quizzes.marked()
    if deck or quiz:
        book = reviewed(reviews, window, zone)
        done_each_day(book, quiz, window)
        remembered(book)
        to_come(deck)
        by_topic(deck, quiz)
    else:
        nothing_yet()
