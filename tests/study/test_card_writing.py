"""Cards by a model: priced before they are asked for, held against their passages, entered in the ledger."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from assistant.bootstrap import Assistant
from assistant.errors import NotFound, ParameterRefused, ProviderDown
from assistant.providers.base import Delta, Usage
from assistant.study.card_job import CardJob
from assistant.study.card_writing import CardsDraft, checked_cards, prepare_cards
from assistant.study.scope import chunks_within
from tests.answers.speaking import Says, Stumbles, connected

NOTE = "attention.md"
QUOTE = "Self-attention compares every query with every key."
GOOD = {
    "passage": 1,
    "front": "What does self-attention compare?",
    "back": "Every query with every key",
    "quote": QUOTE,
}


def reply(*cards: dict[str, object]) -> str:
    return json.dumps({"cards": cards}, ensure_ascii=False)


def draft_of(app: Assistant, model: Says, **entry: object) -> CardsDraft:
    return prepare_cards(chunks_within(app.store, [NOTE]), connected(model, **entry))


def test_the_price_of_all_calls_is_known_and_nothing_is_sent(app: Assistant) -> None:
    model = Says([])
    draft = draft_of(app, model)

    assert model.asked == []
    assert draft.cost
    assert draft.cost.currency == "CNY"
    assert Decimal(0) < draft.cost.low < draft.cost.typical < draft.cost.high
    assert draft.prompt_tokens == sum(one.draft.preview.prompt_tokens for one in draft.batches)


def test_what_comes_waits_among_the_new_cards_and_is_booked(app: Assistant) -> None:
    model = Says([Delta(reply(GOOD, GOOD | {"quote": "invented words"})), Delta(usage=Usage(100, 50), finish="stop")])
    job = CardJob(draft_of(app, model), app.cards, app.ledger).start()
    job.wait(20)

    (card,) = app.cards.find(accepted=False)[0]
    assert (job.error, job.found, job.dropped, job.done) == (None, 1, 1, job.total)
    assert (card.front, card.origin) == (GOOD["front"], "model")
    assert card.source
    assert (card.source.note, card.source.lines, card.source.passage) == (NOTE, (3, 3), QUOTE)
    (entry,) = app.ledger.entries()
    assert (entry.purpose, entry.state, entry.prompt_tokens) == ("cards", "complete", 100)
    assert model.asked[0].schema is not None


def test_a_server_that_refuses_the_schema_is_asked_without(app: Assistant) -> None:
    refused = ParameterRefused(provider="test", model="says", reason="response_format", parameter="response_format")
    model = Stumbles([refused], [Delta(reply(GOOD)), Delta(usage=Usage(1, 1), finish="stop")])
    job = CardJob(draft_of(app, model), app.cards, app.ledger).start()
    job.wait(20)

    assert (job.error, job.found) == (None, 1)
    assert [request.schema is None for request in model.asked] == [False, True]


def test_what_came_before_a_failure_is_kept_and_booked(app: Assistant) -> None:
    model = Says([Delta('{"cards": ['), ProviderDown(provider="test", reason="gone")])
    job = CardJob(draft_of(app, model), app.cards, app.ledger).start()
    job.wait(20)

    assert isinstance(job.error, ProviderDown)
    assert [entry.state for entry in app.ledger.entries()] == ["failed"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"quote": ""},
        {"quote": "Self-attention compares nothing at all."},
        {"front": ""},
        {"back": "What does self-attention compare?"},
        {"back": "Every one of the 4096 queries"},
        {"back": ["a list"]},
        {"quote": None},
    ],
)
def test_a_card_that_its_passage_does_not_support_is_left_out(app: Assistant, wrong: dict[str, object]) -> None:
    chunks = chunks_within(app.store, [NOTE])

    assert len(checked_cards(reply(GOOD), chunks).cards) == 1
    assert checked_cards(reply(GOOD | wrong), chunks).cards == ()


@pytest.mark.parametrize("passage", [0, 99, -1, "1", None])
def test_a_wrong_number_is_mended_by_the_quotation(app: Assistant, passage: object) -> None:
    written = checked_cards(reply(GOOD | {"passage": passage}), chunks_within(app.store, [NOTE]))

    assert written.cards[0].source
    assert written.cards[0].source.passage == QUOTE


def test_what_does_not_fit_the_window_is_asked_in_smaller_parts(app: Assistant) -> None:
    chunks = chunks_within(app.store) * 2
    whole = prepare_cards(chunks, connected(Says([]), window=30_000))
    small = prepare_cards(chunks, connected(Says([]), window=1_800))

    assert len(small.batches) > len(whole.batches)
    assert (small.refusal, sum(len(one.chunks) for one in small.batches)) == (
        None,
        sum(len(b.chunks) for b in whole.batches),
    )


def test_notes_that_say_nothing_are_not_sent(app: Assistant) -> None:
    with pytest.raises(NotFound):
        prepare_cards([], connected(Says([])))
