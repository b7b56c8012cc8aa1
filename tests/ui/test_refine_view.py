"""On the page a step before the answer shows its price and waits; what it did, or why it did not, stands with the answer."""

from __future__ import annotations

import pytest

from assistant.connections import Choice
from assistant.refining import choose_method, method_of
from assistant.ui.i18n import say
from tests.answers.speaking import Server
from tests.providers.fake_provider import Reply, billed, events, plain, said
from tests.ui.screens import Open, asked, button, shared, words

FOLLOW_UP = "那怎么办？"


def reply(text: str) -> Reply:
    return events(said(text), said(finish="stop"), billed(30, 8))


def test_the_step_waits_with_its_price_and_its_words_stand_in_the_draft(open_page: Open) -> None:
    with Server(reply("过拟合是记住了训练集 [1]"), reply("对付过拟合有哪些办法？"), reply("增加数据 [1]")) as server:
        screen = open_page()
        app = shared()
        app.choose_chat(Choice("custom", "test-model", f"{server.url}/v1"))
        choose_method(app, "rewrite")
        screen = asked(screen)
        button(screen, say("zh", "draft.send"))
        (saved,) = app.conversations.all()
        running = app.turns.of(saved.id)
        if running:
            running.wait(30)
        screen = asked(open_page(c=saved.id), FOLLOW_UP)
        sent = len([one for one in server.requests if one.path.endswith("/chat/completions")])
        assert say("zh", "refine.what_rewrite") in words(screen)
        button(screen, say("zh", "refine.take_rewrite"))

        assert sent == 1
        assert "→ 对付过拟合有哪些办法？" in words(screen)
        assert not [one for one in screen.button if one.label == say("zh", "refine.take_rewrite")]
        draft = app.drafts.of(saved.id)
        assert draft is not None
        assert draft[1].asked.refined[0].queries == ("对付过拟合有哪些办法？",)
        assert [entry.purpose for entry in app.ledger.entries()] == ["answer", "rewrite"]


def test_a_step_that_fails_says_so_and_the_question_can_still_be_sent(open_page: Open) -> None:
    with Server(plain({"error": {"message": "boom"}}, 500)) as server:
        screen = open_page()
        app = shared()
        app.choose_chat(Choice("custom", "test-model", f"{server.url}/v1"))
        choose_method(app, "several")
        screen = asked(screen)
        button(screen, say("zh", "refine.take_several"))

        assert say("zh", "refine.what_several") + "没有成功" in words(screen)
        assert [one for one in screen.button if one.label == say("zh", "draft.send") and not one.disabled]


@pytest.mark.parametrize("method", ["rewrite", "several", "hyde", None])
def test_the_settings_keep_the_way_that_was_chosen(open_page: Open, method: str | None) -> None:
    screen = open_page("settings")
    screen.radio(key="refine-method").set_value(method).run()

    assert not screen.exception
    assert method_of(shared()) == method
    assert say("zh", "refine.no_reranker") in words(screen)
