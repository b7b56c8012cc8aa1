"""A server of an embedding model that counts what it is sent, and fails when it is told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.money.tokens import count
from tests.providers.fake_provider import FakeProvider, Recorded, Reply, plain


class VectorServer(FakeProvider):
    """Answers every request with as many vectors as texts; request number n gets ``instead[n]`` where there is one.

    ``bought`` are the texts that were answered, ``tokens`` how many of them were billed. ``billing`` off: no usage is said.
    """

    def __init__(self, instead: Mapping[int, Reply] | None = None, *, size: int = 3, billing: bool = True) -> None:
        super().__init__(plain({}))
        self.instead = dict(instead or {})
        self.bought: list[str] = []
        self.tokens = 0
        self._size = size
        self._billing = billing

    def take(self, request: Recorded) -> Reply:
        super().take(request)
        reply = self.instead.get(len(self.requests))
        if reply is not None:
            return reply
        texts: list[str] = request.body["input"]
        billed = sum(count(text) for text in texts)
        self.bought += texts
        self.tokens += billed
        return vectors(texts, self._size, billed if self._billing else None)


def vectors(texts: Sequence[str], size: int = 3, billed: int | None = None) -> Reply:
    """As many vectors as texts, last one first: their place is what counts."""
    rows = [[1.0, len(text) % 7, *[0.5] * (size - 2)] for text in texts]
    data = [{"index": place, "embedding": row} for place, row in enumerate(rows)]
    body: dict[str, Any] = {"data": data[::-1]}
    return plain(body if billed is None else body | {"usage": {"prompt_tokens": billed}})


def slow_down(seconds: float) -> Reply:
    return plain({"error": {"message": "rate limit"}}, 429, {"Retry-After": str(seconds)})


REFUSED = plain({"error": {"message": "boom"}}, 400)
