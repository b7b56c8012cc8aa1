"""A chat model together with what is known of it: window, vocabulary, price. Knows no key and no address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.money.tokens import Counts, PromptCounter, prompt_counter, scaled
from assistant.providers.base import ChatModel, Message
from assistant.providers.catalog import ChatEntry, catalog
from assistant.providers.offline import OfflineModel
from assistant.providers.server_count import CountingServer

USUAL_OUTPUT = 400  # tokens of an answer over one's notes, until the ledger knows better
LONGEST_OUTPUT = 2_048  # what we ask a model to stop at, so that the highest cost is known beforehand


@dataclass(frozen=True, slots=True)
class ServedCounter:
    """Has a server count prompts and their parts; what it does not tell is estimated."""

    estimate: PromptCounter
    server: CountingServer

    @property
    def exact(self) -> bool:
        """Whether the prompt that was counted last is a fact."""
        return self.server.counts or self.estimate.exact

    def text(self, text: str) -> int:
        """Say about how many tokens a text has by itself."""
        return self.estimate.text(text)

    def prompt(self, messages: Sequence[Message], *, thinking: bool = False) -> int:
        """Say how many tokens the server reads when it is sent these messages."""
        counted = self.server.count(messages, thinking=thinking)
        return self.estimate.prompt(messages, thinking=thinking) if counted is None else counted

    def count(self, messages: Sequence[Message], texts: Sequence[str], *, thinking: bool = False) -> Counts:
        """Count a prompt and its texts; where the server tells only the whole, the estimates are fitted into that."""
        whole = self.server.count(messages, thinking=thinking)
        if whole is None:
            return self.estimate.count(messages, texts, thinking=thinking)
        sizes = self.server.sizes(texts)
        if sizes is not None and sum(sizes) <= whole:
            return Counts(whole, sizes, whole, exact=True, parts_exact=True)
        guess = self.estimate.count(messages, texts, thinking=thinking)
        return Counts(whole, scaled(guess.parts, guess.whole, whole), whole, exact=True, parts_exact=False)


@dataclass(frozen=True)
class Connection:
    """A model that can be asked. ``known_window`` is what is known beforehand of its size; ``thinking``: think first."""

    model: ChatModel
    entry: ChatEntry
    counter: PromptCounter | ServedCounter
    known_window: int | None
    max_tokens: int | None
    thinking: bool = False

    @property
    def window(self) -> int | None:
        """What the model reads at most, None where unknown; a server of one's own is asked."""
        told = self.counter.server.window if isinstance(self.counter, ServedCounter) else None
        known = [size for size in (self.known_window, told) if size is not None]
        return min(known, default=None)

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
    server: CountingServer | None = None,
    margin: float | None = None,
) -> Connection:
    """Put a model together with its catalogue entry; the smaller of ``window`` (Ollama's num_ctx) and the catalogue's counts.

    ``margin``: by how much this model's bills were seen to exceed our counts; None: take what its family may miss.
    ``server`` is asked to count, but only where nobody charges: it is sent the prompt before the learner's yes.
    """
    known = [size for size in (window, entry.window) if size is not None]
    estimate = prompt_counter(entry, margin)
    counter = ServedCounter(estimate, server) if server is not None and entry.local else estimate
    return Connection(model, entry, counter, min(known, default=None), max_tokens, thinking)


def offline() -> Connection:
    """Return the connection that needs no model."""
    model = OfflineModel()
    return connect(model, catalog().chat(model.provider, model.name))
