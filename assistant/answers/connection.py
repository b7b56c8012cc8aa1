"""A chat model together with what is known of it: window, vocabulary, price. Knows no key and no address."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.money.tokens import PromptCounter, prompt_counter
from assistant.providers.base import ChatModel
from assistant.providers.catalog import ChatEntry, catalog
from assistant.providers.offline import OfflineModel

USUAL_OUTPUT = 400  # tokens of an answer over one's notes, until the ledger knows better
LONGEST_OUTPUT = 2_048  # what we ask a model to stop at, so that the highest cost is known beforehand


@dataclass(frozen=True)
class Connection:
    """A model that can be asked. ``window`` is what it reads at most, None where unknown; ``thinking``: think first."""

    model: ChatModel
    entry: ChatEntry
    counter: PromptCounter
    window: int | None
    max_tokens: int | None
    thinking: bool = False

    @property
    def quotes(self) -> bool:
        """Whether this is the offline model, to which nothing is sent."""
        return self.entry.provider == "offline"

    @property
    def output_tokens(self) -> tuple[int, int, int]:
        """The shortest, usual and longest answer in tokens."""
        if self.quotes:
            return (0, 0, 0)
        longest = self.max_tokens or self.entry.max_output or LONGEST_OUTPUT
        return (min(50, longest), min(USUAL_OUTPUT, longest), longest)


def connect(
    model: ChatModel,
    entry: ChatEntry,
    *,
    window: int | None = None,
    max_tokens: int | None = None,
    thinking: bool = False,
) -> Connection:
    """Put a model together with its catalogue entry; a smaller ``window`` than the catalogue's wins (Ollama's num_ctx)."""
    known = [size for size in (window, entry.window) if size is not None]
    return Connection(model, entry, prompt_counter(entry), min(known) if known else None, max_tokens, thinking)


def offline() -> Connection:
    """Return the connection that needs no model."""
    model = OfflineModel()
    return connect(model, catalog().chat(model.provider, model.name))
