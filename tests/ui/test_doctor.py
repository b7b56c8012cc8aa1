"""The doctor's page as a script, and a picked model that waits for its test before it is used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from assistant.connections import Choice
from assistant.ui.i18n import say
from tests.answers.speaking import Server
from tests.providers.fake_provider import FakeProvider, answer, plain
from tests.servers.ollama_double import OllamaDouble, ollama_double
from tests.servers.ollama_wire import Pulled, expiry, in_memory
from tests.ui.screens import Open, asked, button, shared, words

MODELS = plain({"data": [{"id": "tiny"}]})
HERE = Pulled("tiny:latest", "http://127.0.0.1:1", None, ("completion",))
WANTED = Pulled("qwen3:4b", "http://127.0.0.1:1", None, ("completion",), size=2_600_000_000)


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[OllamaDouble]:
    with ollama_double([HERE]) as running:
        running.for_pulling[WANTED.name] = WANTED
        monkeypatch.setenv("OLLAMA_HOST", running.address)
        yield running


def looked_at(screen: AppTest, which: str) -> AppTest:
    screen.segmented_control(key="doctor-which").set_value(which).run()
    assert not screen.exception
    return screen


def chosen(choice: Choice) -> None:
    shared().preferences.choose("chat", choice.as_json())


def pick(screen: AppTest, field: str, value: str) -> AppTest:
    (box,) = [one for one in screen.selectbox if str(one.key).startswith("chat-") and str(one.key).endswith(field)]
    box.set_value(value).run()
    assert not screen.exception
    return screen


def picked(screen: AppTest) -> AppTest:
    """Pick Ollama and, from its list, the model that it has; AppTest can choose among options only, not type a new one."""
    pick(screen, "-provider", "ollama")
    button(screen, say("zh", "model.test"))
    return pick(screen.run(), "-ollama-model", "tiny:latest")


def test_the_machine_is_checked_on_a_click(open_page: Open) -> None:
    screen = open_page("doctor")
    assert "✅" not in words(screen)
    button(screen, say("zh", "doctor.start"))

    assert words(screen).count("✅") == 5
    assert say("zh", "doctor.all_well") in words(screen)
    screen.run()
    assert words(screen).count("✅") == 5


def test_nothing_is_asked_of_a_model_before_it_is_wanted_with_its_price(open_page: Open) -> None:
    with Server(MODELS, MODELS, MODELS, MODELS, answer("OK")) as server:
        open_page()
        chosen(Choice("custom", "tiny", f"{server.url}/v1"))
        screen = button(looked_at(open_page("doctor"), "chat"), say("zh", "doctor.start"))
        assert not any(request.path.endswith("/chat/completions") for request in server.requests)
        assert shared().ledger.sums() == []

        (toggle,) = [one for one in screen.toggle if one.key == "doctor-ask-chat"]
        assert say("zh", "cost.local") in toggle.label
        toggle.set_value(True).run()
        assert not any(request.path.endswith("/chat/completions") for request in server.requests)
        button(screen, say("zh", "doctor.start"))

    assert [one.calls for one in shared().ledger.sums()] == [1]
    assert "❌" not in words(screen)


def test_a_paid_model_shows_what_asking_costs(open_page: Open) -> None:
    open_page()
    chosen(Choice("dashscope", "qwen-plus"))
    screen = looked_at(open_page("doctor"), "chat")

    (toggle,) = [one for one in screen.toggle if one.key == "doctor-ask-chat"]
    assert "¥" in toggle.label
    assert toggle.value is False
    assert any(one.key == "doctor-regions-chat" for one in screen.toggle)


def test_the_embedding_model_of_a_new_start_needs_no_asking(open_page: Open) -> None:
    screen = button(looked_at(open_page("doctor"), "embedding"), say("zh", "doctor.start"))

    assert len(screen.toggle) == 0
    assert words(screen).count("✅") == 1


def test_ollamas_models_are_fetched_unloaded_and_deleted(open_page: Open, ollama: OllamaDouble) -> None:
    ollama.loaded["tiny:latest"] = in_memory(HERE, 8192, expiry(-1) or "")
    screen = looked_at(open_page("doctor"), "ollama")
    assert "tiny\\:latest" in words(screen)
    assert say("zh", "ollama.for_ever") in words(screen)

    screen.button(key="ollama-unload-tiny:latest").click().run()
    assert ollama.loaded == {}
    screen.text_input(key="ollama-pull-name").input("qwen3:4b")
    button(screen, say("zh", "ollama.pull"))
    (pull,) = shared().pulls.at(ollama.address)
    pull.wait(20)
    screen.run()
    assert say("zh", "ollama.pulled", model="qwen3\\:4b") in words(screen)
    assert "qwen3:4b" in ollama.models

    screen.button(key="ollama-delete-yes-qwen3:4b").click().run()
    assert not screen.exception
    assert set(ollama.models) == {"tiny:latest"}


def test_a_name_that_is_none_and_a_model_that_nobody_has_are_sentences(open_page: Open, ollama: OllamaDouble) -> None:
    screen = looked_at(open_page("doctor"), "ollama")
    screen.text_input(key="ollama-pull-name").input("../x")
    button(screen, say("zh", "ollama.pull"))
    assert len(screen.error) == 1
    screen.text_input(key="ollama-pull-name").input("nobody-has-this")
    button(screen, say("zh", "ollama.pull"))
    (pull,) = shared().pulls.at(ollama.address)
    pull.wait(20)
    screen.run()

    assert "file does not exist" in screen.error[0].value


def test_without_an_ollama_the_page_says_what_to_do(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    with ollama_double([]) as gone:
        monkeypatch.setenv("OLLAMA_HOST", gone.address)
    screen = looked_at(open_page("doctor"), "ollama")

    assert len(screen.warning) == 1
    assert any(one.key == "ollama-look-again" for one in screen.button)


def test_a_model_that_was_not_pulled_is_offered_where_it_failed(open_page: Open, ollama: OllamaDouble) -> None:
    open_page()
    chosen(Choice("ollama", "qwen3:4b"))
    screen = asked(open_page())
    button(screen, say("zh", "draft.send"))
    (saved,) = shared().conversations.all()
    assert shared().conversations.turns(saved.id)[0].record["error"]["kind"] == "model_missing"

    (offer,) = [one for one in screen.button if str(one.key).startswith("offer-pull-")]
    offer.click().run()
    assert not screen.exception
    assert screen.text_input(key="ollama-pull-name").value == "qwen3:4b"
    assert shared().pulls.at(ollama.address) == []


def test_a_pick_is_used_when_its_server_passes_the_test(open_page: Open, ollama: OllamaDouble) -> None:
    screen = picked(open_page())
    assert shared().chat_choice == Choice()
    button(screen, say("zh", "model.test_and_use"))

    assert shared().chat_choice == Choice("ollama", "tiny:latest")
    assert not any(one.key == "test-and-use" for one in screen.button)


def test_a_pick_that_is_not_listed_leaves_the_previous_one_and_offers_a_pull(
    open_page: Open, ollama: OllamaDouble
) -> None:
    screen = picked(open_page())
    del ollama.models["tiny:latest"]
    button(screen, say("zh", "model.test_and_use"))
    assert shared().chat_choice == Choice()
    assert len(screen.warning) == 1
    screen.button(key="offer-pull-picker").click().run()

    assert screen.text_input(key="ollama-pull-name").value == "tiny:latest"


def test_a_pick_that_fails_leaves_the_previous_one_until_it_is_used_anyway(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ollama_double([HERE]) as running:
        monkeypatch.setenv("OLLAMA_HOST", running.address)
        screen = picked(open_page())
    button(screen, say("zh", "model.test_and_use"))
    assert shared().chat_choice == Choice()
    assert len(screen.error) == 1
    button(screen, say("zh", "model.use_anyway"))

    assert shared().chat_choice == Choice("ollama", "tiny:latest")


def test_what_only_steers_the_answer_is_used_at_once(open_page: Open) -> None:
    open_page()
    chosen(Choice("ollama", "qwen3:8b"))
    screen = open_page()
    pick(screen, "-keep-alive", "-1")

    assert shared().chat_choice == Choice("ollama", "qwen3:8b", keep_alive="-1")


def test_going_offline_needs_no_test(open_page: Open) -> None:
    open_page()
    chosen(Choice("dashscope", "qwen-plus"))
    pick(open_page(), "-provider", "offline")

    assert shared().chat_choice == Choice()


def test_the_embedding_test_carries_the_embedding_key(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_API_KEY", "chat-0123456789-key")
    monkeypatch.setenv("ASSISTANT_EMBEDDING_API_KEY", "vectors-0123456789-key")
    with FakeProvider(plain({"data": [{"id": "vectors"}]})) as server:
        monkeypatch.setenv("ASSISTANT_EMBEDDING_PROVIDER", "custom")
        monkeypatch.setenv("ASSISTANT_EMBEDDING_MODEL", "vectors")
        monkeypatch.setenv("ASSISTANT_EMBEDDING_BASE_URL", f"{server.url}/v1")
        screen = open_page("settings")
        server.requests.clear()
        next(
            one
            for one in screen.button
            if str(one.key).startswith("embedding-") and one.label == say("zh", "model.test")
        ).click().run()
        asked_for = [request for request in server.requests if request.method == "GET"]

    assert not screen.exception
    assert [request.headers["Authorization"] for request in asked_for] == ["Bearer vectors-0123456789-key"]
