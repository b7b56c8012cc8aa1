"""Whatever a provider answers, or does not: an error of ours within the time that was promised, and what was paid for is kept."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from assistant.bootstrap import Assistant, open_assistant
from assistant.errors import (
    AssistantError,
    BadAnswer,
    Cancelled,
    KeyRefused,
    ModelError,
    NoBalance,
    ProviderDown,
    RateLimited,
    SettingsError,
    TextTooLong,
    Unreachable,
)
from assistant.providers.base import Delta
from assistant.providers.entries import ChatEntry
from assistant.providers.openai_like import OpenAILikeModel
from assistant.providers.wire import Patience
from assistant.settings import Settings
from tests.answers.speaking import LONGEST, QUESTION, drafted
from tests.conftest import write
from tests.providers import fake_provider
from tests.providers.fake_provider import FakeProvider, Recorded, Reply, answer, billed, events, page, plain, said
from tests.providers.vector_server import VectorServer
from tests.reliability.asking import KEY, REQUEST, VENDOR, Ask, Clock, chat, first_piece, order, vectors
from tests.reliability.canary import seen_in

ALL = [pytest.param(chat, id="chat"), pytest.param(vectors, id="vectors"), pytest.param(order, id="order")]
BOTH = [pytest.param(first_piece, id="chat"), pytest.param(vectors, id="vectors")]
A_REPLY = json.dumps({"data": [{"index": 0, "embedding": [1, 0, 0]}], "choices": []}).encode()


@pytest.mark.case(66)
@pytest.mark.parametrize("ask", BOTH)
@pytest.mark.parametrize(
    ("after", "requests"),
    [
        pytest.param(None, 6, id="none"),
        pytest.param("1", 6, id="1"),
        pytest.param("30", 5, id="30"),
        pytest.param("3600", 1, id="3600"),
        pytest.param(format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True), 1, id="a date"),
        pytest.param("as soon as you can", 6, id="junk"),
    ],
)
def test_a_storm_of_429_takes_few_requests_and_never_more_than_the_budget(
    ask: Ask, after: str | None, requests: int
) -> None:
    clock = Clock()
    refusal = plain({"error": {"message": "slow down"}}, 429, {"Retry-After": after} if after else {})
    with FakeProvider(refusal) as server, pytest.raises(RateLimited):
        clock.patiently(lambda: ask(server.url))

    assert len(server.requests) == requests
    assert clock.now <= 120
    assert bool(clock.told) == (requests > 1)
    assert clock.told == [] or 0 < min(clock.told) < max(clock.told) <= 37.5


@pytest.mark.case(66)
@pytest.mark.parametrize("ask", BOTH)
def test_stop_ends_the_waiting_of_a_throttled_call(ask: Ask) -> None:
    clock = Clock(stop_at=3)
    with FakeProvider(plain({"error": {"message": "slow down"}}, 429, {"Retry-After": "60"})) as server:
        with pytest.raises(Cancelled):
            clock.patiently(lambda: ask(server.url))

        assert len(server.requests) == 1
    assert clock.now < 4


IMPATIENT = Patience(connect=5, first=0.3, between=0.3)


@pytest.mark.case(67)
@pytest.mark.parametrize("ask", ALL)
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(hang=True), id="before the headers"),
        pytest.param(Reply(pieces=["stall"]), id="before the body"),
        pytest.param(Reply(pieces=[b'{"data": [', "stall"]), id="in the body"),
    ],
)
def test_a_server_that_falls_silent_is_given_up(ask: Ask, reply: Reply) -> None:
    with FakeProvider(reply) as server, pytest.raises(ProviderDown) as caught:
        ask(server.url, IMPATIENT)

    assert len(server.requests) == 1
    assert caught.value.retryable


@pytest.mark.case(67)
def test_hanging_calls_use_up_the_budget_like_waiting_does() -> None:
    clock, calls = Clock(), []

    def hang() -> None:
        calls.append(clock.now)
        clock.now += 60  # what the wire waits for a first piece
        raise ProviderDown(provider="p", reason="silence")

    with pytest.raises(ProviderDown):
        clock.patiently(hang)

    assert len(calls) == 2
    assert clock.now < 130


@pytest.mark.case(67, 68)
@pytest.mark.parametrize("end", ["stall", "cut", "reset"])
def test_what_was_said_before_a_stream_broke_stays_and_is_marked(app: Assistant, end: fake_provider.Step) -> None:
    with FakeProvider(events(said("过拟合是"), said("指 [1]"), end, done=False)) as server:
        model = OpenAILikeModel(ChatEntry("custom", "m"), VENDOR, f"{server.url}/v1", KEY, patience=IMPATIENT)
        conversation, turn_id = app.conversations.ask(None, QUESTION)
        turn = app.answer(conversation, turn_id, drafted(app, model))
        turn.wait(LONGEST)
        (saved,) = app.conversations.turns(conversation)

    assert (saved.state, saved.answer) == ("failed", "过拟合是指 [1]")
    assert saved.record["error"]["kind"] == "provider_down"
    assert len(server.requests) == 1


@pytest.mark.case(68)
def test_lines_may_end_as_on_windows_be_a_megabyte_long_and_break_within_a_character() -> None:
    long = "长" * 350_000
    whole = b"".join(piece for piece in answer(long).pieces if isinstance(piece, bytes)).replace(b"\n", b"\r\n")
    pieces = [whole[at : at + 65_521] for at in range(0, len(whole), 65_521)]  # a prime: it cuts characters apart
    with FakeProvider(Reply(pieces=pieces, kind="text/event-stream")) as server:
        heard = chat(server.url)

    assert "".join(delta.text for delta in heard) == long
    assert heard[-1].usage is not None


ECHOES = [
    pytest.param(lambda key: key, id="plain"),
    pytest.param(lambda key: f"Bearer {key}", id="with its scheme"),
    pytest.param(lambda key: quote(key, safe=""), id="URL-coded"),
    pytest.param(lambda key: f"<html><title>{key}</title>", id="in a page"),
    *(
        pytest.param(lambda key, name=name: base64.b64encode(f"{name}:{key}".encode()).decode(), id=f"base64 of {name}")
        for name in ("", "u", "us", "user")
    ),
]


@pytest.mark.case(69, 107)
@pytest.mark.parametrize("ask", ALL)
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("echo", ECHOES)
def test_a_key_that_a_refusal_repeats_is_in_no_error(ask: Ask, status: int, echo: Callable[[str], str]) -> None:
    words = {"error": {"message": f"invalid api key {echo(KEY.reveal())}", "code": "invalid_api_key"}}
    with FakeProvider(plain(words, status)) as server, pytest.raises(KeyRefused) as caught:
        ask(server.url)

    error = caught.value
    told = f"{error!r}{error.args}{error.details}{error.message('zh')}{error.hint('en')}{error.__cause__!r}{error.__context__!r}"
    assert seen_in(KEY.reveal(), told) == []
    assert len(server.requests) == 1
    assert not error.retryable


@pytest.mark.case(70)
@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(plain({"error": {"message": "Insufficient Balance"}}, 402), id="402"),
        pytest.param(plain({"error": {"message": "quota", "code": "insufficient_quota"}}, 429), id="a quota as 429"),
    ],
)
def test_an_empty_account_stops_at_once_and_what_was_bought_is_kept(tmp_path: Path, refusal: Reply) -> None:
    with VectorServer({3: refusal}) as server:
        app = over(tmp_path, server, sections=35)
        with pytest.raises(ModelError) as caught:
            app.sync().run()
        assert len(server.requests) == 3
        assert kept(app) == len(server.bought) == 20
        app.database.close()

    assert caught.value.kind in ("no_balance", "quota_exceeded")
    assert not caught.value.retryable
    assert isinstance(caught.value, NoBalance) or "quota" in str(caught.value)


NONSENSE = [
    pytest.param(page(), BadAnswer, id="a page at 200"),
    pytest.param(page(500), ProviderDown, id="a page at 500"),
    pytest.param(page(502), ProviderDown, id="a page at 502"),
    pytest.param(page(503), ProviderDown, id="a page at 503"),
    pytest.param(plain({"error": {"code": 500, "message": "boom"}}), ProviderDown, id="an error object at 200"),
    pytest.param(Reply(), AssistantError, id="nothing at 200"),
    pytest.param(plain(b'{"data": [{"index": 0, "emb'), BadAnswer, id="JSON cut off"),
    pytest.param(plain(b"[1, 2"), BadAnswer, id="a list cut off"),
    pytest.param(plain(b"[" * 20_000), BadAnswer, id="JSON nested too deep"),
    pytest.param(Reply(pieces=[A_REPLY], kind="image/png"), BadAnswer, id="a picture by its type"),
    pytest.param(Reply(pieces=[A_REPLY], kind="x\x01y"), BadAnswer, id="a type that is none"),
    pytest.param(Reply(pieces=[A_REPLY], headers={"Content-Encoding": "gzip"}), ModelError, id="gzip that is none"),
    pytest.param(
        Reply(pieces=[gzip.compress(A_REPLY)[:20]], headers={"Content-Encoding": "gzip"}), ModelError, id="gzip cut off"
    ),
    pytest.param(Reply(pieces=[b"\xff\xfe\x00" * 99]), BadAnswer, id="bytes of no encoding"),
    pytest.param(Reply(204), AssistantError, id="no content"),
]


@pytest.mark.case(71)
@pytest.mark.parametrize("ask", ALL)
@pytest.mark.parametrize(("reply", "expected"), NONSENSE)
def test_nonsense_is_an_error_that_names_the_provider(ask: Ask, reply: Reply, expected: type[ModelError]) -> None:
    with FakeProvider(reply) as server, pytest.raises(expected) as caught:
        ask(server.url)

    for language in ("zh", "en"):
        assert "custom" in caught.value.message(language)
        assert caught.value.hint(language)
        assert not {"attribute", "Traceback", "NoneType"} & set(caught.value.message(language).split())


@pytest.mark.case(71)
@pytest.mark.parametrize(
    "broken", [b"[" * 20_000, b'{"choices":' * 20_000, b"9" * 9_999], ids=["lists", "objects", "digits"]
)
def test_an_event_that_cannot_be_taken_apart_is_no_answer(broken: bytes) -> None:
    with FakeProvider(events(said("a"), b"data: " + broken + b"\n\n")) as server, pytest.raises(ModelError):
        chat(server.url)


TOOL = {"tool_calls": [{"index": 0, "id": "x", "function": {"name": "delete_all", "arguments": "{}"}}]}


@pytest.mark.case(72)
@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        pytest.param(events({"choices": []}, billed(7, 0)), "bad_answer", id="no choice"),
        pytest.param(events(said(None, content=None), said(finish="stop")), "bad_answer", id="null for content"),
        pytest.param(events(said(""), said(finish="stop")), "bad_answer", id="no word"),
        pytest.param(events(said("  \n"), said(finish="stop")), "bad_answer", id="blanks"),
        pytest.param(events(said(None, **TOOL), said(finish="tool_calls")), "bad_answer", id="a tool call only"),
        pytest.param(events(said(finish="content_filter")), "content_refused", id="filtered"),
        pytest.param(events(said(None, reasoning_content="嗯"), said(finish="length")), "only_thought", id="only thought"),
        pytest.param(events(said(None, reasoning_content="嗯"), said(finish="stop")), "bad_answer", id="thought and stopped"),
        pytest.param(events(said("<think>嗯，"), said("用户问"), said(finish="length")), "only_thought", id="a tag that stays open"),
        pytest.param(events(said("<thi"), said("nk>嗯</thi"), said("nk>\n"), said(finish="stop")), "bad_answer", id="a tag and nothing behind"),
    ],
)  # fmt: skip
def test_an_answer_without_a_word_says_why_and_leaves_no_empty_bubble(app: Assistant, stream: Reply, kind: str) -> None:
    with FakeProvider(stream) as server:
        model = OpenAILikeModel(ChatEntry("custom", "m"), VENDOR, f"{server.url}/v1", KEY)
        conversation, turn_id = app.conversations.ask(None, QUESTION)
        turn = app.answer(conversation, turn_id, drafted(app, model))
        turn.wait(LONGEST)

    (saved,) = app.conversations.turns(conversation)
    assert (saved.state, saved.record["error"]["kind"]) == ("failed", kind)
    assert saved.record["error"]["hint"]["zh"]
    assert len(app.ledger.entries()) == 1


@pytest.mark.case(72)
@pytest.mark.parametrize("crumb", [1, 2, 5, 1000])
def test_thinking_that_was_left_in_the_answer_is_taken_out_of_it(crumb: int) -> None:
    text = "<think>先看 <b> 和 </thin 再说</think>\n\n答案 <think> 是标签。"
    pieces = [said(text[at : at + crumb]) for at in range(0, len(text), crumb)]
    with FakeProvider(events(*pieces, said(finish="stop"))) as server:
        heard = chat(server.url)

    assert "".join(delta.thinking for delta in heard) == "先看 <b> 和 </thin 再说"
    assert "".join(delta.text for delta in heard).lstrip("\n") == "答案 <think> 是标签。"
    assert heard[-1] == Delta(finish="stop")


def test_an_answer_that_only_resembles_a_tag_is_left_as_it_is() -> None:
    for text in ("<", "<thin", "<thinking>", "  <b>", "答 <think>"):
        with FakeProvider(events(*(said(sign) for sign in text), said(finish="stop"))) as server:
            assert "".join(delta.text for delta in chat(server.url)) == text


class Subjects(VectorServer):
    """Gives each text the direction of the animal in it; answers last one first, ``most`` texts at a time, each so long."""

    def __init__(self, *, most: int = 1000, longest: int = 10**9) -> None:
        super().__init__()
        self.most, self.longest = most, longest
        self.sizes: list[int] = []

    def take(self, request: Recorded) -> Reply:
        FakeProvider.take(self, request)
        texts: list[str] = request.body["input"]
        if len(texts) > self.most:
            return plain(
                {"error": {"message": f"batch size is invalid, it should not be larger than {self.most}"}}, 400
            )
        if max(map(len, texts)) > self.longest:
            return plain({"error": {"message": "input must have less than 512 tokens"}}, 413)
        self.sizes.append(len(texts))
        self.bought += texts
        rows = [[1.0 if animal in text else 0.01 for animal in ("鲸", "象", "鹰")] for text in texts]
        data = [{"index": place, "embedding": row} for place, row in enumerate(rows)]
        return plain({"data": data[::-1], "usage": {"prompt_tokens": len(texts)}})


def over(tmp_path: Path, server: FakeProvider, sections: int = 0) -> Assistant:
    """Open an assistant with this embedding model, over a note of so many sections or over three small ones."""
    folder = tmp_path / "library"
    if sections:
        parts = "\n".join(f"## 第 {n} 节\n\n这一节讲的是第 {n} 个主题，和别的都不同。\n" for n in range(sections))
        write(folder, {"long.md": f"# 长\n\n{parts}"})
    else:
        write(folder, {f"{name}.md": f"# {name}\n\n{name}在这里生活。\n" for name in ("鲸", "象", "鹰")})
    where = {"embedding_provider": "custom", "embedding_model": "m", "embedding_base_url": f"{server.url}/v1"}
    return open_assistant(Settings(notes=(folder,), data=tmp_path / "data", **where))


def kept(app: Assistant) -> int:
    return int(app.database.connection.execute("SELECT count(*) FROM vectors").fetchone()[0])


@pytest.mark.case(73)
def test_vectors_in_another_order_still_find_the_right_note(tmp_path: Path) -> None:
    with Subjects() as server:
        app = over(tmp_path, server)
        app.sync().run()
        for animal in ("鲸", "象", "鹰"):
            (best, *_) = app.search.find(f"{animal}鱼类鸟兽").matches
            assert best.chunk.note == f"{animal}.md"
            assert (
                max(app.search.find(animal).matches, key=lambda one: one.scores.vector or 0).chunk.note
                == f"{animal}.md"
            )
        app.database.close()


@pytest.mark.case(74)
@pytest.mark.parametrize("most", [1, 3, 7])
def test_a_server_that_takes_fewer_texts_gets_fewer(tmp_path: Path, most: int) -> None:
    with Subjects(most=most) as server:
        app = over(tmp_path, server, sections=25)
        app.sync().run()
        app.database.close()
        refused = len(server.requests) - len(server.sizes)

    assert max(server.sizes) <= most
    assert len(server.bought) == len(set(server.bought)) >= 25
    assert refused <= 4  # it is found out once, not for every request


@pytest.mark.case(74)
def test_a_text_that_is_too_long_is_embedded_by_its_halves(tmp_path: Path) -> None:
    with Subjects(longest=260) as server:
        app = over(tmp_path, server)
        write(tmp_path / "library", {"both.md": "# 两者\n\n" + "鲸鱼在海里。" * 35 + "\n" + "大象在林中。" * 35 + "\n"})
        report = app.sync().run()
        row = app.database.connection.execute(
            "SELECT vector FROM vectors v JOIN chunks c ON c.text_hash = v.text_hash"
            " JOIN notes n ON n.id = c.note_id WHERE n.path = 'both.md'"
        ).fetchone()[0]
        app.database.close()
    import numpy as np

    whale, elephant, eagle = np.frombuffer(row, dtype=np.float32)
    assert report.failed == []
    assert min(whale, elephant) > 0.6
    assert eagle < 0.1


@pytest.mark.case(74)
def test_a_text_that_nobody_takes_however_short_is_told(tmp_path: Path) -> None:
    with Subjects(longest=1) as server:
        app = over(tmp_path, server)
        with pytest.raises(TextTooLong):
            app.sync().run()
        app.database.close()

    assert len(server.requests) < 12


def refused_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.case(76)
@pytest.mark.parametrize("ask", ALL)
def test_each_cause_of_no_connection_is_told(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreachable) as refused:
        ask(refused_port())
    with FakeProvider(answer(), tls=True) as server, pytest.raises(Unreachable) as untrusted:
        ask(server.url)
    monkeypatch.setenv("HTTPS_PROXY", refused_port())
    with pytest.raises(Unreachable) as proxied:
        ask("https://api.example")
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    with pytest.raises(Unreachable) as unknown:
        ask("https://no-such-host.example")

    assert "127.0.0.1" in refused.value.message("en")
    assert "certificate" in untrusted.value.message("en").lower()
    assert "api.example" in proxied.value.message("en")
    assert "no-such-host.example" in unknown.value.message("zh")
    assert all("代理" in one.value.hint("zh") for one in (refused, untrusted, proxied, unknown))


def _unknown(*asked: object, **options: object) -> object:
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.case(76)
@pytest.mark.parametrize("ask", BOTH)
def test_a_model_that_is_being_loaded_is_waited_for(ask: Ask) -> None:
    clock = Clock()
    loading = plain({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, 503)
    ready = (
        answer("好") if ask is first_piece else plain({"data": [{"embedding": [1, 0, 0]}, {"embedding": [0, 1, 0]}]})
    )
    with FakeProvider(*[loading] * 5, ready) as server:
        clock.patiently(lambda: ask(server.url))

    assert len(server.requests) == 6
    assert 25 < clock.now < 60


@pytest.mark.case(76)
@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
@pytest.mark.parametrize("ask", [chat])
def test_a_server_with_an_ipv6_address_only_is_reached(ask: Ask) -> None:
    class Six(ThreadingHTTPServer):
        address_family = socket.AF_INET6

    with FakeProvider(answer("好")) as four:
        try:
            six = Six(("::1", 0), fake_provider._handler(four))
        except OSError:
            pytest.skip("no IPv6 address on this machine")
        with six:
            thread = threading.Thread(target=six.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            heard = chat(f"http://[::1]:{six.server_address[1]}")
            six.shutdown()
            thread.join()

    assert heard[0] == Delta("好")


@pytest.mark.case(76)
def test_without_any_server_the_notes_are_searched_and_chats_read(tmp_path: Path) -> None:
    with Subjects() as server:
        app = over(tmp_path, server)
        app.sync().run()
        conversation, turn_id = app.conversations.ask(None, "鲸在哪里？")
        app.conversations.save(turn_id, "海里。", "complete", {})
    findings = app.search.find("鲸在这里生活吗")  # the server is gone

    assert findings.matches[0].chunk.note == "鲸.md"
    assert isinstance(findings.without_vectors, Unreachable)
    assert app.conversations.turns(conversation)[0].answer == "海里。"
    app.database.close()


@pytest.mark.case(78)
def test_when_the_network_is_back_only_the_rest_is_asked_for(tmp_path: Path) -> None:
    away = plain({"error": {"message": "no route"}}, 503, {"Retry-After": "0"})
    with VectorServer(dict.fromkeys(range(3, 9), away)) as server:
        app = over(tmp_path, server, sections=35)
        with pytest.raises(ProviderDown):
            app.sync().run()
        assert len(server.requests) == 2 + 6
        assert kept(app) == 20
        app.sync().run()
        app.sync().run()

        assert len(server.bought) == len(set(server.bought)) == len(app.store.chunk_ids())
        app.database.close()


@pytest.mark.case(79)
@pytest.mark.parametrize("ask", ALL)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_and_no_other_host_gets_anything(ask: Ask, status: int) -> None:
    with FakeProvider(answer()) as thief:
        for place in (f"{thief.url}/v1/x", "http://169.254.169.254/latest/meta-data/"):
            with (
                FakeProvider(Reply(status, headers={"Location": place})) as server,
                pytest.raises(BadAnswer),
            ):
                ask(server.url)

    assert thief.requests == []


@pytest.mark.case(79)
@pytest.mark.parametrize("ask", ALL)
@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1",
        "gopher://127.0.0.1",
        "http://x@evil.example",
        "http://own.example\\@evil",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(ask: Ask, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ask(url)

    assert "x@" not in caught.value.message("en")


@pytest.mark.case(80)
def test_a_first_index_of_five_thousand_chunks_is_counted_priced_and_waits_for_a_yes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from assistant.cli import main
    from assistant.money.tokens import count

    folder = tmp_path / "library"
    write(
        folder,
        {
            f"{book}.md": f"# Buch {book}\n\n" + "\n".join(f"## {n}\n\nSatz {book}-{n}.\n" for n in range(500))
            for book in range(10)
        },
    )
    arguments = ["--json", "--notes", str(folder), "--data", str(tmp_path / "data")]
    paid = ["--provider", "dashscope", "--model", "text-embedding-v4"]
    assert main(["sync", "--estimate", *paid, *arguments]) == 0
    estimate = json.loads(capsys.readouterr().out)
    assert main(["sync", *paid, *arguments]) == 1
    error = json.loads(capsys.readouterr().out)["error"]

    assert estimate["embedded_chunks"] == 5_000
    assert estimate["embedding_tokens"] >= 5_000 * count("Satz")
    assert float(estimate["cost"]["typical"]) > 0
    assert (error["kind"], error["cost"]) == ("needs_confirmation", estimate["cost"])


@pytest.mark.case(71)
@pytest.mark.parametrize("broken", [b"[" * 20_000, b"<html>", b'{"models": 5}', b"\xff\xfe"])
def test_an_ollama_that_sends_nonsense_is_an_error_of_ours(broken: bytes) -> None:
    from assistant.providers.ollama import OllamaEmbedder, OllamaModel, list_models

    with FakeProvider(plain(broken)) as server:
        for ask in (
            lambda: list(OllamaModel("x", server.url, 4096).stream(REQUEST)),
            lambda: OllamaEmbedder("x", server.url, 4096).embed(["a"]),
            lambda: list_models(server.url),
        ):
            with pytest.raises(ModelError):
                ask()  # type: ignore[no-untyped-call]
