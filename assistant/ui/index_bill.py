"""What building vectors will take, as a small table before the yes; and what a search has sent. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from assistant.knowledge.sync import SyncReport
from assistant.money.budget import Standing, exceeded
from assistant.money.cost import Forecast, Paid
from assistant.providers.entries import EmbeddingEntry
from assistant.ui.money_text import cost_range, grouped, paid, standing_words
from assistant.ui.render import plain
from assistant.ui.session import language, say


def draw_bill(headline: str, estimate: SyncReport, entry: EmbeddingEntry, current: Sequence[Standing]) -> None:
    """Draw what embedding will take, what else it means to use this model, and the budgets that it may break."""
    cost = estimate.cost if isinstance(estimate.cost, Forecast) else None
    rows = {
        say("bill.notes"): grouped(len(estimate.added) + len(estimate.changed)),
        say("bill.chunks"): grouped(estimate.embedded_chunks),
        say("bill.known"): f"{grouped(estimate.known_chunks)} · {say('cost.free')}",
        say("bill.tokens"): f"≈ {grouped(estimate.embedding_tokens)}",
        say("bill.cost"): plain(cost_range(cost, local=entry.local)),
        say("bill.time"): _time(estimate.minutes),
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    with st.container(key="bill"):
        st.markdown(f"{headline}\n\n| | |\n|:--|--:|\n{table}")
    if not entry.local:
        st.info(say("bill.questions", model=model_name(entry)), icon="📤")
        with_keys = {path for path, notice in estimate.noticed if notice.reason == "key_like"}
        if with_keys:
            st.warning(say("bill.keys", count=len(with_keys)), icon="🔑")
    for standing in exceeded(current, cost) if estimate.embedded_chunks else ():
        st.warning(say("bill.budget_gone" if standing.gone else "bill.over", **standing_words(standing)), icon="💰")


def model_name(entry: EmbeddingEntry) -> str:
    """Write vendor and model for use inside Markdown."""
    return plain(f"{entry.provider} / {entry.name}")


def bill_words(cost: Forecast | Paid | None, entry: EmbeddingEntry) -> str:
    """Write what a run has cost; unknown is said."""
    if entry.local:
        return say("cost.local")
    return _paid(cost.as_json() if isinstance(cost, Paid) else None)


def draw_search(asked: Mapping[str, Any]) -> None:
    """Say what a search has sent to an embedding model elsewhere, or why it had to do with keywords."""
    sent, failure = asked.get("sent"), asked.get("without_vectors")
    if sent and not sent["local"]:
        model = plain(f"{sent['provider']} / {sent['model']}")
        st.caption(say("draft.searched", model=model, tokens=grouped(sent["tokens"]), cost=_paid(sent["cost"])))
    if failure:
        reason, hint = plain(failure[language()]), plain(failure["hint"][language()])
        st.warning(say("draft.keywords", reason=reason, hint=hint), icon="🔤")


def _paid(cost: Mapping[str, Any] | None) -> str:
    return plain(paid(cost))


def _time(minutes: float | None) -> str:
    if minutes is None:
        return say("bill.time_unknown")
    return say("bill.time_short") if minutes < 1 else say("bill.time_minutes", minutes=f"{minutes:.0f}")
