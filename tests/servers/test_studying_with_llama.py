"""Cards, questions and guides by a model behind a real llama.cpp server, to the card, the citation and the bill."""

from __future__ import annotations

from dataclasses import replace

from assistant.answers.connection import Connection, connect
from assistant.bootstrap import Assistant
from assistant.errors import Cancelled
from assistant.study.card_job import CardJob
from assistant.study.card_writing import prepare_cards, write_cards
from assistant.study.guide_job import GuideJob
from assistant.study.guide_plan import plan
from assistant.study.model_json import read_objects
from assistant.study.quiz_job import QuizJob
from assistant.study.quiz_making import Wish
from assistant.study.quiz_model import prepare_quiz
from assistant.study.scope import chunks_within
from tests.servers.conftest import MakeModel, qwen_entry
from tests.servers.llama_cpp import Server
from tests.servers.test_llama_server import busy_after, busy_slots

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


def test_a_guide_is_cited_and_each_call_is_billed_as_it_was_counted(
    app: Assistant, say_server: Server, model_at: MakeModel
) -> None:
    chunks = chunks_within(app.store)
    made = plan(chunks, "guide", "zh", connection(say_server, model_at), app.guide_parts)

    job = GuideJob(made, app.guide_parts, app.ledger).start()
    job.wait(120)

    assert (job.error, job.done) == (None, job.total)
    assert job.guide is not None
    (part,) = job.guide.parts
    assert "过拟合是指模型记住了训练集" in part.text
    assert {one.marker for one in part.citations} == {1, 2}
    (entry,) = app.ledger.entries()
    assert (entry.purpose, entry.state) == ("guide", "complete")
    assert entry.prompt_tokens == made.prompt_tokens(app.guide_parts)


def test_stopping_a_guide_ends_the_call_at_the_server(app: Assistant, chat_server: Server, model_at: MakeModel) -> None:
    made = plan(chunks_within(app.store), "guide", "zh", connection(chat_server, model_at), app.guide_parts)
    job = GuideJob(made, app.guide_parts, app.ledger).start()
    while job.running and not busy_slots(chat_server):
        job.wait(0.01)
    job.cancel()
    job.wait(120)

    assert isinstance(job.error, Cancelled)
    assert busy_after(chat_server, 20) == 0
    assert [entry.state for entry in app.ledger.entries()] == ["stopped"]
    assert app.guide_parts.known(made.keys) == {}
