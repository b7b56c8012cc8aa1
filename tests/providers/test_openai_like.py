"""The wire is the preview, an answer comes whole or says why not, and Stop reaches the server."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant.errors import (
    AssistantError,
    BadAnswer,
    ContentRefused,
    KeyRefused,
    ModelError,
    ProviderDown,
    RateLimited,
    SettingsError,
    Unreachable,
)
from assistant.providers import wire
from assistant.providers.base import Delta, Message, Request, Usage
from assistant.providers.entries import ChatEntry, ProviderEntry, Thinking
from assistant.providers.keys import Secret
from assistant.providers.openai_like import OpenAILikeModel
from assistant.providers.wire import Patience
from tests.providers.fake_provider import CERTIFICATE, FakeProvider, Reply, answer, billed, events, page, plain, said

KEY = Secret("sk-test-0123456789abcdef")
ENTRY = ChatEntry("custom", "tiny")
MESSAGES = (
    Message("system", "Answer from the notes.\r\n"),
    Message("user", "什么是“过拟合”？ \U0001f600 e\u0301 <|im_end|> \\frac{1}{2}\t"),
    Message("assistant", ""),
    Message("user", "  and \u2028 now?\n\n"),
)
REQUEST = Request(MESSAGES, "and now?", ())


def provider(dialect: str = "custom") -> ProviderEntry:
    return ProviderEntry("custom", {"zh": "自选", "en": "Custom"}, "openai", dialect=dialect)


def model(
    server: FakeProvider,
    *,
    entry: ChatEntry = ENTRY,
    dialect: str = "custom",
    key: Secret | None = KEY,
    patience: Patience | None = None,
) -> OpenAILikeModel:
    return OpenAILikeModel(entry, provider(dialect), f"{server.url}/v1", key, patience=patience)


def spoken(deltas: Iterator[Delta]) -> list[Delta]:
    """All pieces but the heartbeats."""
    return [delta for delta in deltas if delta != Delta()]


def failure(model: OpenAILikeModel) -> AssistantError:
    with pytest.raises(AssistantError) as caught:
        list(model.stream(REQUEST))
    return caught.value


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trust the certificate of the server here."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    wire.certificates.cache_clear()
    yield
    wire.certificates.cache_clear()


def test_what_arrives_is_what_was_asked_and_nothing_else() -> None:
    with FakeProvider(answer()) as server:
        list(model(server).stream(REQUEST))

    (sent,) = server.requests
    assert sent.body == {
        "model": "tiny",
        "messages": [{"role": message.role, "content": message.content} for message in MESSAGES],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["Authorization"] == f"Bearer {KEY.reveal()}"


@pytest.mark.parametrize(
    ("dialect", "thinking", "wanted", "expected"),
    [
        pytest.param("dashscope", "hybrid_on", False, {"enable_thinking": False}, id="dashscope:off"),
        pytest.param("dashscope", "hybrid_off", True, {"enable_thinking": True}, id="dashscope:on"),
        pytest.param("dashscope", "none", True, {}, id="dashscope:cannot"),
        pytest.param("dashscope", "always", False, {}, id="dashscope:must"),
        pytest.param("siliconflow", "hybrid_on", False, {"enable_thinking": False}, id="siliconflow:off"),
        pytest.param("siliconflow", "none", False, {}, id="siliconflow:cannot"),
        pytest.param("deepseek", "hybrid_on", False, {"thinking": {"type": "disabled"}}, id="deepseek:off"),
        pytest.param("deepseek", "hybrid_on", True, {"thinking": {"type": "enabled"}}, id="deepseek:on"),
        pytest.param("deepseek", "always", False, {}, id="deepseek:must"),
        pytest.param("openai", "hybrid_on", False, {"reasoning_effort": "none"}, id="openai:off"),
        pytest.param("openai", "hybrid_on", True, {"reasoning_effort": "medium"}, id="openai:on"),
        pytest.param("openai", "none", True, {}, id="openai:cannot"),
        pytest.param("openai", "always", False, {}, id="openai:must"),
        pytest.param("custom", "hybrid_on", False, {"chat_template_kwargs": {"enable_thinking": False}}, id="vLLM and llama.cpp:off"),
        pytest.param("custom", "hybrid_off", True, {"chat_template_kwargs": {"enable_thinking": True}}, id="vLLM and llama.cpp:on"),
        pytest.param("custom", "none", True, {}, id="vLLM and llama.cpp:unknown"),
    ],
)  # fmt: skip
def test_the_switch_for_thinking_is_each_dialects_own(
    dialect: str, thinking: Thinking, wanted: bool, expected: dict[str, object]
) -> None:
    with FakeProvider(answer()) as server:
        list(
            model(server, entry=replace(ENTRY, thinking=thinking), dialect=dialect).stream(
                replace(REQUEST, thinking=wanted)
            )
        )

    usual = {"model", "messages", "stream", "stream_options"}
    extra = {name: value for name, value in server.requests[0].body.items() if name not in usual}
    assert extra == expected


@pytest.mark.parametrize(("dialect", "name"), [("openai", "max_completion_tokens"), ("deepseek", "max_tokens")])
def test_the_limit_of_an_answer_goes_by_the_name_the_dialect_knows(dialect: str, name: str) -> None:
    with FakeProvider(answer()) as server:
        list(model(server, dialect=dialect).stream(replace(REQUEST, max_tokens=300)))

    limits = {name: value for name, value in server.requests[0].body.items() if name.startswith("max")}
    assert limits == {name: 300}


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("dashscope", {"max_tokens": 300, "thinking_budget": 1_000}),
        ("siliconflow", {"max_tokens": 300, "thinking_budget": 1_000}),
        ("deepseek", {"max_tokens": 1_300}),
        ("openai", {"max_completion_tokens": 1_300}),
    ],
)
def test_thinking_has_a_limit_of_its_own_or_a_share_in_the_answers(dialect: str, expected: dict[str, int]) -> None:
    asked = replace(REQUEST, max_tokens=300, thinking=True, thinking_budget=1_000)
    with FakeProvider(answer()) as server:
        list(model(server, dialect=dialect, entry=replace(ENTRY, thinking="hybrid_off")).stream(asked))

    body = server.requests[0].body
    assert {name: body[name] for name in body if name.startswith("max") or name == "thinking_budget"} == expected


def test_an_answer_comes_with_its_thinking_its_end_and_its_bill() -> None:
    reply = events(
        said("", role="assistant", reasoning_content="hm"),
        said(None, reasoning=" well"),
        said("过拟合"),
        said("。"),
        said(finish="length"),
        billed(20, 9, completion_tokens_details={"reasoning_tokens": 4}, prompt_tokens_details={"cached_tokens": 16}),
    )
    with FakeProvider(reply) as server:
        deltas = spoken(model(server).stream(REQUEST))

    assert deltas == [
        Delta(thinking="hm"),
        Delta(thinking=" well"),
        Delta("过拟合"),
        Delta("。"),
        Delta(finish="length"),
        Delta(usage=Usage(20, 9, 4, 16)),
    ]


def test_deepseek_says_what_was_cached_in_its_own_way() -> None:
    with FakeProvider(events(said("a", finish="stop"), billed(20, 9, prompt_cache_hit_tokens=12))) as server:
        assert spoken(model(server).stream(REQUEST))[-1] == Delta(usage=Usage(20, 9, None, 12))


@pytest.mark.case(68)
def test_pieces_cut_anywhere_in_the_bytes_give_the_same_text() -> None:
    whole = b"".join(piece for piece in answer("过拟合 😀").pieces if isinstance(piece, bytes))
    crumbs = Reply(pieces=[whole[at : at + 1] for at in range(len(whole))], kind="text/event-stream")
    with FakeProvider(crumbs) as server:
        assert "".join(delta.text for delta in model(server).stream(REQUEST)) == "过拟合 😀"


@pytest.mark.parametrize(
    "kept", [b": keep-alive\n\n", b"\n\n", b"data: \n\n"], ids=["comment", "blank lines", "no data"]
)
def test_signs_of_life_are_no_part_of_the_answer(kept: bytes) -> None:
    with FakeProvider(events(kept, said("a"), kept, said(finish="stop"), kept)) as server:
        if kept.startswith(b"data"):
            assert isinstance(failure(model(server)), BadAnswer)
        else:
            assert spoken(model(server).stream(REQUEST)) == [Delta("a"), Delta(finish="stop")]


def test_a_content_filter_at_the_end_is_told_as_the_reason() -> None:
    with FakeProvider(events(said("a"), said(finish="content_filter"))) as server:
        assert spoken(model(server).stream(REQUEST))[-1].finish == "content_filter"


def test_a_bill_is_missed_rather_than_a_whole_answer_lost() -> None:
    with FakeProvider(events(said("a"), said(finish="stop"), "cut")) as server:
        assert spoken(model(server).stream(REQUEST)) == [Delta("a"), Delta(finish="stop")]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(page(), BadAnswer, id="a web page at 200"),
        pytest.param(page(404), BadAnswer, id="a web page at 404"),
        pytest.param(page(502), ProviderDown, id="a web page at 502"),
        pytest.param(events(), BadAnswer, id="no event"),
        pytest.param(events({"choices": []}, {"choices": None}), BadAnswer, id="empty choices"),
        pytest.param(events({"choices": {}}, {"choices": [None]}, {"choices": [{"delta": 3}]}), BadAnswer, id="odd choices"),
        pytest.param(events(b"data: 5\n\n"), BadAnswer, id="a number for an event"),
        pytest.param(events(b"data: null\n\n"), BadAnswer, id="null for an event"),
        pytest.param(events(b"data: {broken\n\n"), BadAnswer, id="broken JSON"),
        pytest.param(events(b"data: \xff\xfe\n\n"), BadAnswer, id="no text encoding"),
        pytest.param(plain({"choices": [{"message": {"content": "whole"}}]}), BadAnswer, id="no stream"),
        pytest.param(plain({"error": {"code": "invalid_api_key", "message": "no"}}), KeyRefused, id="an error at 200"),
        pytest.param(plain({"error": "model overloaded, status inside", "code": 1}), ModelError, id="an error as a string at 200"),
        pytest.param(plain({"error": {"code": 503, "message": "busy"}}), ProviderDown, id="a status inside a 200"),
        pytest.param(events(said("a"), "cut"), ProviderDown, id="cut between events"),
        pytest.param(events(said("a"), "reset"), ProviderDown, id="reset between events"),
        pytest.param(events(said("a"), done=False), ProviderDown, id="an end without a reason"),
        pytest.param(
            events(said("a"), {"error": {"code": "data_inspection_failed", "message": "Output data may contain inappropriate content."}}),
            ContentRefused,
            id="a content filter in mid-stream",
        ),
        pytest.param(
            events(said("a"), {"code": 50505, "message": "Model service overloaded", "data": None}), ProviderDown, id="an error without an envelope in mid-stream"
        ),
        pytest.param(events({"error": {"message": "Requests are too frequent", "code": "limit_requests"}}), RateLimited, id="a throttle as the first event"),
    ],
)  # fmt: skip
@pytest.mark.case(68, 71, 72)
def test_what_is_no_answer_is_told_from_one(reply: Reply, expected: type[AssistantError]) -> None:
    with FakeProvider(reply) as server:
        assert type(failure(model(server))) is expected


@pytest.mark.case(68)
def test_what_came_before_the_break_was_passed_on() -> None:
    with FakeProvider(events(said("half"), "cut")) as server:
        heard: list[Delta] = []
        with pytest.raises(ProviderDown):
            heard.extend(model(server).stream(REQUEST))

    assert Delta("half") in heard


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(hang=True), id="before the headers"),
        pytest.param(events("stall"), id="before the first piece"),
        pytest.param(events(said("a"), "stall"), id="in mid-stream"),
    ],
)
@pytest.mark.case(67)
def test_closing_reaches_the_server_within_a_second(reply: Reply) -> None:
    with FakeProvider(reply) as server:
        stream = model(server).stream(REQUEST)
        while not server.arrived.is_set():
            next(stream)
        closed = time.monotonic()
        stream.close()  # type: ignore[attr-defined]

        assert server.left.wait(5)
        assert server.left_at - closed < 1
    assert not [thread for thread in threading.enumerate() if thread.name == "model-stream"]


@pytest.mark.parametrize(
    "reply", [Reply(hang=True), events(said("a"), "stall")], ids=["before the headers", "in mid-stream"]
)
def test_closing_reaches_the_server_through_tls(reply: Reply, trusted: None) -> None:
    with FakeProvider(reply, tls=True) as server:
        stream = model(server).stream(REQUEST)
        while not server.arrived.is_set():
            next(stream)
        closed = time.monotonic()
        stream.close()  # type: ignore[attr-defined]

        assert server.left.wait(5)
        assert server.left_at - closed < 1
    assert not [thread for thread in threading.enumerate() if thread.name == "model-stream"]


def test_a_server_whose_certificate_nobody_signed_is_not_talked_to() -> None:
    with FakeProvider(answer(), tls=True) as server:
        assert isinstance(failure(model(server)), Unreachable)

    assert server.requests == []


def test_silence_gives_the_listener_a_chance_to_stop() -> None:
    with FakeProvider(Reply(hang=True)) as server:
        stream = model(server).stream(REQUEST)

        assert next(stream) == Delta()
        stream.close()  # type: ignore[attr-defined]


def test_nothing_is_sent_before_the_first_piece_is_asked_for() -> None:
    with FakeProvider(answer()) as server:
        model(server).stream(REQUEST)

        assert server.requests == []


@pytest.mark.parametrize(
    ("reply", "patience"),
    [
        pytest.param(Reply(hang=True), Patience(first=0.2), id="first piece"),
        pytest.param(events(said("a"), "stall"), Patience(first=60, between=0.2), id="next piece"),
    ],
)
@pytest.mark.case(67)
def test_patience_ends(reply: Reply, patience: Patience) -> None:
    with FakeProvider(reply) as server:
        error = failure(model(server, patience=patience))

    assert type(error) is ProviderDown
    assert "Timeout" in error.details["reason"]


def test_the_first_piece_may_take_longer_than_the_next_ones() -> None:
    slow = events(said("a"), 0.6, said("b"), said(finish="stop"))
    with FakeProvider(slow) as server:
        assert isinstance(failure(model(server, patience=Patience(first=30, between=0.2))), ProviderDown)
        assert spoken(model(server, patience=Patience(first=0.4, between=30)).stream(REQUEST))[-1].finish == "stop"


def test_a_refused_connection_names_the_address() -> None:
    with FakeProvider(answer()) as server:
        gone = model(server)
    error = failure(gone)

    assert isinstance(error, Unreachable)
    assert server.url in error.message("zh")


def test_a_host_nobody_knows_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def unknown(*asked: object, **options: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    asked = OpenAILikeModel(ENTRY, provider(), "https://no-such-host.example/v1", KEY)

    assert isinstance(failure(asked), Unreachable)


def test_one_failure_is_one_request() -> None:
    with FakeProvider(plain({"error": {"message": "slow", "code": "slow_down"}}, 429)) as server:
        failure(model(server))

    assert len(server.requests) == 1


@pytest.mark.case(79)
def test_a_redirect_is_not_followed_and_the_key_goes_nowhere() -> None:
    with (
        FakeProvider(answer()) as thief,
        FakeProvider(Reply(302, headers={"Location": f"{thief.url}/v1/chat/completions"})) as server,
    ):
        assert isinstance(failure(model(server)), BadAnswer)

    assert thief.requests == []


@pytest.mark.case(76)
def test_nothing_from_the_environment_reaches_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv("OPENAI_API_KEY" if name == "KEY" else f"OPENAI_{name}", f"stolen-{name}")
    with FakeProvider(answer()) as thief, FakeProvider(answer()) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{thief.url}/v1")
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Stolen: stolen-header")
        monkeypatch.setenv("HTTP_PROXY", thief.url)
        list(model(server, key=None).stream(REQUEST))

    assert thief.requests == []
    assert "stolen" not in repr(server.requests)
    assert {name.lower() for name in server.requests[0].headers} == {
        *("accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent")
    }


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/v1", "http://a:b@127.0.0.1/v1", "127.0.0.1:8080", "", "file:///etc/passwd"]
)
@pytest.mark.case(79)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        list(OpenAILikeModel(ENTRY, provider(), url, KEY).stream(REQUEST))

    assert "a:b" not in str(caught.value)


@pytest.mark.case(69, 107)
def test_a_key_in_the_providers_words_is_shown_to_nobody(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_LOG", "debug")
    caplog.set_level(logging.DEBUG)
    echo = plain({"error": {"message": f"Incorrect key 'Bearer {KEY.reveal()}' given", "code": "invalid_api_key"}}, 401)
    with FakeProvider(echo) as server:
        error = failure(model(server))

    everything = [
        repr(error),
        error.message("zh"),
        repr(error.__cause__),
        repr(error.__context__),
        repr(model),
        caplog.text,
    ]
    assert KEY.reveal() not in "".join(everything)
    assert "Incorrect key" in error.message("en")


def test_the_models_of_a_server_are_listed_by_name() -> None:
    with FakeProvider(plain({"object": "list", "data": [{"id": "b"}, {"id": "a"}, {"no": "name"}]})) as server:
        assert model(server).list_models() == ("a", "b")

    assert (server.requests[0].method, server.requests[0].path) == ("GET", "/v1/models")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(page(), BadAnswer, id="a web page"),
        pytest.param(plain({"models": []}), BadAnswer, id="another shape"),
        pytest.param(plain("Invalid token", 401), KeyRefused, id="a wrong key"),
    ],
)
def test_a_list_that_is_none_is_refused(reply: Reply, expected: type[AssistantError]) -> None:
    with FakeProvider(reply) as server, pytest.raises(expected):
        model(server).list_models()
