"""The checks find what is wrong with a key, an address, a clock, a model and a batch; asking is forecast and booked."""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.bootstrap import Assistant, open_assistant, vector_index
from assistant.connections import Choice, Connections
from assistant.doctor.checks import Check, Step, ok, run
from assistant.doctor.embedding import LADDER, embedding_steps, spend_of_embedding
from assistant.doctor.machine import machine_steps
from assistant.doctor.model import chat_steps, spend_of_chat, thinking, unthinking
from assistant.doctor.ollama import ollama_steps
from assistant.doctor.provider import Subject, has_regions, provider_steps
from assistant.doctor.texts import said
from assistant.errors import AssistantError
from assistant.knowledge.milvus import MilvusIndex
from assistant.providers.catalog import catalog
from assistant.providers.greeting import ahead_of
from assistant.providers.ollama_library import OllamaLibrary
from assistant.settings import Keys, Settings
from tests.conftest import do_without
from tests.providers.fake_provider import FakeProvider, Reply, billed, events, plain
from tests.providers.fake_provider import said as spoken
from tests.servers.ollama_double import ollama_double
from tests.servers.ollama_wire import Pulled

KEY = "sk-doctor-0123456789-secret"
MODELS = plain({"data": [{"id": "tiny"}]})
REFUSED = plain({"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}, 401)


@pytest.fixture
def app(tmp_path: Path, notes: Path) -> Iterator[Assistant]:
    keys = Keys({"DASHSCOPE_API_KEY": KEY, "ASSISTANT_API_KEY": "chat-0123456789-key", "ASSISTANT_EMBEDDING_API_KEY": "vec-0123456789-key"})  # fmt: skip
    opened = open_assistant(Settings(notes=(notes,), data=tmp_path / "data", keys=keys))
    yield opened
    opened.database.close()


def made(steps: Iterable[Step]) -> dict[str, Check]:
    return {check.name: check for check in run(steps)}


def chat_at(app: Assistant, server: FakeProvider, provider: str = "custom", model: str = "tiny") -> Subject:
    return Subject(app, Choice(provider, model, f"{server.url}/v1"), "chat")


def vectors_at(app: Assistant, server: FakeProvider, provider: str = "custom", model: str = "vectors") -> Subject:
    return Subject(app, Choice(provider, model, f"{server.url}/v1"), "embedding")


def rows(app: Assistant) -> list[Any]:
    return app.database.connection.execute("SELECT * FROM ledger ORDER BY id").fetchall()


def test_each_check_is_made_when_it_is_asked_for() -> None:
    begun: list[int] = []

    def step(number: int) -> Step:
        return Step("machine", str(number), lambda: begun.append(number) or ok(said("consistent")))  # type: ignore[func-returns-value]

    checks = run(step(number) for number in range(3))
    next(checks)
    assert begun == [0]
    assert [check.name for check in checks] == ["1", "2"]


def test_an_error_is_a_finding_in_both_languages() -> None:
    def fails() -> Any:
        raise AssistantError(detail="x")

    (check,) = run([Step("chat", "chat_key", fails)])
    assert not check.ok
    assert check.as_json("zh")["message"] != check.as_json("en")["message"]
    assert check.as_json("en")["hint"]


def test_a_healthy_machine_passes(app: Assistant) -> None:
    app.sync().run()
    found = made(machine_steps(app))

    assert set(found) == {"data_folder", "vocabularies", "key_files", "notes_folder", "consistency"}
    assert all(check.ok for check in found.values())


def test_a_vector_store_that_is_not_there_is_found_out_before_there_is_a_vector(app: Assistant) -> None:
    app.index = MilvusIndex(app.store, app.embedder.key, "http://127.0.0.1:1")
    app.index.seconds = 0.3

    check = made(machine_steps(app))["vector_store"]

    assert check.finding.state == "failed"
    assert "ASSISTANT_VECTOR_STORE=faiss" in check.finding.hint["en"]
    assert "ASSISTANT_VECTOR_STORE=faiss" in check.finding.hint["zh"]


@pytest.mark.skipif(sys.platform == "win32", reason="Milvus Lite is packaged for Linux and macOS only")
def test_a_vector_store_that_answers_takes_over_what_there_is(app: Assistant) -> None:
    if importlib.util.find_spec("milvus_lite") is None:
        do_without("milvus", "the extra milvus is not installed: no milvus-lite here")
    app.sync().run()
    app.index = vector_index(replace(app.given, vector_store="milvus"), app.store, app.embedder.key)

    check = made(machine_steps(app))["vector_store"]

    assert check.ok
    assert str(len(app.store.chunk_ids())) in check.finding.message["zh"]


@contextmanager
def clock(ahead: timedelta) -> Iterator[str]:
    """Serve refusals that say the time, so much ahead of ours."""

    class Clock(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(401)
            self.send_header("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Clock)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("minutes", "state", "word"), [(0, "ok", ""), (4, "ok", ""), (12, "failed", "slow"), (-60, "failed", "fast")]
)
def test_a_clock_that_is_wrong_by_minutes_is_told(app: Assistant, minutes: int, state: str, word: str) -> None:
    with clock(timedelta(minutes=minutes)) as address:
        found = made(provider_steps(Subject(app, Choice("custom", "tiny", address), "chat")))

    assert found["chat_host"].ok
    assert found["chat_clock"].finding.state == state
    assert word in found["chat_clock"].finding.message["en"]


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 99 Nov 2026 12:00:00 GMT"])
def test_what_is_no_date_is_no_time(date: str) -> None:
    assert ahead_of(date, datetime.now(UTC)) is None


def test_the_hello_carries_no_key_and_follows_no_redirect(app: Assistant) -> None:
    with FakeProvider(plain({})) as thief, FakeProvider(Reply(307, headers={"Location": thief.url})) as server:
        found = made(provider_steps(chat_at(app, server)))

        assert "Authorization" not in server.requests[0].headers
        assert thief.requests == []
    assert found["chat_host"].finding.state == "failed"


def test_a_server_that_is_not_there_fails_by_its_address_and_has_no_clock(app: Assistant) -> None:
    with FakeProvider(plain({})) as server:
        subject = chat_at(app, server)
    found = made(provider_steps(subject))

    assert not found["chat_host"].ok
    assert found["chat_clock"].finding.state == "skipped"
    assert not found["chat_models"].ok


def test_the_embedding_model_is_listed_with_its_own_key(app: Assistant) -> None:
    with FakeProvider(MODELS) as server:
        made(provider_steps(vectors_at(app, server)))
        made(provider_steps(chat_at(app, server)))
        keys = [request.headers.get("Authorization") for request in server.requests]

    assert keys == [None, "Bearer vec-0123456789-key", None, "Bearer chat-0123456789-key"]


class Regions(Connections):
    """Takes the place of the vendor's hosts, which no test may reach: a key is refused in all of them but one."""

    taking = "dashscope-intl.aliyuncs.com"

    def __init__(self, settings: Settings, server: FakeProvider) -> None:
        super().__init__(settings)
        self.server, self.asked = server, list[str]()

    def models(self, choice: Choice, use: Any = "chat") -> tuple[str, ...]:
        self.asked.append(super().address(choice))
        self.server.replies = [MODELS if self.taking in self.asked[-1] else REFUSED]
        return super().models(replace(choice, base_url=f"{self.server.url}/v1"), use)


def test_other_regions_are_named_when_a_key_is_refused_and_asked_only_when_wanted(app: Assistant) -> None:
    with FakeProvider(REFUSED) as server:
        app.connections = regions = Regions(app.given, server)
        subject = Subject(app, Choice("dashscope", "tiny"), "chat")
        assert has_regions(subject)
        steps = [step for step in provider_steps(subject) if step.name == "chat_models"]
        (refused,) = run(steps)
        assert len(regions.asked) == 1
        assert "Singapore" in refused.finding.hint["en"]
        assert "--try-regions" in refused.finding.hint["zh"]

        wanted = [step for step in provider_steps(subject, try_regions=True) if step.name == "chat_regions"]
        (found,) = run(wanted)

    assert found.ok
    assert "Singapore" in found.finding.message["en"]
    hosts = catalog().provider("dashscope")
    assert all(hosts.owns(address.split("/")[2]) for address in regions.asked)
    assert KEY not in str(server.requests)


def test_a_foreign_address_has_no_regions(app: Assistant) -> None:
    with FakeProvider(REFUSED) as server:
        subject = chat_at(app, server, "dashscope")
        assert not has_regions(subject)
        found = made(provider_steps(subject, try_regions=True))

        assert found["chat_regions"].finding.state == "skipped"
        assert len(server.requests) == 2


def test_an_answer_is_judged_by_its_stream_and_its_bill_and_booked(app: Assistant) -> None:
    with FakeProvider(events(spoken("O"), spoken("K"), spoken(finish="stop"), billed(9, 2))) as server:
        subject = chat_at(app, server, "dashscope", "qwen-max-latest-unknown")
        found = made(chat_steps(subject))
        chats = [request for request in server.requests if request.path.endswith("/chat/completions")]

    assert [found[f"chat_{name}"].finding.state for name in ("answer", "stream", "usage", "thinking")] == ["ok", "ok", "ok", "skipped"]  # fmt: skip
    assert len(chats) == 1
    assert chats[0].body["max_tokens"] <= 16
    (row,) = rows(app)
    assert (row["purpose"], row["prompt_tokens"], row["completion_tokens"], row["amount"]) == ("test", 9, 2, None)


def test_an_answer_without_a_bill_can_be_used_but_not_checked(app: Assistant) -> None:
    with FakeProvider(events(spoken("OK"), spoken(finish="stop"))) as server:
        found = made(chat_steps(chat_at(app, server)))

    assert found["chat_answer"].ok
    assert not found["chat_usage"].ok


def test_a_model_that_does_not_answer_leaves_the_rest_unjudged(app: Assistant) -> None:
    with FakeProvider(REFUSED) as server:
        found = made(chat_steps(chat_at(app, server)))

    assert not found["chat_answer"].ok
    assert {found[f"chat_{name}"].finding.state for name in ("stream", "usage", "thinking")} == {"skipped"}
    assert [row["state"] for row in rows(app)] == ["failed"]


@pytest.mark.parametrize(
    ("off", "on", "state"), [(0, 30, "ok"), (0, 0, "failed"), (30, 30, "failed")], ids=["works", "dead", "always on"]
)
def test_the_thinking_switch_is_tried_both_ways(app: Assistant, off: int, on: int, state: str) -> None:
    def thinking(tokens: int) -> Reply:
        details = {"completion_tokens_details": {"reasoning_tokens": tokens}}
        return events(spoken("OK"), spoken(finish="stop"), billed(9, 2 + tokens, **details))

    with FakeProvider(thinking(off), thinking(on)) as server:
        subject = chat_at(app, server, "dashscope", "qwen-plus")
        found = made(chat_steps(subject))

        assert [request.body["enable_thinking"] for request in server.requests] == [False, True]
        assert [request.body.get("thinking_budget") for request in server.requests] == [None, 64]
    assert found["chat_thinking"].finding.state == state
    assert len(rows(app)) == 2


def test_what_asking_costs_is_tiny_and_said_beforehand(app: Assistant) -> None:
    spend = spend_of_chat(Subject(app, Choice("dashscope", "qwen-plus"), "chat"))
    assert spend is not None
    assert spend.calls == 2
    assert spend.cost is not None
    assert spend.cost.currency == "CNY"
    assert 0 < spend.cost.low <= spend.cost.high < 1
    assert spend.cost.high < Decimal("0.001")
    asked = [unthinking(connection := app.connections.chat(Choice("dashscope", "qwen-plus"))), thinking(connection)]
    prices = connection.entry.prices
    assert prices is not None and prices[0].output_thinking is not None
    written = (asked[1].max_tokens or 0) + (asked[1].thinking_budget or 0)
    assert spend.cost.high > written * prices[0].output_thinking / 1_000_000  # what it may think is billed as well
    vectors = spend_of_embedding(Subject(app, Choice("dashscope", "text-embedding-v4"), "embedding"))
    assert vectors is not None
    assert vectors.cost is not None
    assert 0 < vectors.cost.high < Decimal("0.001")
    unknown = spend_of_chat(Subject(app, Choice("openai", "model-of-tomorrow"), "chat"))
    assert unknown is not None
    assert unknown.cost is None
    assert spend_of_chat(Subject(app, Choice(), "chat")) is None
    assert spend_of_embedding(Subject(app, Choice(), "embedding")) is None


class Vectors(FakeProvider):
    """An embedding model that takes so many texts in one request, and vectors of three numbers."""

    def __init__(self, limit: int, width: int = 3) -> None:
        super().__init__(plain({}))
        self.limit, self.width = limit, width
        self.sizes: list[int] = []

    def take(self, request: Any) -> Reply:
        super().take(request)
        texts = request.body["input"]
        self.sizes.append(len(texts))
        if len(texts) > self.limit:
            return plain(
                {"error": {"message": f"batch size is invalid, it should not be larger than {self.limit}"}}, 400
            )
        data = [{"index": place, "embedding": [1.0] * self.width} for place in range(len(texts))]
        return plain({"data": data, "usage": {"prompt_tokens": len(texts)}})


@pytest.mark.parametrize(("limit", "said_limit"), [(10, "10"), (25, "25"), (64, "64"), (1_000, "65")])
def test_the_limit_of_an_unknown_model_is_found_by_trying(app: Assistant, limit: int, said_limit: str) -> None:
    with Vectors(limit) as server:
        found = made(embedding_steps(vectors_at(app, server)))

    assert found["embedding_vector"].ok
    assert "3" in found["embedding_vector"].finding.message["en"]
    assert found["embedding_batch"].finding.message["en"].startswith(said_limit)
    tried = [size for size in LADDER if size <= limit]
    assert server.sizes == [1, *tried, *LADDER[len(tried) : len(tried) + 1]]
    assert len(rows(app)) == len(server.sizes)


@pytest.mark.parametrize(
    ("limit", "state", "sizes"), [(10, "ok", [1, 10, 11]), (50, "ok", [1, 10, 11]), (5, "failed", [1, 10])]
)
def test_the_limit_of_a_known_model_is_tried_with_one_more(
    app: Assistant, limit: int, state: str, sizes: list[int]
) -> None:
    with Vectors(limit, 1_024) as server:
        found = made(embedding_steps(vectors_at(app, server, "dashscope", "text-embedding-v4")))

    assert server.sizes == sizes
    assert found["embedding_vector"].ok
    assert found["embedding_batch"].finding.state == state


def test_vectors_of_another_length_than_expected_are_no_limit(app: Assistant) -> None:
    with Vectors(10, 3) as server:
        found = made(embedding_steps(vectors_at(app, server, "dashscope", "text-embedding-v4")))

    assert [check.finding.state for check in found.values()] == ["failed", "failed"]
    assert "1024" in found["embedding_batch"].finding.message["en"]


def test_a_network_that_fails_says_nothing_of_a_limit(app: Assistant) -> None:
    with FakeProvider(plain({"error": {"message": "slow down"}}, 429)) as server:
        found = made(embedding_steps(vectors_at(app, server)))

    assert not found["embedding_batch"].ok
    assert "slow down" in found["embedding_batch"].finding.message["en"]


def test_an_ollama_that_runs_says_what_it_has(app: Assistant) -> None:
    with ollama_double([Pulled("tiny:latest", "", None, ("completion",))]) as double:
        found = made(ollama_steps(OllamaLibrary(double.address)))

    assert [check.finding.state for check in found.values()] == ["ok", "ok", "skipped"]
    assert "0.32.15" in found["ollama_running"].finding.message["en"]


@pytest.mark.parametrize("installed", [True, False])
def test_not_running_and_not_installed_are_told_apart(
    installed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installed:
        program = tmp_path / ("ollama.exe" if os.name == "nt" else "ollama")
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with ollama_double([]) as double:
        address = double.address
    found = made(ollama_steps(OllamaLibrary(address)))

    assert list(found) == ["ollama_running"]
    assert ("ollama serve" in found["ollama_running"].finding.hint["en"]) is installed
    assert ("ollama.com" in found["ollama_running"].finding.hint["en"]) is not installed
