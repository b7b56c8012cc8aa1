"""A provider of ours that writes guides: each reply bears its number, so that a test can tell an old text from a new one."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal

from assistant.answers.connection import Connection, connect
from assistant.money.tokens import count
from assistant.providers.catalog import catalog
from assistant.providers.entries import Price
from assistant.providers.keys import Secret
from assistant.providers.openai_like import OpenAILikeModel
from tests.answers.speaking import LONGEST
from tests.providers.fake_provider import FakeProvider, Recorded, Reply, billed, events, plain, said

SMALL = 1_400  # of a window: each of the notes of tests/conftest.py needs a call of its own


class Writer(FakeProvider):
    """Writes while ``goes_on`` is set, and answers the requests named in ``instead`` in another way."""

    def __init__(self) -> None:
        super().__init__(plain({}))
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.instead: dict[int, Reply] = {}

    def take(self, request: Recorded) -> Reply:
        if not request.path.endswith("/chat/completions"):
            return plain({"error": {"message": "not found"}}, 404)
        super().take(request)
        number = self.calls
        self.goes_on.wait(LONGEST)
        return self.instead.pop(number, written(number, request))

    @property
    def calls(self) -> int:
        """How often it was asked to write."""
        return len(self.requests)


def written(number: int, request: Recorded) -> Reply:
    text = f"第 {number} 稿 [1]。"
    prompt = sum(count(message["content"]) for message in request.body["messages"])
    return events(said(text), said(finish="stop"), billed(prompt, count(text)))


def refused() -> Reply:
    return plain({"error": {"message": "Incorrect API key provided"}}, 401)


def writing(server: Writer, window: int | None = SMALL) -> Connection:
    """Connect to it over HTTP, at a price."""
    entry = replace(
        catalog().chat("custom", "writer"),
        window=window,
        currency="CNY",
        local=False,
        prices=(Price(None, Decimal("2"), Decimal("8")),),
    )
    model = OpenAILikeModel(entry, catalog().provider("custom"), f"{server.url}/v1", Secret("sk-writer"))
    return connect(model, entry, max_tokens=500)


def sheet(server: Writer, window: int = SMALL) -> str:
    """Return a learner's own catalogue that has it, at a price."""
    return f"""
[[provider]]
name = "campus"
labels = {{ zh = "校园", en = "Campus" }}
kind = "openai"
presets = [{{ label = "campus", base_url = "{server.url}/v1" }}]
[provider.hosts]
"127.0.0.1" = "here"
[[sheet]]
provider = "campus"
region = "here"
currency = "CNY"
as_of = 2026-11-20
source = "a notice on the wall"
[[sheet.chat]]
name = "writer"
window = {window}
max_output = 500
prices = [{{ input = 2, output = 8 }}]
"""
