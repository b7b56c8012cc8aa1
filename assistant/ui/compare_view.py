"""The waiting draft over every model that could be asked now: one table, and a click to switch. Computed only while open."""

from __future__ import annotations

from datetime import date

import streamlit as st

from assistant.answers.ask import Draft
from assistant.answers.compare import Compared, compare, in_groups
from assistant.connections import Choice
from assistant.providers.entries import OLD_AFTER, ChatEntry, age_in_days
from assistant.ui.money_text import amount, grouped, sign_of, token_count
from assistant.ui.render import plain
from assistant.ui.session import assistant, catalog, language, recall, remember, say

MOST = 40  # rows that are drawn: a provider's own list may name hundreds of models
FEW = 12  # rows that need no filter
_WIDTHS = (3.9, 2.5, 4.7, 4.2, 1.8)

Row = Compared[Choice]


def draw_comparison(turn_id: int, draft: Draft) -> None:
    """Offer the comparison below a waiting draft; choosing another model there draws the page anew."""
    box = st.expander(say("compare.title"), key=f"compare-{turn_id}", icon="⚖️", on_change="rerun")
    if not box.open:
        return
    with box:
        rows = _rows(turn_id, draft)
        st.caption(say("compare.about"))
        wanted = ""
        if len(rows) > FEW:
            wanted = st.text_input(say("compare.filter"), key=f"compare-filter-{turn_id}", icon="🔎").strip().lower()
        shown = [row for row in rows if wanted in f"{row.choice.provider} / {row.choice.model}".lower()]
        with st.container(key="compare"):
            _table(turn_id, shown[:MOST], assistant().chat_choice)
        if len(shown) > MOST:
            st.caption(say("compare.more", count=len(shown) - MOST))


def _rows(turn_id: int, draft: Draft) -> tuple[Row, ...]:
    """Compare, or return what was compared in a run before while draft, choices and keys are the same."""
    app = assistant()
    choices = tuple(app.choices_beside(app.chat_choice))
    keys = tuple(app.connections.masked_key(entry.key_name) for entry in catalog().providers if entry.key_name)
    about = (draft.request.messages, choices, keys, app.connections.masked_key("ASSISTANT_API_KEY"))
    kept = recall(f"compared:{turn_id}")
    if kept and kept[0] == about:
        rows: tuple[Row, ...] = kept[1]
        return rows
    with st.spinner(say("compare.counting")):
        rows = compare(draft, choices, app.connections.chat)
    remember(f"compared:{turn_id}", (about, rows))
    return rows


def _table(turn_id: int, rows: list[Row], chosen: Choice) -> None:
    if not rows:
        st.caption(say("compare.none"))
        return
    with st.container(key="compare-head"):
        names = ("model", "tokens", "cost", "fits")
        for column, name in zip(st.columns(_WIDTHS, gap="small"), names, strict=False):
            column.caption(say(f"compare.column_{name}"))
    place = 0
    for group in in_groups(rows):
        st.markdown(f"**{_group_name(group[0])}**")
        for row in group:
            with st.container(key=f"compare-row-{place}"):
                _line(f"switch-{turn_id}-{place}", row, chosen)
            place += 1


def _group_name(row: Row) -> str:
    kind, currency = row.group
    if kind == 1:
        return say("compare.group_currency", currency=plain(currency))
    if kind == 0:
        return say("compare.group_local")
    return say("compare.group_unknown") if kind == 2 else say("compare.group_failed")


def _line(key: str, row: Row, chosen: Choice) -> None:
    model, tokens, cost, fits, switch = st.columns(_WIDTHS, gap="small", vertical_alignment="center")
    model.markdown(_model_name(row.choice, now=row.choice == chosen))
    notes = _notes(row, date.today())
    if notes:
        model.caption(" · ".join(notes))
    if row.draft is None:
        if row.error:
            fits.markdown(f"⚠️ {plain(row.error.message(language()))}")
    else:
        tokens.markdown(say("draft.tokens", count=token_count(row.draft.preview)))
        cost.markdown(_cost(row.draft))
        fits.markdown(_fits(row, row.draft))
    if row.choice == chosen:
        switch.caption(say("compare.now"))
    elif row.draft is not None:
        name = plain(f"{row.choice.provider} / {row.choice.model}")
        switch.button(
            say("compare.switch"),
            key=key,
            help=say("compare.switch_to", model=name),
            on_click=assistant().choose_chat,
            args=(row.choice,),
            width="stretch",
        )


def _model_name(choice: Choice, *, now: bool) -> str:
    vendor = catalog().provider(choice.provider)
    name = vendor.labels[language()] if vendor.kind == "offline" else f"{choice.provider} / {choice.model or '?'}"
    return f"**✓ {plain(name)}**" if now else plain(name)


def _notes(row: Row, today: date) -> list[str]:
    """Say what else tells a row apart: a typed address, thinking, and a price that is old."""
    notes = [plain(row.choice.base_url)] if row.choice.base_url else []
    if row.choice.thinking:
        notes.append(say("model.thinking"))
    entry: ChatEntry | None = row.draft.connection.entry if row.draft else None
    age = age_in_days(entry.as_of, today) if entry else None
    if age is not None and age > OLD_AFTER:
        notes.append(say("compare.old_price", days=age))
    return notes


def _cost(draft: Draft) -> str:
    cost = draft.preview.cost
    if draft.connection.entry.local:
        return say("compare.local")
    if cost is None:
        return say("cost.unknown")
    if cost.high == 0:
        return say("cost.free")
    sign = sign_of(cost.currency)
    low, typical, high = (plain(f"{sign}{amount(value)}") for value in (cost.low, cost.typical, cost.high))
    return f"{low} – **{typical}** – {high}"


def _fits(row: Row, draft: Draft) -> str:
    window = draft.preview.context_window
    if draft.connection.quotes:
        return say("compare.no_window")
    if window is None:
        return say("compare.window_unknown")
    sizes = {"window": grouped(window), "over": grouped(row.over)}
    if not row.over:
        return say("compare.fits", **sizes)
    if row.cut:
        return say("compare.cut", **sizes)
    ollama = draft.preview.provider == "ollama"
    return say("compare.breaks_off", **sizes) if ollama else say("compare.refused", **sizes)
