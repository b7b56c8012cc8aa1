"""Keys and addresses of other programs in the environment reach no server through any of our models."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from llama_index.core.base.llms.types import ChatMessage

from assistant.errors import KeyRefused, Language
from assistant.providers import ollama
from assistant.providers.base import Message, Request
from assistant.providers.entries import ChatEntry, EmbeddingEntry, ProviderEntry
from assistant.providers.keys import Secret
from assistant.providers.llama_llm import StudyLLM
from assistant.providers.ollama import OllamaEmbedder, OllamaModel
from assistant.providers.openai_embedder import OpenAILikeEmbedder
from assistant.providers.openai_like import OpenAILikeModel
from tests.providers.fake_provider import FakeProvider, Reply, answer, lines, plain

OWN = Secret("own-key-0123456789abcdef")
STOLEN = "stolen-0123456789abcdef"
REQUEST = Request((Message("user", "hi"),), "hi", ())
LABELS: dict[Language, str] = {"zh": "自选", "en": "Custom"}
VENDOR = ProviderEntry("custom", LABELS, "openai", dialect="custom")
SPOKEN = {"model": "x", "message": {"role": "assistant", "content": "好"}, "done": True, "done_reason": "stop"}

Ask = Callable[[str, Secret | None], object]


def chat(url: str, key: Secret | None) -> OpenAILikeModel:
    return OpenAILikeModel(ChatEntry("custom", "x"), VENDOR, f"{url}/v1", key)


def embedder(url: str, key: Secret | None) -> OpenAILikeEmbedder:
    return OpenAILikeEmbedder(EmbeddingEntry("custom", "x"), VENDOR, f"{url}/v1", key)


VECTOR = plain({"data": [{"index": 0, "embedding": [1, 0]}]})
CALLS: list[tuple[str, Reply, Ask]] = [
    ("OpenAILikeModel", answer(), lambda url, key: list(chat(url, key).stream(REQUEST))),
    ("OpenAILikeModel.list_models", plain({"data": []}), lambda url, key: chat(url, key).list_models()),
    ("OpenAILikeEmbedder", VECTOR, lambda url, key: embedder(url, key).embed(["a"])),
    ("OpenAILikeEmbedder.list_models", plain({"data": []}), lambda url, key: embedder(url, key).list_models()),
    ("StudyLLM.chat", answer(), lambda url, key: StudyLLM(chat(url, key)).chat([ChatMessage(content="hi")])),
    ("StudyLLM.complete", answer(), lambda url, key: StudyLLM(chat(url, key)).complete("hi")),
    ("StudyLLM over Ollama", lines(SPOKEN), lambda url, key: StudyLLM(OllamaModel("x", url, 4096, key)).complete("hi")),
    ("OllamaModel", lines(SPOKEN), lambda url, key: list(OllamaModel("x", url, 4096, key).stream(REQUEST))),
    (
        "OllamaEmbedder",
        plain({"embeddings": [[1, 0]]}),
        lambda url, key: OllamaEmbedder("x", url, 4096, key).embed(["a"]),
    ),
    ("ollama.list_models", plain({"models": []}), ollama.list_models),
    ("ollama.context_length", plain({"model_info": {}}), lambda url, key: ollama.context_length(url, "x", key)),
]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    """Another server, to which the environment points with keys for it."""
    with FakeProvider(plain({})) as server:
        for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OLLAMA_API_KEY", "DASHSCOPE_API_KEY"):
            monkeypatch.setenv(name, STOLEN)
        for name in ("OPENAI_API_BASE", "OPENAI_BASE_URL", "OLLAMA_HOST"):
            monkeypatch.setenv(name, f"{server.url}/v1")
        for name in ("OPENAI_ORG_ID", "OPENAI_ORGANIZATION", "OPENAI_PROJECT_ID"):
            monkeypatch.setenv(name, f"{STOLEN}-account")
        yield server


@pytest.mark.parametrize("key", [None, OWN], ids=["without a key", "with its own key"])
@pytest.mark.parametrize(("reply", "ask"), [pytest.param(reply, ask, id=name) for name, reply, ask in CALLS])
def test_a_server_gets_its_own_key_or_none(reply: Reply, ask: Ask, key: Secret | None, elsewhere: FakeProvider) -> None:
    with FakeProvider(reply) as server:
        ask(server.url, key)

    assert elsewhere.requests == []
    (sent,) = server.requests
    assert STOLEN not in repr(sent)
    assert sent.headers.get("Authorization") == (f"Bearer {key.reveal()}" if key else None)


@pytest.mark.parametrize("ask", [pytest.param(ask, id=name) for name, _, ask in CALLS])
def test_a_refusal_does_not_make_another_key_be_tried(ask: Ask, elsewhere: FakeProvider) -> None:
    refusal = plain({"error": {"message": "no key", "code": "invalid_api_key"}}, 401)
    with FakeProvider(refusal) as server, pytest.raises(KeyRefused):
        ask(server.url, None)

    assert elsewhere.requests == []
    assert len(server.requests) == 1
    assert "Authorization" not in server.requests[0].headers
