"""Budgets on screen: where each stands, and how to set one. A budget asks; it never blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import get_args

import streamlit as st

from assistant.money.budget import Budget, Period, Standing, budgets_of, standings
from assistant.ui.call_text import money, short_name
from assistant.ui.money_text import SIGNS
from assistant.ui.render import plain
from assistant.ui.session import assistant, say

_MOST = 1_000_000.0


def draw_budgets(currencies: Iterable[str]) -> None:
    """Draw each budget with its bar, and the form for another; ``currencies`` are those that calls were paid in."""
    st.subheader(say("usage.budgets"))
    st.caption(say("usage.budgets_about"))
    budgets = budgets_of(assistant().preferences.all().get("budgets"))
    for standing in standings(budgets, assistant().ledger):
        _draw_standing(standing, budgets)
    with st.expander(say("usage.budget_add"), icon="➕"):
        _draw_form(budgets, sorted({*SIGNS, *currencies}))


def _draw_standing(standing: Standing, budgets: Sequence[Budget]) -> None:
    budget = standing.budget
    with st.container(horizontal=True, vertical_alignment="center"):
        share = float(min(Decimal(1), standing.spent / budget.amount)) if budget.amount else float(standing.spent > 0)
        st.progress(share, plain(_said(standing)))
        if st.button("✕", key=f"budget-remove-{budget.period}-{budget.currency}", help=say("usage.budget_remove")):
            _keep([other for other in budgets if other != budget])


def _said(standing: Standing) -> str:
    """Say how much of a budget is spent and left, and that unknown costs are not in it."""
    budget = standing.budget
    left = budget.amount - standing.spent
    parts = [
        say(
            "usage.budget_line",
            period=say(f"usage.period_{budget.period}"),
            spent=money(budget.currency, standing.spent),
            amount=money(budget.currency, budget.amount),
        ),
        say("usage.budget_left", amount=money(budget.currency, left))
        if left >= 0
        else "⚠️ " + say("usage.budget_over", amount=money(budget.currency, -left)),
    ]
    if standing.unpriced:
        parts.append(say("usage.unpriced", count=standing.unpriced))
    return " · ".join(parts)


def _draw_form(budgets: Sequence[Budget], currencies: Sequence[str]) -> None:
    with st.form("budget", border=False, clear_on_submit=True):
        period_place, currency_place, amount_place = st.columns(3)
        period: Period = period_place.selectbox(
            say("usage.budget_period"),
            list(get_args(Period)),
            format_func=lambda name: say(f"usage.each_{name}"),
            key="budget-period",
        )
        currency = currency_place.selectbox(
            say("usage.budget_currency"), currencies, format_func=short_name, key="budget-currency"
        )
        written = amount_place.number_input(
            say("usage.budget_amount"), 0.0, _MOST, None, 1.0, format="%g", key="budget-amount"
        )
        saved = st.form_submit_button(say("usage.budget_save"))
    if not saved:
        return
    if written is None:
        st.error(say("usage.budget_missing"))
        return
    amount = Decimal(str(written))  # a whole day may cost less than a cent
    _keep(
        [other for other in budgets if (other.period, other.currency) != (period, currency)],
        Budget(period, currency, amount),
    )


def _keep(budgets: Iterable[Budget], *more: Budget) -> None:
    """Keep the budgets, days first, and draw the page anew."""
    kept = sorted([*budgets, *more], key=lambda budget: (budget.period, budget.currency))
    assistant().preferences.choose("budgets", [budget.as_json() for budget in kept])
    st.rerun()
