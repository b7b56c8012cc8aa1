"""Enters every request of a draft in the ledger, also those that failed before their first word. Knows no screen and no thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from assistant.answers.ask import Answer, Draft, finish, receipt_of, send
from assistant.errors import AssistantError, Cancelled, ModelError
from assistant.money.cost import Receipt, refused_bill
from assistant.money.ledger import Ledger
from assistant.providers.base import Usage

PURPOSE = "answer"


def book(
    ledger: Ledger,
    draft: Draft,
    receipt: Receipt,
    state: str,
    error: AssistantError | None,
    said: str,
    purpose: str = PURPOSE,
) -> None:
    """Enter a request that has ended; ``said`` is all that came, without which a refusal cost nothing."""
    if not draft.asks_a_model:
        return
    if receipt.cost is None and not said and isinstance(error, ModelError) and error.unbilled:
        # Nothing was billed, so there is nothing to hold a forecast against; the attempt that follows carries it.
        receipt = replace(receipt, cost=refused_bill(draft.connection.entry), forecast=None)
    ledger.enter(purpose, receipt, state, error.kind if error else None)


def book_refused(
    ledger: Ledger, draft: Draft, error: AssistantError | None, seconds: float, purpose: str = PURPOSE
) -> None:
    """Enter a request that ended before its first word: refused, stopped, or by a defect of ours (None)."""
    receipt = receipt_of(draft, "", None, seconds, None)
    if isinstance(error, Cancelled):
        book(ledger, draft, receipt, "stopped", None, "", purpose)
    else:
        book(ledger, draft, receipt, "failed", error or AssistantError(detail=purpose), "", purpose)


def answered(
    draft: Draft,
    ledger: Ledger,
    purpose: str = PURPOSE,
    cancelled: Callable[[], bool] = lambda: False,
    on_wait: Callable[[ModelError, float], None] = lambda error, seconds: None,
) -> Answer:
    """Send a draft and wait for its end, with its requests entered: for callers that have nothing to show meanwhile.

    ``Cancelled`` is raised where the learner stops it; what had come by then is billed, and entered, too.
    """
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
            answer: Answer = end.value
            book(ledger, draft, answer.receipt, "complete", None, answer.text, purpose)
            return answer
        except (ModelError, Cancelled) as error:
            if text or thought or usage:
                so_far = finish(draft, text, usage, time.perf_counter() - started, None, thought)
                state, fault = ("stopped", None) if isinstance(error, Cancelled) else ("failed", error)
                book(ledger, draft, so_far.receipt, state, fault, text + thought, purpose)
            raise
        text, thought, usage = text + delta.text, thought + delta.thinking, delta.usage or usage
