"""A server of one's own is asked to count, each kind in its way; one that cannot is left alone, and nobody waits for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answers.connection import Connection, ServedCounter, connect
from assistant.providers import server_count
from assistant.providers.base import Message
from assistant.providers.catalog import catalog
from assistant.providers.keys import Secret
from assistant.providers.offline import OfflineModel
from assistant.providers.server_count import GOOD_FOR, SILENT_FOR, CountingServer
from assistant.providers.wire import Patience
from tests.providers.fake_provider import FakeProvider, Recorded, Reply, page, plain

KEY = Secret("sk-test-0123456789abcdef")
MESSAGES = (Message("system", "问？\r\n"), Message("user", "why 👍🏽 \\frac{1}{2}"))
SENT = [{"role": message.role, "content": message.content} for message in MESSAGES]
MISSING = plain({"error": {"message": "not found"}}, 404)
PROPS = plain({"default_generation_settings": {"n_ctx": 4096}, "total_slots": 2})


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_count, "_servers", {})


def server_at(provider: FakeProvider, clock: Clock, key: Secret | None = KEY) -> CountingServer:
    return CountingServer(f"{provider.url}/v1", "tiny", key, clock=clock)


def paths(provider: FakeProvider) -> list[str]:
    return [request.path for request in provider.requests]


def last(provider: FakeProvider) -> Recorded:
    return provider.requests[-1]


def test_llama_cpp_says_the_count_in_one(clock: Clock) -> None:
    with FakeProvider(plain({"input_tokens": 13, "object": "response.input_tokens"})) as provider:
        assert server_at(provider, clock).count(MESSAGES) == 13

    assert paths(provider) == ["/v1/chat/completions/input_tokens"]
    assert last(provider).body == {"model": "tiny", "messages": SENT}
    assert last(provider).headers["Authorization"] == f"Bearer {KEY.reveal()}"


def test_an_older_llama_cpp_writes_the_prompt_and_counts_its_tokens(clock: Clock) -> None:
    with FakeProvider(MISSING, plain({"prompt": "<s>问？"}), plain({"tokens": [1, 2, 3, 4]})) as provider:
        assert server_at(provider, clock).count(MESSAGES) == 4

    assert paths(provider)[1:] == ["/apply-template", "/tokenize"]
    assert last(provider).body == {"content": "<s>问？", "add_special": True, "parse_special": True}


def test_vllm_says_count_and_window_at_once(clock: Clock) -> None:
    told = plain({"count": 21, "max_model_len": 32768, "tokens": list(range(21))})
    with FakeProvider(MISSING, MISSING, told) as provider:
        server = server_at(provider, clock)

        assert (server.count(MESSAGES), server.window) == (21, 32768)

    assert paths(provider)[2:] == ["/tokenize"]
    assert last(provider).body == {"model": "tiny", "messages": SENT, "add_generation_prompt": True}


def test_the_way_that_worked_is_the_only_one_tried_again(clock: Clock) -> None:
    told = plain({"count": 21, "max_model_len": 32768})
    with FakeProvider(MISSING, MISSING, told) as provider:
        server_at(provider, clock).count(MESSAGES)

        assert server_at(provider, clock).count(MESSAGES) == 21

    assert len(provider.requests) == 4


@pytest.mark.parametrize(
    "reply",
    [
        MISSING,
        page(),
        plain({"error": "Unexpected endpoint or method. Returning 200 anyway"}),
        plain({"input_tokens": True, "tokens": [], "count": "12"}),
        plain({"input_tokens": 0}),
        plain([13]),
        plain(b"\xff\xfe"),
        plain({"error": {"message": "bad key"}}, 401),
        plain({"input_tokens": 13}, 302, {"Location": "http://127.0.0.1:9/"}),
    ],
)
def test_a_server_that_cannot_count_is_left_alone_for_a_while(clock: Clock, reply: Reply) -> None:
    with FakeProvider(reply) as provider:
        server = server_at(provider, clock)
        first = server.count(MESSAGES)
        asked = len(provider.requests)
        second = server.count(MESSAGES)
        asked_again = len(provider.requests)
        clock.now += SILENT_FOR
        server.count(MESSAGES)

    assert (first, second, server.counts) == (None, None, False)
    assert 0 < asked == asked_again < len(provider.requests)


def test_a_server_that_is_not_there_is_no_error(clock: Clock) -> None:
    server = CountingServer("http://127.0.0.1:9/v1", "tiny", None, clock=clock)

    assert (server.count(MESSAGES), server.window, server.counts) == (None, None, False)


def test_a_server_that_hangs_is_given_up_after_one_try(clock: Clock) -> None:
    with FakeProvider(Reply(hang=True)) as provider:
        server = CountingServer(f"{provider.url}/v1", "tiny", None, patience=Patience(0.1, 0.1, 0.1), clock=clock)

        assert server.count(MESSAGES) is None
        assert len(provider.requests) == 1


def test_a_reply_that_comes_byte_by_byte_is_cut_off(clock: Clock) -> None:
    with FakeProvider(Reply(pieces=[part for byte in b'{"n": 1}' * 60 for part in (bytes([byte]), 0.05)])) as provider:
        server = CountingServer(f"{provider.url}/v1", "tiny", None, patience=Patience(1, 0.2, 0.2), clock=clock)

        assert server.window is None
        assert provider.left.wait(5)


def test_nobody_waits_longer_than_two_seconds() -> None:
    assert server_count.SOON.connect <= server_count.SOON.first <= 2.0


def test_a_server_that_was_started_anew_is_asked_anew(clock: Clock) -> None:
    with FakeProvider(PROPS) as provider:
        server = server_at(provider, clock)
        before = [server.window, server_at(provider, clock).window]
        asked = len(provider.requests)
        clock.now += GOOD_FOR
        provider.replies[:] = [plain({"default_generation_settings": {"n_ctx": 2048}})]

        assert (before, asked, server.window) == ([4096, 4096], 1, 2048)


def test_the_window_of_vllm_stands_in_its_list_of_models(clock: Clock) -> None:
    models = {"data": [{"id": "other", "max_model_len": 1}, {"id": "tiny", "max_model_len": 16384}]}
    with FakeProvider(MISSING, plain(models)) as provider:
        assert server_at(provider, clock).window == 16384

    assert paths(provider) == ["/props", "/v1/models"]


def test_what_one_key_was_refused_is_not_held_against_another(clock: Clock) -> None:
    with FakeProvider(plain({}, 401)) as provider:
        server_at(provider, clock).count(MESSAGES)
        provider.replies[:] = [plain({"input_tokens": 13})]

        assert server_at(provider, clock, Secret("sk-another-0123456789")).count(MESSAGES) == 13


def connection_to(provider: FakeProvider, clock: Clock, *, local: bool = True) -> Connection:
    entry = catalog().chat("custom", "tiny", provider.url)
    if not local:
        entry = replace(entry, local=False, prices=None)
    return connect(OfflineModel(), entry, server=server_at(provider, clock))


def test_a_count_by_the_server_is_exact_and_one_of_ours_is_not(clock: Clock) -> None:
    with FakeProvider(plain({"input_tokens": 13})) as provider:
        connection = connection_to(provider, clock)
        by_server = connection.counter.prompt(MESSAGES), connection.counter.exact
        provider.replies[:] = [MISSING]
        by_us = connection.counter.prompt(MESSAGES), connection.counter.exact

    assert isinstance(connection.counter, ServedCounter)
    assert by_server == (13, True)
    assert by_us == (connection.counter.estimate.prompt(MESSAGES), False)


def test_the_smaller_of_two_windows_counts(clock: Clock) -> None:
    with FakeProvider(PROPS) as provider:
        connection = connection_to(provider, clock)

        assert connection.window == 4096
        assert replace(connection, known_window=2048).window == 2048
        assert replace(connection, known_window=9000).window == 4096


def test_whoever_may_charge_is_not_asked_to_count(clock: Clock) -> None:
    with FakeProvider(plain({"input_tokens": 13})) as provider:
        away = connection_to(provider, clock, local=False)
        vendor = connect(OfflineModel(), catalog().chat("dashscope", "qwen-plus"), server=server_at(provider, clock))
        counted = [each.counter.prompt(MESSAGES) for each in (away, vendor)]
        windows = [each.window for each in (away, vendor)]

    assert 13 not in counted
    assert windows[0] is None
    assert provider.requests == []


def test_nothing_is_asked_before_it_is_needed(clock: Clock) -> None:
    with FakeProvider(plain({"input_tokens": 13})) as provider:
        connection_to(provider, clock)

        assert provider.requests == []


TEXTS = ("问？", "", "why", "问？")
TOGETHER = plain({"tokens": [5, 6, -1, 7, -1]})


def test_llama_cpp_counts_several_texts_at_once_and_is_not_asked_twice(clock: Clock) -> None:
    with FakeProvider(plain({"input_tokens": 13}), TOGETHER) as provider:
        server = server_at(provider, clock)
        server.count(MESSAGES)
        first, again = server.sizes(TEXTS), server.sizes(TEXTS[1:])
        asked = list(paths(provider))
        provider.replies[:] = [plain({"tokens": [8, 9, 9, -1]})]
        fewer = server.sizes(["why", "new"])

    assert (first, again, fewer) == ((2, 0, 1, 2), (0, 1, 2), (1, 3))
    assert asked == ["/v1/chat/completions/input_tokens", "/tokenize"]
    assert provider.requests[1].body == {
        "content": ["问？", -1, "why", -1],
        "add_special": False,
        "parse_special": True,
    }
    assert last(provider).body["content"] == ["new", -1]


def test_what_was_said_of_a_text_is_believed_for_a_while(clock: Clock) -> None:
    with FakeProvider(plain({"input_tokens": 13}), TOGETHER) as provider:
        server = server_at(provider, clock)
        server.count(MESSAGES)
        server.sizes(TEXTS)
        clock.now += GOOD_FOR
        provider.replies[:] = [plain({"tokens": [1, -1, 2, 3, -1]})]

        assert server.sizes(TEXTS) == (1, 0, 2, 1)


def test_vllm_counts_one_text_after_the_other(clock: Clock) -> None:
    replies = [MISSING, MISSING, *(plain({"count": count, "max_model_len": 99}) for count in (21, 2, 1))]
    with FakeProvider(*replies) as provider:
        server = server_at(provider, clock)
        server.count(MESSAGES)

        assert server.sizes(TEXTS) == (2, 0, 1, 2)

    assert last(provider).body == {"model": "tiny", "prompt": "why", "add_special_tokens": False}


@pytest.mark.parametrize(
    "reply", [MISSING, page(), plain({"tokens": [1, 2, 3]}), plain({"tokens": "x"}), plain({"tokens": [-1] * 9})]
)
def test_a_server_that_counts_no_parts_has_them_estimated_and_is_left_alone(clock: Clock, reply: Reply) -> None:
    with FakeProvider(plain({"input_tokens": 40}), reply) as provider:
        counter = connection_to(provider, clock).counter
        server = server_at(provider, clock)
        counts = counter.count(MESSAGES, [message.content for message in MESSAGES])
        asked = len(provider.requests)
        assert server.sizes(TEXTS) is None

    assert (counts.whole, counts.high, counts.exact, counts.parts_exact) == (40, 40, True, False)
    assert 0 < sum(counts.parts) <= 40
    assert len(provider.requests) == asked


def test_parts_that_exceed_the_whole_are_no_facts(clock: Clock) -> None:
    with FakeProvider(plain({"input_tokens": 2}), plain({"tokens": [5, 6, -1, 7, -1]})) as provider:
        counts = connection_to(provider, clock).counter.count(MESSAGES, ["问？", "why"])

    assert (counts.whole, counts.parts_exact) == (2, False)
    assert sum(counts.parts) <= 2


def test_the_server_counts_what_the_request_will_say_of_thinking(clock: Clock) -> None:
    def fields(thinking: bool) -> dict[str, object]:
        return {"chat_template_kwargs": {"enable_thinking": thinking}}

    with FakeProvider(plain({"input_tokens": 13})) as provider:
        server = CountingServer(f"{provider.url}/v1", "tiny", KEY, fields=fields, clock=clock)
        for thinking in (True, False):
            server.count(MESSAGES, thinking=thinking)

            assert last(provider).body == {"model": "tiny", "messages": SENT, **fields(thinking)}
