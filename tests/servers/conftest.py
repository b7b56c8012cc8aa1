"""Real servers, started once for all tests that ask for them: llama.cpp's with tiny models, and Ollama's double in front."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from assistant.providers.base import Message, Request
from assistant.providers.catalog import ChatEntry, catalog
from assistant.providers.keys import Secret
from assistant.providers.openai_like import OpenAILikeModel
from tests.conftest import do_without
from tests.servers.llama_cpp import KEY, Server, Serving, llama_server, missing
from tests.servers.ollama_double import OllamaDouble, ollama_double
from tests.servers.ollama_wire import Pulled
from tests.servers.tiny_models import Kind, tiny_model

MakeModel = Callable[..., OpenAILikeModel]
Start = Callable[[Kind, Serving], Iterator[Server]]


def need_a_server() -> None:
    """Skip where no server can run; where the tests were told that they need servers, fail instead."""
    if reason := missing():
        do_without("servers", reason)


@pytest.fixture(scope="session")
def start() -> Start:
    """Start a server with one of the tiny models."""

    def started(kind: Kind, serving: Serving) -> Iterator[Server]:
        need_a_server()
        with llama_server(tiny_model(kind), serving) as server:
            yield server

    return started


@pytest.fixture(scope="session")
def chat_server(start: Start) -> Iterator[Server]:
    """Babbles: two slots, so that one request can be looked at while another runs."""
    yield from start("chat", Serving("tiny-chat", KEY, slots=2))


@pytest.fixture(scope="session")
def think_server(start: Start) -> Iterator[Server]:
    """Babbles behind Qwen3's template, which heeds ``enable_thinking``."""
    yield from start("think", Serving("tiny-think", KEY))


@pytest.fixture(scope="session")
def echo_server(start: Start) -> Iterator[Server]:
    """Repeats the last user message."""
    yield from start("echo", Serving("tiny-echo", KEY))


@pytest.fixture(scope="session")
def say_server(start: Start) -> Iterator[Server]:
    """Answers one of two fixed texts with citation markers; see ``tiny_models.SAYINGS``."""
    yield from start("say", Serving("tiny-say", KEY))


@pytest.fixture(scope="session")
def study_server(start: Start) -> Iterator[Server]:
    """Writes a quiz where it is asked for one, and cards where not; see ``tiny_models.WRITTEN``."""
    yield from start("study", Serving("tiny-study", KEY))


@pytest.fixture(scope="session")
def embed_server(start: Start) -> Iterator[Server]:
    """Embeds by the tokens that texts share."""
    yield from start("embed", Serving("tiny-embed", KEY, embedding=True))


@pytest.fixture(scope="session")
def ollama_server(echo_server: Server, chat_server: Server, embed_server: Server) -> Iterator[OllamaDouble]:
    """Ollama's interface over three of the servers."""
    models = [
        Pulled("tiny-echo:latest", echo_server.address, KEY, ("completion",)),
        Pulled("tiny-chat:latest", chat_server.address, KEY, ("completion",)),
        Pulled("tiny-embed:latest", embed_server.address, KEY, ("embedding",), width=128),
    ]
    with ollama_double(models) as double:
        yield double


@pytest.fixture
def model_at() -> MakeModel:
    """Make our own model of a server; ``key`` as the learner would have typed it."""

    def made(server: Server, key: str = KEY) -> OpenAILikeModel:
        entry = qwen_entry(server.serving.name, server.serving.context)
        return OpenAILikeModel(entry, catalog().provider("custom"), server.base_url, Secret(key))

    return made


def qwen_entry(name: str, window: int | None = None) -> ChatEntry:
    """Describe a model on a server of one's own that has Qwen's vocabulary and template."""
    entry = catalog().chat("custom", name)
    return replace(entry, window=window, vocabulary="qwen", template="chatml", exact=True)


def asking(*texts: str, max_tokens: int | None = None) -> Request:
    """Make a request of user and assistant messages in turn, beginning with the user's."""
    roles = ("user", "assistant")
    messages = tuple(Message(roles[place % 2], text) for place, text in enumerate(texts))  # type: ignore[arg-type]
    return Request(messages, texts[-1], (), max_tokens=max_tokens)
