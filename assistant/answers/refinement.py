"""What was done about a search before its answer, by a model and for money: said with the answer. Knows no model and no search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from assistant.errors import AssistantError, Language
from assistant.money.cost import Paid

Method = Literal["rewrite", "hyde", "several"]
Kind = Literal["rewrite", "hyde", "several", "rerank"]


@dataclass(frozen=True, slots=True)
class Refinement:
    """A step that a model took for a search; ``failure`` says why the search went on without it.

    ``queries`` are what was searched for in place of the question, or beside it. ``cost`` None is unknown.
    """

    kind: Kind
    provider: str
    model: str
    tokens: int | None
    cost: Paid | None
    local: bool
    queries: tuple[str, ...] = ()
    failure: AssistantError | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with an answer, an error in both languages."""
        return {
            "kind": self.kind,
            "provider": self.provider,
            "model": self.model,
            "tokens": self.tokens,
            "cost": self.cost.as_json() if self.cost else None,
            "local": self.local,
            "queries": list(self.queries),
            "failure": _said(self.failure) if self.failure else None,
        }


def _said(error: AssistantError) -> Mapping[str, Any]:
    languages: tuple[Language, ...] = ("zh", "en")
    return {
        "kind": error.kind,
        **{language: error.message(language) for language in languages},
        "hint": {language: error.hint(language) for language in languages},
    }
