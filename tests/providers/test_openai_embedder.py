"""Vectors end up at their own text, checked and of length 1, whatever order or nonsense the server answers in."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assistant.errors import BadAnswer, BatchRefused, KeyRefused, ModelError, ProviderDown, TextTooLong
from assistant.providers.entries import EmbeddingEntry, ProviderEntry
from assistant.providers.keys import Secret
from assistant.providers.openai_embedder import OpenAILikeEmbedder
from assistant.providers.wire import Patience
from tests.providers.fake_provider import FakeProvider, Reply, page, plain

KEY = Secret("sk-test-0123456789abcdef")
ENTRY = EmbeddingEntry("custom", "tiny-embed", dimension=3, max_texts=2)
PROVIDER = ProviderEntry("custom", {"zh": "自选", "en": "Custom"}, "openai", dialect="custom")


def embedder(
    server: FakeProvider, entry: EmbeddingEntry = ENTRY, patience: Patience | None = None
) -> OpenAILikeEmbedder:
    return OpenAILikeEmbedder(entry, PROVIDER, f"{server.url}/v1", KEY, patience=patience)


def vectors(*rows: object, order: list[int] | None = None, tokens: int | None = 5) -> Reply:
    places = order or list(range(len(rows)))
    data = [{"object": "embedding", "index": place, "embedding": row} for place, row in zip(places, rows, strict=True)]
    body: dict[str, Any] = {"object": "list", "data": data}
    return plain(body if tokens is None else body | {"usage": {"prompt_tokens": tokens, "total_tokens": tokens}})


def test_texts_go_out_in_batches_and_each_request_has_its_bill() -> None:
    with FakeProvider(vectors([3, 0, 0], [0, 2, 0]), vectors([0, 0, 1], tokens=4)) as server:
        asked = embedder(server)
        rows = asked.embed(["一", "two\nlines", "three"])
        first = asked.embed_batch(["三"])

    assert [request.body for request in server.requests] == [
        {"model": "tiny-embed", "input": ["一", "two\nlines"], "encoding_format": "float"},
        {"model": "tiny-embed", "input": ["three"], "encoding_format": "float"},
        {"model": "tiny-embed", "input": ["三"], "encoding_format": "float"},
    ]
    assert rows.dtype == np.float32
    assert rows.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert first.tokens == 4
    assert server.requests[0].headers["Authorization"] == f"Bearer {KEY.reveal()}"


@pytest.mark.case(73)
def test_an_answer_in_another_order_is_put_right() -> None:
    with FakeProvider(vectors([1, 0, 0], [0, 1, 0], order=[1, 0])) as server:
        assert embedder(server).embed(["a", "b"]).tolist() == [[0, 1, 0], [1, 0, 0]]


def test_a_server_without_index_answers_in_the_order_of_the_texts() -> None:
    with FakeProvider(plain({"data": [{"embedding": [1, 0, 0]}, {"embedding": [0, 1, 0]}]})) as server:
        asked = embedder(server)
        embedded = asked.embed_batch(["a", "b"])

    assert (embedded.rows.tolist(), embedded.tokens) == ([[1, 0, 0], [0, 1, 0]], None)


def test_blank_texts_are_rows_of_zeros_and_not_sent() -> None:
    with FakeProvider(vectors([0, 0, 2])) as server:
        assert embedder(server).embed([" ", "a", ""]).tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
        assert embedder(server).embed(["", "\n"]).shape == (2, 3)
        assert embedder(server).embed([]).shape == (0, 3)

    assert [request.body["input"] for request in server.requests] == [["a"]]


def test_long_texts_make_smaller_batches() -> None:
    entry = replace(ENTRY, max_texts=2048)
    with FakeProvider(vectors([1, 0, 0], [1, 0, 0]), vectors([1, 0, 0])) as server:
        embedder(server, entry).embed(["字" * 60_000] * 3)

    assert [len(request.body["input"]) for request in server.requests] == [2, 1]


def test_the_dimension_is_asked_for_only_where_the_server_takes_it() -> None:
    with FakeProvider(vectors([1, 0, 0])) as server:
        embedder(server, replace(ENTRY, send_dimensions=True)).embed(["a"])

    assert server.requests[0].body["dimensions"] == 3


def test_an_unknown_dimension_is_learned_once() -> None:
    with FakeProvider(vectors([1, 0, 0, 0])) as server:
        asked = embedder(server, replace(ENTRY, dimension=None))

        assert (asked.dimension, asked.dimension, asked.embed([]).shape) == (4, 4, (0, 4))
    assert len(server.requests) == 1
    assert asked.key == "custom/tiny-embed"


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(vectors([1, 0, 0]), id="one too few"),
        pytest.param(vectors([1, 0, 0], [1, 0, 0], [1, 0, 0]), id="one too many"),
        pytest.param(vectors([1, 0, 0], [1, 0, 0], order=[0, 0]), id="one place twice"),
        pytest.param(vectors([1, 0, 0], [1, 0, 0], order=[1, 2]), id="places off by one"),
        pytest.param(vectors([1, 0], [1, 0]), id="too short"),
        pytest.param(vectors([1, 0, 0], [1, 0]), id="of two lengths"),
        pytest.param(vectors([1, 0, 0], [0, 0, 0]), id="zeros"),
        pytest.param(vectors([1, 0, 0], [math.nan, 0, 1]), id="nan"),
        pytest.param(vectors([1, 0, 0], [math.inf, 0, 1]), id="infinite"),
        pytest.param(vectors([1, 0, 0], [1e308, 1e308, 0]), id="too large"),
        pytest.param(vectors([1, 0, 0], [None, 0, 1]), id="null"),
        pytest.param(vectors([1, 0, 0], ["x", 0, 1]), id="words"),
        pytest.param(vectors([1, 0, 0], None), id="none"),
        pytest.param(vectors("AACAPwAAAAAAAAAA", "AACAPwAAAAAAAAAA"), id="base64"),
        pytest.param(plain({"data": {}}), id="no list"),
        pytest.param(plain({"data": [1, 2]}), id="numbers for entries"),
        pytest.param(plain([1, 2]), id="no object"),
        pytest.param(plain(b"{broken"), id="broken JSON"),
        pytest.param(page(), id="a web page"),
    ],
)
@pytest.mark.case(73)
def test_what_are_no_vectors_is_refused(reply: Reply) -> None:
    with FakeProvider(reply) as server, pytest.raises(BadAnswer):
        embedder(server).embed(["a", "b"])


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(plain("Api key is invalid", 401), KeyRefused, id="bad key"),
        pytest.param(plain({"code": 20042, "message": "input must have less than 512 tokens"}, 413), TextTooLong, id="too long"),
        pytest.param(plain({"error": {"message": "batch size is invalid", "code": "x"}}, 400), BatchRefused, id="batch"),
        pytest.param(plain({"error": {"message": "no", "code": "invalid_api_key"}}), KeyRefused, id="an error at 200"),
        pytest.param(Reply(pieces=[b'{"data": ', "cut"]), ProviderDown, id="cut"),
        pytest.param(Reply(hang=True), ProviderDown, id="silence"),
    ],
)  # fmt: skip
def test_a_refusal_is_told(reply: Reply, expected: type[ModelError]) -> None:
    with FakeProvider(reply) as server, pytest.raises(ModelError) as caught:
        embedder(server, patience=Patience(first=0.3)).embed(["a", "b"])

    assert type(caught.value) is expected
    assert len(server.requests) == 1


def test_batches_before_a_failure_were_really_asked_for() -> None:
    with FakeProvider(vectors([1, 0, 0], [1, 0, 0]), plain("down", 503)) as server, pytest.raises(ProviderDown):
        embedder(server).embed(["a", "b", "c"])

    assert [json.loads(request.raw)["input"] for request in server.requests] == [["a", "b"], ["c"]]
