"""Each request of an answer has its row in the ledger: refused, tried again, stopped or asked through LlamaIndex."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from assistant.answers.engine import StudyQueryEngine, study_llm
from assistant.answers.turn import Turn
from assistant.bootstrap import Assistant
from assistant.errors import ModelError, ParameterRefused, PromptTooLong, ProviderDown, RateLimited
from assistant.money.cost import Paid
from assistant.providers.base import ChatModel, Delta, Usage
from tests.answers.speaking import LONGEST, QUESTION, Says, Stumbles, connected, drafted

NOTHING = Paid("CNY", Decimal(0))
SOON = RateLimited(provider="test", reason="slow down", retry_after=0)
LATER = RateLimited(provider="test", reason="slow down", retry_after=60)
DOWN = ProviderDown(provider="test", reason="500")
DOWN.retry_after = 0


def booked(app: Assistant) -> list[tuple[str, str | None, Paid | None]]:
    return [(entry.state, entry.error, entry.paid) for entry in app.ledger.entries()]


def turn_of(app: Assistant, model: ChatModel) -> Turn:
    _, turn_id = app.conversations.ask(None, QUESTION)
    return Turn(turn_id, drafted(app, model), app.conversations, app.ledger)


def engine(app: Assistant, model: ChatModel) -> StudyQueryEngine:
    return StudyQueryEngine(app.retriever, connected(model), app.ledger)


def test_every_attempt_has_its_row_and_only_what_was_turned_away_is_free(app: Assistant) -> None:
    turn = turn_of(app, Stumbles([SOON, DOWN], [Delta("so [1]"), Delta(usage=Usage(1_000, 100))])).start()
    turn.wait(LONGEST)

    assert turn.state == "complete"
    assert booked(app) == [
        ("failed", "rate_limited", NOTHING),
        ("failed", "provider_down", None),
        ("complete", None, Paid("CNY", Decimal("0.0028"))),
    ]


def test_a_last_attempt_that_fails_is_entered_once(app: Assistant) -> None:
    turn = turn_of(app, Says([ParameterRefused(provider="test", reason="400")])).start()
    turn.wait(LONGEST)

    assert booked(app) == [("failed", "parameter_refused", NOTHING)]


def test_a_wait_that_is_stopped_was_no_request(app: Assistant) -> None:
    shown = threading.Event()

    class Watched(Turn):
        def _note_wait(self, error: ModelError, seconds: float) -> None:
            shown.set()

    _, turn_id = app.conversations.ask(None, QUESTION)
    draft = drafted(app, Stumbles([LATER], [Delta("never")]))
    turn = Watched(turn_id, draft, app.conversations, app.ledger).start()
    assert shown.wait(LONGEST)
    turn.cancel()
    turn.wait(LONGEST)

    assert turn.state == "stopped"
    assert booked(app) == [("failed", "rate_limited", NOTHING)]


def test_a_turn_stopped_before_it_began_was_no_request(app: Assistant) -> None:
    model = Says([Delta("never")])
    turn = turn_of(app, model)
    turn.cancel()
    turn.start().wait(LONGEST)

    assert (turn.state, model.asked, booked(app)) == ("stopped", [], [])


def test_thinking_before_a_refusal_was_not_turned_away(app: Assistant) -> None:
    turn = turn_of(app, Says([Delta(thinking="hm"), SOON])).start()
    turn.wait(LONGEST)

    ((state, error, paid),) = booked(app)
    assert (state, error) == ("failed", "rate_limited")
    assert paid is not None
    assert paid.about
    assert paid.amount > 0


def test_a_query_through_llamaindex_is_entered_like_every_other(app: Assistant) -> None:
    engine(app, Stumbles([SOON], [Delta("so [1]"), Delta(usage=Usage(1_000, 100))])).query(QUESTION)

    assert booked(app) == [
        ("failed", "rate_limited", NOTHING),
        ("complete", None, Paid("CNY", Decimal("0.0028"))),
    ]
    assert [entry.purpose for entry in app.ledger.entries()] == ["answer", "answer"]


def test_a_query_that_breaks_off_is_entered_at_what_it_must_have_cost(app: Assistant) -> None:
    with pytest.raises(ProviderDown):
        engine(app, Says([Delta("half"), DOWN])).query(QUESTION)

    ((state, error, paid),) = booked(app)
    assert (state, error) == ("failed", "provider_down")
    assert paid is not None
    assert paid.about


def test_a_llamaindex_llm_over_a_connection_refuses_what_does_not_fit(app: Assistant) -> None:
    model = Says([Delta("ok")])
    llm = study_llm(connected(model, window=700, max_tokens=500))

    assert llm.complete("short").text == "ok"
    assert llm.metadata.context_window == 700
    with pytest.raises(PromptTooLong) as caught:
        llm.complete("word " * 300)
    assert caught.value.limit == 700
    assert len(model.asked) == 1
