"""On the page a step before the answer shows its price and waits; what it did, or why it did not, stands with the answer."""

from __future__ import annotations

import pytest

from assistant.connections import Choice
from assistant.refining import choose_method, method_of
from assistant.ui.i18n import say
from tests.answers.speaking import Server
from tests.providers.fake_provider import Recorded, Reply, billed, events, plain, said
from tests.ui.screens import Open, asked, button, shared, words

FOLLOW_UP = "那怎么办？"
COMPLETE = "对付过拟合有哪些办法？"


class Completes(Server):
    """Completes a question when it is told to, and answers everything else."""

    def take(self, request: Recorded) -> Reply:
        super().take(request)
        told = str(request.body["messages"][0]["content"]) if request.path.endswith("/completions") else ""
        return reply(COMPLETE if "改写" in told else "增加数据 [1]")


def reply(text: str) -> Reply:
    return events(said(text), said(finish="stop"), billed(30, 8))


def test_the_step_waits_with_its_price_and_its_words_stand_in_the_draft(open_page: Open) -> None:
    with Completes(plain({})) as server:
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
        assert not any("改写" in one.raw.decode() for one in server.requests)
        assert say("zh", "refine.what_rewrite") in words(screen)
        button(screen, say("zh", "refine.take_rewrite"))

        assert f"→ {COMPLETE}" in words(screen)
        assert not [one for one in screen.button if one.label == say("zh", "refine.take_rewrite")]
        draft = app.drafts.of(saved.id)
        assert draft is not None
        assert draft[1].asked.refined[0].queries == (COMPLETE,)
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
