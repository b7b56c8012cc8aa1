"""What the checks that ask a model will cost, and the book entry of each such call. Asks no model itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answers.connection import Connection
from assistant.bootstrap import Assistant
from assistant.doctor.checks import Group
from assistant.errors import ModelError
from assistant.money.cost import (
    Forecast,
    Paid,
    Receipt,
    bill,
    embedding_bill,
    embedding_forecast,
    forecast,
    refused_bill,
)
from assistant.providers.base import Request, Usage
from assistant.providers.entries import ChatEntry, EmbeddingEntry

PURPOSE = "test"


@dataclass(frozen=True, slots=True)
class Spend:
    """What asking one model will take: at most so many calls, at most so many tokens; ``cost`` None is unknown."""

    group: Group
    model: str
    calls: int
    cost: Forecast | None
    local: bool

    def as_json(self) -> dict[str, Any]:
        """Return it with money as the contract writes it."""
        cost = self.cost.as_json() if self.cost else None
        return {"group": self.group, "model": self.model, "calls": self.calls, "cost": cost}


def chat_spend(connection: Connection, requests: Sequence[Request]) -> Spend:
    """Add up what the requests cost if each is answered at its full length."""
    entry = connection.entry
    costs = [_of_request(connection, request) for request in requests]
    return Spend("chat", f"{entry.provider} / {entry.name}", len(requests), _sum(costs), entry.local)


def embedding_spend(entry: EmbeddingEntry, batches: Sequence[int]) -> Spend:
    """Say what batches of so many one-letter texts cost, two tokens a text being more than any vocabulary makes of one."""
    cost = embedding_forecast(entry, 2 * sum(batches))
    return Spend("embedding", f"{entry.provider} / {entry.name}", len(batches), cost, entry.local)


def book_chat(
    assistant: Assistant,
    connection: Connection,
    request: Request,
    usage: Usage | None,
    seconds: tuple[float, float | None],
    failure: ModelError | None,
) -> None:
    """Write a call to a chat model down, whether it was answered or not; ``seconds``: all, and to the first piece."""
    receipt = Receipt(
        provider=connection.model.provider,
        model=connection.model.name,
        predicted_prompt_tokens=connection.counter.prompt(request.messages),
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        cost=_unbilled(failure, connection.entry)
        or bill(connection.entry, usage or Usage(None, None), request.thinking),
        seconds=seconds[0],
        seconds_to_first_token=seconds[1],
        thinking=request.thinking_budget is not None,
        forecast=_of_request(connection, request),
    )
    _enter(assistant, receipt, failure)


def book_embedding(
    assistant: Assistant,
    entry: EmbeddingEntry,
    texts: int,
    tokens: int | None,
    seconds: float,
    failure: ModelError | None,
) -> None:
    """Write a call to an embedding model down."""
    receipt = Receipt(
        provider=entry.provider,
        model=entry.name,
        predicted_prompt_tokens=texts,
        prompt_tokens=tokens,
        completion_tokens=None,
        reasoning_tokens=None,
        cost=_unbilled(failure, entry) or embedding_bill(entry, tokens),
        seconds=seconds,
        seconds_to_first_token=None,
    )
    _enter(assistant, receipt, failure)


def _enter(assistant: Assistant, receipt: Receipt, failure: ModelError | None) -> None:
    assistant.ledger.enter(PURPOSE, receipt, "failed" if failure else "complete", failure.kind if failure else None)


def _unbilled(failure: ModelError | None, entry: ChatEntry | EmbeddingEntry) -> Paid | None:
    """Return a bill of nothing for what was refused at the door, None for all else."""
    return refused_bill(entry) if failure is not None and failure.unbilled else None


def _of_request(connection: Connection, request: Request) -> Forecast | None:
    longest = (request.max_tokens or 0) + (request.thinking_budget or 0)
    prompt = connection.counter.prompt(request.messages)
    return forecast(connection.entry, prompt, (1, longest, longest), request.thinking)


def _sum(costs: Sequence[Forecast | None]) -> Forecast | None:
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs):
        return None
    return Forecast(
        known[0].currency,
        sum((cost.low for cost in known[1:]), known[0].low),
        sum((cost.typical for cost in known[1:]), known[0].typical),
        sum((cost.high for cost in known[1:]), known[0].high),
    )
