"""An embedding model with a meter: what it will take, and each of its requests in the ledger, also those that failed.

Tries again where waiting helps. Knows no note, no store and no screen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from assistant.errors import ModelError
from assistant.language.discreet import discreet
from assistant.money.asking_less import Room, asking_less
from assistant.money.cost import (
    NOTHING_PAID,
    NOWHERE,
    Forecast,
    Paid,
    Receipt,
    embedding_bill,
    embedding_forecast,
    refused_bill,
)
from assistant.money.ledger import Ledger
from assistant.money.line_counts import count_lines
from assistant.money.tokens import USUAL, count_text
from assistant.providers.base import Embedded, Embedder, is_served
from assistant.providers.entries import EmbeddingEntry
from assistant.providers.retry import retrying
from assistant.providers.rows import batches, stacked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OnWait = Callable[[ModelError, float], None]
Retry = Callable[[Callable[[], Embedded], OnWait, Callable[[], bool]], Embedded]

_CALLS = 50  # the newest ones tell how fast a model is


@dataclass(frozen=True, slots=True)
class Batch:
    """One request's vectors, those of ``texts[place]``; ``tokens`` as billed, or as we count where nobody says."""

    place: slice
    rows: NDArray[np.float32]
    tokens: int
    cost: Paid | None


class MeteredEmbedder:
    """An embedder together with its price and the ledger; implements ``Embedder``.

    ``purpose`` is what its calls are booked under. The offline embedder reaches no model: nothing of it is booked.
    """

    def __init__(
        self,
        embedder: Embedder,
        entry: EmbeddingEntry,
        ledger: Ledger,
        purpose: str = "embedding",
        retry: Retry = retrying,
    ) -> None:
        self.entry = entry
        self._embedder = embedder
        self._ledger = ledger
        self._purpose = purpose
        self._retry = retry
        self._room = Room()

    def booked_as(self, purpose: str) -> MeteredEmbedder:
        """Return the same model with its calls booked under another purpose."""
        return MeteredEmbedder(self._embedder, self.entry, self._ledger, purpose, self._retry)

    @property
    def key(self) -> str:
        """Vendor and model; vectors are stored under it."""
        return self._embedder.key

    @property
    def dimension(self) -> int:
        """How many numbers a vector has; where only an answer tells, that one short request is booked too."""
        served = is_served(self._embedder) and self.entry.dimension is None
        return int(self.embed(["a"]).shape[1]) if served else self._embedder.dimension

    @property
    def offline(self) -> bool:
        """Whether vectors are computed in this process: nothing is sent, and nothing charged."""
        return self.entry.provider == "offline"

    def tokens(self, texts: Iterable[str]) -> int:
        """Count what the model will read of these texts, in its own vocabulary where that is known."""
        vocabulary = self.entry.vocabulary or USUAL
        leaving = [text for text in self._leaving(texts) if text.strip()]
        if vocabulary == USUAL:  # their lines were just counted when the note was split
            return sum(map(count_lines, leaving))
        return sum(count_text(text, vocabulary) for text in leaving)

    def forecast(self, tokens: int) -> Forecast | None:
        """Say what so many tokens will cost; None where no price is known, and nothing for no tokens."""
        if self.offline or not tokens:
            nothing = NOTHING_PAID.amount
            return Forecast(self.entry.currency or NOWHERE, nothing, nothing, nothing)
        return embedding_forecast(self.entry, tokens)

    def minutes(self, tokens: int) -> float | None:
        """Say how long so many tokens take, by how fast the newest calls were; None while there was none."""
        if not tokens:
            return 0.0
        calls = self._ledger.last(self.entry.provider, self.entry.name, "embedding", _CALLS)
        known = sum(call.prompt_tokens or call.predicted_tokens for call in calls)
        return tokens * sum(call.seconds for call in calls) / known / 60 if known else None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text at once: what fails is booked and raised, and not tried again."""
        return stacked([self._ask(texts[place]).rows for place in self._places(texts)])

    def embed_once(self, text: str) -> Batch:
        """Return the vector of one text with its bill; what fails is not tried again, because somebody waits for it."""
        return self._batch(slice(0, 1), [text], self._ask([text]))

    def embed_each(
        self,
        texts: Sequence[str],
        on_wait: OnWait = lambda error, seconds: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Batch]:
        """Yield the vectors request by request, so that each can be kept before the next one is paid for.

        What a server refuses as too much is asked for in smaller requests. ``on_wait`` hears why and how long a request waits to be sent again; ``cancelled`` ends it between requests.
        """

        def patiently(some: Sequence[str]) -> Embedded:
            return self._retry(partial(self._ask, some), on_wait, cancelled)

        for place in self._places(texts):
            if self.offline:
                yield self._batch(place, texts[place], self._ask(texts[place]))
                continue
            for part, embedded in asking_less(texts, place, self._room, patiently):
                yield self._batch(part, texts[part], embedded)

    def _batch(self, place: slice, texts: Sequence[str], embedded: Embedded) -> Batch:
        tokens = self.tokens(texts) if embedded.tokens is None else embedded.tokens
        return Batch(place, embedded.rows, tokens, self.bill(embedded.tokens, tokens))

    def bill(self, billed: int | None, counted: int) -> Paid | None:
        """Say what a request has cost by the server's count, or about by ours where it gave none."""
        if self.offline:
            return NOTHING_PAID
        paid = embedding_bill(self.entry, counted if billed is None else billed)
        return replace(paid, about=True) if paid and paid.amount and billed is None else paid

    def _places(self, texts: Sequence[str]) -> Iterator[slice]:
        if self.offline:
            return batches(texts, max(1, len(texts)))
        served = self._embedder
        return batches(texts, served.max_texts if is_served(served) else self.entry.max_texts)

    def _ask(self, texts: Sequence[str]) -> Embedded:
        if self.offline or not any(text.strip() for text in texts):
            return self._request(texts)
        started, counted = time.perf_counter(), self.tokens(texts)
        state, failure, billed = "stopped", None, None
        cost: Paid | None = NOTHING_PAID if self.entry.local else None
        try:
            embedded = self._request(texts)
            state, billed, cost = "complete", embedded.tokens, self.bill(embedded.tokens, counted)
        except ModelError as error:
            state, failure = "failed", error.kind
            if error.unbilled:
                cost = refused_bill(self.entry)
            raise
        finally:  # also when Ctrl-C ended the wait: the server may have billed it
            self._enter(counted, billed, cost, time.perf_counter() - started, state, failure)
        return embedded

    def _leaving(self, texts: Iterable[str]) -> list[str]:
        """Return texts as they are sent: a model elsewhere gets nothing unseen and no key."""
        return list(texts) if self.offline else [discreet(text) for text in texts]

    def _request(self, texts: Sequence[str]) -> Embedded:
        if is_served(self._embedder):
            return self._embedder.embed_batch(self._leaving(texts))
        return Embedded(self._embedder.embed(texts), None)

    def _enter(
        self, counted: int, billed: int | None, cost: Paid | None, seconds: float, state: str, failure: str | None
    ) -> None:
        receipt = Receipt(
            provider=self.entry.provider,
            model=self.entry.name,
            predicted_prompt_tokens=counted,
            prompt_tokens=billed,
            completion_tokens=None,
            reasoning_tokens=None,
            cost=cost,
            seconds=seconds,
            seconds_to_first_token=None,
            counted_tokens=counted,
            forecast=self.forecast(counted),
        )
        self._ledger.enter(self._purpose, receipt, state, failure)


def together(one: Paid | None, other: Paid | None) -> Paid | None:
    """Add two bills; None as soon as one is unknown, or where their currencies differ."""
    if one is None or other is None:
        return None
    if not one.amount or not other.amount:
        return one if one.amount else other
    if one.currency != other.currency:
        return None
    return Paid(one.currency, one.amount + other.amount, one.at_most or other.at_most, one.about or other.about)
