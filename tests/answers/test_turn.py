"""A running answer lives in the process: it can be stopped, found again, and always ends."""

from __future__ import annotations

import json
import threading
from decimal import Decimal

import pytest

from assistant.answers.turn import Turn, Turns
from assistant.bootstrap import Assistant
from assistant.errors import ContentRefused, DataFolderError, KeyRefused, ModelError, ProviderDown, RateLimited
from assistant.providers.base import ChatModel, Delta, Usage
from tests.answers.speaking import LONGEST, QUESTION, Says, Silent, Stumbles, Waits, drafted


def ledger(app: Assistant) -> list[tuple[object, ...]]:
    rows = app.database.connection.execute(
        "SELECT purpose, provider, model, state, error, prompt_tokens, amount FROM ledger"
    )
    return [tuple(row) for row in rows]


def ask(app: Assistant, model: ChatModel, conversation: str | None = None) -> tuple[str, Turn]:
    id_, turn_id = app.conversations.ask(conversation, QUESTION)
    return id_, app.answer(id_, turn_id, drafted(app, model))


def ask_offline(app: Assistant) -> tuple[str, Turn]:
    id_, turn_id = app.conversations.ask(None, QUESTION)
    return id_, app.answer(id_, turn_id, app.prepare(QUESTION))


def test_an_answer_ends_complete_checked_and_saved(app: Assistant) -> None:
    model = Waits()
    model.go_on.set()
    id_, turn = ask(app, model)
    turn.wait(LONGEST)

    assert (turn.state, turn.text) == ("complete", "模型记住了 [1]训练集 。")
    (saved,) = app.conversations.turns(id_)
    assert (saved.state, saved.answer) == ("complete", turn.text)
    assert saved.record["invented"] == 1
    assert saved.record["receipt"]["model"] == "waits"
    assert saved.record["messages"][0]["role"] == "system"
    assert saved.record["error"] is None


def test_a_record_outlives_the_process_as_plain_json(app: Assistant) -> None:
    id_, turn = ask_offline(app)
    turn.wait(LONGEST)
    record = app.conversations.turns(id_)[0].record

    assert json.loads(json.dumps(record)) == record
    assert set(record["matches"][0]) == {
        "note", "title", "kind", "heading", "page", "ocr", "lines", "chars", "text", "lead", "score", "scores", "also",
    }  # fmt: skip
    assert set(record["matches"][0]["scores"]) == {"vector", "keyword"}


@pytest.mark.case(101)
def test_cancelling_keeps_what_was_said_and_stops_the_model(app: Assistant) -> None:
    model = Waits()
    id_, turn = ask(app, model)
    assert model.spoke.wait(LONGEST)
    turn.cancel()
    model.go_on.set()
    turn.wait(LONGEST)

    assert turn.state == "stopped"
    assert turn.text.startswith("模型记住了 [1]")
    assert "。" not in turn.text
    assert model.closed
    (saved,) = app.conversations.turns(id_)
    assert (saved.state, saved.answer) == ("stopped", turn.text)
    assert saved.record["citations"][0]["marker"] == 1
    assert app.conversations.history(id_)[0].answer == turn.text


def test_a_running_answer_is_found_by_its_conversation_until_it_ends(app: Assistant) -> None:
    model = Waits()
    id_, turn = ask(app, model)
    assert model.spoke.wait(LONGEST)

    assert app.turns.of(id_) is turn
    assert app.turns.of("another") is None
    assert turn.text == "模型记住了 [1]"
    model.go_on.set()
    turn.wait(LONGEST)
    assert app.turns.of(id_) is None


@pytest.mark.case(101)
def test_two_asks_in_one_conversation_start_one_turn(app: Assistant) -> None:
    model = Waits()
    id_, first = ask(app, model)
    assert model.spoke.wait(LONGEST)
    _, second = ask(app, model, id_)

    assert second is first
    model.go_on.set()
    first.wait(LONGEST)
    _, third = ask(app, model, id_)
    third.wait(LONGEST)
    assert third is not first
    assert third.state == "complete"


@pytest.mark.case(101)
def test_many_threads_at_once_start_one_turn(app: Assistant) -> None:
    model, turns = Waits(), Turns()
    draft = drafted(app, model)
    _, turn_id = app.conversations.ask(None, QUESTION)
    started: list[Turn] = []

    def start() -> None:
        started.append(turns.start("c", Turn(turn_id, draft, app.conversations, app.ledger)))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    model.go_on.set()
    started[0].wait(LONGEST)

    assert len(started) == 8
    assert len({id(turn) for turn in started}) == 1
    assert len(ledger(app)) == 1


def test_two_conversations_answer_side_by_side(app: Assistant) -> None:
    one, other = Waits(), Waits()
    first_id, first = ask(app, one)
    second_id, second = ask(app, other)

    assert one.spoke.wait(LONGEST)
    assert other.spoke.wait(LONGEST)
    assert app.turns.of(first_id) is first
    assert app.turns.of(second_id) is second
    one.go_on.set()
    other.go_on.set()
    first.wait(LONGEST)
    second.wait(LONGEST)
    assert (first.state, second.state) == ("complete", "complete")


def test_a_failing_model_leaves_its_error_and_the_words_before_it(app: Assistant) -> None:
    id_, turn = ask(app, Says([Delta("half"), ModelError(provider="test", reason="429")]))
    turn.wait(LONGEST)

    assert turn.state == "failed"
    assert turn.error is not None
    assert turn.error.kind == "model"
    (saved,) = app.conversations.turns(id_)
    assert (saved.state, saved.answer) == ("failed", "half")
    assert saved.record["error"]["kind"] == "model"
    assert "429" in saved.record["error"]["zh"]
    assert "429" in saved.record["error"]["en"]
    assert saved.record["error"]["hint"] == {language: turn.error.hint(language) for language in ("zh", "en")}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_of_ours_ends_the_turn_as_well(app: Assistant) -> None:
    id_, turn = ask(app, Says([Delta("half"), ZeroDivisionError("defect")]))
    turn.wait(LONGEST)

    assert turn.state == "failed"
    assert turn.error is not None
    assert app.turns.of(id_) is None
    assert app.conversations.turns(id_)[0].state == "failed"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_answer_that_cannot_be_saved_does_not_run_for_ever(app: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise DataFolderError(path="data", reason="database or disk is full")

    monkeypatch.setattr(app.conversations, "save", full)
    id_, turn = ask_offline(app)
    turn.wait(LONGEST)

    assert app.turns.of(id_) is None
    assert turn.state == "failed"
    assert turn.error is not None
    assert turn.error.kind == "data_folder"
    assert "模型记住了训练集" in turn.text


def test_stop_before_the_first_word_ends_the_request(app: Assistant) -> None:
    model = Silent()
    id_, turn = ask(app, model)
    assert model.reached.wait(LONGEST)
    turn.cancel()
    turn.wait(LONGEST)

    assert (turn.state, turn.text, turn.error) == ("stopped", "", None)
    assert model.closed
    (saved,) = app.conversations.turns(id_)
    assert (saved.state, saved.answer) == ("stopped", "")
    assert ledger(app) == [("answer", "test", "silent", "stopped", None, None, None)]


def test_a_stopped_answer_is_in_the_ledger_at_what_it_must_have_cost(app: Assistant) -> None:
    model = Waits()
    _, turn = ask(app, model)
    assert model.spoke.wait(LONGEST)
    turn.cancel()
    model.go_on.set()
    turn.wait(LONGEST)

    (one,) = ledger(app)
    written = turn.draft.connection.counter.text("模型记住了 [1]训练集 [9]")
    amount = (2 * turn.draft.preview.prompt_tokens + 8 * written) / Decimal(1_000_000)
    assert one == ("answer", "test", "waits", "stopped", None, None, str(amount))
    assert [(entry.paid and entry.paid.about, entry.forecast) for entry in app.ledger.entries()] == [
        (True, turn.draft.preview.cost)
    ]


@pytest.mark.parametrize(
    ("error", "amount"),
    [
        pytest.param(KeyRefused(provider="test", reason="401"), "0", id="refused at the door"),
        pytest.param(ContentRefused(provider="test", reason="filter"), None, id="read and filtered: nobody knows"),
    ],
)
def test_a_call_without_a_word_costs_nothing_only_where_it_was_refused(
    app: Assistant, error: ModelError, amount: str | None
) -> None:
    ask(app, Says([error]))[1].wait(LONGEST)

    assert ledger(app)[0][-1] == amount


def test_a_complete_answer_is_in_the_ledger_as_it_was_billed(app: Assistant) -> None:
    _, turn = ask(app, Says([Delta("so [1]"), Delta(usage=Usage(1_000, 100))]))
    turn.wait(LONGEST)

    assert ledger(app) == [("answer", "test", "says", "complete", None, 1_000, "0.0028")]
    (one,) = app.ledger.sums()
    assert one.predicted_tokens == turn.draft.preview.prompt_tokens
    assert one.amount == Decimal("0.0028")


def test_a_failure_is_in_the_ledger_with_its_kind(app: Assistant) -> None:
    _, turn = ask(app, Says([Delta("half"), ProviderDown(provider="test", reason="500")]))
    turn.wait(LONGEST)

    assert turn.state == "failed"
    (one,) = ledger(app)
    assert one[:6] == ("answer", "test", "says", "failed", "provider_down", None)
    assert [entry.paid and entry.paid.about for entry in app.ledger.entries()] == [True]


def test_what_reaches_no_model_is_not_in_the_ledger(app: Assistant) -> None:
    ask_offline(app)[1].wait(LONGEST)
    id_, turn_id = app.conversations.ask(None, "披萨要烤多久才熟")
    model = Says([Delta("invented")])
    turn = app.answer(id_, turn_id, drafted(app, model, "披萨要烤多久才熟"))
    turn.wait(LONGEST)

    assert turn.state == "complete"
    assert model.asked == []
    assert ledger(app) == []


@pytest.mark.case(66)
def test_a_wait_is_shown_and_then_the_answer_comes(app: Assistant) -> None:
    busy = RateLimited(provider="test", reason="slow down", retry_after=0.5)
    model = Stumbles([busy], [Delta("so [1]")])
    seen: list[tuple[ModelError, float]] = []
    shown = threading.Event()

    class Watched(Turn):
        def _note_wait(self, error: ModelError, seconds: float) -> None:
            super()._note_wait(error, seconds)
            assert self.waiting is not None
            seen.append(self.waiting)
            shown.set()

    id_, turn_id = app.conversations.ask(None, QUESTION)
    turn = Watched(turn_id, drafted(app, model), app.conversations, app.ledger).start()
    assert shown.wait(LONGEST)
    turn.wait(LONGEST)

    assert (turn.state, turn.text, turn.waiting) == ("complete", "so [1]", None)
    assert len(model.asked) == 2
    assert {error for error, _ in seen} == {busy}
    counted = [seconds for _, seconds in seen]
    assert counted == sorted(counted, reverse=True)
    assert 0 < counted[-1] <= counted[0] <= 0.5
    assert app.conversations.turns(id_)[0].state == "complete"


@pytest.mark.case(66)
def test_a_wait_can_be_stopped(app: Assistant) -> None:
    model = Stumbles([RateLimited(provider="test", reason="slow down", retry_after=60)], [Delta("never")])
    shown = threading.Event()

    class Watched(Turn):
        def _note_wait(self, error: ModelError, seconds: float) -> None:
            shown.set()

    _, turn_id = app.conversations.ask(None, QUESTION)
    turn = Watched(turn_id, drafted(app, model), app.conversations, app.ledger).start()
    assert shown.wait(LONGEST)
    turn.cancel()
    turn.wait(LONGEST)

    assert (turn.state, turn.text) == ("stopped", "")
    assert len(model.asked) == 1


def test_a_refused_key_fails_at_once_with_its_sentence(app: Assistant) -> None:
    model = Says([KeyRefused(provider="test", reason="401")])
    id_, turn = ask(app, model)
    turn.wait(LONGEST)

    assert turn.state == "failed"
    assert app.conversations.turns(id_)[0].record["error"]["kind"] == "key_refused"
    assert len(model.asked) == 1


def test_thinking_is_kept_apart_from_the_answer(app: Assistant) -> None:
    _, turn = ask(app, Says([Delta(thinking="hm "), Delta(thinking="so"), Delta("Yes [1]")]))
    turn.wait(LONGEST)

    assert (turn.thinking, turn.text) == ("hm so", "Yes [1]")


def test_a_ledger_that_cannot_be_written_does_not_lose_the_words(
    app: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DataFolderError(path="data", reason="full")

    monkeypatch.setattr(app.ledger, "enter", full)
    _, turn = ask(app, Says([Delta("so [1]")]))
    turn.wait(LONGEST)

    assert (turn.state, turn.text) == ("failed", "so [1]")
