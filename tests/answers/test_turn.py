"""A running answer lives in the process: it can be stopped, found again, and always ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from assistant.answers.turn import Turn, Turns
from assistant.bootstrap import Assistant
from assistant.errors import DataFolderError, ModelError
from assistant.providers.base import ChatModel, Delta, Request

QUESTION = "什么是过拟合？"
LONGEST = 20.0


class Waits:
    """Says two words, then waits until it is let go on."""

    provider = "test"
    name = "waits"

    def __init__(self) -> None:
        self.spoke = threading.Event()
        self.go_on = threading.Event()
        self.closed = False

    def stream(self, request: Request) -> Iterator[Delta]:
        try:
            yield Delta("模型")
            yield Delta("记住了 [1]")
            self.spoke.set()
            assert self.go_on.wait(LONGEST)
            yield Delta("训练集 [9]")
            yield Delta("。")
        finally:
            self.closed = True


class Fails:
    provider = "test"
    name = "fails"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def stream(self, request: Request) -> Iterator[Delta]:
        yield Delta("half")
        raise self.error


def ask(app: Assistant, model: ChatModel, conversation: str | None = None) -> tuple[str, Turn]:
    app.model = model
    id_, turn_id = app.conversations.ask(conversation, QUESTION)
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
    id_, turn = ask(app, app.model)
    turn.wait(LONGEST)
    record = app.conversations.turns(id_)[0].record

    assert json.loads(json.dumps(record)) == record
    assert set(record["matches"][0]) == {
        "note", "title", "heading", "page", "lines", "chars", "text", "score", "scores",
    }  # fmt: skip
    assert set(record["matches"][0]["scores"]) == {"vector", "keyword"}


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


def test_many_threads_at_once_start_one_turn(app: Assistant) -> None:
    model, turns = Waits(), Turns()
    draft = app.prepare(QUESTION)
    _, turn_id = app.conversations.ask(None, QUESTION)
    started: list[Turn] = []

    def start() -> None:
        started.append(turns.start("c", Turn(turn_id, draft, model, app.conversations)))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    model.go_on.set()
    started[0].wait(LONGEST)

    assert len(started) == 8
    assert len({id(turn) for turn in started}) == 1


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
    id_, turn = ask(app, Fails(ModelError(provider="test", reason="429")))
    turn.wait(LONGEST)

    assert turn.state == "failed"
    assert turn.error is not None
    assert turn.error.kind == "model"
    (saved,) = app.conversations.turns(id_)
    assert (saved.state, saved.answer) == ("failed", "half")
    assert saved.record["error"]["kind"] == "model"
    assert "429" in saved.record["error"]["zh"]
    assert "429" in saved.record["error"]["en"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_of_ours_ends_the_turn_as_well(app: Assistant) -> None:
    id_, turn = ask(app, Fails(ZeroDivisionError("defect")))
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
    id_, turn = ask(app, app.model)
    turn.wait(LONGEST)

    assert app.turns.of(id_) is None
    assert turn.state == "failed"
    assert turn.error is not None
    assert turn.error.kind == "data_folder"
    assert "模型记住了训练集" in turn.text
