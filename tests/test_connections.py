"""From a choice to something that can be asked: the right address, the right key, and no key anywhere else."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answers.ask import reconsider, send
from assistant.bootstrap import Assistant, open_assistant
from assistant.connections import NUM_CTX, Choice, Connections, choice_of
from assistant.errors import AssistantError, SettingsError
from assistant.providers.base import Message, Request
from assistant.settings import Keys, Settings
from tests.answers.speaking import Server
from tests.providers.fake_provider import FakeProvider, answer, plain

OPENAI = "sk-openai-0123456789abcdef"
OTHER = "sk-other-0123456789abcdef"
QWEN = "sk-qwen-0123456789abcdef"
OLLAMA = "ollama-0123456789abcdef"
EMBEDDING = "sk-embedding-0123456789abcdef"
ALL = {
    "OPENAI_API_KEY": OPENAI,
    "ASSISTANT_API_KEY": OTHER,
    "DASHSCOPE_API_KEY": QWEN,
    "OLLAMA_API_KEY": OLLAMA,
    "ASSISTANT_EMBEDDING_API_KEY": EMBEDDING,
}
SETTINGS = Settings(keys=Keys(ALL))
REQUEST = Request((Message("user", "hi"),), "hi", ())


def sent_key(choice: Choice, connections: Connections, server: FakeProvider) -> str | None:
    list(connections.chat(choice).model.stream(REQUEST))
    return server.requests[-1].headers.get("Authorization")


@pytest.mark.parametrize("provider", ["openai", "dashscope", "siliconflow", "deepseek", "custom"])
def test_a_foreign_address_gets_the_other_key_and_never_the_providers_own(provider: str) -> None:
    with Server(answer()) as server:
        key = sent_key(Choice(provider, "m", f"{server.url}/v1"), Connections(SETTINGS), server)

        assert key == f"Bearer {OTHER}"
        assert all(own.encode() not in server.requests[0].raw for own in ALL.values())


@pytest.mark.parametrize("provider", ["openai", "dashscope", "custom"])
def test_without_the_other_key_a_foreign_address_gets_none(provider: str) -> None:
    only = Settings(keys=Keys({"OPENAI_API_KEY": OPENAI, "DASHSCOPE_API_KEY": QWEN}))
    with Server(answer()) as server:
        assert sent_key(Choice(provider, "m", f"{server.url}/v1"), Connections(only), server) is None


@pytest.mark.parametrize(("provider", "key"), [("openai", OPENAI), ("dashscope", QWEN), ("siliconflow", None)])
def test_the_providers_own_address_gets_its_own_key(provider: str, key: str | None) -> None:
    model = Connections(SETTINGS).chat(Choice(provider, "m")).model
    held = model._key  # type: ignore[attr-defined]

    assert (held.reveal() if held else None) == key


def test_the_embedder_has_an_other_key_of_its_own() -> None:
    data = [{"index": 0, "embedding": [1.0, 0.0]}]
    with Server(plain({"data": data, "usage": {"prompt_tokens": 1}})) as server:
        embedder, entry = Connections(SETTINGS).embedder(Choice("openai", "e", f"{server.url}/v1"))
        embedder.embed(["x"])

        assert server.requests[0].headers["Authorization"] == f"Bearer {EMBEDDING}"
        assert (entry.provider, embedder.key) == ("openai", "openai/e")


def test_the_list_of_models_is_asked_with_the_same_key() -> None:
    with Server(plain({"data": [{"id": "b"}, {"id": "a"}]})) as server:
        models = Connections(SETTINGS).models(Choice("custom", "", f"{server.url}/v1"))

        assert models == ("a", "b")
        assert server.requests[0].headers["Authorization"] == f"Bearer {OTHER}"
        assert server.requests[0].path == "/v1/models"


def test_ollamas_key_goes_to_the_host_that_was_set_with_it_only() -> None:
    with FakeProvider(plain({"models": []})) as home, FakeProvider(plain({"models": []})) as foreign:
        connections = Connections(replace(SETTINGS, ollama_host=home.url))
        connections.models(Choice("ollama", ""))
        connections.models(Choice("ollama", "", foreign.url))

        assert home.requests[0].headers["Authorization"] == f"Bearer {OLLAMA}"
        assert OLLAMA not in str(foreign.requests[0].headers)


def test_a_key_typed_in_is_used_from_the_next_request_on_and_can_be_forgotten() -> None:
    connections = Connections(Settings())
    with Server(answer()) as server:
        choice = Choice("custom", "m", f"{server.url}/v1")
        assert sent_key(choice, connections, server) is None
        connections.set_key("ASSISTANT_API_KEY", f"  {OTHER}\n")
        assert sent_key(choice, connections, server) == f"Bearer {OTHER}"
        connections.set_key("ASSISTANT_API_KEY", "")
        assert sent_key(choice, connections, server) is None
        assert connections.masked_key("ASSISTANT_API_KEY") is None


def test_a_key_that_no_header_can_carry_is_refused_without_being_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        Connections(Settings()).set_key("ASSISTANT_API_KEY", "sk-密钥-0123456789\nX-Evil: 1")

    assert "密钥" not in str(caught.value) + caught.value.hint("zh") + caught.value.message("zh")


@pytest.mark.case(108)
def test_masking_shows_enough_to_recognise_and_no_more() -> None:
    masked = Connections(SETTINGS).masked_key("OPENAI_API_KEY")

    assert masked is not None
    assert masked.endswith(OPENAI[-4:])
    assert OPENAI[3:-4] not in masked


@pytest.mark.case(106)
def test_no_key_is_in_what_is_printed_kept_or_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    app = open_assistant(replace(SETTINGS, data=tmp_path / "data", notes=(tmp_path,)))
    (tmp_path / "鲸.md").write_text("# 鲸\n\n蓝鲸是最大的动物。\n", "utf-8")
    app.sync().run()
    turns = []
    for reply in (answer("so [1]"), plain({"error": {"message": f"bad key {OTHER}"}}, 401)):
        with Server(reply) as server:
            app.preferences.choose("chat", Choice("custom", "m", f"{server.url}/v1").as_json())
            turns.append(_answered(app))
    printed = repr(app) + repr(app.connections) + repr(app.connection) + repr(app.settings) + repr(turns[0].draft)
    printed += json.dumps(app.preferences.all()) + caplog.text + str(turns[1].error) + repr(turns[1].error)
    app.database.close()
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())

    assert (turns[0].state, turns[0].error) == ("complete", None)
    assert turns[1].state == "failed"
    assert "蓝鲸".encode() in written
    for key in ALL.values():
        assert key not in printed
        assert key.encode() not in written


def _answered(app: Assistant):  # type: ignore[no-untyped-def]
    question = "最大的动物是什么？"
    conversation, turn_id = app.conversations.ask(None, question)
    turn = app.answer(conversation, turn_id, app.prepare(question))
    turn.wait(20)
    return turn


def test_the_offline_choice_needs_no_address_and_no_key() -> None:
    connections = Connections(Settings())

    assert connections.chat(Choice()).quotes
    assert connections.models(Choice()) == ()
    assert connections.embedder(Choice())[0].key.startswith("offline/")


@pytest.mark.parametrize("provider", ["openai", "ollama", "custom"])
def test_a_choice_without_a_model_is_refused_before_anything_is_sent(provider: str) -> None:
    with pytest.raises(SettingsError, match="ASSISTANT_MODEL"):
        Connections(Settings()).chat(Choice(provider))


@pytest.mark.parametrize(
    "address", ["not an address", "ftp://host/v1", "https://user:password@host/v1", "https://{WorkspaceId}.x.com/v1"]
)
def test_an_address_that_cannot_be_called_is_refused(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Connections(Settings()).chat(Choice("custom", "m", address))

    assert "password" not in str(caught.value)


def test_an_unknown_provider_is_refused_with_the_names_that_are_known() -> None:
    with pytest.raises(AssistantError) as caught:
        Connections(Settings()).chat(Choice("gpt", "m"))

    assert "dashscope" in caught.value.hint("en")


def test_ollama_is_given_its_window_and_never_asked_for_more() -> None:
    connection = Connections(Settings()).chat(Choice("ollama", "qwen3:8b", num_ctx=4_096))

    assert connection.window == 4_096
    assert connection.max_tokens == 1_024


@pytest.mark.parametrize("kept", [None, 7, "offline", [], {}, {"model": "m"}])
def test_a_kept_choice_that_is_none_gives_the_default(kept: object) -> None:
    assert choice_of(kept, Choice("custom", "m")) == Choice("custom", "m")


def test_a_choice_survives_being_kept() -> None:
    choice = Choice("ollama", "qwen3:8b", "http://127.0.0.1:1", NUM_CTX * 2, True)

    assert choice_of(json.loads(json.dumps(choice.as_json())), Choice()) == choice


def test_the_model_is_switched_in_mid_conversation(app: Assistant) -> None:
    with Server(answer("from one [1]")) as one, Server(answer("from two [1]")) as two:
        draft = app.prepare("什么是过拟合？")
        for server, name in ((one, "first"), (two, "second")):
            connection = app.connections.chat(Choice("custom", name, f"{server.url}/v1"))
            list(send(reconsider(draft, connection=connection)))

        wanted = [{"role": message.role, "content": message.content} for message in draft.request.messages]
        assert [server.requests[-1].body["model"] for server in (one, two)] == ["first", "second"]
        assert all(server.requests[-1].body["messages"] == wanted for server in (one, two))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("gpu.lan:8080", "http://gpu.lan:8080"),
        ("https://ollama.example", "https://ollama.example"),
        ("", "http://127.0.0.1:11434"),
    ],
)
def test_an_ollama_is_found_as_its_own_variable_writes_it(host: str, address: str) -> None:
    connections = Connections(replace(SETTINGS, ollama_host=host))

    assert connections.address(Choice("ollama", "qwen3:8b")) == address
    assert connections.chat(Choice("ollama", "qwen3:8b")).entry.local == (address != "https://ollama.example")
    assert connections.address(Choice("ollama", "qwen3:8b", "10.0.0.9")) == "http://10.0.0.9:11434"


def test_a_key_goes_to_no_ollama_in_the_clear_over_the_internet() -> None:
    connections = Connections(Settings(keys=Keys({"OLLAMA_API_KEY": OLLAMA}), ollama_host="ollama.example:11434"))
    vendor = connections.catalog.provider("ollama")

    assert connections.key(vendor, "http://ollama.example:11434") is None


def test_a_pick_of_an_older_version_stays_the_later_word() -> None:
    given, picked = Choice("dashscope", "qwen-plus"), Choice("deepseek", "deepseek-flash")
    older = {name: value for name, value in given.as_json().items() if name != "keep_alive"}

    assert Connections(SETTINGS).choice(picked.as_json() | {"instead_of": older}, given) == picked
    assert Connections(SETTINGS).choice(picked.as_json() | {"instead_of": Choice().as_json()}, given) == given
