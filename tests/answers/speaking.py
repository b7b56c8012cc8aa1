"""Chat models for the tests of answers: they say what they are told to, and remember what they were asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assistant.answers.ask import Draft, prepare
from assistant.answers.connection import Connection, connect
from assistant.bootstrap import Assistant
from assistant.providers.base import ChatModel, Delta, Request
from assistant.providers.entries import ChatEntry, Price
from tests.providers.fake_provider import FakeProvider, Recorded, Reply, plain

LONGEST = 20.0
QUESTION = "什么是过拟合？"
PRICES = (Price(None, Decimal("2"), Decimal("8")),)


@dataclass
class Says:
    """Says its pieces one after the other; an error among them is raised, once for each request."""

    deltas: Sequence[Delta | Exception] = ()
    asked: list[Request] = field(default_factory=list)
    closed: bool = False
    provider: str = "test"
    name: str = "says"

    def stream(self, request: Request) -> Iterator[Delta]:
        self.asked.append(request)
        try:
            for piece in self.deltas:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed = True


class Stumbles(Says):
    """Is refused as often as it has errors, then says its pieces."""

    def __init__(self, errors: Sequence[Exception], deltas: Sequence[Delta]) -> None:
        super().__init__(deltas)
        self.errors = list(errors)

    def stream(self, request: Request) -> Iterator[Delta]:
        if self.errors:
            self.asked.append(request)
            raise self.errors.pop(0)
        yield from super().stream(request)


class Waits:
    """Says two words, then waits until it is let go on."""

    provider = "test"
    name = "waits"

    def __init__(self) -> None:
        self.spoke = threading.Event()
        self.go_on = threading.Event()
        self.closed = False

    def stream(self, request: Request) -> Iterator[Delta]:
        try:
            yield Delta("模型")
            yield Delta("记住了 [1]")
            self.spoke.set()
            assert self.go_on.wait(LONGEST)
            yield Delta("训练集 [9]")
            yield Delta("。")
        finally:
            self.closed = True


class Silent:
    """Thinks without a word, only its heart beats, as the real ones do while they wait for the server."""

    provider = "test"
    name = "silent"

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.closed = False

    def stream(self, request: Request) -> Iterator[Delta]:
        beat = threading.Event()
        try:
            while True:
                self.reached.set()
                beat.wait(0.01)
                yield Delta()
        finally:
            self.closed = True


def connected(model: ChatModel, *, max_tokens: int | None = 500, **entry: Any) -> Connection:
    """Connect to one of these models; what the catalogue would say of it is given by name."""
    fields = {"window": 8_000, "prices": PRICES, "currency": "CNY"} | entry
    return connect(model, ChatEntry(model.provider, model.name, **fields), max_tokens=max_tokens)


def drafted(app: Assistant, model: ChatModel, question: str = QUESTION, **entry: Any) -> Draft:
    """Prepare a draft for one of these models."""
    return prepare(question, search=app.search, connection=connected(model, **entry))


class Server(FakeProvider):
    """A fake provider that cannot count: questions about the size of a prompt get a 404 and use up none of its replies."""

    def take(self, request: Recorded) -> Reply:
        if request.path.endswith(("/chat/completions", "/models", "/embeddings")):
            return super().take(request)
        return plain({"error": {"message": "not found"}}, 404)
