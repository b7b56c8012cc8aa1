"""The plots of the progress page, each with its definition on hover and its numbers in words. Adds nothing up itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from assistant.study.progress import Mastery, Week
from assistant.ui.i18n import say as say_in
from assistant.ui.render import plain
from assistant.ui.session import language, say

_GREEN, _GREY = "#3f8f7a", "#808080"  # for light and dark
_FAINT = 0.13  # of a day on which nothing was done
_MOST_BARS = 12
_MOST_ROWS = 500
_LONGEST = 2_000  # characters of what is read out


def draw_heat(heat: Mapping[date, int]) -> None:
    """Draw a square for each day, weeks side by side, the darker the more was done."""
    days = [f"{1 + number} {say(f'progress.weekday_{number}')}" for number in range(7)]  # the number keeps their order
    spoken = language()  # looked up once: each time it asks the database, and there are many days
    said = {day: say_in(spoken, "progress.heat_words", day=day.isoformat(), count=heat[day]) for day in heat}
    rows = [
        {"week": _week(day), "weekday": days[day.weekday()], "count": count, "words": said[day]}
        for day, count in heat.items()
    ]
    weekdays = {"title": None, "sort": days, "axis": _bare("slice(datum.value, 2)")}
    drawn = {
        "data": {"values": rows},
        "height": {"step": 18},
        "mark": {"type": "rect", "color": _GREEN, "cornerRadius": 3},
        "encoding": {
            "x": {
                "field": "week",
                "type": "ordinal",
                "title": None,
                "scale": {"paddingInner": 0.14},
                "axis": _bare("slice(datum.value, 0, 7)") | {"values": _first_weeks(heat), "labelAlign": "left"},
            },
            "y": {"field": "weekday", "type": "ordinal", "scale": {"paddingInner": 0.14}} | weekdays,
            "opacity": {
                "field": "count",
                "type": "quantitative",
                "scale": {"domain": [0, max(1, *heat.values())], "range": [_FAINT, 1]},
                "legend": None,
            },
            "tooltip": [{"field": "words", "title": " "}],
        },
        "config": {"view": {"stroke": None}},
    }
    _draw(drawn, say("progress.heat"), ", ".join(said[day] for day, count in heat.items() if count))


def draw_retention(weeks: Sequence[Week], wanted: float) -> None:
    """Draw the share that was remembered week by week, beside the share that is wanted."""
    rows: list[dict[str, Any]] = [
        {
            "week": week.starts.isoformat(),
            "share": week.share,
            "words": say(
                "progress.week_words", day=week.starts.isoformat(), share=percent(week.share), count=week.reviews
            ),
        }
        for week in weeks
    ]
    y = {"field": "share", "type": "quantitative", "title": None, "scale": {"domain": [0, 1]}}
    drawn = {
        "data": {"values": rows},
        "height": 220,
        "layer": [
            {
                "mark": {"type": "rule", "color": _GREY, "strokeDash": [5, 4], "aria": False},
                "encoding": {"y": {"datum": wanted}},
            },
            {
                "mark": {"type": "line", "color": _GREEN, "point": {"color": _GREEN, "size": 70}},
                "encoding": {
                    "x": {"field": "week", "type": "ordinal", "title": None, "axis": _bare("slice(datum.value, 5)")},
                    "y": y | {"axis": {"format": "%", "tickCount": 5}},
                    "tooltip": [{"field": "words", "title": " "}],
                },
            },
        ],
    }
    _draw(drawn, say("progress.retention"), ", ".join(row["words"] for row in rows))
    st.caption(say("progress.wanted", share=percent(wanted)))


def draw_load(load: Mapping[date, int]) -> None:
    """Draw how many cards fall due on each of the next days."""
    rows: list[dict[str, Any]] = [
        {"day": day.isoformat(), "count": count, "words": say("progress.load_words", day=day.isoformat(), count=count)}
        for day, count in load.items()
    ]
    drawn = {
        "data": {"values": rows},
        "height": 200,
        "mark": {"type": "bar", "color": _GREEN},
        "encoding": {
            "x": {"field": "day", "type": "ordinal", "title": None, "axis": _bare("slice(datum.value, 5)")},
            "y": {"field": "count", "type": "quantitative", "title": None, "axis": {"tickMinStep": 1, "tickCount": 5}},
            "tooltip": [{"field": "words", "title": " "}],
        },
    }
    _draw(drawn, say("progress.load"), ", ".join(row["words"] for row in rows if row["count"]))


def draw_mastery(topics: Sequence[Mastery]) -> None:
    """Draw the weakest topics, of those that were tried at all; the rest in words."""
    tried = [one for one in topics if one.value is not None]
    rows = [
        {
            "topic": topic_name(one),
            "value": one.value,
            "label": f"{percent(one.value or 0.0)}  {topic_name(one)}",
            "words": mastery_words(one),
        }
        for one in tried[:_MOST_BARS]
    ]
    drawn = {
        "data": {"values": rows},
        "height": {"step": 44},
        "encoding": {
            "y": {"field": "topic", "type": "nominal", "sort": None, "axis": None},
            "tooltip": [{"field": "topic", "title": " "}, {"field": "words", "title": say("progress.mastery")}],
        },
        "layer": [
            {
                "mark": {"type": "bar", "color": _GREEN, "height": 10, "yOffset": 9},
                "encoding": {
                    "x": {
                        "field": "value",
                        "type": "quantitative",
                        "title": None,
                        "scale": {"domain": [0, 1]},
                        "axis": {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1]},
                    }
                },
            },
            {
                # Names stand above their bars: beside them there is no room on a phone.
                "mark": {
                    "type": "text",
                    "align": "left",
                    "dy": -8,
                    "limit": {"expr": "width"},
                    "color": _text_colour(),
                },
                "encoding": {"x": {"value": 0}, "text": {"field": "label"}},
            },
        ],
    }
    _draw(drawn, say("progress.mastery"), ", ".join(f"{row['topic']} {row['words']}" for row in rows))


def topic_name(one: Mastery) -> str:
    """Name a topic; cards that rest on no note have none."""
    return one.topic or say("progress.no_topic")


def mastery_words(one: Mastery) -> str:
    """Say how well a topic is known, and what that rests on."""
    return say(
        "progress.mastery_words",
        share="–" if one.value is None else percent(one.value),
        reviewed=one.reviewed,
        cards=one.cards,
        right=one.right,
        asked=one.asked,
    )


def draw_all_topics(topics: Sequence[Mastery]) -> None:
    """Offer every topic with its numbers, also those that nobody has tried yet."""
    with st.expander(say("progress.all_topics", count=len(topics))):
        rows = [
            {say("progress.topic"): plain(topic_name(one)), say("progress.mastery"): mastery_words(one)}
            for one in topics[:_MOST_ROWS]
        ]
        st.table(rows, hide_index=True, border="horizontal")


def percent(share: float) -> str:
    """Write a share as whole per cent."""
    return f"{share:.0%}"


def _week(day: date) -> str:
    """Name a week by its Sunday: then one in which a month begins bears that month."""
    return (day + timedelta(days=6 - day.weekday())).isoformat()


def _first_weeks(heat: Mapping[date, int]) -> list[str]:
    """Return the weeks in which a month begins: only they are named below the squares."""
    return [_week(day) for day in heat if day.day == 1]


def _text_colour() -> str:
    """Return what can be read on the background; Vega's own text would be black on black."""
    return "#e6e8e6" if st.context.theme.type == "dark" else "#111416"


def _bare(label: str) -> dict[str, Any]:
    return {"labelExpr": label, "labelAngle": 0, "labelOverlap": True, "ticks": False, "domain": False}


def _draw(drawn: dict[str, Any], heading: str, words: str) -> None:
    """Draw a plot and say it in words too, for those who cannot see it."""
    st.vega_lite_chart(drawn, alt=plain(f"{heading}: {words}")[:_LONGEST])
