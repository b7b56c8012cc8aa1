"""Which models could be asked now: where a key or a server of one's own is, and nothing asked to learn it but Ollama here."""

from __future__ import annotations

from dataclasses import replace

from assistant.bootstrap import Assistant
from assistant.connections import NUM_CTX, Choice, Connections
from assistant.offers import offered as models_now
from assistant.providers.catalog import catalog
from assistant.settings import Keys, Settings
from tests.answers.speaking import Server
from tests.providers.fake_provider import FakeProvider, Reply, plain

KEYS = Keys({"DASHSCOPE_API_KEY": "sk-qwen-0123456789", "DEEPSEEK_API_KEY": "sk-deep-0123456789"})
NOWHERE = "http://127.0.0.1:9"  # no Ollama: refused at once
SETTINGS = Settings(keys=KEYS, ollama_host=NOWHERE)
PULLED = plain({"models": [{"model": name} for name in ("qwen3:8b", "bge-m3:latest", "llama3.2:3b")]})
INTL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"


def names(choices: list[Choice], provider: str) -> list[str]:
    return [choice.model for choice in choices if choice.provider == provider]


def offered(provider: str, base_url: str = "") -> list[str]:
    return [entry.name for entry in catalog().chats(provider, base_url)]


def test_two_keys_and_an_ollama_give_their_models_after_the_chosen_one_and_before_offline() -> None:
    chosen = Choice("deepseek", "deepseek-v4-pro")
    with FakeProvider(PULLED) as ollama:
        choices = models_now(Connections(replace(SETTINGS, ollama_host=ollama.url)), chosen)

    assert choices[0] == chosen
    assert choices[-1] == Choice()
    assert names(choices, "dashscope") == offered("dashscope")
    assert sorted(names(choices, "deepseek")) == sorted(offered("deepseek"))
    assert names(choices, "ollama") == ["llama3.2:3b", "qwen3:8b"]
    assert {choice.provider for choice in choices} == {"deepseek", "dashscope", "ollama", "offline"}
    assert [request.path for request in ollama.requests] == ["/api/tags"]


def test_without_keys_only_offline_is_left() -> None:
    assert models_now(Connections(Settings(ollama_host=NOWHERE)), Choice()) == [Choice()]


def test_a_key_typed_in_brings_its_models_and_forgotten_takes_them_away() -> None:
    connections = Connections(Settings(ollama_host=NOWHERE))
    connections.set_key("OPENAI_API_KEY", "sk-openai-0123456789")
    assert names(models_now(connections, Choice()), "openai") == offered("openai")

    connections.set_key("OPENAI_API_KEY", "")
    assert models_now(connections, Choice()) == [Choice()]


def test_the_region_in_use_decides_which_models_are_offered() -> None:
    chosen = Choice("dashscope", "qwen-plus", INTL)
    choices = models_now(Connections(SETTINGS), chosen)

    qwen = [choice for choice in choices if choice.provider == "dashscope"]
    assert [choice.model for choice in qwen] == offered("dashscope", INTL)
    assert offered("dashscope", INTL) != offered("dashscope")
    assert {choice.base_url for choice in qwen} == {INTL}


def test_a_provider_that_was_left_keeps_its_region() -> None:
    left = Choice("dashscope", "qwen-flash", INTL)
    choices = models_now(Connections(SETTINGS), Choice(), [left])

    assert {choice.base_url for choice in choices if choice.provider == "dashscope"} == {INTL}


def test_a_foreign_address_does_not_hide_what_the_providers_own_key_can_ask() -> None:
    chosen = Choice("dashscope", "qwen-plus", "https://proxy.example/v1")
    choices = models_now(Connections(SETTINGS), chosen)

    assert choices[0] == chosen
    assert [choice.model for choice in choices if choice.provider == "dashscope" and not choice.base_url] == offered(
        "dashscope"
    )


def test_a_model_of_the_settings_and_one_of_no_catalogue_are_there_as_well() -> None:
    given = replace(SETTINGS, provider="deepseek", model="deepseek-of-tomorrow")
    choices = models_now(Connections(given), Choice("dashscope", "qwen-of-tomorrow"))

    assert choices[0] == Choice("dashscope", "qwen-of-tomorrow")
    assert "deepseek-of-tomorrow" in names(choices, "deepseek")


def test_a_list_that_was_seen_is_remembered_without_what_cannot_chat() -> None:
    listed = plain({"data": [{"id": name} for name in ("big", "small", "text-embedding-x", "whisper-1", "x-rerank")]})
    with Server(listed) as server:
        place = Choice("custom", "big", f"{server.url}/v1")
        connections = Connections(Settings(ollama_host=NOWHERE))
        assert names(models_now(connections, place), "custom") == ["big"]
        connections.models(place)
        asked = len(server.requests)

        assert names(models_now(connections, place), "custom") == ["big", "small"]
        assert len(server.requests) == asked


def test_an_own_server_that_was_chosen_before_can_be_gone_back_to() -> None:
    connections = Connections(Settings(ollama_host=NOWHERE))
    own = Choice("custom", "tiny", "http://127.0.0.1:9/v1")
    connections.chat(own)

    assert models_now(connections, Choice()) == [Choice(), own]


def test_a_cloud_address_is_never_asked_and_a_foreign_ollama_neither() -> None:
    """The guard of all tests refuses any way out; here the servers that stand for the cloud count what reaches them."""
    with FakeProvider(PULLED) as cloud:
        settings = replace(SETTINGS, ollama_host="http://10.255.255.1:11434")
        settings = replace(settings, keys=Keys({"ASSISTANT_API_KEY": "sk-other-0123456789"}))
        chosen = Choice("openai", "gpt-6-sol", f"{cloud.url}/v1")
        choices = models_now(Connections(settings), chosen)

        assert choices == [chosen, Choice()]
        assert cloud.requests == []


def test_a_silent_ollama_holds_nobody_up_twice() -> None:
    with FakeProvider(Reply(hang=True)) as silent:
        connections = Connections(replace(SETTINGS, ollama_host=silent.url))
        for _ in range(3):
            assert names(models_now(connections, Choice()), "ollama") == []

        assert len(silent.requests) == 1


def test_thinking_and_num_ctx_are_taken_along_where_a_model_has_them() -> None:
    with FakeProvider(PULLED) as ollama:
        connections = Connections(replace(SETTINGS, ollama_host=ollama.url))
        thinks = models_now(connections, Choice("dashscope", "qwen-plus", thinking=True))
        wide = models_now(connections, Choice("ollama", "qwen3:8b", num_ctx=2 * NUM_CTX))

    thinking = {choice.model: choice.thinking for choice in thinks if choice.provider == "dashscope"}
    assert thinking["qwen-flash"] is True
    assert thinking["qwen-max"] is False
    assert {choice.num_ctx for choice in wide if choice.provider == "ollama"} == {2 * NUM_CTX}


def test_an_address_that_cannot_be_called_breaks_nothing() -> None:
    chosen = Choice("custom", "tiny", "ftp://nowhere")

    assert models_now(Connections(Settings(ollama_host="http://[")), chosen) == [chosen, Choice()]


def test_switching_keeps_the_way_back_over_a_new_start(app: Assistant) -> None:
    own = Choice("custom", "tiny", "http://127.0.0.1:9/v1")
    app.choose_chat(own)
    app.choose_chat(Choice())
    assert app.chat_choice == Choice()

    app.connections = Connections(Settings(ollama_host=NOWHERE))  # as after a new start
    assert app.choices_beside(app.chat_choice) == [Choice(), own]
