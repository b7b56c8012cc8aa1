"""The bill before vectors are made, what it means for questions, and what a search has sent, on the pages as scripts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.connections import Choice
from assistant.money.cost import Paid, Receipt
from assistant.money.metering import MeteredEmbedder
from assistant.ui.i18n import say
from tests.conftest import write
from tests.providers.fake_provider import plain
from tests.providers.vector_server import VectorServer
from tests.ui.screens import ROOT, Open, asked, button, shared, words

CLOUD = Choice("dashscope", "text-embedding-v4")
ANSWERED = "square root of the key dimension"


def use(choice: Choice) -> None:
    """Search with another model, as if its vectors had been built."""
    app = shared()
    app._switch_embedder(choice, app.meter(choice))


def library() -> AppTest:
    return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).switch_page(
        "assistant/ui/pages/library.py"
    )


@pytest.mark.case(80)
def test_the_bill_names_chunks_tokens_money_and_time_before_the_yes(open_page: Open, notes: Path) -> None:
    open_page()
    use(CLOUD)
    write(notes, {"neu.md": "# Neu\n\nText."})
    screen = library().run()
    screen.button(key="sync-price").click().run()

    assert not screen.exception
    (table,) = [part.value for part in screen.markdown if say("zh", "bill.known") in part.value]
    for row in ("notes", "chunks", "tokens", "cost", "time"):
        assert f"| {say('zh', f'bill.{row}')} |" in table
    assert "¥0.0000" in table
    assert say("zh", "bill.time_unknown") in table
    assert "dashscope / text-embedding-v4" in words(screen)
    assert any("每个问题" in part.value for part in screen.info)
    assert shared().ledger.entries() == []


def test_a_budget_that_would_break_is_said_above_the_yes(open_page: Open) -> None:
    open_page()
    use(CLOUD)
    app = shared()
    app.preferences.choose("budgets", [{"period": "month", "currency": "CNY", "amount": "1"}])
    spent = Receipt("dashscope", "qwen-plus", 1, 1, 1, None, Paid("CNY", Decimal("1.50")), 1.0, None)
    app.ledger.enter("answer", spent, "complete")
    screen = library().run()
    screen.button(key="sync-price").click().run()

    assert not screen.exception
    (warning,) = [part.value for part in screen.warning if "预算" in part.value]
    assert "¥1.50" in warning
    assert screen.button(key="sync-yes")


def test_a_model_elsewhere_says_that_questions_go_there_where_it_is_chosen(open_page: Open) -> None:
    screen = open_page("settings")
    next(box for box in screen.selectbox if str(box.key).startswith("embedding-")).set_value("siliconflow").run()

    assert not screen.exception
    assert any("每个问题" in part.value for part in screen.info)


def test_the_learner_turns_off_that_questions_are_sent(open_page: Open) -> None:
    screen = open_page("settings")
    assert not [one for one in screen.toggle if one.key == "search-with-vectors"]
    use(CLOUD)
    screen.run()
    screen.toggle(key="search-with-vectors").set_value(False).run()

    assert not screen.exception
    assert shared().preferences.all()["search_with_vectors"] is False
    assert screen.toggle(key="search-with-vectors").value is False


def test_an_answer_without_its_embedding_model_says_so_and_what_to_do(open_page: Open) -> None:
    with VectorServer() as server:
        open_page()
        choice = Choice("custom", "tiny", f"{server.url}/v1")
        shared().reembedding(choice).run()
        refused = plain({"error": {"message": "bad **key**"}}, 401)
        server.instead = dict.fromkeys(range(len(server.requests) + 1, 99), refused)
        screen = asked(open_page(), ANSWERED)
        (conversation,) = shared().conversations.all()
        running = shared().turns.of(conversation.id)
        if running:
            running.wait(20)
        screen.run()

    (warning,) = [part.value for part in screen.warning if "只按关键词检索" in part.value]
    assert r"bad \*\*key\*\*" in warning
    assert "密钥" in warning
    (turn,) = shared().conversations.turns(conversation.id)
    assert turn.record["matches"][0]["note"] == "attention.md"
    assert turn.answer


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_draft_says_what_the_search_has_sent(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("ASSISTANT_LANGUAGE", language)
    with VectorServer() as server:
        open_page()
        app = shared()
        choice = Choice("custom", "tiny", f"{server.url}/v1")
        app.reembedding(choice).run()
        app.preferences.choose("chat", Choice("dashscope", "qwen-plus").as_json())
        served, entry = app.connections.embedder(choice)
        priced = replace(entry, local=False, price=Decimal("0.5"), currency="CNY")  # as if it were far away
        app.search.use(app.index, MeteredEmbedder(served, priced, app.ledger, "question"))
        screen = asked(open_page(), ANSWERED)

    (line,) = [part.value for part in screen.caption if "custom / tiny" in part.value]
    assert ("为检索已把问题发送给" in line) == (language == "zh")
    assert "token" in line
    assert "¥0.00" in line
    assert server.bought.count(ANSWERED) == 1
    assert button(screen, say("zh" if language == "zh" else "en", "draft.cancel"))


def test_an_empty_chat_suggests_questions_without_sending_any(open_page: Open) -> None:
    with VectorServer() as server:
        open_page()
        choice = Choice("custom", "vectors", server.url)
        shared().reembedding(choice).run()
        built = len(server.requests)
        screen = open_page()

        assert built > 0
        assert len(shared().index) > 0
        assert screen.button(key="suggestion-0").label
        assert len(server.requests) == built
