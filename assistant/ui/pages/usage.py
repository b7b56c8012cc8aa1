"""费用: what calls have cost, against which budgets, and how good the forecasts were."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import get_args

import streamlit as st

from assistant.money.budget import Period, period_start
from assistant.money.ledger import Entry, Sum, sums_of
from assistant.money.ledger_csv import ledger_csv
from assistant.ui import panels
from assistant.ui.budget_settings import draw_budgets
from assistant.ui.call_text import summed
from assistant.ui.render import plain
from assistant.ui.session import assistant, say
from assistant.ui.usage_charts import draw_charts
from assistant.ui.usage_tables import draw_accuracy, draw_calls, draw_cut, draw_unfinished

RANGES = {"today": 1, "week": 7, "month": 30, "all": 0}


def now_and_this_month(entries: Sequence[Entry], now: datetime) -> None:
    """Say what the day and the month have cost so far, each currency by itself."""
    sums = {period: sums_since(entries, period_start(period, now)) for period in get_args(Period)}
    currencies = sorted({*sums["day"], *sums["month"]})
    if currencies:
        st.table([sum_row(currency, sums) for currency in currencies], hide_index=True, border="horizontal")
    else:
        st.markdown(say("usage.nothing_spent"))
    marks(entries, now)


def sums_since(entries: Sequence[Entry], since: datetime) -> dict[str, Sum]:
    """Add up what was paid since a moment, by currency."""
    return {
        one.currency: one for one in sums_of([entry for entry in entries if entry.at >= since], "all") if one.currency
    }


def sum_row(currency: str, sums: Mapping[Period, Mapping[str, Sum]]) -> dict[str, str]:
    """Put one currency's day and month side by side."""
    row = {say("usage.currency"): plain(currency)}
    for period, found in sums.items():
        one = found.get(currency)
        said = say("usage.sum_cell", sum=plain(summed(one)), count=one.calls) if one else say("usage.nothing_spent")
        row[say(f"usage.period_{period}")] = said
    return row


def marks(entries: Sequence[Entry], now: datetime) -> None:
    """Explain the signs that the sums of this month carry, and count what is in none of them."""
    month = [entry for entry in entries if entry.at >= period_start("month", now)]
    sums = sums_of(month, "all")
    unpriced = sum(one.unpriced for one in sums)
    if unpriced:
        st.markdown("❔ " + say("usage.unpriced_month", count=unpriced))
    if any(one.about for one in sums):
        st.caption(say("usage.about"))
    if any(one.at_most for one in sums):
        st.caption(say("usage.at_most"))


def chosen_range(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """Offer a range of days and return its calls."""
    chosen = st.segmented_control(
        say("usage.range"),
        list(RANGES),
        default="month",
        format_func=lambda name: say(f"usage.range_{name}"),
        key="usage-range",
    )
    days = RANGES[chosen or "month"]
    since = period_start("day", now) - timedelta(days=days - 1)
    return [entry for entry in entries if not days or entry.at >= since]


def everything(entries: Sequence[Entry], now: datetime) -> None:
    """Draw what stands in the chosen range."""
    st.subheader(say("usage.charts"))
    calls = chosen_range(entries, now)
    if not calls:
        st.info(say("usage.none_in_range"))
        return
    draw_cut(calls)
    draw_charts(calls)
    draw_accuracy(calls)
    st.subheader(say("usage.calls_title", count=len(calls)))
    st.download_button(
        say("usage.export", count=len(calls)),
        lambda: ledger_csv(reversed(calls)),  # written when it is asked for: a long ledger takes half a second
        f"usage-{now:%Y-%m-%d}.csv",
        "text/csv",
        icon="⬇️",
        on_click="ignore",
    )
    draw_unfinished(calls)
    draw_calls(calls)


with panels.errors():
    st.header(say("app.usage"))
    st.caption(say("usage.intro"))
    moment = datetime.now().astimezone()
    book = assistant().ledger.entries()
    if book:
        now_and_this_month(book, moment)
    else:
        st.info(say("usage.empty"), icon="🌱")
    draw_budgets({entry.paid.currency for entry in book if entry.paid})
    if book:
        everything(book, moment)
