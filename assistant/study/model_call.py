"""A call to a model that is no answer to a question: written, counted and priced first, then sent and entered in the ledger.

Knows neither what is asked nor what becomes of the reply.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from assistant.answers.ask import Draft, finish, send
from assistant.answers.booking import book, book_refused
from assistant.answers.connection import Connection
from assistant.answers.draft import Asked
from assistant.errors import Cancelled, Language, ModelError, ParameterRefused
from assistant.knowledge.chunks import Chunk, Match, Scores
from assistant.knowledge.search import Findings
from assistant.money.cost import Forecast, Parts, Preview, forecast
from assistant.money.ledger import Ledger
from assistant.providers.base import Message, Request, Usage

OnWait = Callable[[ModelError, float], None]


def prepare_call(
    connection: Connection,
    system: str,
    passages: Sequence[str],
    task: str,
    *,
    chunks: Sequence[Chunk],
    schema: Mapping[str, Any],
    output: tuple[int, int, int],
    language: Language,
) -> Draft:
    """Write a call and count it; nothing is sent. ``output``: a short, a usual and the longest reply, in tokens."""
    longest = output[2] if connection.entry.max_output is None else min(output[2], connection.entry.max_output)
    user = "\n\n".join([*passages, task])
    request = Request(
        (Message("system", system), Message("user", user)),
        question=task,
        passages=(),
        max_tokens=longest,
        thinking=connection.thinking,
        language=language,
        thinking_budget=connection.thinking_budget,
        schema=schema,
    )
    matches = tuple(Match(chunk, 1.0, Scores(None, None)) for chunk in chunks)
    asked = Asked(task, language, "", matches, relevant=False, fence="", findings=Findings(matches, relevant=True))
    preview = _counted(connection, request, system, passages, task, (*output[:2], longest))
    return Draft(asked, "notes", frozenset(), (), connection, request, preview)


def _counted(
    connection: Connection,
    request: Request,
    system: str,
    passages: Sequence[str],
    task: str,
    output: tuple[int, int, int],
) -> Preview:
    counts = connection.counter.count(request.messages, (system, task, *passages), thinking=connection.thinking)
    first, last, *parts = counts.parts
    thought = connection.thinking_budget or 0
    low, typical, high = (min(output[0], output[2]), min(output[1], output[2]) + thought // 4, output[2] + thought)
    usual = connection.usual
    if usual is not None:  # how long such replies were so far
        low, typical = min(usual.low, high), min(usual.typical, high)
    expected = (low, min(typical, high), high)
    return Preview(
        provider=connection.model.provider,
        model=connection.model.name,
        parts=Parts(first, 0, tuple(parts), last, counts.whole - sum(counts.parts)),
        prompt_tokens_high=counts.high,
        exact=counts.exact,
        parts_exact=counts.parts_exact,
        output_tokens=expected,
        cost=forecast(connection.entry, counts.whole, expected, connection.thinking, counts.high),
        context_window=connection.window,
    )


class Calls(ABC):
    """What can be said of several calls before any of them is sent."""

    __slots__ = ()
    again: ClassVar[bool] = False  # whether each may be made a second time, to mend its reply

    @property
    @abstractmethod
    def drafts(self) -> list[Draft]:
        """The calls, written and counted."""

    @property
    def cost(self) -> Forecast | None:
        """What all calls may cost, at most with one repair of each where there may be one; None where it is unknown."""
        return cost_of_all(self.drafts, again=self.again)

    @property
    def prompt_tokens(self) -> int:
        """All tokens that are sent."""
        return sum(draft.preview.prompt_tokens for draft in self.drafts)

    @property
    def refusal(self) -> ModelError | None:
        """Why one of the calls cannot be sent."""
        return next((draft.refusal for draft in self.drafts if draft.refusal), None)


def cost_of_all(drafts: Sequence[Draft], again: bool) -> Forecast | None:
    """Add the forecasts of calls up; ``again``: each may be made a second time, to mend it, with its reply before it.

    None where the price of one is unknown.
    """
    known = [draft.preview.cost for draft in drafts]
    costs = [cost for cost in known if cost is not None]
    if not costs or len(costs) < len(known):
        return None
    nothing = Decimal(0)
    again_high = sum((_second(draft) for draft in drafts), nothing) if again else nothing
    return Forecast(
        costs[0].currency,
        sum((cost.low for cost in costs), nothing),
        sum((cost.typical for cost in costs), nothing),
        sum((cost.high for cost in costs), again_high),
    )


def _second(draft: Draft) -> Decimal:
    """Say what a call costs at most that is sent again with what was wrong with its reply."""
    preview, connection = draft.preview, draft.connection
    prompt = preview.prompt_tokens_high + preview.output_tokens[2]
    cost = forecast(connection.entry, prompt, preview.output_tokens, connection.thinking)
    return cost.high if cost else Decimal(0)


def call(
    draft: Draft,
    ledger: Ledger,
    purpose: str,
    cancelled: Callable[[], bool] = lambda: False,
    on_wait: OnWait = lambda error, seconds: None,
) -> str:
    """Send a call, enter it, and return what came, word for word.

    A server that does not take the schema turned the request away unread: it is asked once more without. One that stops
    in the middle is entered, too; ``Cancelled`` is raised where the learner stopped it.
    """
    try:
        return _called(draft, ledger, purpose, cancelled, on_wait)
    except ParameterRefused:
        if draft.request.schema is None:
            raise
    return _called(replace(draft, request=replace(draft.request, schema=None)), ledger, purpose, cancelled, on_wait)


def _called(draft: Draft, ledger: Ledger, purpose: str, cancelled: Callable[[], bool], on_wait: OnWait) -> str:
    text = thought = ""
    usage: Usage | None = None
    started = time.perf_counter()
    pieces = send(
        draft, on_wait, cancelled, lambda error, seconds: book_refused(ledger, draft, error, seconds, purpose)
    )
    while True:
        try:
            if cancelled() and (text or thought):
                pieces.close()
                raise Cancelled
            delta = next(pieces)
        except StopIteration as end:
            book(ledger, draft, end.value.receipt, "complete", None, text, purpose)
            return text
        except (ModelError, Cancelled) as error:
            if text or thought or usage:
                so_far = finish(draft, text, usage, time.perf_counter() - started, None, thought)
                state, fault = ("stopped", None) if isinstance(error, Cancelled) else ("failed", error)
                book(ledger, draft, so_far.receipt, state, fault, text + thought, purpose)
            raise
        text, thought, usage = text + delta.text, thought + delta.thinking, delta.usage or usage
