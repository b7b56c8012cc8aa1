"""The same draft over several models, side by side: what each would read, cost and cut. Knows no key, no address, no screen.

Nothing is sent to a model; a server of one's own on this machine may be asked to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from assistant.answers.ask import Draft, reconsider
from assistant.answers.connection import Connection
from assistant.errors import AssistantError

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Compared(Generic[C]):
    """One model of a comparison: the draft as it would be sent to it, or the error that stands in the way."""

    choice: C
    draft: Draft | None
    error: AssistantError | None = None

    @property
    def over(self) -> int:
        """By how many tokens prompt and longest answer exceed the window; 0 where they fit or nothing is known of it."""
        return self.draft.preview.excess if self.draft else 0

    @property
    def cut(self) -> bool:
        """Whether the server would drop a part of the prompt and say nothing, as Ollama does; others refuse it."""
        if self.draft is None or self.draft.connection.model.provider != "ollama":
            return False
        preview = self.draft.preview
        return preview.context_window is not None and preview.prompt_tokens > preview.context_window

    @property
    def group(self) -> tuple[int, str]:
        """Return what its money can be compared within: free of charge here, one currency, unknown, no price at all."""
        if self.draft is None:
            return (3, "")
        if self.draft.connection.entry.local:
            return (0, "")
        cost = self.draft.preview.cost
        return (1, cost.currency) if cost else (2, "")


def compare(draft: Draft, choices: Iterable[C], connect: Callable[[C], Connection]) -> tuple[Compared[C], ...]:
    """Write the draft anew for each choice; what fails becomes a row with its error."""
    return tuple(_compared(draft, choice, connect) for choice in choices)


def in_groups(compared: Sequence[Compared[C]]) -> list[list[Compared[C]]]:
    """Put together what may be compared, the usually cheapest first: money of two currencies never is."""
    groups: dict[tuple[int, str], list[Compared[C]]] = {}
    for one in sorted(compared, key=lambda one: one.group):
        groups.setdefault(one.group, []).append(one)
    return [sorted(group, key=_typical) for group in groups.values()]


def _compared(draft: Draft, choice: C, connect: Callable[[C], Connection]) -> Compared[C]:
    try:
        return Compared(choice, reconsider(draft, connection=connect(choice)))
    except AssistantError as error:
        return Compared(choice, None, error)


def _typical(compared: Compared[C]) -> Decimal:
    cost = compared.draft.preview.cost if compared.draft else None
    return cost.typical if cost else Decimal(0)
