"""The rerank endpoints: what is sent where, scores in the order of the texts, every refusal as an error of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assistant.errors import (
    BadAnswer,
    KeyMissing,
    KeyRefused,
    ModelError,
    ModelMissing,
    NoBalance,
    ProviderDown,
    RateLimited,
    TextTooLong,
    Unreachable,
)
from assistant.providers.catalog import catalog
from assistant.providers.keys import Secret
from assistant.providers.rerank import Reranker
from tests.providers.fake_provider import FakeProvider, Reply, page, plain

KEY = Secret("sk-0123456789abcdef")
DASHSCOPE = {
    "object": "list",
    "results": [{"index": 1, "relevance_score": 0.93}, {"index": 0, "relevance_score": 0.34}],
    "model": "qwen3-rerank",
    "id": "85ba5752-1900-47d2-8896-23f99b13f6e1",
    "usage": {"total_tokens": 79},
}
SILICONFLOW = {
    "id": "0192",
    "results": [{"index": 1, "relevance_score": 0.93}, {"index": 0, "relevance_score": 0.34}],
    "meta": {
        "billed_units": {"input_tokens": 79, "output_tokens": 0},
        "tokens": {"input_tokens": 79, "output_tokens": 0},
    },
}


def reranker(server: FakeProvider, provider: str = "dashscope", key: Secret | None = KEY) -> Reranker:
    known = catalog()
    entry = known.reranks(provider)[-1]
    return Reranker(entry, known.provider(provider), f"{server.url}/compatible-mode/v1", key)


@pytest.mark.parametrize(
    ("provider", "body", "path"),
    [("dashscope", DASHSCOPE, "/compatible-api/v1/reranks"), ("siliconflow", SILICONFLOW, "/v1/rerank")],
)
def test_a_request_goes_to_the_path_of_the_catalogue_and_scores_come_in_the_order_of_the_texts(
    provider: str, body: dict[str, Any], path: str
) -> None:
    with FakeProvider(plain(body)) as server:
        reranked = reranker(server, provider).rerank("什么是过拟合", ["甲", "乙"])
        (request,) = server.requests

    assert (reranked.scores, reranked.tokens) == ((0.34, 0.93), 79)
    assert request.path == path
    assert request.headers["Authorization"] == "Bearer sk-0123456789abcdef"
    assert request.body == {
        "model": catalog().reranks(provider)[-1].name,
        "query": "什么是过拟合",
        "documents": ["甲", "乙"],
        "top_n": 2,
    }


@pytest.mark.parametrize("usage", [None, {}, {"total_tokens": "79"}, {"total_tokens": -1}, {"total_tokens": True}, []])
def test_a_bill_that_is_none_is_unknown(usage: object) -> None:
    with FakeProvider(plain(DASHSCOPE | {"usage": usage})) as server:
        assert reranker(server).rerank("q", ["a", "b"]).tokens is None


@pytest.mark.parametrize(
    "results",
    [
        [],
        [{"index": 0, "relevance_score": 0.1}],
        [{"index": 0, "relevance_score": 0.1}, {"index": 0, "relevance_score": 0.2}],
        [{"index": 0, "relevance_score": 0.1}, {"index": 2, "relevance_score": 0.2}],
        [{"index": 0, "relevance_score": "x"}, {"index": 1, "relevance_score": 0.2}],
        [{"index": True, "relevance_score": 0.1}, {"index": 0, "relevance_score": 0.2}],
        [{"index": 0}, {"index": 1}],
        [None, 7],
    ],
)
def test_scores_that_do_not_fit_the_texts_are_no_answer(results: object) -> None:
    with FakeProvider(plain(DASHSCOPE | {"results": results})) as server, pytest.raises(BadAnswer):
        reranker(server).rerank("q", ["a", "b"])


def test_infinite_scores_are_no_answer() -> None:
    body = b'{"results": [{"index": 0, "relevance_score": NaN}, {"index": 1, "relevance_score": 1e999}]}'
    with FakeProvider(plain(body)) as server, pytest.raises(BadAnswer):
        reranker(server).rerank("q", ["a", "b"])


ENVELOPE = {"error": {"message": "Incorrect API key provided.", "type": "x", "param": None, "code": "invalid_api_key"}}


@pytest.mark.parametrize(
    ("provider", "reply", "expected"),
    [
        ("dashscope", plain(ENVELOPE, 401), KeyRefused),
        ("siliconflow", plain("Api key is invalid", 401), KeyRefused),
        ("dashscope", plain({"error": {"message": "no", "code": "Arrearage", "type": "Arrearage"}}, 400), NoBalance),
        ("siliconflow", plain({"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None}, 403), NoBalance),
        ("siliconflow", plain({"code": 20012, "message": "Model does not exist.", "data": None}, 400), ModelMissing),
        ("siliconflow", plain({"message": "Request was rejected due to rate limiting.", "data": None}, 429), RateLimited),
        ("dashscope", plain({"code": "InvalidParameter", "message": "Range of input length should be [1, 4000]", "request_id": "1"}, 400), TextTooLong),
        ("dashscope", plain({"code": "InternalError", "message": "boom", "request_id": "1"}, 500), ProviderDown),
        ("dashscope", page(), BadAnswer),
        ("dashscope", plain([1]), BadAnswer),
        ("dashscope", plain(b"\xff\xfe"), BadAnswer),
        ("dashscope", Reply(pieces=(b'{"res', "reset")), ProviderDown),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)  # fmt: skip
def test_every_refusal_is_an_error_of_ours(provider: str, reply: Reply, expected: type[ModelError]) -> None:
    with FakeProvider(reply) as server, pytest.raises(expected) as caught:
        reranker(server, provider).rerank("q", ["a", "b"])

    assert "0123456789abcdef" not in caught.value.message("en") + caught.value.message("zh")


def test_a_missing_key_is_called_missing() -> None:
    with FakeProvider(plain(ENVELOPE, 401)) as server, pytest.raises(KeyMissing):
        reranker(server, key=None).rerank("q", ["a", "b"])


def test_nobody_at_the_address_is_unreachable() -> None:
    with FakeProvider(plain({})) as server:
        gone = reranker(server)
    with pytest.raises(Unreachable):
        gone.rerank("q", ["a", "b"])


def test_a_redirect_to_another_host_gets_neither_key_nor_question() -> None:
    with FakeProvider(plain(DASHSCOPE)) as other:
        moved = replace(plain({}, 307), headers={"Location": f"{other.url}/compatible-api/v1/reranks"})
        with FakeProvider(moved) as server, pytest.raises(ModelError):
            reranker(server).rerank("q", ["a", "b"])
        assert other.requests == []
