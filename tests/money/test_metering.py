"""An embedding model with a meter: predicted before, billed after, and no call that is not in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from assistant.database import Database
from assistant.errors import KeyMissing, ModelError, ProviderDown
from assistant.money.cost import NOTHING_PAID, Forecast, Paid
from assistant.money.ledger import Ledger
from assistant.money.metering import MeteredEmbedder, together
from assistant.money.tokens import count_text
from assistant.providers.entries import EmbeddingEntry, ProviderEntry
from assistant.providers.offline_embedder import OfflineEmbedder
from assistant.providers.openai_embedder import OpenAILikeEmbedder
from assistant.providers.retry import retrying
from tests.providers.fake_provider import FakeProvider, plain
from tests.providers.vector_server import VectorServer

PROVIDER = ProviderEntry("dashscope", {"zh": "x", "en": "x"}, "openai", dialect="dashscope")
PAID = EmbeddingEntry(
    "dashscope", "text-embedding-v4", max_texts=2, price=Decimal("0.5"), currency="CNY", vocabulary="qwen+nfc"
)
TEXTS = ["过拟合与正则化", "square root", "向量数据库"]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = Database(tmp_path)
    yield Ledger(database)
    database.close()


def meter(server: FakeProvider, ledger: Ledger, entry: EmbeddingEntry = PAID) -> MeteredEmbedder:
    served = OpenAILikeEmbedder(entry, PROVIDER, f"{server.url}/v1", None)
    return MeteredEmbedder(served, entry, ledger, retry=partial(retrying, attempts=1))


def test_each_request_is_one_row_with_its_forecast_and_its_bill(ledger: Ledger) -> None:
    with VectorServer() as server:
        metered = meter(server, ledger)
        batches = list(metered.embed_each(TEXTS))

    assert [batch.place for batch in batches] == [slice(0, 2), slice(2, 3)]
    assert sum(batch.tokens for batch in batches) == server.tokens
    first, second = ledger.entries()
    assert (first.purpose, first.provider, first.model, first.state) == (
        "embedding", "dashscope", "text-embedding-v4", "complete",
    )  # fmt: skip
    assert first.predicted_tokens == sum(count_text(text, "qwen+nfc") for text in TEXTS[:2])
    assert first.forecast == metered.forecast(first.predicted_tokens)
    assert first.paid == batches[0].cost == Paid("CNY", Decimal("0.5") * batches[0].tokens / 1_000_000)
    assert second.prompt_tokens == batches[1].tokens


def test_without_a_bill_of_the_server_our_count_is_said_to_be_about(ledger: Ledger) -> None:
    with VectorServer(billing=False) as server:
        metered = meter(server, ledger)
        (batch, _) = metered.embed_each(TEXTS)

    counted = metered.tokens(TEXTS[:2])
    assert batch.cost == Paid("CNY", Decimal("0.5") * counted / 1_000_000, about=True)
    entry = ledger.entries()[0]
    assert (entry.prompt_tokens, entry.paid) == (None, batch.cost)


def test_an_unknown_price_stays_unknown_and_an_own_server_is_free(ledger: Ledger) -> None:
    with VectorServer() as server:
        unknown = meter(server, ledger, EmbeddingEntry("custom", "x"))
        own = meter(server, ledger, EmbeddingEntry("custom", "y", price=Decimal(0), currency="CNY", local=True))
        unknown.embed(TEXTS)
        own.embed(TEXTS)

    assert (unknown.forecast(5), own.forecast(5)) == (None, Forecast("CNY", *[Decimal(0)] * 3))
    assert [entry.paid for entry in ledger.entries()] == [None, NOTHING_PAID]


def test_what_was_turned_away_cost_nothing_and_what_broke_down_nobody_knows(ledger: Ledger) -> None:
    for reply, error in ((plain("no", 401), KeyMissing), (plain("down", 503), ProviderDown)):
        with FakeProvider(reply) as server, pytest.raises(ModelError) as caught:
            list(meter(server, ledger).embed_each(TEXTS))
        assert type(caught.value) is error

    refused, broken = ledger.entries()
    assert (refused.state, refused.error, refused.paid) == ("failed", "key_missing", Paid("CNY", Decimal(0)))
    assert (broken.state, broken.error, broken.paid) == ("failed", "provider_down", None)


class Interrupted:
    """An embedder in whose call Ctrl-C is pressed."""

    key, dimension = "dashscope/text-embedding-v4", 3

    def embed(self, texts: object) -> object:
        raise KeyboardInterrupt


def test_a_call_that_was_interrupted_is_in_the_ledger_at_unknown_cost(ledger: Ledger) -> None:
    with pytest.raises(KeyboardInterrupt):
        MeteredEmbedder(Interrupted(), PAID, ledger).embed(["a"])  # type: ignore[arg-type]

    (entry,) = ledger.entries()
    assert (entry.state, entry.paid) == ("stopped", None)


def test_the_offline_embedder_and_blank_texts_are_not_booked(ledger: Ledger) -> None:
    offline = MeteredEmbedder(OfflineEmbedder(), EmbeddingEntry("offline", "hashed-ngrams", local=True), ledger)
    (batch,) = offline.embed_each(TEXTS)
    with VectorServer() as server:
        meter(server, ledger).embed([" ", ""])

    assert (batch.cost, batch.rows.shape) == (NOTHING_PAID, (3, 512))
    assert (server.requests, ledger.entries()) == ([], [])


def test_purposes_are_summed_apart(ledger: Ledger) -> None:
    with VectorServer() as server:
        metered = meter(server, ledger)
        metered.embed(TEXTS)
        metered.booked_as("question").embed_once("什么是过拟合")

    assert [(one.name, one.calls) for one in ledger.sums("purpose")] == [("embedding", 2), ("question", 1)]


def test_a_length_that_only_an_answer_tells_is_asked_for_once_and_booked(ledger: Ledger) -> None:
    with VectorServer(size=7) as server:
        assert meter(server, ledger).dimension == 7

    assert len(ledger.entries()) == len(server.requests) == 1


def test_minutes_follow_the_newest_calls(ledger: Ledger) -> None:
    with VectorServer() as server:
        metered = meter(server, ledger)
        assert (metered.minutes(100), metered.minutes(0)) == (None, 0)
        metered.embed(TEXTS)
    calls = ledger.entries()
    speed = sum(call.prompt_tokens or 0 for call in calls) / sum(call.seconds for call in calls)

    assert metered.minutes(6_000) == pytest.approx(6_000 / speed / 60)


def test_bills_are_added_only_where_they_are_known_and_of_one_currency() -> None:
    one, two = Paid("CNY", Decimal("0.1")), Paid("CNY", Decimal("0.2"), about=True)

    assert together(one, two) == Paid("CNY", Decimal("0.3"), about=True)
    assert together(NOTHING_PAID, Paid("USD", Decimal(1))) == Paid("USD", Decimal(1))
    assert together(one, None) is None
    assert together(one, Paid("USD", Decimal(1))) is None
