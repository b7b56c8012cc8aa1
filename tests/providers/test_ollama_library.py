"""Ollama's models are listed, fetched, stopped, unloaded and deleted, over its own wire; the keep-alive is sent as Go reads it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from assistant.errors import AssistantError, BadAnswer, Cancelled, ModelError, ModelMissing, SettingsError, Unreachable
from assistant.providers.keys import Secret
from assistant.providers.ollama import OllamaEmbedder, OllamaModel, sent_keep_alive
from assistant.providers.ollama_library import OllamaLibrary, PullProgress, checked_name
from assistant.providers.ollama_pull import Pulls
from tests.providers.fake_provider import FakeProvider, Reply, lines, plain
from tests.providers.test_ollama import REQUEST, ended, spoken
from tests.servers.ollama_double import OllamaDouble, ollama_double
from tests.servers.ollama_wire import Pulled, expiry, in_memory

CHAT = Pulled("tiny:latest", "http://127.0.0.1:1", None, ("completion", "thinking"), context=40_960)
WANTED = Pulled("qwen3:4b", "http://127.0.0.1:1", None, ("completion",), size=2_600_000_000)


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    with ollama_double([CHAT]) as running:
        running.for_pulling[WANTED.name] = WANTED
        yield running


def test_what_the_server_has_is_listed_with_its_sizes(double: OllamaDouble) -> None:
    library = OllamaLibrary(double.address)
    (model,) = library.models()

    assert (model.name, model.size, model.parameters, model.quantization) == ("tiny:latest", 15_667_776, "4.87M", "F16")
    assert library.version() == "0.32.15"
    facts = library.show("tiny")
    assert (facts.context, facts.capabilities) == (40_960, ("completion", "thinking"))


def test_what_is_in_memory_is_listed_with_its_end_and_taken_out(double: OllamaDouble) -> None:
    library = OllamaLibrary(double.address)
    assert library.running() == ()
    double.loaded["tiny:latest"] = in_memory(CHAT, 8192, expiry("5m") or "")
    (loaded,) = library.running()

    assert (loaded.name, loaded.size, loaded.on_card, loaded.context) == ("tiny:latest", 17_667_776, 0, 8192)
    assert loaded.until is not None
    assert loaded.until.tzinfo is not None
    library.unload("tiny:latest")
    assert library.running() == ()
    assert double.last("/api/generate").body["keep_alive"] == 0


def test_a_pull_tells_where_it_is_until_the_model_is_there(double: OllamaDouble) -> None:
    library = OllamaLibrary(double.address)
    told = list(library.pull(" qwen3:4b "))

    assert told[0] == PullProgress("pulling manifest")
    assert told[1].completed == 0
    assert told[1].total == WANTED.size
    shares = [one.share for one in told if one.total]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert told[-1].status == "success"
    assert [model.name for model in library.models()] == ["qwen3:4b", "tiny:latest"]


def test_a_pull_that_is_left_goes_on_where_it_stopped(double: OllamaDouble) -> None:
    library = OllamaLibrary(double.address)
    double.pace[0] = 0.05
    for told in (pulling := library.pull("qwen3:4b")):
        if told.completed:
            pulling.cut()
            break
    double.pace[0] = 0.0
    again = next(one for one in library.pull("qwen3:4b") if one.total)

    assert again.completed > 0


def test_a_download_belongs_to_the_process_and_can_be_cancelled_and_taken_up(double: OllamaDouble) -> None:
    library, pulls = OllamaLibrary(double.address), Pulls()
    double.pace[0] = 0.1
    pull = pulls.start(library, "qwen3:4b")
    assert pulls.start(library, "qwen3:4b") is pull
    assert pulls.at(library.address) == [pull]
    assert pulls.at("http://127.0.0.1:9") == []
    pull.cancel()
    pull.wait(5)
    assert (pull.state, type(pull.error)) == ("cancelled", Cancelled)
    assert "qwen3:4b" not in double.models

    double.pace[0] = 0.0
    again = pulls.start(library, "qwen3:4b")
    again.wait(10)
    assert (again.state, again.error, again.progress.status) == ("done", None, "success")
    pulls.dismiss(again)
    assert pulls.at(library.address) == []


def test_cancelling_reaches_a_server_that_says_nothing() -> None:
    with FakeProvider(Reply(hang=True)) as server:
        pull = Pulls().start(OllamaLibrary(server.url), "m")
        assert server.arrived.wait(5)
        pull.cancel()
        assert server.left.wait(5)
        pull.wait(5)

    assert pull.state == "cancelled"


def test_a_model_that_nobody_offers_is_the_servers_own_word(double: OllamaDouble) -> None:
    with pytest.raises(ModelError, match="file does not exist"):
        list(OllamaLibrary(double.address).pull("no-such-model"))


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(lines({"status": "pulling manifest"}), id="an end without success"),
        pytest.param(lines({"status": "pulling manifest"}, "cut"), id="cut"),
        pytest.param(lines(b"[]\n"), id="a list"),
        pytest.param(plain(b"<html>", 200), id="a web page"),
    ],
)
def test_a_pull_that_does_not_end_well_is_an_error(reply: Reply) -> None:
    with FakeProvider(reply) as server, pytest.raises(ModelError):
        list(OllamaLibrary(server.url).pull("m"))


def test_a_model_is_deleted_once(double: OllamaDouble) -> None:
    library = OllamaLibrary(double.address)
    library.delete("tiny:latest")

    assert library.models() == ()
    with pytest.raises(ModelMissing):
        library.delete("tiny:latest")


@pytest.mark.parametrize("name", ["", "-rf", "a b", "../x", "a//b", "x" * 201, "a\nb", "name:", "模型"])
def test_what_is_no_name_of_a_model_is_not_asked_for(name: str) -> None:
    with pytest.raises(SettingsError):
        checked_name(name)


@pytest.mark.parametrize("name", ["qwen3:4b", "hf.co/user/model-GGUF:Q4_K_M", "bge-m3", "localhost:5000/x/y"])
def test_names_as_ollama_has_them_are_taken(name: str) -> None:
    assert checked_name(f" {name} ") == name


def test_the_key_goes_to_its_address_and_the_environments_to_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "stolen")
    with FakeProvider(plain({"models": []})) as server:
        OllamaLibrary(server.url).models()
        OllamaLibrary(server.url, Secret("ollama-key-0123456789")).running()

    without, given = server.requests
    assert "Authorization" not in without.headers
    assert given.headers["Authorization"] == "Bearer ollama-key-0123456789"


def test_a_server_that_is_no_ollama_or_none_is_told(double: OllamaDouble) -> None:
    with FakeProvider(plain({"hello": 1})) as server:
        with pytest.raises(BadAnswer):
            OllamaLibrary(server.url).version()
        url = server.url
    with pytest.raises(Unreachable):
        OllamaLibrary(url).version()


@pytest.mark.parametrize(("written", "sent"), [("5m", "5m"), ("-1", -1), ("0", 0), (" 90 ", 90), ("-1s", "-1s")])
def test_the_keep_alive_is_sent_as_the_server_reads_it(written: str, sent: str | int) -> None:
    assert sent_keep_alive(written) == sent
    with FakeProvider(lines(ended())) as server:
        spoken(OllamaModel("tiny", server.url, 4096, keep_alive=written), REQUEST)
        assert server.requests[0].body["keep_alive"] == sent
    with FakeProvider(plain({"model": "tiny", "embeddings": [[1, 0]]})) as server:
        OllamaEmbedder("tiny", server.url, 4096, keep_alive=written).embed(["a"])
        assert server.requests[0].body["keep_alive"] == sent


@pytest.mark.parametrize("written", ["", "for ever", "5 m", "m", "-2"])
def test_a_keep_alive_that_no_server_reads_is_refused_here(written: str) -> None:
    with pytest.raises(SettingsError):
        sent_keep_alive(written)


def test_many_windows_that_pull_at_once_start_one_download(double: OllamaDouble) -> None:
    double.pace[0] = 0.05
    library, pulls = OllamaLibrary(double.address), Pulls()
    threads = [threading.Thread(target=pulls.start, args=(library, "qwen3:4b")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (pull,) = pulls.at(library.address)
    pull.wait(20)

    assert pull.state == "done"
    assert sum(request.path == "/api/pull" for request in double.received) == 1
    assert not isinstance(pull.error, AssistantError)
