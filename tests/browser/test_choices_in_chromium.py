"""What the learner decides about models, in a real browser: who answers, what is shown before, how much Ollama reads, a key."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from assistant.bootstrap import open_assistant
from assistant.connections import SMALLEST_NUM_CTX, Choice
from assistant.errors import Language
from assistant.providers.catalog import catalog
from assistant.settings import Settings
from tests.browser.running import ROOT, how_it_came_about, streamlit_app
from tests.browser.test_models_in_chromium import SIZES, SLOW, Screen
from tests.conftest import NOTES, do_without, write
from tests.providers.fake_provider import FakeProvider, billed, events, said
from tests.servers.llama_cpp import KEY, Serving, llama_server, missing
from tests.servers.ollama_double import OllamaDouble, ollama_double
from tests.servers.ollama_wire import Pulled
from tests.servers.tiny_models import tiny_model

SESSION_KEY, KEPT_KEY = "sk-session-0123456789-secret", "sk-kept-9876543210-secret"
QUESTIONS: dict[Language, tuple[str, str, str]] = {
    "zh": ("什么是过拟合？", "过拟合有什么办法对付？", "注意力分数怎么缩放？"),
    "en": ("How are attention scores scaled?", "What does self-attention compare?", "What is a vector database?"),
}
SAID: dict[Language, str] = {"zh": "过拟合是指模型记住了训练集", "en": "compares every query with every key"}
LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-US"}
LONG_NOTE = "# 过拟合的例子\n\n" + "\n\n".join(
    f"## 过拟合的例子 {number}\n\n" + "".join(f"第 {number} 组第 {line} 次训练时也出现了过拟合。" for line in range(18))
    for number in range(8)
)

OpenApp = Callable[..., str]


@pytest.fixture(scope="module")
def ollama(browser: Browser) -> Iterator[OllamaDouble]:
    if reason := missing():
        do_without("servers", reason)
    with (
        llama_server(tiny_model("say"), Serving("tiny-say", KEY)) as teacher,
        ollama_double([Pulled("tiny-say:latest", teacher.address, KEY, ("completion",))]) as double,
    ):
        yield double


@pytest.fixture
def cloud() -> Iterator[FakeProvider]:
    with FakeProvider(events(said("From the cloud [1]."), said(finish="stop"), billed(640, 5))) as running:
        yield running


@pytest.fixture
def open_app(browser: Browser, tmp_path: Path) -> Iterator[OpenApp]:
    """Start the app in a folder of its own, with choices given from outside; return its address."""
    write(tmp_path / "notes", NOTES)
    with ExitStack() as running:

        def started(**choices: str) -> str:
            places = {"ASSISTANT_NOTES_DIR": str(tmp_path / "notes"), "ASSISTANT_DATA_DIR": str(tmp_path / "data")}
            app = streamlit_app(ROOT / "streamlit_app.py", folder=tmp_path, **places, **choices)
            return running.enter_context(app)

        yield started


def at_the_cloud(cloud: FakeProvider) -> dict[str, str]:
    return {
        "ASSISTANT_PROVIDER": "dashscope",
        "ASSISTANT_MODEL": "qwen-plus",
        "ASSISTANT_BASE_URL": f"{cloud.url}/v1",
        "ASSISTANT_API_KEY": KEY,
    }


def picker(screen: Screen) -> Locator:
    screen.page.locator(".st-key-model-picker button").first.click()
    return screen.page.get_by_test_id("stPopoverBody")


def choose(screen: Screen, provider: str, model: str = "") -> None:
    body, label = picker(screen), catalog().provider(provider).labels[screen.language]
    screen.type_into(body.get_by_role("combobox").first, label)
    if model:
        fields = 4 if provider == "ollama" else 3  # Ollama's models have a time to be kept in memory
        expect(body.get_by_role("combobox")).to_have_count(fields, timeout=SLOW)
        screen.settled()
        screen.type_into(body.get_by_role("combobox").nth(2), model)
        screen.settled()
        body.locator(".st-key-test-and-use button").click()  # another server is tested before it is used
    # While the list of a field is still closing, Escape would belong to it and the choice would be lost.
    expect(screen.page.locator(".st-key-model-picker button").first).to_contain_text(model or label, timeout=SLOW)
    screen.page.keyboard.press("Escape")
    screen.settled()


def send(screen: Screen) -> None:
    screen.press("send")
    expect(screen.page.locator("[class*=st-key-send-]")).to_have_count(0, timeout=SLOW)


def finished(screen: Screen, said_: str) -> None:
    expect(screen.answer).to_contain_text(said_, timeout=SLOW)
    expect(how_it_came_about(screen.answer)).to_be_visible(timeout=SLOW)
    screen.settled()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_conversation_goes_on_with_another_provider_and_then_without_one(
    browser: Browser, open_app: OpenApp, cloud: FakeProvider, ollama: OllamaDouble, language: Language
) -> None:
    first, second, third = QUESTIONS[language]
    context = browser.new_context(viewport=SIZES["desktop"], locale=LOCALES[language])
    screen = Screen(context.new_page(), language)
    screen.open(open_app(OLLAMA_HOST=ollama.address, **at_the_cloud(cloud)))
    expect(screen.page.get_by_text(screen.say("cost.unknown"))).to_be_visible()  # beside the composer
    screen.ask(first)
    expect(screen.draft).to_contain_text(screen.say("cost.unknown"))
    send(screen)
    finished(screen, "From the cloud")
    expect(screen.answer).to_contain_text(screen.say("cost.unknown"))  # never "free"

    screen.ask(second)
    screen.draft.locator("[data-testid=stCheckbox] label").last.click()
    expect(screen.draft.get_by_text("—").last).to_be_visible(timeout=SLOW)
    screen.settled()
    choose(screen, "ollama", "tiny-say")
    expect(screen.draft).to_contain_text("ollama / tiny-say", timeout=SLOW)
    expect(screen.draft).to_contain_text(screen.say("cost.local"))
    expect(screen.draft.get_by_text("—").last).to_be_visible()  # what was left out stays left out
    send(screen)
    finished(screen, SAID[language])
    heard = [message["content"] for message in ollama.last("/api/chat").body["messages"]]
    assert any(first in text for text in heard)
    assert any("From the cloud" in text for text in heard)

    choose(screen, "offline")
    screen.composer.fill(third)
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_text(third, exact=True).last).to_be_visible(timeout=SLOW)
    finished(screen, screen.say("chat.receipt", seconds="").split(" · ")[0])
    for kept in (first, "From the cloud", second, SAID[language], third):
        expect(screen.page.get_by_test_id("stChatMessage").filter(has_text=kept).first).to_be_attached()
    assert len(cloud.requests) == 1
    screen.picture("three-providers")
    assert screen.complaints == []
    context.close()


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_the_rule_decides_whether_a_question_waits(
    browser: Browser, open_app: OpenApp, cloud: FakeProvider, language: Language, scheme: str
) -> None:
    context = browser.new_context(viewport=SIZES["desktop"], locale=LOCALES[language], color_scheme=scheme)  # type: ignore[arg-type]
    screen = Screen(context.new_page(), language)
    screen.open(open_app(**at_the_cloud(cloud)))
    keep_rule(screen, "above")
    screen.ask(QUESTIONS[language][0])  # a price that nobody knows may be above any amount
    expect(screen.draft).to_contain_text(screen.say("cost.unknown"))
    assert cloud.requests == []

    keep_rule(screen, "never")
    screen.composer.fill(QUESTIONS[language][1])
    screen.page.keyboard.press("Enter")
    finished(screen, "From the cloud")
    expect(screen.draft).to_have_count(0)
    assert len(cloud.requests) == 1
    assert screen.complaints == []
    context.close()


def keep_rule(screen: Screen, rule: str) -> None:
    """Choose the rule on the settings page and go back to the chat."""
    screen.page.get_by_role("link", name=screen.say("app.settings")).click()
    radio = screen.page.locator(".st-key-rule")
    radio.get_by_text(screen.say(f"model.rule_{rule}"), exact=True).click(timeout=SLOW)
    expect(screen.page.locator(".st-key-rule-amount")).to_have_count(int(rule == "above"), timeout=SLOW)
    screen.settled()
    radio.scroll_into_view_if_needed()
    screen.picture(f"rule-{rule}")
    screen.page.get_by_role("link", name=screen.say("app.chat")).click()
    expect(screen.composer).to_be_enabled(timeout=SLOW)
    screen.settled()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_prompt_that_ollama_would_cut_is_sent_once_num_ctx_is_raised(
    browser: Browser, open_app: OpenApp, ollama: OllamaDouble, tmp_path: Path, language: Language
) -> None:
    write(tmp_path / "notes", {"例子.md": LONG_NOTE})
    before = open_assistant(Settings(notes=(tmp_path / "notes",), data=tmp_path / "data"))
    before.preferences.choose("chat", Choice("ollama", "tiny-say", num_ctx=SMALLEST_NUM_CTX).as_json())
    before.database.close()
    context = browser.new_context(viewport=SIZES["desktop"], locale=LOCALES[language])
    screen = Screen(context.new_page(), language)
    screen.open(open_app(OLLAMA_HOST=ollama.address))
    asked = len(ollama.received)
    screen.ask("过拟合的例子有哪些？")
    expect(screen.draft.get_by_role("alert")).to_contain_text("num_ctx", timeout=SLOW)
    expect(screen.page.locator("[class*=st-key-send-] button")).to_be_disabled()
    screen.picture("num-ctx-too-small")

    raise_it = screen.page.locator(".st-key-raise-num-ctx button")
    enough = int(re.sub(r"\D", "", raise_it.inner_text()))
    raise_it.click()
    expect(screen.draft.get_by_role("alert")).to_have_count(0, timeout=SLOW)
    screen.settled()
    assert not any(request.path == "/api/chat" for request in ollama.received[asked:])
    screen.press("send")
    finished(screen, SAID["zh"])
    assert ollama.last("/api/chat").body["options"]["num_ctx"] == enough
    assert screen.complaints == []
    context.close()


@pytest.mark.case(106, 109)
def test_a_typed_key_is_found_nowhere_but_where_it_was_meant_to_go(
    browser: Browser, open_app: OpenApp, cloud: FakeProvider, tmp_path: Path
) -> None:
    context = browser.new_context(viewport=SIZES["desktop"], locale="zh-CN")
    screen = Screen(context.new_page(), "zh")
    sent, received = frames(screen.page)
    choices = at_the_cloud(cloud)
    del choices["ASSISTANT_API_KEY"]
    screen.open(open_app(**choices))
    type_key(screen, SESSION_KEY, "model.key_session")
    screen.ask(QUESTIONS["zh"][0])
    send(screen)
    finished(screen, "From the cloud")

    assert [request.headers["Authorization"] for request in cloud.requests] == [f"Bearer {SESSION_KEY}"]
    assert not (tmp_path / ".env").exists()
    assert files_with(tmp_path, SESSION_KEY) == []

    type_key(screen, KEPT_KEY, "model.key_keep")
    assert files_with(tmp_path, KEPT_KEY) == [tmp_path / ".env"]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert (tmp_path / "app.log").exists()
    for key in (SESSION_KEY, KEPT_KEY):
        assert sum(key.encode() in frame for frame in sent) == 1  # the one that hands it over
        assert not any(key.encode() in frame for frame in received)
        assert key not in screen.page.content()
        assert key not in str(context.storage_state(indexed_db=True))
        assert key not in "\n".join(screen.urls)
    assert screen.complaints == []
    context.close()


def frames(page: Page) -> tuple[list[bytes], list[bytes]]:
    """Keep what goes over the page's WebSockets from now on, sent and received."""
    sent: list[bytes] = []
    received: list[bytes] = []

    def heard(into: list[bytes]) -> Callable[[bytes | str], None]:
        return lambda frame: into.append(frame if isinstance(frame, bytes) else frame.encode())

    def listen(socket: object) -> None:
        socket.on("framesent", heard(sent))  # type: ignore[attr-defined]
        socket.on("framereceived", heard(received))  # type: ignore[attr-defined]

    page.on("websocket", listen)
    return sent, received


def type_key(screen: Screen, key: str, button: str) -> None:
    body = picker(screen)
    field = body.locator("input[type=password]")
    field.fill(key)
    screen.picture("key")
    body.get_by_role("button", name=screen.say(button)).click()
    expect(body.get_by_placeholder(re.compile(key[-4:]))).to_be_visible(timeout=SLOW)
    others = body.locator(f"input[type=password]:not([placeholder*='{key[-4:]}'])")
    expect(others).to_have_count(0, timeout=SLOW)  # the field with other words has left
    expect(field).to_have_value("")
    screen.settled()
    screen.page.keyboard.press("Escape")


def files_with(folder: Path, text: str) -> list[Path]:
    """Return the files below a folder that hold a text: database, its log, what the app printed."""
    return [file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]
