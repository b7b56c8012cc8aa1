"""Cards and questions by a model behind a real llama.cpp server, which enforces their schema, to the card and the bill."""

from __future__ import annotations

from dataclasses import replace

from assistant.answers.connection import Connection, connect
from assistant.bootstrap import Assistant
from assistant.study.card_job import CardJob
from assistant.study.card_writing import prepare_cards, write_cards
from assistant.study.model_json import read_objects
from assistant.study.quiz_job import QuizJob
from assistant.study.quiz_making import Wish
from assistant.study.quiz_model import prepare_quiz
from assistant.study.scope import chunks_within
from tests.servers.conftest import MakeModel, qwen_entry
from tests.servers.llama_cpp import Server

NOTES = ["attention.md"]


def connection(server: Server, model_at: MakeModel) -> Connection:
    return connect(model_at(server), qwen_entry(server.serving.name, server.serving.context))


def test_cards_come_by_the_schema_rest_on_their_passage_and_are_billed_as_counted(
    app: Assistant, study_server: Server, model_at: MakeModel
) -> None:
    draft = prepare_cards(chunks_within(app.store, NOTES), connection(study_server, model_at))
    assert [one.draft.request.schema is not None for one in draft.batches] == [True]

    job = CardJob(draft, app.cards, app.ledger).start()
    job.wait(120)

    assert (job.error, job.found, job.dropped) == (None, 1, 0)
    (card,) = app.cards.find(accepted=False)[0]
    assert (card.front, card.back) == ("What does self-attention compare?", "Each query with each key")
    assert card.source is not None
    assert card.source.passage == "Self-attention compares every query with every key."
    (entry,) = app.ledger.entries()
    assert (entry.purpose, entry.state) == ("cards", "complete")
    assert entry.prompt_tokens == draft.prompt_tokens


def test_a_quiz_is_checked_mended_once_and_what_still_fails_is_counted(
    app: Assistant, study_server: Server, model_at: MakeModel
) -> None:
    wish = Wish(2, ("cloze",), frozenset(NOTES))
    draft = prepare_quiz(wish, chunks_within(app.store, NOTES), connection(study_server, model_at))

    job = QuizJob(draft, app.quizzes, app.ledger).start()
    job.wait(120)

    assert (job.error, job.made, job.dropped) == (None, 1, 1)
    assert job.attempt is not None
    (asked,) = app.quizzes.attempt(job.attempt).asked
    assert (asked.question.accepted, asked.question.made_by) == (("key",), "model")
    assert asked.question.quote in asked.question.source.text
    assert [(entry.purpose, entry.state) for entry in app.ledger.entries()] == [("quiz", "complete")] * 2


def test_a_model_that_babbles_keeps_to_the_schema_and_makes_no_card(
    app: Assistant, chat_server: Server, model_at: MakeModel
) -> None:
    (batch,) = prepare_cards(chunks_within(app.store, NOTES), connection(chat_server, model_at)).batches
    request = replace(batch.draft.request, max_tokens=48)
    batch = replace(batch, draft=replace(batch.draft, request=request))
    said = "".join(delta.text for delta in batch.draft.connection.model.stream(request))

    assert said.lstrip().startswith("{")
    assert all(not one.values or one.values.keys() & {"cards", "passage"} for one in read_objects(said, bool))
    assert write_cards(batch, app.ledger).cards == ()
