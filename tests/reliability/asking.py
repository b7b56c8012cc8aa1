"""Three kinds of calls to one fake provider: a question, vectors, an order of texts; and a clock that only sleeping moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from assistant.providers.base import Delta, Message, Request
from assistant.providers.entries import ChatEntry, EmbeddingEntry, ProviderEntry, RerankEntry
from assistant.providers.keys import Secret
from assistant.providers.openai_embedder import OpenAILikeEmbedder
from assistant.providers.openai_like import OpenAILikeModel
from assistant.providers.rerank import Reranker
from assistant.providers.retry import begun, retrying
from assistant.providers.wire import Patience

KEY = Secret("sk-te+t/0123456789?abc=def")
REQUEST = Request((Message("user", "什么是过拟合？"),), "什么是过拟合？", ())
VENDOR = ProviderEntry("custom", {"zh": "自选", "en": "Custom"}, "openai", dialect="custom")

T = TypeVar("T")
Ask = Callable[..., object]


def chat(url: str, patience: Patience | None = None) -> list[Delta]:
    """Ask a question and hear the answer to its end."""
    model = OpenAILikeModel(ChatEntry("custom", "m"), VENDOR, f"{url}/v1", KEY, patience=patience)
    return [delta for delta in model.stream(REQUEST) if delta != Delta()]


def vectors(url: str, patience: Patience | None = None) -> list[list[float]]:
    """Ask for the vectors of two texts."""
    entry = EmbeddingEntry("custom", "m", dimension=3, max_texts=10)
    rows = OpenAILikeEmbedder(entry, VENDOR, f"{url}/v1", KEY, patience=patience).embed(["一", "二"])
    return [[float(number) for number in row] for row in rows]


def order(url: str, patience: Patience | None = None) -> tuple[float, ...]:
    """Ask for the order of two texts."""
    reranker = Reranker(RerankEntry("custom", "m", "/v1/rerank"), VENDOR, url, KEY, patience or Patience())
    return reranker.rerank("?", ["一", "二"]).scores


def first_piece(url: str) -> Delta | None:
    """Ask a question and wait for the first piece, as an answer does before it stops trying again."""
    model = OpenAILikeModel(ChatEntry("custom", "m"), VENDOR, f"{url}/v1", KEY)
    stream = begun(model.stream(REQUEST), lambda: False)
    piece = next(stream, None)
    stream.close()
    return piece


@dataclass
class Clock:
    """A time that passes only while somebody waits; ``told`` are the seconds that a countdown showed."""

    now: float = 0.0
    stop_at: float = 1e9
    told: list[float] = field(default_factory=list)

    def patiently(self, call: Callable[[], T]) -> T:
        """Call in the app's own retry loop, under this clock."""
        return retrying(
            call,
            lambda error, left: self.told.append(left),
            lambda: self.now >= self.stop_at,
            clock=lambda: self.now,
            sleep=self._sleep,
            chance=lambda: 0.5,
        )

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
