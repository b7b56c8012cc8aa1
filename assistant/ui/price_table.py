"""The catalogue on the settings page: every model with its price, its date and its source. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import streamlit as st

from assistant.money.cost import plain as written
from assistant.providers.catalog import OWN, ChatEntry, EmbeddingEntry, ProviderEntry, RerankEntry
from assistant.providers.entries import OLD_AFTER, Hours, Price, age_in_days
from assistant.ui import panels
from assistant.ui.money_text import grouped
from assistant.ui.render import plain, visible
from assistant.ui.session import assistant, catalog, language, say

Row = dict[str, object]

_COLUMNS = (
    "model", "size", "input", "output", "cached", "thinking", "currency", "hours", "use", "provider", "region", "window",
    "as_of", "age", "source",
)  # fmt: skip
_OLD = "⚠️"


def draw_price_table() -> None:
    """Draw what is wrong with the learner's own file, the filter, and the table."""
    st.subheader(say("prices.title"))
    problem = catalog().problem
    if problem:
        panels.show_error(problem)
    st.caption(say("prices.help", file=plain(str((assistant().database.folder / OWN).absolute()))))
    wanted = st.text_input(say("prices.filter"), key="price-filter", icon="🔎").strip().lower()
    rows = [row for row in _rows(datetime.now(UTC).date()) if wanted in " ".join(map(str, row.values())).lower()]
    if not rows:
        st.caption(say("prices.none", text=plain(wanted)))
        return
    columns = {name: st.column_config.Column(say(f"prices.column_{name}"), pinned=name == "model") for name in _COLUMNS}
    st.dataframe(rows, hide_index=True, column_config=columns, column_order=_COLUMNS, key="price-table")
    old = sum(str(row["age"]).startswith(_OLD) for row in rows)
    st.caption(say("prices.count", count=len(rows), old=old, limit=OLD_AFTER))


def named_model(use: str, vendor: ProviderEntry, base_url: str, name: str, live: Sequence[str]) -> str:
    """Name a model in a list of them, with what must be known before it is chosen: no price, or not offered there."""
    if live and name not in live and f"{name}:latest" not in live:
        return say("prices.not_offered", model=visible(name))
    entry = (
        catalog().chat(vendor.name, name, base_url)
        if use == "chat"
        else catalog().embedding(vendor.name, name, base_url)
    )
    if entry.currency is None:
        return say("prices.unknown_model", model=visible(name))
    return visible(name)


def _rows(today: date) -> Iterator[Row]:
    sheets = catalog().sheets
    for (provider, region), entries in sheets.chats.items():
        for entry in entries:
            yield from _chat(provider, region, entry, today)
    for (provider, region), embeddings in sheets.embeddings.items():
        for embedding in embeddings:
            yield _row(provider, region, embedding, today) | {"use": say("prices.use_embedding")}
    for (provider, region), reranks in sheets.reranks.items():
        for rerank in reranks:
            yield _row(provider, region, rerank, today) | {"use": say("prices.use_rerank")}


def _chat(provider: str, region: str, entry: ChatEntry, today: date) -> Iterator[Row]:
    """Yield a row for each hours and each size that have a price of their own; one without any for a model of unknown price."""
    head = _head(provider, region, entry, today) | {"use": say("prices.use_chat"), "window": _tokens(entry.window)}
    if entry.prices is None:
        yield head
        return
    rest = say("prices.other_hours") if entry.hours else say("prices.all_hours")
    for hours, prices in [(rest, entry.prices), *((_hours(hours), hours.prices) for hours in entry.hours)]:
        for price in prices:
            yield head | {"hours": hours} | _price(price)


def _price(price: Price) -> Row:
    return {
        "size": say("prices.any_size") if price.up_to is None else grouped(price.up_to),
        "input": written(price.input),
        "cached": _money(price.cached),
        "output": written(price.output),
        "thinking": _money(price.output_thinking),
    }


def _row(provider: str, region: str, entry: EmbeddingEntry | RerankEntry, today: date) -> Row:
    head = _head(provider, region, entry, today) | {"window": _tokens(entry.max_tokens)}
    return head if entry.price is None else head | {"input": written(entry.price)}


def _head(provider: str, region: str, entry: ChatEntry | EmbeddingEntry | RerankEntry, today: date) -> Row:
    days = age_in_days(entry.as_of, today)
    known = days is not None
    empty: Row = dict.fromkeys(_COLUMNS, "")
    return empty | {
        "provider": catalog().provider(provider).labels[language()],
        "region": region,
        "model": entry.name,
        "input": "" if known else say("cost.unknown"),
        "currency": entry.currency or "",
        "as_of": str(entry.as_of or ""),
        "age": f"{_OLD} {days}" if days is not None and days > OLD_AFTER else _text(days),
        "source": entry.source or entry.note,
    }


def _hours(hours: Hours) -> str:
    days = " ".join(say(f"prices.day_{day}") for day in sorted(hours.weekdays))
    spans = ", ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in hours.spans)
    return f"{days} {spans} {hours.zone}"


def _tokens(count: int | None) -> str:
    return "" if count is None else grouped(count)


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else written(amount)


def _text(days: int | None) -> str:
    return "" if days is None else str(days)
