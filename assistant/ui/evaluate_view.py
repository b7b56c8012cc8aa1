"""A comparison of setups on the learner's notes: what can be compared, its price, its progress, its chart and table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import streamlit as st

from assistant.connections import Choice
from assistant.errors import AssistantError
from assistant.evaluate.own import METRICS, Bill, Outcome, Setup
from assistant.evaluate.resampling import Interval
from assistant.knowledge.split import TARGET_TOKENS
from assistant.money.budget import exceeded
from assistant.ui.money_text import cost_range, grouped, standing_words
from assistant.ui.panels import show_error
from assistant.ui.render import plain
from assistant.ui.session import assistant, recall, remember, say

MOST = 12  # setups in one comparison: more could not be read
JOB_SECONDS = 0.5
_SIZES = (100, 200, TARGET_TOKENS, 800)
_WEIGHTS: tuple[float | None, ...] = (None, 0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
_COLOUR = "#3f8f7a"  # for light and dark


def chosen_setups() -> list[Setup]:
    """Offer chunk sizes, weights and embedding models; return every combination, none while that is too many."""
    choices = _models()
    columns = st.columns(3)
    sizes = columns[0].multiselect(
        say("evaluate.sizes"), _SIZES, [200, TARGET_TOKENS, 800], key="evaluate-sizes", placeholder=say("scope.choose")
    )
    weights = columns[1].multiselect(
        say("evaluate.weights"),
        _WEIGHTS,
        [None],
        format_func=_weight,
        key="evaluate-weights",
        placeholder=say("scope.choose"),
    )
    names = list(choices)
    models = columns[2].multiselect(
        say("evaluate.models"),
        names,
        names[:1],
        format_func=_model,
        key="evaluate-models",
        placeholder=say("scope.choose"),
    )
    chosen = list(product(models, sizes, weights))
    if len(chosen) > MOST:
        st.warning(say("evaluate.too_many", count=len(chosen), most=MOST))
        return []
    if not chosen:
        st.info(say("evaluate.choose"))
        return []
    meters = {name: assistant().meter(choices[name]) for name in models}
    return [Setup(meters[model], size, weight) for model, size, weight in chosen]


def _models() -> dict[str, Choice]:
    """Return the embedding models that could be asked now, the one in use first."""
    app = assistant()
    found = [app.embedding_choice, Choice()]
    for vendor in app.connections.catalog.providers:
        found += [Choice(vendor.name, entry.name) for entry in app.connections.catalog.embeddings(vendor.name)]
    usable: dict[str, Choice] = {}
    for choice in found:
        try:
            _, entry = app.connections.embedder(choice)
        except AssistantError:  # it has no address or no key
            continue
        if entry.provider == "offline" or app.connections.usable(choice):
            usable.setdefault(f"{entry.provider} / {entry.name}", choice)
    return usable


def _weight(weight: float | None) -> str:
    return say("evaluate.weight_app") if weight is None else f"{weight:.0%}"


def _model(name: str) -> str:
    return say("model.offline") if name.startswith("offline ") else name


def name_of(setup: Setup) -> str:
    """Name a setup in a few words."""
    entry = setup.embedder.entry
    model = say("model.offline") if setup.embedder.offline else entry.name.rpartition("/")[2]
    return say("evaluate.setup", size=setup.target, weight=_weight(setup.weight), model=model)


def draw_bills(counted: Sequence[Bill], questions: int) -> None:
    """Say what the comparison will send and cost, each currency by itself, and the budgets that it may break."""
    app = assistant()
    st.markdown(
        say(
            "evaluate.bill",
            questions=questions,
            setups=len(counted),
            chunks=grouped(sum(one.chunks for one in counted)),
        )
    )
    paid = [one for one in counted if not one.setup.embedder.offline]
    if not paid:
        st.caption(say("evaluate.free"))
        return
    rows = [
        {
            say("evaluate.column_setup"): plain(name_of(one.setup)),
            say("evaluate.column_tokens"): f"≈ {grouped(one.tokens)}",
            say("evaluate.column_cost"): plain(cost_range(one.cost, local=one.setup.embedder.entry.local)),
        }
        for one in paid
    ]
    st.table(rows, hide_index=True, border="horizontal")
    st.caption(say("evaluate.kept"))
    for one in paid:
        for standing in exceeded(app.budgets, one.cost):
            text = say("bill.budget_gone" if standing.gone else "bill.over", **standing_words(standing))
            st.warning(text, icon="💰")


def work_under_way() -> bool:
    """Tell whether a comparison runs; a page that was told so is drawn anew when it ends."""
    running = assistant().comparisons.running
    if running:
        remember("comparison seen running", True)
    return running


def draw_job() -> None:
    """Draw the running comparison, redrawn by itself."""
    st.fragment(_job, run_every=JOB_SECONDS if work_under_way() else None)()


def _job() -> None:
    job = assistant().comparisons.latest
    if job is None:
        return
    if job.state == "running":
        step = job.step
        if step is None:
            st.progress(0.0, say("evaluate.starting"))
        else:
            name = plain(name_of(job.setups[step.number - 1]))
            values = {"number": step.number, "setups": len(job.setups), "setup": name}
            st.progress(min(1.0, step.done / max(1, step.total)), say("evaluate.running", **values))
        if st.button(say("library.cancel"), icon="⏹️", key="cancel-comparison"):
            job.cancel()
        return
    if recall("comparison seen running"):
        remember("comparison seen running", False)
        st.rerun()


def draw_outcomes() -> None:
    """Draw the latest comparison: a chart with its intervals, what is certain, and all figures."""
    job = assistant().comparisons.latest
    if job is None:
        return
    if job.state == "cancelled":
        st.info(say("evaluate.cancelled"))
    if job.error:
        show_error(job.error)
    if not job.outcomes:
        return
    st.subheader(say("evaluate.results", questions=job.outcomes[0].questions))
    metric = st.segmented_control(
        say("evaluate.metric"),
        METRICS,
        default=METRICS[0],
        format_func=lambda name: say(f"evaluate.metric_{name}"),
        key="evaluate-metric",
        required=True,
    )
    _chart(job.outcomes, metric)
    _verdict(job.outcomes, metric)
    with st.container(key="wide-table-outcomes"):
        st.table([_row(outcome) for outcome in job.outcomes], hide_index=True, border="horizontal")
    st.caption(say("evaluate.reading"))


def _chart(outcomes: Sequence[Outcome], metric: str) -> None:
    """Draw each mean with its interval, and say the same in words for those who cannot see it."""
    rows = [
        {"setup": name_of(one.setup), "mean": value.mean, "low": value.low, "high": value.high, "words": _words(value)}
        for one in outcomes
        for value in [one.figures[metric]]
    ]
    title = say(f"evaluate.metric_{metric}")
    alt = f"{title}: " + ", ".join(f"{row['setup']} {row['words']}" for row in rows)
    st.vega_lite_chart(_drawing(rows, title), alt=alt[:2_000])


def _drawing(rows: list[dict[str, Any]], title: str) -> dict[str, Any]:
    lowest = min(row["low"] for row in rows)
    scale = {"domain": [max(0.0, lowest - 0.05), 1.0], "zero": False}
    places = {
        "field": "setup",
        "type": "nominal",
        "title": None,
        "sort": [row["setup"] for row in rows],
        "axis": {"labelLimit": 220},
    }
    tip = [{"field": "setup", "title": " "}, {"field": "words", "title": title}]
    low = {"field": "low", "type": "quantitative", "title": title, "scale": scale, "axis": {"tickCount": 5}}
    return {
        "data": {"values": rows},
        "height": {"step": 34},
        "encoding": {"y": places, "tooltip": tip},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2, "color": _COLOUR},
                "encoding": {"x": low, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "color": _COLOUR, "opacity": 1},
                "encoding": {"x": {"field": "mean", "type": "quantitative"}},
            },
        ],
    }


def _verdict(outcomes: Sequence[Outcome], metric: str) -> None:
    """Say whether anything is certainly better than the first setup: an interval that holds zero may be chance."""
    ahead = [(one, one.ahead[metric]) for one in outcomes if one.ahead]
    if not ahead:
        return
    first = plain(name_of(outcomes[0].setup))
    sure = [(one, value) for one, value in ahead if value.certain]
    for one, value in sure:
        name, words = plain(name_of(one.setup)), plain(f"{value.mean:+.3f} [{value.low:+.3f}, {value.high:+.3f}]")
        st.markdown(
            say("evaluate.better" if value.mean > 0 else "evaluate.worse", setup=name, first=first, words=words)
        )
    if not sure:
        st.markdown(say("evaluate.no_difference", first=first))


def _row(outcome: Outcome) -> dict[str, str]:
    row = {
        say("evaluate.column_setup"): plain(name_of(outcome.setup)),
        say("evaluate.column_chunks"): grouped(outcome.chunks),
    }
    return row | {say(f"evaluate.metric_{name}"): plain(_words(outcome.figures[name])) for name in METRICS}


def _words(value: Interval) -> str:
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"
