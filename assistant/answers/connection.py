"""A chat model together with what is known of it: window, vocabulary, price. Knows no key and no address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.errors import PromptTooLong
from assistant.money.experience import Correction, Usual
from assistant.money.tokens import Counts, PromptCounter, prompt_counter, scaled
from assistant.providers.base import ChatModel, Message, Request
from assistant.providers.catalog import ChatEntry, catalog
from assistant.providers.offline import OfflineModel
from assistant.providers.server_count import CountingServer

# Tokens of an answer over one's notes and of the thinking before it, until the ledger knows better.
SHORT_OUTPUT = 50
USUAL_OUTPUT = 400
USUAL_THINKING = 1_000

# What we ask a model to stop at, so that the highest cost is known beforehand.
LONGEST_OUTPUT = 2_048
LONGEST_THINKING = 4_096


@dataclass(frozen=True, slots=True)
class ServedCounter:
    """Has a server count prompts and their parts; what it does not tell is estimated."""

    estimate: PromptCounter
    server: CountingServer

    @property
    def exact(self) -> bool:
        """Whether the prompt that was counted last is a fact."""
        return self.server.counts or self.estimate.exact

    def uncorrected(self, tokens: int, *, exact: bool) -> int | None:
        """Return an estimate before its correction; None for the server's own count, which teaches nothing of ours."""
        return None if exact else self.estimate.uncorrected(tokens, exact=False)

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
    """A model that can be asked. ``known_window`` is what is known beforehand of its size; ``thinking``: think first.

    ``usual`` is how long its answers were so far, ``correction`` how far our counts of its prompts were off; None until
    enough is known.
    """

    model: ChatModel
    entry: ChatEntry
    counter: PromptCounter | ServedCounter
    known_window: int | None
    max_tokens: int | None
    thinking: bool = False
    usual: Usual | None = None
    correction: Correction | None = None

    @property
    def thinking_budget(self) -> int | None:
        """The most tokens that it may think, which are billed as an answer's are; None where it does not think."""
        if not self.thinking and self.entry.thinking != "always":
            return None
        room = LONGEST_THINKING if self.known_window is None else self.known_window // 4
        return min(LONGEST_THINKING, room)

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

    def check(self, request: Request) -> None:
        """Refuse a request of somebody else's making that may not fit: a server would refuse it too, or cut it unseen."""
        prompt = self.counter.count(request.messages, (), thinking=request.thinking).high
        answer = (request.max_tokens or self.max_tokens or LONGEST_OUTPUT) + (request.thinking_budget or 0)
        window = self.window
        if window is not None and prompt + answer > window:
            raise too_long(self.model.provider, prompt, answer, window)

    @property
    def output_tokens(self) -> tuple[int, int, int]:
        """A short, a usual and the longest answer in tokens, with what is thought before it."""
        if self.quotes:
            return (0, 0, 0)
        thought = self.thinking_budget or 0
        longest = (self.max_tokens or self.entry.max_output or LONGEST_OUTPUT) + thought
        if self.usual:
            return (min(self.usual.low, longest), min(self.usual.typical, longest), longest)
        return (min(SHORT_OUTPUT, longest), min(USUAL_OUTPUT + (USUAL_THINKING if thought else 0), longest), longest)


def too_long(provider: str, prompt: int, answer: int, window: int | None) -> PromptTooLong:
    """Say that prompt and answer are more than a model reads."""
    return PromptTooLong(provider=provider, reason=f"{prompt} + {answer} > {window}", limit=window)


def connect(
    model: ChatModel,
    entry: ChatEntry,
    *,
    window: int | None = None,
    max_tokens: int | None = None,
    thinking: bool = False,
    server: CountingServer | None = None,
    usual: Usual | None = None,
    correction: Correction | None = None,
) -> Connection:
    """Put a model together with its catalogue entry; the smaller of ``window`` (Ollama's num_ctx) and the catalogue's counts.

    ``usual`` and ``correction`` are what its former answers and bills taught; None: take what its family usually does.
    ``server`` is asked to count, but only where nobody charges: it is sent the prompt before the learner's yes.
    """
    known = [size for size in (window, entry.window) if size is not None]
    estimate = prompt_counter(entry, correction)
    counter = ServedCounter(estimate, server) if server is not None and entry.local else estimate
    return Connection(model, entry, counter, min(known, default=None), max_tokens, thinking, usual, correction)


def offline() -> Connection:
    """Return the connection that needs no model."""
    model = OfflineModel()
    return connect(model, catalog().chat(model.provider, model.name))
