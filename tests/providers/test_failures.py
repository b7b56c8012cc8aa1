"""Each provider's way of saying no becomes one error of ours, with its sentence and whether trying again helps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import (
    BadAnswer,
    BatchRefused,
    ContentRefused,
    FreeTierUsed,
    KeyRefused,
    ModelError,
    ModelMissing,
    NoBalance,
    ParameterRefused,
    PromptTooLong,
    ProviderDown,
    QuotaExceeded,
    RateLimited,
    ThinkingRefused,
    TookTooLong,
)
from assistant.providers.base import Message, Request
from assistant.providers.entries import ChatEntry, ProviderEntry
from assistant.providers.failures import Call, refusal_in
from assistant.providers.keys import Secret
from assistant.providers.openai_like import OpenAILikeModel
from tests.providers.fake_provider import FakeProvider, plain

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
KEY = Secret("sk-test-0123456789abcdef")


def envelope(code: object, message: str = "No.", kind: str | None = None, **more: object) -> dict[str, object]:
    return {"error": {"message": message, "type": kind or code, "param": None, "code": code, **more}}


def flat(code: int | None, message: str) -> dict[str, object]:
    return {"message": message, "data": None} if code is None else {"code": code, "message": message, "data": None}


# dialect, what happened, status, body, the error it is
REFUSALS: list[tuple[str, str, int, object, type[ModelError]]] = [
    ("openai", "bad key", 401, envelope("invalid_api_key", "Incorrect API key provided: sk-ab***yz.", "invalid_request_error"), KeyRefused),
    ("openai", "quota", 429, envelope("insufficient_quota", "You exceeded your current quota"), QuotaExceeded),
    ("openai", "balance", 429, envelope("credit_balance_exhausted", "Out of credit"), NoBalance),
    ("openai", "organisation's limit", 429, envelope("organization_spend_limit_exceeded"), QuotaExceeded),
    ("openai", "project's limit", 429, envelope("project_spend_limit_exceeded"), QuotaExceeded),
    ("openai", "slow down", 429, envelope("slow_down"), RateLimited),
    ("openai", "throttle", 429, envelope("rate_limit_exceeded", "Please try again in 1.5s.", "tokens"), RateLimited),
    ("openai", "model", 404, envelope("model_not_found", "The model `x` does not exist or you do not have access to it."), ModelMissing),
    ("openai", "too long", 400, envelope("context_length_exceeded", "This model's maximum context length is 8192 tokens."), PromptTooLong),
    ("openai", "content", 400, envelope("content_policy_violation"), ContentRefused),
    ("openai", "parameter", 400, envelope("unsupported_parameter", "Unsupported parameter: 'x'."), ParameterRefused),
    ("openai", "country", 403, envelope("unsupported_country_region_territory", "Country not supported"), ModelError),
    ("openai", "overload", 503, envelope("server_error", "overloaded"), ProviderDown),
    ("dashscope", "bad key", 401, envelope("invalid_api_key", "Incorrect API key provided.", "invalid_request_error"), KeyRefused),
    ("dashscope", "arrears", 400, envelope("Arrearage", "Access denied, please make sure your account is in good standing."), NoBalance),
    ("dashscope", "arrears as 403", 403, envelope("AccessDenied", "Access denied, please make sure your account is in good standing."), NoBalance),
    ("dashscope", "overdue", 429, envelope("PostpaidBillOverdue"), NoBalance),
    ("dashscope", "not bought", 429, envelope("CommodityNotPurchased"), NoBalance),
    ("dashscope", "free tier", 403, envelope("AllocationQuota.FreeTierOnly"), FreeTierUsed),
    ("dashscope", "throttle", 429, envelope("Throttling.RateQuota", "Requests rate limit exceeded"), RateLimited),
    ("dashscope", "burst", 429, envelope("limit_burst_rate"), RateLimited),
    ("dashscope", "requests", 429, envelope("limit_requests"), RateLimited),
    ("dashscope", "tokens per minute", 429, envelope("insufficient_quota", "You exceeded your current quota"), RateLimited),
    ("dashscope", "allocated quota", 429, envelope("Throttling.AllocationQuota"), RateLimited),
    ("dashscope", "model", 404, envelope("model_not_found", "The model `x` does not exist"), ModelMissing),
    ("dashscope", "model not activated", 404, envelope("model_not_supported"), ModelMissing),
    ("dashscope", "content", 400, envelope("data_inspection_failed", "Input data may contain inappropriate content."), ContentRefused),
    ("dashscope", "too long", 400, envelope("InvalidParameter", "Range of input length should be [1, 30720]"), PromptTooLong),
    ("dashscope", "answer's limit", 400, envelope("InvalidParameter", "Range of max_tokens should be [1, 8192]"), ParameterRefused),
    ("dashscope", "thinking", 400, envelope("InvalidParameter", "parameter.enable_thinking must be set to false for non-streaming calls"), ThinkingRefused),
    ("dashscope", "batch", 400, envelope("InvalidParameter", "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.: input.contents"), BatchRefused),
    ("dashscope", "slow", 500, envelope("RequestTimeOut", "Request timed out"), TookTooLong),
    ("siliconflow", "bad key", 401, "Api key is invalid", KeyRefused),
    ("siliconflow", "bad token", 401, "Invalid token", KeyRefused),
    ("siliconflow", "balance", 403, flat(30001, "Sorry, your account balance is insufficient"), NoBalance),
    ("siliconflow", "balance abroad", 402, flat(30001, "Sorry, your account balance is insufficient"), NoBalance),
    ("siliconflow", "model", 400, flat(20012, "Model does not exist. Please check it carefully."), ModelMissing),
    ("siliconflow", "model off", 403, flat(30003, "Model disabled."), ModelMissing),
    ("siliconflow", "throttle", 429, flat(None, "Request was rejected due to rate limiting. Details: TPM limit reached."), RateLimited),
    ("siliconflow", "too long", 413, flat(20042, "input must have less than 512 tokens"), PromptTooLong),
    ("siliconflow", "overload", 503, "Service temporarily unavailable", ProviderDown),
    ("siliconflow", "gateway", 504, "gateway timeout", ProviderDown),
    ("deepseek", "bad key", 401, envelope("invalid_request_error", "Authentication Fails, Your api key: ****cdef is invalid", "authentication_error"), KeyRefused),
    ("deepseek", "balance", 402, envelope("invalid_request_error", "Insufficient Balance", "unknown_error"), NoBalance),
    ("deepseek", "model", 400, envelope("invalid_request_error", "Model Not Exist"), ModelMissing),
    ("deepseek", "content", 400, envelope("invalid_request_error", "Content Exists Risk"), ContentRefused),
    ("deepseek", "parameter", 422, envelope("invalid_request_error", "Failed to deserialize the JSON body"), ParameterRefused),
    ("deepseek", "too long", 400, envelope("invalid_request_error", "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens."), PromptTooLong),
    ("deepseek", "throttle", 429, envelope("rate_limit_reached", "Rate limit reached"), RateLimited),
    ("custom", "bad key", 401, envelope(401, "Invalid API Key", "authentication_error"), KeyRefused),
    ("custom", "too long", 400, envelope(400, "request (13392 tokens) exceeds the available context size (8192 tokens), try increasing it", "exceed_context_size_error", n_prompt_tokens=13392, n_ctx=8192), PromptTooLong),
    ("custom", "long text", 500, envelope(500, "input (900 tokens) is too large to process. increase the physical batch size", "server_error"), PromptTooLong),
    ("custom", "no embeddings", 501, envelope(501, "This server does not support embeddings.", "not_supported_error"), ModelError),
    ("custom", "loading", 503, envelope(503, "Loading model", "unavailable_error"), ProviderDown),
    ("custom", "no such path", 404, envelope(404, "File Not Found", "not_found_error"), BadAnswer),
    ("custom", "vLLM's model", 404, {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404}, ModelMissing),
    ("custom", "FastAPI's detail", 422, {"detail": "bad"}, ParameterRefused),
]  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "status", "body", "expected"),
    [
        pytest.param(dialect, status, body, kind, id=f"{dialect}:{what}")
        for dialect, what, status, body, kind in REFUSALS
    ],
)
def test_a_refusal_over_the_wire_is_the_error_it_means(
    dialect: str, status: int, body: object, expected: type[ModelError]
) -> None:
    provider = ProviderEntry(dialect, {"zh": dialect, "en": dialect}, "openai", dialect=dialect)
    with FakeProvider(plain(body, status)) as server:
        model = OpenAILikeModel(ChatEntry(dialect, "x"), provider, server.url, KEY)
        with pytest.raises(ModelError) as caught:
            list(model.stream(Request((Message("user", "hi"),), "hi", ())))

    error = caught.value
    assert type(error) is expected
    assert error.retryable is (expected in (RateLimited, ProviderDown))
    for language in ("zh", "en"):
        assert dialect in error.message(language)
        assert "{" not in error.message(language) + error.hint(language)


@pytest.mark.parametrize(
    ("message", "fields", "limit"),
    [
        pytest.param("Range of input length should be [1, 30720]", {}, 30720, id="dashscope"),
        pytest.param("This model's maximum context length is 8192 tokens.", {}, 8192, id="openai"),
        pytest.param("exceeds the available context size (4096 tokens)", {}, 4096, id="llama.cpp in words"),
        pytest.param("exceeds the context size", {"n_ctx": 2048}, 2048, id="llama.cpp in numbers"),
        pytest.param("input must have less than 512 tokens", {}, 512, id="siliconflow"),
        pytest.param("the prompt is longer than the context length currently available", {}, None, id="ollama"),
    ],
)
def test_what_is_too_long_says_how_long_it_may_be(message: str, fields: dict[str, int], limit: int | None) -> None:
    error = call().refused(refusal_in(envelope(None, message, "x", **fields), 400, {}, NOW))

    assert isinstance(error, PromptTooLong)
    assert error.limit == limit


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        pytest.param({"retry-after": "7"}, "", 7, id="seconds"),
        pytest.param({"retry-after": "0.5"}, "", 0.5, id="a fraction"),
        pytest.param({"retry-after": "Sun, 22 Nov 2026 08:00:30 GMT"}, "", 30, id="a date"),
        pytest.param({"retry-after": "Sun, 22 Nov 2026 07:00:00 GMT"}, "", 0, id="a date gone by"),
        pytest.param({}, "Please try again in 1.5s.", 1.5, id="in words"),
        pytest.param({}, "Please retry after 20 seconds", 20, id="in other words"),
        pytest.param({}, "Please try again in 300ms", 0.3, id="milliseconds"),
        pytest.param({}, "Please try again in 6m0s.", 360, id="minutes and seconds"),
        pytest.param({}, "Try again in 1 hour 2 minutes", 3720, id="units in words"),
        pytest.param({}, "请在 1 分钟 5 秒后再试。", 65, id="in Chinese"),
        pytest.param({}, "Please try again in 2 business days", None, id="a unit nobody knows"),
        pytest.param({"retry-after-ms": "250"}, "", 0.25, id="a header in milliseconds"),
        pytest.param({"retry-after-ms": "x", "retry-after": "3"}, "", 3, id="the header that can be read"),
        *(
            pytest.param({"retry-after": odd}, "", None, id=repr(odd))
            for odd in ("-1", "nan", "inf", "soon", "", "1e999")
        ),
    ],
)
@pytest.mark.case(66)
def test_how_long_to_wait_is_read_from_the_reply(headers: dict[str, str], message: str, seconds: float | None) -> None:
    error = call().refused(refusal_in(envelope("slow_down", message), 429, headers, NOW))

    assert isinstance(error, RateLimited)
    assert error.retry_after == (None if seconds is None else pytest.approx(seconds))


def test_long_and_crooked_words_become_one_short_line() -> None:
    error = call().refused(refusal_in("no\n\n" + "way " * 500 + "。", 500, {}, NOW))

    assert "\n" not in error.message("en")
    assert len(error.details["reason"]) <= 301


@pytest.mark.parametrize("words", ["1", "a", "sk-", "model ", "retry in 1", " "])
def test_words_without_end_are_read_at_their_beginning_and_half_a_key_is_not_among_them(words: str) -> None:
    said = (words * 2000)[: 2000 - 12] + KEY.reveal() + words * 100_000
    error = call().refused(refusal_in(envelope("x", said), 400, {}, NOW))

    assert type(error) is ParameterRefused
    assert KEY.reveal()[:8] not in error.message("en")


@pytest.mark.parametrize(
    "body", [None, "", {}, {"error": None}, {"error": []}, [], 5, {"error": {"code": {}, "message": []}}]
)
def test_a_refusal_without_words_still_has_a_sentence(body: object) -> None:
    error = call().refused(refusal_in(body, 500, {}, NOW))

    assert type(error) is ProviderDown
    assert error.details["reason"]


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from([400, 401, 429, 500, None]))
@pytest.mark.case(69, 107)
def test_the_key_is_in_no_error_whatever_the_provider_says(before: str, after: str, status: int | None) -> None:
    said = f"{before}{KEY.reveal()}{after}"
    bodies = (said, {"error": said}, {"error": {"message": said, "code": said}}, [said])
    errors = [call().refused(refusal_in(body, status, {}, NOW)) for body in bodies]

    assert KEY.reveal() not in "".join(f"{error!r}{error.message('zh')}{error.details}" for error in errors)


def call() -> Call:
    return Call("deepseek", "x", "https://api.deepseek.com", "deepseek", KEY)


@pytest.mark.parametrize(("key", "kind"), [(None, "key_missing"), (KEY, "key_refused")])
def test_a_key_that_was_never_given_is_not_called_refused(key: Secret | None, kind: str) -> None:
    error = Call("dashscope", "qwen-plus", "https://dashscope.aliyuncs.com", "dashscope", key).replied(
        {"error": {"message": "You didn't provide an API key", "code": "invalid_api_key"}}, 401
    )

    assert error.kind == kind
    assert error.unbilled
