"""Each known refusal, over the body of a reply and in mid-stream, ends in the error, the advice and the patience that fit it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TypeVar

import ollama
import pytest

from assistant.errors import ModelError, Unreachable
from assistant.providers.base import Delta, Embedder, Message, Request
from assistant.providers.entries import ChatEntry, EmbeddingEntry, ProviderEntry
from assistant.providers.failures import Call
from assistant.providers.keys import Secret
from assistant.providers.ollama import OllamaEmbedder, OllamaModel
from assistant.providers.openai_embedder import OpenAILikeEmbedder
from assistant.providers.openai_like import OpenAILikeModel
from assistant.providers.retry import begun, retrying
from tests.providers.error_rows import BY_HAND, FACTS, ROWS, Place, Row, envelope
from tests.providers.fake_provider import FakeProvider, Reply, answer, events, lines, plain, said

T = TypeVar("T")

KEY = Secret("sk-test-0123456789abcdef")
REQUEST = Request((Message("user", "什么是过拟合？"),), "什么是过拟合？", ())

# What the learner is told to do, in Chinese and English.
ADVICE: Mapping[str, tuple[str, str]] = {
    "key_refused": ("地区和套餐", "region and plan"),
    "no_balance": ("充值", "Top it up"),
    "content_refused": ("换个问法", "Rephrase"),
    "free_tier_used": ("关闭“免费额度用完即停”", "turn off “free tier only”"),
    "quota_exceeded": ("提高限额", "Raise the limit"),
    "model_missing": ("从模型列表里选一个", "Choose one from the list"),
    "rate_limited": ("稍等片刻", "Wait a moment"),
    "prompt_too_long": ("去掉几段引文", "Drop passages"),
    "text_too_long": ("换一个能读更长文字的嵌入模型", "Choose an embedding model that reads more"),
    "parameter_refused": ("换一个模型", "Choose another model"),
    "thinking_refused": ("打开或关闭“思考模式”", "Switch “Thinking” on or off"),
    "batch_refused": ("批量上限", "batch size"),
    "took_too_long": ("一次少问一些", "Ask for less at once"),
    "provider_down": ("稍后重试", "try again later"),
}


@dataclass
class Waiting:
    """A call under a clock that only sleeping moves, and what came of it."""

    now: float = 0.0
    heard: list[Delta] = field(default_factory=list)
    error: ModelError | None = None

    def ask(self, server: FakeProvider, row: Row) -> ModelError:
        with pytest.raises(ModelError) as caught:
            if row.embeds:
                self._patiently(lambda: embedder(server, row.dialect).embed(["一", "二"]))
            else:
                self.follow(chat(server, row.dialect))
        return caught.value

    def follow(self, model: OpenAILikeModel | OllamaModel) -> None:
        with closing(self._patiently(lambda: begun(model.stream(REQUEST), lambda: False))) as stream:
            self.heard.extend(delta for delta in stream if delta != Delta())

    def _patiently(self, call: Callable[[], T]) -> T:
        return retrying(
            call,
            lambda error, left: None,
            lambda: False,
            clock=lambda: self.now,
            sleep=self._sleep,
            chance=lambda: 0.5,
        )

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


def vendor(dialect: str) -> ProviderEntry:
    return ProviderEntry(dialect, {"zh": dialect, "en": dialect}, "openai", dialect=dialect)


def chat(server: FakeProvider, dialect: str) -> OpenAILikeModel | OllamaModel:
    if dialect == "ollama":
        return OllamaModel("x", server.url, 4096)
    return OpenAILikeModel(ChatEntry(dialect, "x"), vendor(dialect), f"{server.url}/v1", KEY)


def embedder(server: FakeProvider, dialect: str) -> Embedder:
    if dialect == "ollama":
        return OllamaEmbedder("x", server.url, 4096)
    return OpenAILikeEmbedder(EmbeddingEntry(dialect, "x"), vendor(dialect), f"{server.url}/v1", KEY)


def spoken(dialect: str, text: str) -> dict[str, object]:
    if dialect != "ollama":
        return said(text)
    return {"model": "x", "message": {"role": "assistant", "content": text}, "done": False}


def reply(row: Row, place: Place) -> Reply:
    if place == "body":
        return plain(row.body, row.status, row.headers)
    before = [spoken(row.dialect, "半句")] if place == "mid-stream" else []
    return (lines if row.dialect == "ollama" else events)(*before, row.body)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS])
@pytest.mark.case(66, 69, 70, 71)
def test_a_refusal_as_the_reply_is_told_with_its_remedy_and_asked_again_where_that_helps(row: Row) -> None:
    waiting = Waiting()
    with FakeProvider(reply(row, "body")) as server:
        error = waiting.ask(server, row)

    assert error.kind == row.kind
    assert len(server.requests) == row.asked
    assert waiting.now <= 120
    assert_told(error, row)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS if "first event" in row.places])
def test_a_refusal_instead_of_the_first_word_is_the_same_as_in_the_reply(row: Row) -> None:
    waiting = Waiting()
    with FakeProvider(reply(row, "first event")) as server:
        error = waiting.ask(server, row)

    assert error.kind == row.kind
    assert len(server.requests) == row.asked
    assert_told(error, row)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS if "mid-stream" in row.places])
@pytest.mark.case(68)
def test_a_refusal_in_mid_stream_ends_an_answer_that_stays_and_is_not_asked_for_twice(row: Row) -> None:
    waiting = Waiting()
    with FakeProvider(reply(row, "mid-stream")) as server:
        error = waiting.ask(server, row)

    assert error.kind == row.kind
    assert waiting.heard == [Delta("半句")]
    assert (len(server.requests), waiting.now) == (1, 0)
    assert_told(error, row)


def assert_told(error: ModelError, row: Row) -> None:
    """The provider, its words and the next step are there in both languages; what can be retried is what was."""
    zh, en = ADVICE[row.kind]
    assert zh in error.hint("zh")
    assert en in error.hint("en")
    for language in ("zh", "en"):
        assert row.dialect in error.message(language)
        assert row.words(language) in error.message(language)
        assert KEY.reveal() not in error.message(language)
        assert "{" not in error.message(language) + error.hint(language)
    assert error.retryable is (row.asked > 1)


def test_every_fact_has_its_rows_and_every_row_its_fact() -> None:
    listed = [id_ for ids in FACTS.values() for id_ in ids]

    assert sorted(listed) == sorted([*(row.id for row in ROWS), *BY_HAND])


def test_the_rows_with_a_limit_hold_it_as_a_number() -> None:
    limits = {"dashscope-too-long-400": 30720, "llama-overflow-400": 8192, "siliconflow-embed-long-413": 512}
    found = {}
    for row in ROWS:
        if row.id in limits:
            with FakeProvider(reply(row, "body")) as server:
                found[row.id] = getattr(Waiting().ask(server, row), "limit", None)

    assert found == limits


@pytest.mark.parametrize(
    ("status", "headers", "message", "waited"),
    [
        pytest.param(429, {"Retry-After": "7"}, "Slow down", 7, id="seconds"),
        pytest.param(503, {"Retry-After": "7"}, "Overloaded", 7, id="seconds of an overload"),
        pytest.param(429, {"retry-after-ms": "1500", "Retry-After": "2"}, "Slow down", 1.5, id="milliseconds"),
        pytest.param(429, {}, "Rate limit reached. Please try again in 1m0.5s.", 60.5, id="sentence"),
        pytest.param(429, {}, "请求过于频繁，请在 20 秒后重试。", 20, id="Chinese sentence"),
        pytest.param(429, {"Retry-After": "0"}, "Slow down", 0, id="at once"),
    ],
)
@pytest.mark.case(66)
def test_the_next_request_waits_as_long_as_the_provider_says(
    status: int, headers: dict[str, str], message: str, waited: float
) -> None:
    waiting = Waiting()
    with FakeProvider(plain(envelope(None, message, "requests"), status, headers), answer("好")) as server:
        waiting.follow(chat(server, "openai"))

    assert waiting.now == pytest.approx(waited)
    assert len(server.requests) == 2
    assert waiting.heard[0] == Delta("好")


@pytest.mark.case(66)
def test_a_date_to_come_back_at_is_waited_for() -> None:
    waiting = Waiting()
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    with FakeProvider(plain(envelope("slow_down", ""), 429, {"Retry-After": date}), answer("好")) as server:
        waiting.follow(chat(server, "openai"))

    assert 1 < waiting.now <= 100


@pytest.mark.parametrize(
    ("after", "requests"), [pytest.param("50", 3, id="a few"), pytest.param("3600", 1, id="not in our time")]
)
@pytest.mark.case(66)
def test_no_request_goes_out_after_two_minutes(after: str, requests: int) -> None:
    waiting = Waiting()
    row = Row("openai-slow-down-429", 429, envelope("slow_down", ""), "rate_limited", headers={"Retry-After": after})
    with FakeProvider(reply(row, "body")) as server:
        waiting.ask(server, row)

    assert len(server.requests) == requests
    assert waiting.now <= 120


@pytest.mark.parametrize(
    "embeds", [pytest.param(False, id="ollama-refused-chat"), pytest.param(True, id="ollama-refused-embed")]
)
@pytest.mark.case(76)
def test_an_ollama_that_does_not_run_is_looked_for_again_and_then_told(embeds: bool) -> None:
    waiting = Waiting()
    with FakeProvider(plain({})) as server:
        pass  # its port is free again
    error = waiting.ask(server, Row("ollama-refused", 0, None, "unreachable", embeds=embeds))

    assert isinstance(error, Unreachable)
    assert server.url in error.message("en")
    assert "先启动它" in error.hint("zh")
    assert "must be started first" in error.hint("en")
    assert waiting.now == 31  # 1 + 2 + 4 + 8 + 16: six attempts


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        pytest.param("pull model manifest: file does not exist", "model_missing", id="ollama-pull-missing"),
        pytest.param("max retries exceeded: Get https://…: dial tcp: no such host", "provider_down", id="ollama-pull-offline"),
    ],
)  # fmt: skip
def test_an_error_line_of_a_pull_is_the_error_it_means(line: str, kind: str) -> None:
    """The words come through Ollama's own client: the line is what the server sends at status 200."""
    replies = lines({"status": "pulling manifest"}, {"error": line})
    with FakeProvider(replies) as server, pytest.raises(ollama.ResponseError) as caught:
        list(ollama.Client(server.url).pull("x", stream=True))
    error = Call("ollama", "x", server.url, "ollama").failed(caught.value)

    assert error.kind == kind
    assert line in error.message("zh")
