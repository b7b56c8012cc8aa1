"""How good the search is, in the terminal: on a public set, or on the learner's own notes."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.bootstrap import Assistant, open_assistant
from assistant.cli_agree import agree
from assistant.knowledge.vectors import VectorIndex


def evaluate(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Measure a public set in a data folder of its own, with which the learner's notes have nothing to do; or the notes."""
    if given.own:
        return _own(assistant, given.yes)
    from assistant.evaluate.beir import read_collection
    from assistant.evaluate.run import evaluate as measure

    collection = read_collection(given.folder)
    with tempfile.TemporaryDirectory(prefix="study-assistant-", ignore_cleanup_errors=True) as folder:
        own = open_assistant(replace(assistant.given, data=Path(folder)))
        embedder = assistant.embedder  # its calls belong into the learner's ledger
        own.search.use(VectorIndex(own.store, embedder.key), embedder.booked_as("question"))
        try:
            return measure(collection, own.store, own.search, embedder, given.k)
        finally:
            own.database.close()


def _own(assistant: Assistant, yes: bool) -> dict[str, Any]:
    """Measure the notes as they are searched now, and say how sure the figures are."""
    from assistant.evaluate.own import Setup, bills, compare, questions_of
    from assistant.evaluate.run import peak_memory, quantile

    setup = Setup(assistant.embedder)
    questions = questions_of(assistant.store)
    (bill,) = bills(assistant.store, [setup], questions)
    agree(assistant, bill.cost, yes or assistant.embedder.entry.local)
    (outcome,) = compare(assistant.store, [setup], questions)
    figures = {name: round(one.mean, 4) for name, one in outcome.figures.items()}
    sure = {name: [round(one.low, 4), round(one.high, 4)] for name, one in outcome.figures.items()}
    speed = outcome.chunks / outcome.index_seconds if outcome.index_seconds else None
    return {
        "queries": outcome.questions,
        **figures,
        "intervals": sure,
        "chunks": outcome.chunks,
        "index_seconds": round(outcome.index_seconds, 2),
        "chunks_per_second": round(speed, 1) if speed else None,
        "query_ms": {"p50": quantile(outcome.query_seconds, 0.5), "p95": quantile(outcome.query_seconds, 0.95)},
        "peak_rss_mb": round(peak_memory() / 1e6, 1),
    }
