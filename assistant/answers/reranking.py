"""Has a reranking model put what was found in order, in two steps: ``prepare_reranking`` with its price, ``send_reranking``.

Knows no search and no screen; what fails leaves the order as it was.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assistant.answers.refinement import Refinement
from assistant.errors import ModelError
from assistant.knowledge.chunks import Match
from assistant.language.discreet import discreet
from assistant.money.cost import NOWHERE, PER, Forecast, Paid, Receipt
from assistant.money.ledger import Ledger
from assistant.money.tokens import USUAL, count_text
from assistant.providers.rerank import Reranker

PURPOSE = "rerank"
CANDIDATES = 24  # passages that are looked at for the few that are sent


@dataclass(frozen=True, slots=True)
class Reranking:
    """A request that has not been sent; ``tokens`` is our count with the question beside every passage, which is the most."""

    reranker: Reranker
    question: str
    matches: tuple[Match, ...]
    texts: tuple[str, ...]
    tokens: int
    cost: Forecast | None


def prepare_reranking(question: str, matches: Sequence[Match], reranker: Reranker) -> Reranking:
    """Write the request within the model's limits and count it; nothing is sent."""
    entry = reranker.entry
    asked = count_text(question, USUAL)
    kept: list[tuple[Match, str]] = []
    passages = 0
    for match in matches[: entry.max_texts]:
        text = _text(match)
        size = count_text(text, USUAL)
        if entry.max_tokens is not None and size + asked > entry.max_tokens:
            break
        if (
            entry.max_request_tokens is not None
            and passages + size + asked * (len(kept) + 1) > entry.max_request_tokens
        ):
            break
        kept.append((match, text))
        passages += size
    most = passages + asked * len(kept)
    # Nobody says whether the question is billed once or beside every passage.
    cost = _forecast(reranker, passages + asked, most)
    return Reranking(reranker, question, tuple(m for m, _ in kept), tuple(t for _, t in kept), most, cost)


def _text(match: Match) -> str:
    chunk = match.chunk
    parts = (" › ".join(part for part in (chunk.title, chunk.place) if part), chunk.piece.lead, chunk.text)
    return discreet("\n".join(part for part in parts if part))


def _forecast(reranker: Reranker, least: int, most: int) -> Forecast | None:
    entry = reranker.entry
    if entry.price is None or entry.currency is None:
        return None
    low, high = entry.price * least / PER, entry.price * most / PER
    return Forecast(entry.currency, low, high, high)


def send_reranking(
    reranking: Reranking, ledger: Ledger, limit: int, keep: Collection[int] = ()
) -> tuple[tuple[Match, ...], Refinement]:
    """Return the best ``limit`` in their new order, and what it took; ``keep`` are chunks that belong to them whatever their score."""
    entry = reranking.reranker.entry
    started = time.perf_counter()
    failure: ModelError | None = None
    billed: int | None = None
    cost: Paid | None = None
    matches = reranking.matches[:limit]
    try:
        reranked = reranking.reranker.rerank(reranking.question, reranking.texts)
        billed, cost = reranked.tokens, _bill(reranking, reranked.tokens)
        matches = _ordered(reranking.matches, reranked.scores, limit, keep)
    except ModelError as error:
        failure = error
        cost = Paid(entry.currency or NOWHERE, PER * 0) if error.unbilled else None
    receipt = Receipt(
        provider=entry.provider,
        model=entry.name,
        predicted_prompt_tokens=reranking.tokens,
        prompt_tokens=billed,
        completion_tokens=None,
        reasoning_tokens=None,
        cost=cost,
        seconds=time.perf_counter() - started,
        seconds_to_first_token=None,
        forecast=reranking.cost,
    )
    ledger.enter(PURPOSE, receipt, "failed" if failure else "complete", failure.kind if failure else None)
    return matches, Refinement("rerank", entry.provider, entry.name, billed, cost, False, failure=failure)


def _bill(reranking: Reranking, billed: int | None) -> Paid | None:
    entry = reranking.reranker.entry
    if entry.price is None or entry.currency is None:
        return None
    tokens = reranking.tokens if billed is None else billed
    return Paid(entry.currency, entry.price * tokens / PER, about=billed is None and bool(entry.price))


def _ordered(matches: Sequence[Match], scores: Sequence[float], limit: int, keep: Collection[int]) -> tuple[Match, ...]:
    ranked = [
        replace(match, score=score, scores=replace(match.scores, rerank=score))
        for match, score in zip(matches, scores, strict=True)
    ]
    ranked.sort(key=lambda match: (-match.score, match.chunk.id))
    held = [match for match in ranked if match.chunk.id in keep][:limit]
    free = [match for match in ranked if match.chunk.id not in keep][: limit - len(held)]
    return tuple(sorted([*held, *free], key=lambda match: (-match.score, match.chunk.id)))
