"""Another model's vectors are built beside those in use, kept note by note, and used only when none is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.bootstrap import Assistant
from assistant.connections import Choice
from assistant.errors import Cancelled, ProviderDown
from assistant.knowledge.job import SyncJob
from assistant.knowledge.reembed import Reembedding
from assistant.money.metering import MeteredEmbedder
from assistant.providers.entries import EmbeddingEntry
from assistant.providers.offline_embedder import OfflineEmbedder
from assistant.providers.retry import retrying
from tests.providers.fake_provider import FakeProvider, Reply, plain


class Other:
    """Another model with vectors of another length; fails from its ``fails_at``-th call on."""

    key = "test/other"
    dimension = 3

    def __init__(self, fails_at: int | None = None, seen: Callable[[], None] = lambda: None) -> None:
        self.fails_at = fails_at
        self.calls: list[list[str]] = []
        self._seen = seen

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._seen()
        if self.fails_at is not None and len(self.calls) + 1 >= self.fails_at:
            raise ProviderDown(provider="test", reason="500")
        self.calls.append(list(texts))
        rows = np.array([[1.0, len(text) % 7, len(text) % 5] for text in texts], dtype=np.float32)
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def work(app: Assistant, embedder: Other, finished: Callable[[], object]) -> Reembedding:
    """The work with a meter that gives up at once."""
    entry = EmbeddingEntry("test", "other", price=Decimal(0), currency="CNY", local=True)
    meter = MeteredEmbedder(embedder, entry, app.ledger, retry=partial(retrying, attempts=1))
    return Reembedding(app.store, meter, finished)


def lacking(app: Assistant, key: str = Other.key) -> int:
    return sum(len(app.store.chunks_without_vector(note.id, key)) for note in app.store.notes())


def test_an_estimate_counts_everything_and_does_nothing(app: Assistant) -> None:
    embedder = Other()
    estimate = work(app, embedder, lambda: pytest.fail("switched")).estimate()

    assert sorted(estimate.changed) == sorted(note.place.path for note in app.store.notes())
    assert estimate.embedded_chunks == len(app.store.chunk_ids()) == 5
    assert estimate.embedding_tokens > 0
    assert embedder.calls == []
    assert lacking(app) == 5


@pytest.mark.case(75)
def test_the_switch_comes_once_and_at_the_end(app: Assistant) -> None:
    left: list[int] = []
    report = work(app, Other(), lambda: left.append(lacking(app))).run()

    assert left == [0]
    assert (report.notes, report.chunks, report.embedded_chunks) == (3, 5, 5)
    assert lacking(app, OfflineEmbedder().key) == 0


def test_a_failure_in_the_second_note_keeps_the_first_and_the_next_run_goes_on(app: Assistant) -> None:
    switched: list[bool] = []
    broken = Other(fails_at=2)
    with pytest.raises(ProviderDown):
        work(app, broken, lambda: switched.append(True)).run()
    done = len(broken.calls[0])
    assert switched == []
    assert lacking(app) == 5 - done > 0

    working = Other()
    again = work(app, working, lambda: switched.append(True))
    assert again.estimate().embedded_chunks == 5 - done
    again.run()
    assert switched == [True]
    assert lacking(app) == 0
    assert not {text for call in broken.calls for text in call} & {text for call in working.calls for text in call}


@pytest.mark.case(75)
def test_the_old_search_works_meanwhile(app: Assistant) -> None:
    before = app.search.find("square root of the key dimension")
    found = []
    seen = Other(seen=lambda: found.append(app.search.find("square root of the key dimension")))
    work(app, seen, lambda: None).run()

    assert len(found) == 3
    assert all(findings == before for findings in found)


@pytest.mark.case(75)
def test_a_cancelled_run_keeps_what_is_done_and_does_not_switch(app: Assistant) -> None:
    embedder = Other()
    with pytest.raises(Cancelled):
        work(app, embedder, lambda: pytest.fail("switched")).run(cancelled=lambda: len(embedder.calls) == 1)

    assert lacking(app) == 5 - len(embedder.calls[0])


@pytest.mark.case(77)
def test_what_was_embedded_once_is_not_paid_for_again(app: Assistant) -> None:
    work(app, Other(), lambda: None).run()
    embedder, switched = Other(), []
    report = work(app, embedder, lambda: switched.append(True)).run()

    assert (embedder.calls, report.embedded_chunks, switched) == ([], 0, [True])


def embeddings(count: int, total: int = 9) -> Reply:
    data = [{"index": place, "embedding": [1.0, place + 1.0, 0.5]} for place in range(count)]
    return plain({"data": data, "usage": {"prompt_tokens": total}})


@pytest.mark.case(75, 77)
def test_a_server_that_fails_in_mid_job_leaves_the_old_model_in_use(app: Assistant) -> None:
    sizes = [note.chunks for note in app.store.notes()]
    down = plain({"error": {"message": "boom"}}, 400)
    with FakeProvider(embeddings(sizes[0]), down) as server:
        choice = Choice("custom", "tiny-embedding", f"{server.url}/v1")
        job = SyncJob(app.reembedding(choice)).start()
        job.wait(20)

        assert job.state == "failed"
        assert app.embedder.key == OfflineEmbedder().key
        assert app.preferences.all().get("embedding") is None
        assert app.search.find("square root").relevant

    with FakeProvider(embeddings(sizes[1]), embeddings(sizes[2]), embeddings(1)) as server:
        choice = Choice("custom", "tiny-embedding", f"{server.url}/v1")
        job = SyncJob(app.reembedding(choice)).start()
        job.wait(20)

        assert job.state == "done", job.error
        assert app.embedder.key == "custom/tiny-embedding"
        assert app.embedding_choice == choice
        assert app.search.find("square root of the key dimension").matches[0].scores.vector is not None
        assert len(server.requests) == 3
