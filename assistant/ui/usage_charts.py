"""The charts of the ledger: by day, model and purpose, one set for each currency, or of tokens. Adds nothing up itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import streamlit as st

from assistant.money.ledger import Entry, Sum, sums_of
from assistant.ui.call_text import money, purpose_name, short_name
from assistant.ui.money_text import grouped
from assistant.ui.render import plain
from assistant.ui.session import say

_MOST_DAYS = 92  # more bars than that are drawn as months
_MOST_BARS = 12
_COLOURS = [
    "#3f8f7a",
    "#e0a526",
    "#4a86b0",
    "#c0674a",
    "#8f7fc0",
    "#8a9a5b",
    "#c58fb0",
    "#7d8a8f",
]  # for light and dark


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a bar: where it stands, what it is of, how long it is, and its length in words."""

    place: str
    series: str
    value: Decimal
    words: str


def draw_charts(entries: Sequence[Entry]) -> None:
    """Draw money where money was paid, each currency by itself, and tokens where it was not or the learner asks for them."""
    currencies = [one.currency for one in sums_of(entries, "all") if one.currency and one.amount]
    chosen: str | None = None
    if currencies:
        chosen = st.segmented_control(
            say("usage.measure"),
            [*currencies, ""],
            default=currencies[0],
            format_func=lambda currency: (
                say("usage.in_money", currency=plain(currency)) if currency else say("usage.in_tokens")
            ),
            key="usage-measure",
        )
        if chosen is None:  # clicked away; "" is the choice of tokens
            chosen = currencies[0]
    else:
        st.caption(say("usage.no_money"))
    _draw_set(
        [entry for entry in entries if not chosen or (entry.paid and entry.paid.currency == chosen)], chosen or ""
    )


def _draw_set(entries: Sequence[Entry], currency: str) -> None:
    title = say("usage.axis_cost", currency=currency) if currency else say("usage.in_tokens")
    names = _names(entries)
    if len({entry.at.date() for entry in entries}) > 1:
        _chart(_by_day(entries, currency, names), say("usage.by_day"), title, upright=True)
    beside = st.columns(2)
    with beside[0]:
        models = [_bar(one, names[one.name], currency) for one in sums_of(entries, "model")]
        _chart(_longest(models), say("usage.by_model"), title)
    with beside[1]:
        purposes = [_bar(one, purpose_name(one.name), currency) for one in sums_of(entries, "purpose")]
        _chart(_longest(purposes), say("usage.by_purpose"), title)


def _names(entries: Sequence[Entry]) -> dict[str, str]:
    """Call a model by its own name, with its provider's only where two sell one of that name: room is short."""
    models = {entry.group("model"): entry.model for entry in entries}
    alone = Counter(models.values())
    return {whole: short_name(name if alone[name] == 1 else whole) for whole, name in models.items()}


def _by_day(entries: Sequence[Entry], currency: str, names: Mapping[str, str]) -> list[Bar]:
    """Stack the models of each day; days without a call are there too, so that a pause is seen as one."""
    days = [entry.at.date() for entry in entries]
    first, last = min(days), max(days)
    write = "%Y-%m" if (last - first).days > _MOST_DAYS else "%m-%d" if first.year == last.year else "%Y-%m-%d"
    places = dict.fromkeys(day.strftime(write) for day in _between(first, last))
    bars = [Bar(place, "", Decimal(0), "") for place in places]
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.at.strftime(write), names[entry.group("model")]), []).append(entry)
    for (place, model), calls in found.items():
        bars += [_bar(one, place, currency, model) for one in sums_of(calls, "all")]
    return bars


def _between(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _bar(one: Sum, place: str, currency: str, series: str = "") -> Bar:
    if currency:
        return Bar(place, series or place, one.amount, money(currency, one.amount))
    tokens = one.prompt_tokens + one.completion_tokens
    return Bar(place, series or place, Decimal(tokens), grouped(tokens))


def _longest(bars: Sequence[Bar]) -> list[Bar]:
    """Join pieces of one place, which tokens in several currencies are, and keep the longest; the tables have all."""
    places: dict[str, Decimal] = {}
    for bar in bars:
        places[bar.place] = places.get(bar.place, Decimal(0)) + bar.value
    words = {bar.place: bar.words for bar in bars}
    several = {bar.place for bar in bars if places[bar.place] != bar.value}
    joined = [
        Bar(place, place, value, grouped(int(value)) if place in several else words[place])
        for place, value in places.items()
    ]
    return sorted(joined, key=lambda bar: bar.value, reverse=True)[:_MOST_BARS]


def _chart(bars: Sequence[Bar], heading: str, title: str, *, upright: bool = False) -> None:
    """Draw bars and say them in words too, for those who cannot see them."""
    st.markdown(f"**{heading}**")
    words = ", ".join(f"{bar.place} {bar.series if upright else ''} {bar.words}" for bar in bars if bar.value)
    rows = [
        {"place": bar.place, "series": bar.series, "value": float(bar.value), "words": bar.words}
        for bar in bars
        if upright or bar.value
    ]
    if not rows:
        st.caption(say("usage.nothing_to_draw"))
        return
    drawn = _upright(rows, title) if upright else _lying(rows, title)
    st.vega_lite_chart(drawn, alt=f"{heading}: {words}"[:2_000])


def _upright(rows: list[dict[str, Any]], title: str) -> dict[str, Any]:
    named = sorted({row["series"] for row in rows if row["value"]})
    legend = {"title": None, "orient": "bottom", "columns": 2, "labelLimit": 120}
    return {
        "data": {"values": rows},
        "height": 260,
        "mark": "bar",
        "encoding": {
            "x": {"field": "place", "type": "ordinal", "title": None, "axis": {"labelOverlap": True, "labelAngle": 0}},
            "y": {"field": "value", "type": "quantitative", "title": title, "axis": {"tickCount": 5}},
            "color": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": named, "range": _COLOURS},
                "legend": legend,
            },
            "tooltip": [
                {"field": "place", "title": say("usage.tip_day")},
                {"field": "series", "title": say("usage.tip_model")},
                {"field": "words", "title": say("usage.tip_sum")},
            ],
        },
    }


def _lying(rows: list[dict[str, Any]], title: str) -> dict[str, Any]:
    places = [row["place"] for row in rows]
    # Room at the end of the longest bar, so that its number is not cut.
    furthest = max(row["value"] for row in rows) * 1.3
    lengths = {"field": "value", "type": "quantitative", "title": title}
    return {
        "data": {"values": rows},
        "height": {"step": 30},
        "encoding": {
            "x": lengths | {"scale": {"domain": [0, furthest]}, "axis": {"tickCount": 4}},
            "y": {"field": "place", "type": "nominal", "title": None, "sort": places, "axis": {"labelLimit": 150}},
            "tooltip": [{"field": "place", "title": " "}, {"field": "words", "title": say("usage.tip_sum")}],
        },
        "layer": [
            {"mark": {"type": "bar", "color": _COLOURS[0]}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "color": "#808080"},
                "encoding": {"text": {"field": "words"}},
            },
        ],
    }
