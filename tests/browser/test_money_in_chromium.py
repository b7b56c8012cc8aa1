"""What things cost, in a real browser: compared, booked, held against a budget, checked, and billed before vectors are made.

The models that are asked are a vendor of the learner's own whose server is ours; the others are only counted and priced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.bootstrap import open_assistant
from assistant.connections import Choice
from assistant.errors import Language
from assistant.money.tokens import count
from assistant.providers.catalog import OWN
from assistant.settings import Settings
from tests.browser.running import ROOT, streamlit_app
from tests.browser.test_models_in_chromium import SLOW, Screen, fits_its_width
from tests.conftest import NOTES, write
from tests.providers.fake_provider import FakeProvider, Recorded, Reply, billed, events, plain, said
from tests.providers.vector_server import vectors

KEY = "sk-money-0123456789-secret"
QUESTION = "什么是过拟合？"
ANSWER = "模型记住了训练集，在新数据上表现差 [1]。"
DEAR, CHEAP = Choice("campus", "study-plus"), Choice("campus", "study-mini")
PRICES = """
[[provider]]
name = "campus"
labels = {{ zh = "校园", en = "Campus" }}
kind = "openai"
presets = [{{ label = "campus", base_url = "{address}/v1" }}]
[provider.hosts]
"127.0.0.1" = "here"
[[sheet]]
provider = "campus"
region = "here"
currency = "CNY"
as_of = 2026-11-20
source = "a notice on the wall"
[[sheet.chat]]
name = "study-plus"
window = 32000
prices = [{{ input = 24, output = 96 }}]
[[sheet.chat]]
name = "study-mini"
window = 8000
prices = [{{ input = 3, output = 6 }}]
[[sheet.embedding]]
name = "study-embed"
dimension = 8
max_tokens = 8192
max_texts = 10
send_dimensions = false
price = 500
"""

Open = Callable[..., Screen]


class Campus(FakeProvider):
    """Lists, answers and embeds, with a bill for each; who has no key is sent away."""

    def take(self, request: Recorded) -> Reply:
        super().take(request)
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return plain({"error": {"message": "Incorrect API key provided"}}, 401)
        if request.path.endswith("/models"):
            return plain({"data": [{"id": DEAR.model}, {"id": CHEAP.model}, {"id": "study-embed"}]})
        if request.path.endswith("/embeddings"):
            texts = request.body["input"]
            return vectors(texts, 8, sum(map(count, texts)))
        if request.path.endswith("/chat/completions"):
            prompt = sum(count(message["content"]) for message in request.body["messages"])
            return events(said(ANSWER), said(finish="stop"), billed(prompt, count(ANSWER)))
        return plain({"error": {"message": "not found"}}, 404)

    def asked(self, path: str) -> list[Recorded]:
        return [request for request in self.requests if request.path.endswith(path)]


@pytest.fixture
def campus() -> Iterator[Campus]:
    with Campus(plain({})) as server:
        yield server


@pytest.fixture
def open_screen(browser: Browser, campus: Campus, tmp_path: Path) -> Iterator[Open]:
    """Start the app on a data folder in which the dear model and some preferences were chosen before, and look at it."""
    notes, data = tmp_path / "notes", tmp_path / "data"
    write(notes, NOTES)
    write(data, {OWN: PRICES.format(address=campus.url)})
    choices = {"ASSISTANT_NOTES_DIR": str(notes), "ASSISTANT_DATA_DIR": str(data), "ASSISTANT_API_KEY": KEY}
    choices |= {"ASSISTANT_EMBEDDING_API_KEY": KEY, "DEEPSEEK_API_KEY": KEY, "OLLAMA_HOST": "http://127.0.0.1:1"}
    opened: list[Screen] = []

    def open_screen(language: Language, **preferences: object) -> Screen:
        before = open_assistant(Settings(notes=(notes,), data=data))
        for name, value in ({"chat": DEAR.as_json()} | preferences).items():
            before.preferences.choose(name, value)
        before.database.close()
        address = running.enter_context(streamlit_app(ROOT / "streamlit_app.py", **choices))
        locale = {"zh": "zh-CN", "en": "en-US"}[language]
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale)
        screen = Screen(context.new_page(), language)
        opened.append(screen)
        screen.open(address)
        return screen

    with ExitStack() as running:
        yield open_screen
        for screen in opened:
            assert screen.complaints == []
            screen.page.context.close()


def to_page(screen: Screen, page: str) -> Page:
    screen.page.get_by_role("link", name=screen.say(f"app.{page}")).first.click()
    if page == "doctor":  # shares its entry in the sidebar with the settings
        screen.page.locator(".st-key-siblings-settings").get_by_role("link", name=screen.say("app.doctor")).click()
    expect(screen.page.get_by_role("heading", level=2, name=screen.say(f"app.{page}"))).to_be_visible(timeout=SLOW)
    screen.settled()
    return screen.page


def test_a_cheaper_model_is_chosen_from_the_comparison_and_its_answer_booked(open_screen: Open, campus: Campus) -> None:
    screen = open_screen("zh")
    screen.ask(QUESTION)
    expect(screen.draft).to_contain_text("campus / study-plus")
    screen.draft.get_by_text(screen.say("compare.title")).click()
    table = screen.page.locator(".st-key-compare")
    expect(table).to_contain_text("deepseek / deepseek-flash", timeout=SLOW)
    expect(table).to_contain_text(screen.say("compare.group_currency", currency="USD"))
    screen.settled()
    screen.picture("comparison")
    row = table.locator("[class*=st-key-compare-row-]").filter(has_text="campus / study-mini")
    row.get_by_role("button", name=screen.say("compare.switch")).click()
    expect(screen.draft.locator("p").first).to_contain_text("campus / study-mini", timeout=SLOW)
    screen.settled()
    assert campus.asked("/chat/completions") == []

    screen.press("send")
    expect(screen.answer).to_contain_text("模型记住了训练集", timeout=SLOW)
    expect(screen.answer).to_contain_text("campus / study-mini · ", timeout=SLOW)
    screen.settled()
    (request,) = campus.asked("/chat/completions")
    assert request.body["model"] == CHEAP.model

    page = to_page(screen, "usage")
    calls = page.locator(".st-key-wide-table-calls")
    expect(calls).to_contain_text("campus/study-mini", timeout=SLOW)
    expect(calls).to_contain_text(screen.say("purpose.answer"))
    expect(calls).to_contain_text("¥0.00")
    expect(page.get_by_text(screen.say("usage.by_model"))).to_be_visible()
    screen.picture("usage")
    assert fits_its_width(page)


def test_a_budget_asks_even_where_questions_are_sent_at_once(open_screen: Open, campus: Campus) -> None:
    screen = open_screen("zh", ask_first={"rule": "never", "amount": "0"})
    page = to_page(screen, "usage")
    page.get_by_text(screen.say("usage.budget_add")).click()
    page.locator(".st-key-budget-amount input").fill("0.001")
    page.get_by_role("button", name=screen.say("usage.budget_save")).click()
    expect(page.get_by_text("¥0.0010").first).to_be_visible(timeout=SLOW)
    screen.settled()
    screen.picture("budget")

    page.get_by_role("link", name=screen.say("app.chat")).click()
    expect(screen.composer).to_be_enabled(timeout=SLOW)
    screen.settled()
    screen.ask(QUESTION)
    expect(screen.draft.get_by_test_id("stAlert")).to_contain_text("¥0.0010")
    screen.picture("budget-asks")
    assert campus.asked("/chat/completions") == []
    screen.press("send")
    expect(screen.answer).to_contain_text("模型记住了训练集", timeout=SLOW)
    screen.settled()
    assert len(campus.asked("/chat/completions")) == 1


def test_the_doctor_makes_its_free_checks_and_asks_no_model(open_screen: Open, campus: Campus) -> None:
    screen = open_screen("en")
    page = to_page(screen, "doctor")
    for group, last in (("Chat model", "List of models"), ("This machine", "Agreement of the data")):
        page.get_by_role("radio", name=group).or_(page.get_by_role("button", name=group)).first.click()
        screen.settled()
        page.locator(".st-key-doctor-start button").click()
        expect(page.get_by_text(last)).to_be_visible(timeout=SLOW)
        expect(page.get_by_text("All is well.")).to_be_visible(timeout=SLOW)
        screen.settled()
        screen.picture(f"doctor-{last}")

    assert campus.asked("/models")
    assert campus.asked("/chat/completions") == []
    assert KEY not in page.content()


def test_the_bill_of_an_embedding_model_stands_before_the_yes(open_screen: Open, campus: Campus) -> None:
    screen = open_screen("zh")
    page = to_page(screen, "settings")
    box = page.locator(".st-key-embedding")
    screen.type_into(box.get_by_role("combobox").first, "校园")
    bill = page.locator(".st-key-bill")
    expect(bill).to_contain_text(screen.say("bill.tokens"), timeout=SLOW)
    expect(bill).to_contain_text("¥0.")
    expect(box).to_contain_text("每个问题为了检索都会先发送给它")
    screen.settled()
    screen.picture("bill")
    assert campus.requests == []

    page.locator(".st-key-embedding-yes button").click()
    expect(page.get_by_text(screen.say("model.embedding_now", key="campus/study-embed"))).to_be_visible(timeout=SLOW)
    screen.settled()
    assert campus.asked("/embeddings")
    calls = to_page(screen, "usage").locator(".st-key-wide-table-calls")
    expect(calls).to_contain_text(screen.say("purpose.embedding"), timeout=SLOW)
