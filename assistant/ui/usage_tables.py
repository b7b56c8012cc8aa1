"""The tables of the ledger: forecast against bill, what went wrong, and the calls one by one. Adds nothing up itself."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.money.accuracy import Accuracy, MoneyAccuracy, accuracies
from assistant.money.experience import Experience, was_cut
from assistant.money.ledger import Entry
from assistant.ui.call_text import cost_of, money, purpose_name, short_name, state_name
from assistant.ui.money_text import amount, grouped
from assistant.ui.render import plain
from assistant.ui.session import assistant, say

_PAGE = 20
_MOST_NAMED = 5


def draw_cut(entries: Sequence[Entry]) -> None:
    """Warn of calls whose prompt Ollama must have cut, the newest ones by name, and say what helps."""
    cut = [entry for entry in reversed(entries) if was_cut(entry)]
    if not cut:
        return
    lines = [
        say(
            "usage.cut_call",
            at=_when(entry),
            model=plain(entry.model),
            sent=grouped(entry.predicted_tokens),
            read=grouped(entry.prompt_tokens or 0),
        )
        for entry in cut[:_MOST_NAMED]
    ]
    st.warning(
        "\n".join([say("usage.cut", count=len(cut)), "", *(f"- {line}" for line in lines), "", say("usage.cut_hint")]),
        icon="✂️",
    )


def draw_accuracy(entries: Sequence[Entry]) -> None:
    """Draw one row per model: what was predicted, what was billed, and what has been learned from it."""
    st.subheader(say("usage.accuracy"))
    st.caption(say("usage.accuracy_about"))
    _table([_accuracy_row(one) for one in accuracies(entries)], "models")


def _accuracy_row(one: Accuracy) -> dict[str, str]:
    correction = Experience(assistant().ledger).correction(one.provider, one.model)
    learned = say("usage.not_yet")
    if correction:
        learned = f"×{correction.factor:.3f} (±{correction.error:.1%})"
    return {
        say("usage.column_model"): plain(short_name(f"{one.provider}/{one.model}")),
        say("usage.column_calls"): str(one.calls),
        say("usage.column_tokens"): plain(_tokens(one)),
        say("usage.column_money"): " · ".join(_money(part) for part in one.money) or "–",
        say("usage.column_learned"): learned,
        say("usage.column_length"): _usual_length(one),
    }


def _tokens(one: Accuracy) -> str:
    if one.token_error is None:
        return say("usage.not_yet")
    return f"{grouped(one.predicted_tokens)} → {grouped(one.billed_tokens)} ({one.token_error:+.1%})"


def _money(part: MoneyAccuracy) -> str:
    shown = part.forecast
    return plain(
        say(
            "usage.money_cell",
            low=money(shown.currency, shown.low),
            typical=amount(shown.typical),
            high=amount(shown.high),
            billed=money(shown.currency, part.billed),
            inside=part.inside,
            calls=part.calls,
        )
    )


def _usual_length(one: Accuracy) -> str:
    experience = Experience(assistant().ledger)
    usual = [
        (say("usage.with_thinking") if thinking else "", experience.output(one.provider, one.model, "answer", thinking))
        for thinking in (False, True)
    ]
    known = [
        f"{length.low}–{length.typical}{mark}" if length.low < length.typical else f"{length.typical}{mark}"
        for mark, length in usual
        if length
    ]
    return " · ".join(known) or say("usage.not_yet")


def draw_unfinished(entries: Sequence[Entry]) -> None:
    """Draw the newest calls that failed or were stopped; they are in the sums all the same."""
    bad = [entry for entry in reversed(entries) if entry.state != "complete"]
    if not bad:
        return
    with st.expander(say("usage.unfinished", count=len(bad)), icon="⚠️"):
        _table([_call_row(entry) for entry in bad[:_PAGE]], "unfinished")
        if len(bad) > _PAGE:
            st.caption(say("usage.more_below", count=len(bad) - _PAGE))


def draw_calls(entries: Sequence[Entry]) -> None:
    """Draw the calls one by one, the newest first, a page at a time."""
    pages = max(1, -(-len(entries) // _PAGE))
    number = 1
    if pages > 1:
        with st.container(width=240):
            number = int(st.number_input(say("usage.page", pages=pages), 1, pages, 1, key=f"usage-page-{pages}"))
    newest = list(reversed(entries))[(number - 1) * _PAGE : number * _PAGE]
    _table([_call_row(entry) for entry in newest], "calls")


def _table(rows: list[dict[str, str]], name: str) -> None:
    """Draw a table that stays wide enough to be read on a phone, where it is pushed sideways."""
    with st.container(key=f"wide-table-{name}"):
        st.table(rows, hide_index=True, border="horizontal")


def _call_row(entry: Entry) -> dict[str, str]:
    return {
        say("usage.column_at"): _when(entry),
        say("usage.column_purpose"): plain(purpose_name(entry.purpose)),
        say("usage.column_cost"): plain(cost_of(entry)),
        say("usage.column_model"): plain(short_name(f"{entry.provider}/{entry.model}")),
        say("usage.column_state"): plain(state_name(entry)),
        say("usage.column_prompt"): f"{grouped(entry.predicted_tokens)} → {_count(entry.prompt_tokens)}",
        say("usage.column_output"): _output(entry),
        say("usage.column_details"): _details(entry),
        say("usage.column_seconds"): f"{entry.seconds:.1f}",
    }


def _details(entry: Entry) -> str:
    """Say what of the tokens has a price of its own."""
    parts = []
    if entry.cached_tokens:
        parts.append(say("usage.cached", count=grouped(entry.cached_tokens)))
    if entry.reasoning_tokens:
        parts.append(say("usage.reasoning", count=grouped(entry.reasoning_tokens)))
    if was_cut(entry):
        parts.append("✂️")
    return " · ".join(parts)


def _output(entry: Entry) -> str:
    """Count the answer; an embedding, whose bill names the prompt only, has none."""
    none = entry.completion_tokens is None and entry.prompt_tokens is not None
    return "–" if none else _count(entry.completion_tokens)


def _count(tokens: int | None) -> str:
    return say("usage.unknown") if tokens is None else grouped(tokens)


def _when(entry: Entry) -> str:
    return f"{entry.at:%Y-%m-%d %H:%M}"
