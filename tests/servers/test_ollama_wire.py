"""Our Ollama model through LlamaIndex and the real client, against the double, and against a real Ollama where one answers."""

from __future__ import annotations

import os
import urllib.error
import urllib.request

import httpx
import numpy as np
import pytest

from assistant.errors import ModelError, ModelMissing, PromptTooLong, Unreachable
from assistant.money.tokens import prompt_counter
from assistant.providers.base import Delta, Message, Request
from assistant.providers.keys import Secret
from assistant.providers.ollama import OllamaEmbedder, OllamaModel, context_length, host_url, list_models
from assistant.providers.ollama_library import OllamaLibrary
from tests.servers.conftest import asking, qwen_entry
from tests.servers.conversations import long_text
from tests.servers.llama_cpp import Server
from tests.servers.ollama_double import OllamaDouble
from tests.servers.test_llama_server import busy_after

REAL_HOST = os.environ.get("OLLAMA_HOST", "")


def answer(model: OllamaModel, request: Request) -> tuple[str, Delta]:
    deltas = [delta for delta in model.stream(request) if delta != Delta()]
    return "".join(delta.text for delta in deltas), deltas[-1]


def test_pulled_models_are_listed(ollama_server: OllamaDouble) -> None:
    assert list_models(ollama_server.address) == ("tiny-chat:latest", "tiny-echo:latest", "tiny-embed:latest")


def test_the_context_that_a_model_was_trained_for_is_known(ollama_server: OllamaDouble) -> None:
    assert context_length(ollama_server.address, "tiny-echo") == 8192


def test_an_answer_streams_through_ollama_with_its_bill(ollama_server: OllamaDouble) -> None:
    request = asking("first", "answer", "注意力为什么要除以 √d？<b> 👍🏽")

    text, last = answer(OllamaModel("tiny-echo", ollama_server.address, 4096), request)

    assert text == "注意力为什么要除以 √d？<b> 👍🏽"
    assert last.finish == "stop"
    assert last.usage is not None
    assert last.usage.prompt_tokens == prompt_counter(qwen_entry("")).prompt(request.messages)
    assert last.usage.completion_tokens == prompt_counter(qwen_entry("")).text(text) + 1


def test_the_wire_is_the_request_and_the_context_is_always_set(ollama_server: OllamaDouble) -> None:
    messages = (
        Message("system", "You are a tutor."),
        Message("user", "问？"),
        Message("assistant", "答。"),
        Message("user", "why"),
    )

    answer(OllamaModel("tiny-echo", ollama_server.address, 6144), Request(messages, "why", (), max_tokens=9))

    sent = ollama_server.last("/api/chat").body
    assert sent["messages"] == [{"role": message.role, "content": message.content} for message in messages]
    assert (sent["model"], sent["stream"]) == ("tiny-echo", True)
    assert (sent["options"]["num_ctx"], sent["options"]["num_predict"]) == (6144, 9)


def test_an_answer_that_reached_its_limit_says_so(ollama_server: OllamaDouble) -> None:
    request = asking("one two three four five six seven eight nine ten", max_tokens=3)

    _, last = answer(OllamaModel("tiny-echo", ollama_server.address, 4096), request)

    assert last.finish == "length"


def test_closing_the_stream_ends_the_work_behind_ollama(ollama_server: OllamaDouble, chat_server: Server) -> None:
    stream = OllamaModel("tiny-chat", ollama_server.address, 8192).stream(asking("tell me everything", max_tokens=7000))
    while not next(stream).text:
        pass

    stream.close()  # type: ignore[attr-defined]

    assert busy_after(chat_server, 1.0) == 0


def test_a_prompt_over_the_context_is_refused_where_ollama_by_itself_drops_its_oldest_messages(
    ollama_server: OllamaDouble,
) -> None:
    request = asking(long_text(1, 20_000), "long ago", "what did I ask?")
    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    with httpx.Client() as client:
        asked = {"model": "tiny-echo", "messages": messages, "stream": False, "options": {"num_ctx": 2048}}
        dropped = client.post(f"{ollama_server.address}/api/chat", json=asked).json()

    assert dropped["message"]["content"] == "what did I ask?"
    assert dropped["prompt_eval_count"] < 100 < 2048 < prompt_counter(qwen_entry("")).prompt(request.messages)
    with pytest.raises(PromptTooLong):
        answer(OllamaModel("tiny-echo", ollama_server.address, 2048), request)


def test_a_last_message_over_the_context_is_refused(ollama_server: OllamaDouble) -> None:
    with pytest.raises(PromptTooLong):
        answer(OllamaModel("tiny-echo", ollama_server.address, 2048), asking(long_text(1, 20_000)))


def test_a_model_that_was_not_pulled_is_named(ollama_server: OllamaDouble) -> None:
    with pytest.raises(ModelMissing) as missing:
        answer(OllamaModel("qwen3:0.6b", ollama_server.address, 4096), asking("hello"))

    assert "ollama pull qwen3:0.6b" in missing.value.hint("en")
    assert not missing.value.retryable


def test_a_model_for_embeddings_cannot_chat(ollama_server: OllamaDouble) -> None:
    with pytest.raises(ModelError, match="does not support chat"):
        answer(OllamaModel("tiny-embed", ollama_server.address, 4096), asking("hello"))


def test_a_key_from_the_environment_goes_to_no_server_by_itself(
    ollama_server: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "sk-somebody-elses-key")

    answer(OllamaModel("tiny-echo", ollama_server.address, 4096), asking("hello"))
    without = ollama_server.last("/api/chat").headers
    answer(OllamaModel("tiny-echo", ollama_server.address, 4096, Secret("sk-mine-and-wanted")), asking("hello"))
    given = ollama_server.last("/api/chat").headers

    assert "authorization" not in without
    assert given["authorization"] == "Bearer sk-mine-and-wanted"


def test_vectors_come_in_order_with_length_one(ollama_server: OllamaDouble) -> None:
    texts = ["过拟合与正则化", "square root", "向量数据库"]
    embedder = OllamaEmbedder("tiny-embed", ollama_server.address, 2048)
    rows = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])

    assert (rows.shape, embedder.key, embedder.dimension) == ((3, 128), "ollama/tiny-embed", 128)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows, alone, atol=1e-3)
    assert ollama_server.last("/api/embed").body["options"]["num_ctx"] == 2048


def test_an_ollama_that_is_not_running_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        list_models("127.0.0.1:9")


@pytest.fixture(scope="module")
def real_ollama() -> str:
    """The Ollama that OLLAMA_HOST names, if it answers."""
    if not REAL_HOST:
        pytest.skip("OLLAMA_HOST is not set: no real Ollama to ask")
    address = host_url(REAL_HOST)
    try:
        with urllib.request.urlopen(f"{address}/api/version", timeout=5):
            return address
    except (OSError, urllib.error.URLError) as error:
        pytest.skip(f"no Ollama answers at OLLAMA_HOST={address}: {error}")


def test_a_real_ollama_lists_and_answers(real_ollama: str) -> None:
    models = list_models(real_ollama)
    if not models:
        pytest.skip(f"the Ollama at {real_ollama} has pulled no model")
    chatting = next((model for model in models if "embed" not in model), None)
    if chatting is None:
        pytest.skip(f"the Ollama at {real_ollama} has no chat model")

    text, last = answer(OllamaModel(chatting, real_ollama, 2048), asking("Say yes.", max_tokens=50))

    assert last.finish in ("stop", "length")
    assert last.usage is not None
    assert last.usage.prompt_tokens
    assert text or last.usage.completion_tokens


def test_a_real_ollama_tells_what_it_has(real_ollama: str) -> None:
    library = OllamaLibrary(real_ollama)

    assert library.version()
    assert [model.name for model in library.models()] == list(list_models(real_ollama))
    assert all(model.size > 0 for model in library.models())
    assert all(loaded.size > 0 for loaded in library.running())
