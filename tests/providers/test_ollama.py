"""Ollama is asked with our context size, gets only its own key, and fails in our words."""

from __future__ import annotations

import base64
import io
import time

import numpy as np
import pytest
from PIL import Image

from assistant.errors import (
    BadAnswer,
    ModelError,
    ModelMissing,
    PromptTooLong,
    ProviderDown,
    SettingsError,
    ThinkingRefused,
    Unreachable,
)
from assistant.providers.base import Delta, Message, Picture, Request, Usage
from assistant.providers.keys import Secret
from assistant.providers.ollama import OllamaEmbedder, OllamaModel, context_length, host_url, list_models
from assistant.providers.wire import Patience
from tests.providers.fake_provider import FakeProvider, Reply, lines, page, plain

KEY = Secret("ollama-key-0123456789")
MESSAGES = (Message("system", "从笔记回答。\r\n"), Message("user", "  什么是 \u2028 RAG? \\n <|im_end|>\n"))
REQUEST = Request(MESSAGES, "RAG?", ())


def said(text: str = "", *, thinking: str | None = None) -> dict[str, object]:
    message = {"role": "assistant", "content": text} | ({"thinking": thinking} if thinking else {})
    return {"model": "tiny", "created_at": "2026-11-22T08:00:00Z", "message": message, "done": False}


def ended(reason: str = "stop") -> dict[str, object]:
    counts = {"total_duration": 5, "prompt_eval_count": 21, "eval_count": 3}
    return said() | {"done": True, "done_reason": reason} | counts


def spoken(model: OllamaModel, request: Request = REQUEST) -> list[Delta]:
    return [delta for delta in model.stream(request) if delta != Delta()]


def test_what_arrives_is_what_was_asked_with_the_context_size() -> None:
    with FakeProvider(lines(said("Hi"), ended())) as server:
        spoken(OllamaModel("tiny", server.url, 6144), Request(MESSAGES, "RAG?", (), max_tokens=50))

    (sent,) = server.requests
    assert sent.path == "/api/chat"
    assert sent.body["messages"] == [{"role": message.role, "content": message.content} for message in MESSAGES]
    assert {name: value for name, value in sent.body["options"].items() if value is not None} == {
        "num_ctx": 6144,
        "num_predict": 50,
    }
    assert (sent.body["model"], sent.body["stream"], sent.body["think"]) == ("tiny", True, False)
    known = {"model", "messages", "stream", "options", "keep_alive"}
    assert not {name for name, value in sent.body.items() if value} - known


def test_a_picture_goes_along_as_ollama_takes_it() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(buffer, "PNG")
    seen = Picture("image/png", buffer.getvalue(), 8, 8)
    with FakeProvider(lines(said("Hi"), ended())) as server:
        spoken(OllamaModel("tiny", server.url, 4096), Request((Message("user", "什么？", (seen,)),), "什么？", ()))

    (message,) = server.requests[0].body["messages"]
    assert message["content"] == "什么？"
    assert [base64.b64decode(image) for image in message["images"]] == [seen.content]


def test_an_answer_comes_with_its_thinking_its_end_and_its_counts() -> None:
    reply = lines(said(thinking="hm"), said("过"), said("拟合"), ended("length"))
    with FakeProvider(reply) as server:
        deltas = spoken(OllamaModel("tiny", server.url, 4096), Request(MESSAGES, "", (), thinking=True))

    assert deltas == [
        Delta(thinking="hm"),
        Delta("过"),
        Delta("拟合"),
        Delta(usage=Usage(21, 3), finish="length"),
    ]
    assert server.requests[0].body["think"] is True


@pytest.mark.case(100)
def test_only_the_key_that_was_handed_in_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "stolen")
    with FakeProvider(lines(ended())) as server:
        spoken(OllamaModel("tiny", server.url, 4096))
        spoken(OllamaModel("tiny", server.url, 4096, KEY))

    without, given = server.requests
    assert "stolen" not in repr(server.requests)
    assert "Authorization" not in without.headers
    assert given.headers["Authorization"] == f"Bearer {KEY.reveal()}"


@pytest.mark.case(79)
def test_a_redirect_is_not_followed() -> None:
    with (
        FakeProvider(plain({})) as thief,
        FakeProvider(Reply(307, headers={"Location": thief.url})) as server,
        pytest.raises(BadAnswer),
    ):
        spoken(OllamaModel("tiny", server.url, 4096, KEY))

    assert thief.requests == []


@pytest.mark.parametrize(
    "reply", [pytest.param(Reply(hang=True), id="loading"), pytest.param(lines(said("a"), "stall"), id="in mid-stream")]
)
def test_closing_reaches_the_server_within_a_second(reply: Reply) -> None:
    with FakeProvider(reply) as server:
        stream = OllamaModel("tiny", server.url, 4096).stream(REQUEST)
        while not server.arrived.is_set():
            next(stream)
        closed = time.monotonic()
        stream.close()  # type: ignore[attr-defined]

        assert server.left.wait(5)
        assert server.left_at - closed < 1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(plain({"error": "model 'tiny' not found"}, 404), ModelMissing, id="not pulled"),
        pytest.param(plain(b"404 page not found", 404), BadAnswer, id="no Ollama"),
        pytest.param(page(), BadAnswer, id="a web page"),
        pytest.param(lines(said("a"), {"error": "an error was encountered while running the model"}), ProviderDown, id="an error line in mid-stream"),
        pytest.param(lines(said("a"), "cut"), ProviderDown, id="cut"),
        pytest.param(lines(said("a"), "reset"), ProviderDown, id="reset"),
        pytest.param(lines(said("a")), ProviderDown, id="an end without done"),
        pytest.param(lines(), ProviderDown, id="nothing"),
        pytest.param(lines(b"[]\n"), BadAnswer, id="a list for a line"),
        pytest.param(lines(b'{"done": true}\n'), BadAnswer, id="no message"),
        pytest.param(plain({"error": "server busy, please try again.  maximum pending requests exceeded"}, 503), ProviderDown, id="busy"),
        pytest.param(plain({"error": '"tiny" does not support thinking'}, 400), ThinkingRefused, id="no thinking"),
        pytest.param(plain({"error": "the prompt is longer than the context length currently available to the model"}, 400), PromptTooLong, id="too long"),
        pytest.param(plain({"error": '{"error":{"code":400,"message":"request (9 tokens) exceeds the available context size (8 tokens)","type":"exceed_context_size_error"}}'}, 400), PromptTooLong, id="llama.cpp's words inside"),
    ],
)  # fmt: skip
def test_a_failure_is_the_error_it_means(reply: Reply, expected: type[ModelError]) -> None:
    with FakeProvider(reply) as server, pytest.raises(ModelError) as caught:
        spoken(OllamaModel("tiny", server.url, 4096))

    assert type(caught.value) is expected
    assert "ollama" in caught.value.message("en")


@pytest.mark.case(76)
def test_a_model_that_is_not_there_comes_with_the_command_that_fetches_it() -> None:
    with FakeProvider(plain({"error": "model 'tiny' not found"}, 404)) as server, pytest.raises(ModelMissing) as caught:
        spoken(OllamaModel("tiny", server.url, 4096))

    assert "ollama pull tiny" in caught.value.hint("zh")


@pytest.mark.case(76)
def test_a_server_that_does_not_run_is_unreachable_for_every_question() -> None:
    with FakeProvider(plain({})) as server:
        url = server.url
    for ask in (
        lambda: spoken(OllamaModel("tiny", url, 4096)),
        lambda: OllamaEmbedder("tiny", url, 4096).embed(["a"]),
        lambda: list_models(url),
    ):
        with pytest.raises(Unreachable) as caught:
            ask()
        assert url in caught.value.message("zh")


@pytest.mark.case(67)
def test_patience_ends_for_words_and_vectors() -> None:
    short = Patience(first=0.2, between=0.2)
    with FakeProvider(Reply(hang=True)) as server:
        with pytest.raises(ProviderDown):
            spoken(OllamaModel("tiny", server.url, 4096, patience=short))
        with pytest.raises(ProviderDown):
            OllamaEmbedder("tiny", server.url, 4096, patience=short).embed(["a"])


def test_vectors_are_asked_for_whole_and_come_with_length_one() -> None:
    with FakeProvider(plain({"model": "tiny", "embeddings": [[3, 4], [0, 2]], "prompt_eval_count": 6})) as server:
        embedder = OllamaEmbedder("tiny", server.url, 2048)
        rows, tokens = (embedded := embedder.embed_batch(["a", " ", "b"])).rows, embedded.tokens

    assert rows.tolist() == [pytest.approx([0.6, 0.8]), [0, 0], [0, 1]]
    assert rows.dtype == np.float32
    assert (embedder.dimension, embedder.key, tokens) == (2, "ollama/tiny", 6)
    sent = server.requests[0].body
    assert sent["input"] == ["a", "b"]
    assert (sent["truncate"], sent["options"]) == (False, {"num_ctx": 2048})


@pytest.mark.parametrize(
    "embeddings",
    [
        pytest.param([[1, 0]], id="one too few"),
        pytest.param([[1, 0], [1]], id="of two lengths"),
        pytest.param([[1, 0], [0, 0]], id="zeros"),
        pytest.param(None, id="none"),
        pytest.param("words", id="words"),
    ],
)
@pytest.mark.case(73)
def test_what_are_no_vectors_is_refused(embeddings: object) -> None:
    with FakeProvider(plain({"model": "tiny", "embeddings": embeddings})) as server, pytest.raises(BadAnswer):
        OllamaEmbedder("tiny", server.url, 2048).embed(["a", "b"])


def test_the_pulled_models_are_listed_by_name() -> None:
    body = {"models": [{"model": "qwen3:4b", "name": "qwen3:4b"}, {"model": "bge-m3:latest"}]}
    with FakeProvider(plain(body), plain({"models": []})) as server:
        assert list_models(server.url) == ("bge-m3:latest", "qwen3:4b")
        assert list_models(server.url) == ()


@pytest.mark.parametrize(
    ("facts", "length"),
    [
        ({"general.architecture": "qwen3", "qwen3.context_length": 40960}, 40960),
        ({}, None),
        ({"a.context_length": "x"}, None),
    ],
)
def test_what_a_model_can_read_is_asked_for(facts: dict[str, object], length: int | None) -> None:
    with FakeProvider(plain({"model_info": facts, "details": {}, "capabilities": ["completion"]})) as server:
        assert context_length(server.url, "tiny") == length

    assert server.requests[0].body["model"] == "tiny"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", "http://127.0.0.1:11434"),
        ("localhost", "http://localhost:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("gpu.lan:80", "http://gpu.lan:80"),
        ("http://gpu.lan:11434/", "http://gpu.lan:11434"),
        ("https://ollama.com", "https://ollama.com"),
    ],
)
def test_an_address_may_be_written_as_ollama_writes_it(written: str, meant: str) -> None:
    assert host_url(written) == meant


@pytest.mark.parametrize("written", ["user:word@host", "ftp://host", "host:port", "a b"])
def test_what_is_no_address_is_told_by_its_variable(written: str) -> None:
    with pytest.raises(SettingsError) as caught:
        host_url(written)

    assert caught.value.details["name"] == "OLLAMA_HOST"
    assert "user:word" not in str(caught.value)
