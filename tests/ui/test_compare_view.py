"""The comparison below a waiting draft, as a script: computed when opened, grouped by currency, a click to switch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.answers.ask import Draft
from assistant.connections import Choice
from assistant.ui.i18n import say
from assistant.ui.money_text import grouped
from tests.conftest import write
from tests.providers.fake_provider import FakeProvider, plain
from tests.ui.screens import Open, asked, shared, words

PAID = Choice("dashscope", "qwen-plus")
OLLAMA = plain({"models": [{"model": "qwen3:8b"}]})


@pytest.fixture(autouse=True)
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with FakeProvider(OLLAMA) as running:
        monkeypatch.setenv("OLLAMA_HOST", running.url)
        monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-qwen-0123456789")
        monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-deep-0123456789")
        yield running


def waiting() -> tuple[int, Draft]:
    (saved, *_) = shared().conversations.all()
    held = shared().drafts.of(saved.id)
    assert held
    return held


def drafted(open_page: Open, choice: Choice = PAID) -> AppTest:
    open_page()
    shared().preferences.choose("chat", choice.as_json())
    return asked(open_page())


def opened(screen: AppTest) -> AppTest:
    screen.session_state[f"compare-{waiting()[0]}"] = True
    screen.run()
    assert not screen.exception
    return screen


def switches(screen: AppTest) -> dict[str, str]:
    """Return the keys of the buttons by the model that each of them names."""
    return {one.help: one.key for one in screen.button if str(one.key).startswith("switch-")}


def to(model: str) -> str:
    return say("zh", "compare.switch_to", model=model)


def test_nothing_is_compared_before_it_is_opened(open_page: Open, ollama: FakeProvider) -> None:
    screen = drafted(open_page)

    assert switches(screen) == {}
    assert ollama.requests == []
    assert len(switches(opened(screen))) > 10
    assert [request.path for request in ollama.requests] == ["/api/tags"]


def test_the_table_names_each_model_with_its_money_and_says_what_is_free_or_unknown(open_page: Open) -> None:
    said = words(opened(drafted(open_page)))

    for text in ("compare.group_local", "compare.group_unknown", "compare.local", "cost.unknown", "compare.now"):
        assert say("zh", text) in said
    for currency in ("CNY", "USD"):
        assert say("zh", "compare.group_currency", currency=currency) in said
    assert said.index("CNY") < said.index("USD")
    assert "**✓ dashscope / qwen-plus**" in said
    assert "qwen3\\:8b" in said


def test_a_click_switches_this_draft_and_the_next_questions(open_page: Open) -> None:
    screen = opened(drafted(open_page))
    messages = waiting()[1].request.messages
    screen.button(key=switches(screen)[to("deepseek / deepseek-flash")]).click().run()

    assert not screen.exception
    assert shared().chat_choice == Choice("deepseek", "deepseek-flash")
    assert waiting()[1].preview.model == "deepseek-flash"
    assert waiting()[1].request.messages == messages
    assert to("deepseek / deepseek-flash") not in switches(screen)
    assert to("dashscope / qwen-plus") in switches(screen)
    assert "**✓ deepseek / deepseek-flash**" in words(screen)


def test_a_dropped_passage_is_compared_anew(open_page: Open) -> None:
    screen = opened(drafted(open_page))
    before = words(screen)
    screen.checkbox[0].uncheck().run()

    counts = [line for line in words(screen).splitlines() if line.startswith("≈")]
    assert counts
    assert not set(counts) & set(before.splitlines())


def test_what_an_ollama_would_cut_is_said_and_the_table_offers_the_way_out(open_page: Open, notes: Path) -> None:
    long = "过拟合是模型记住了训练集。" * 60
    write(notes, {f"长{number}.md": f"# 过拟合 {number}\n\n{number} {long}\n" for number in range(8)})
    screen = opened(drafted(open_page, Choice("ollama", "qwen3:8b", num_ctx=2_048)))
    preview = waiting()[1].preview

    assert preview.prompt_tokens > 2_048
    over = grouped(preview.excess)
    assert say("zh", "compare.cut", over=over, window=grouped(2_048)) in words(screen)
    screen.button(key=switches(screen)[to("dashscope / qwen-flash")]).click().run()
    assert waiting()[1].preview.fits


def test_a_server_that_names_many_models_is_filtered_and_its_names_act_on_nothing(open_page: Open) -> None:
    listed = plain({"data": [{"id": f"**big** {number:03}"} for number in range(60)]})
    with FakeProvider(listed) as server:
        screen = drafted(open_page)
        shared().connections.models(Choice("custom", "", f"{server.url}/v1"))
        shared().connections.chat(Choice("custom", "tiny", f"{server.url}/v1"))
        screen = opened(screen)

        assert len(switches(screen)) <= 40
        assert "**big**" not in words(screen)
        (box,) = [one for one in screen.text_input if str(one.key).startswith("compare-filter-")]
        box.set_value("DEEPSEEK").run()
        assert sorted(switches(screen)) == [to("deepseek / deepseek-flash"), to("deepseek / deepseek-v4-pro")]
        assert not [request for request in server.requests if request.path.endswith("/chat/completions")]


def test_the_comparison_speaks_english_too(open_page: Open) -> None:
    screen = drafted(open_page)
    shared().preferences.choose("language", "en")
    said = words(opened(open_page(c=shared().conversations.all()[0].id)))

    assert not screen.exception
    assert say("en", "compare.group_currency", currency="USD") in said
    assert say("en", "compare.about") in said
