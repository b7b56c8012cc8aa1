"""What was paid for is kept whatever happens next: every request of an embedding model is on disk before the next one."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant, open_assistant
from assistant.connections import Choice
from assistant.errors import BadAnswer, Cancelled, ModelError
from assistant.knowledge.job import SyncJob
from assistant.knowledge.sync import Progress
from assistant.money.cost import Forecast, Paid
from assistant.money.tokens import count
from assistant.settings import Settings
from tests.conftest import write
from tests.providers.fake_provider import Reply, plain
from tests.providers.vector_server import REFUSED, VectorServer, slow_down

CHUNKS = 25  # one note of three requests: our own servers get ten texts at a time
Start = Callable[[VectorServer], Assistant]


@pytest.fixture
def long_note(tmp_path: Path) -> Path:
    folder = tmp_path / "long"
    sections = "\n".join(f"## 第 {n} 节\n\n这一节讲的是第 {n} 个主题，和别的都不同。\n" for n in range(CHUNKS))
    write(folder, {"long.md": f"# 很长的笔记\n\n{sections}"})
    return folder


@pytest.fixture
def start(long_note: Path, tmp_path: Path) -> Iterator[Start]:
    """Open an assistant whose embedding model is a server of ours, always on the same data folder."""
    opened: list[Assistant] = []

    def start(server: VectorServer) -> Assistant:
        where = {"embedding_provider": "custom", "embedding_model": "tiny", "embedding_base_url": f"{server.url}/v1"}
        opened.append(open_assistant(Settings(notes=(long_note,), data=tmp_path / "data", **where)))
        return opened[-1]

    yield start
    for app in opened:
        app.database.close()


def kept(app: Assistant) -> int:
    return int(
        app.database.connection.execute("SELECT count(*) FROM vectors WHERE embedder = 'custom/tiny'").fetchone()[0]
    )


@pytest.mark.parametrize("broken", [1, 2, 3])
@pytest.mark.case(77)
def test_a_failing_request_loses_none_before_it_and_none_is_sent_twice(start: Start, broken: int) -> None:
    with VectorServer({broken: REFUSED}) as server:
        app = start(server)
        with pytest.raises(ModelError):
            app.sync().run()
        assert kept(app) == len(server.bought) == 10 * (broken - 1)
        assert app.store.notes() == []

        report = app.sync().run()

        assert report.added == ["long.md"]
        assert len(server.bought) == len(set(server.bought)) == len(app.store.chunk_ids()) >= CHUNKS
        assert report.embedded_chunks == len(server.bought) - 10 * (broken - 1)
        assert report.known_chunks == 10 * (broken - 1)


def test_building_another_models_vectors_goes_on_in_mid_note(start: Start, tmp_path: Path, long_note: Path) -> None:
    app = open_assistant(Settings(notes=(long_note,), data=tmp_path / "data"))
    app.sync().run()
    with VectorServer({2: REFUSED}) as server:
        choice = Choice("custom", "tiny", f"{server.url}/v1")
        with pytest.raises(ModelError):
            app.reembedding(choice).run()
        assert kept(app) == 10
        estimate = app.reembedding(choice).estimate()
        report = app.reembedding(choice).run()

    assert (estimate.known_chunks, estimate.embedded_chunks) == (10, report.embedded_chunks)
    assert len(server.bought) == len(set(server.bought)) == len(app.store.chunk_ids())
    assert app.embedder.key == "custom/tiny"
    app.database.close()


def test_vectors_that_an_unchanged_note_lacks_are_completed_request_by_request(start: Start) -> None:
    with VectorServer({5: REFUSED}) as server:
        app = start(server)
        app.sync().run()
        with app.database.transaction() as connection:
            connection.execute("DELETE FROM vectors")
        server.bought.clear()
        with pytest.raises(ModelError):
            app.sync().run()
        assert kept(app) == 10
        app.sync().run()

    assert len(server.bought) == len(set(server.bought)) == len(app.store.chunk_ids())


@pytest.mark.case(82)
@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 on Windows")
@pytest.mark.case(77)
def test_kill_minus_nine_in_mid_note_loses_no_paid_vector(start: Start, long_note: Path, tmp_path: Path) -> None:
    with VectorServer({2: Reply(hang=True)}) as server:
        where = {
            "ASSISTANT_EMBEDDING_PROVIDER": "custom",
            "ASSISTANT_EMBEDDING_MODEL": "tiny",
            "ASSISTANT_EMBEDDING_BASE_URL": f"{server.url}/v1",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "assistant", "sync", "--notes", str(long_note), "--data", str(tmp_path / "data")],
            env={**os.environ, **where}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        while len(server.requests) < 2:
            assert process.poll() is None
            server.closing.wait(0.02)
        process.kill()
        process.wait()
        app = start(server)
        assert kept(app) == 10
        app.sync().run()

    assert len(server.bought) == len(set(server.bought)) == len(app.store.chunk_ids())


@pytest.mark.case(66)
def test_a_storm_of_429_is_sat_out_and_every_call_is_in_the_ledger(start: Start) -> None:
    seen: list[Progress] = []
    with VectorServer({2: slow_down(0.3), 3: slow_down(0.3), 4: slow_down(0)}) as server:
        app = start(server)
        report = app.sync().run(seen.append)

    assert len(server.requests) == 6
    assert {progress.waiting[0].kind for progress in seen if progress.waiting} == {"rate_limited"}
    assert all(progress.path == "long.md" for progress in seen)
    calls = app.ledger.entries()
    assert [(call.state, call.error) for call in calls] == [
        ("complete", None), *[("failed", "rate_limited")] * 3, *[("complete", None)] * 2
    ]  # fmt: skip
    assert {call.purpose for call in calls} == {"embedding"}
    assert [call.paid and call.paid.amount for call in calls] == [0] * 6  # refused at the door, and our own server
    assert sum(call.prompt_tokens or 0 for call in calls) == server.tokens == report.embedding_tokens


@pytest.mark.case(66)
def test_a_seventh_request_is_not_tried(start: Start) -> None:
    with VectorServer({number: slow_down(0) for number in range(2, 20)}) as server:
        app = start(server)
        with pytest.raises(ModelError):
            app.sync().run()

    assert len(server.requests) == 1 + 6
    assert kept(app) == 10


@pytest.mark.case(66)
def test_a_job_is_cancelled_while_it_waits_and_keeps_what_it_has(start: Start) -> None:
    with VectorServer({2: slow_down(60)}) as server:
        app = start(server)
        job = SyncJob(app.sync()).start()
        while job.progress is None or job.progress.waiting is None:
            assert job.state == "running"
            job.wait(0.02)
        _, seconds = job.progress.waiting
        job.cancel()
        job.wait(20)

    assert 0 < seconds <= 60
    assert (job.state, kept(app)) == ("cancelled", 10)


def test_a_cancelled_run_stops_between_two_requests(start: Start) -> None:
    with VectorServer() as server:
        app = start(server)
        with pytest.raises(Cancelled):
            app.sync().run(cancelled=lambda: len(server.requests) == 2)

    assert kept(app) == len(server.bought) == 20


def rows(*, size: int = 3, number: float = 1.0) -> Reply:
    return plain({"data": [{"index": place, "embedding": [1.0] * (size - 1) + [number]} for place in range(10)]})


@pytest.mark.parametrize(
    "wrong", [pytest.param(rows(size=4), id="longer"), pytest.param(rows(number=math.nan), id="nan")]
)
@pytest.mark.case(73)
def test_vectors_that_do_not_fit_are_refused_and_those_before_kept(start: Start, wrong: Reply) -> None:
    with VectorServer({2: wrong}) as server:
        app = start(server)
        with pytest.raises(BadAnswer):
            app.sync().run()
        assert kept(app) == 10
        app.sync().run()

    assert len(server.bought) == len(set(server.bought)) == len(app.store.chunk_ids())
    assert app.ledger.entries()[1].error == "bad_answer"


@pytest.mark.case(73, 75)
def test_a_model_that_changed_behind_its_name_does_not_spoil_the_vectors_that_are_there(
    start: Start, long_note: Path
) -> None:
    with VectorServer() as server:
        start(server).sync().run()
    write(long_note, {"more.md": "# Mehr\n\nNoch ein Text."})
    with VectorServer(size=5) as other:
        app = start(other)
        with pytest.raises(BadAnswer):
            app.sync().run()

        findings = app.search.find("第 7 节 的主题")
        assert findings.matches
        assert isinstance(findings.without_vectors, BadAnswer)
    assert app.store.dimension("custom/tiny") == 3


def test_the_estimate_is_what_will_be_sent_counted_with_its_titles(start: Start) -> None:
    with VectorServer() as server:
        app = start(server)
        estimate = app.sync().estimate()
        assert server.requests == []
        assert kept(app) == 0
        report = app.sync().run()

    assert estimate.embedding_tokens == sum(count(text) for text in server.bought) == server.tokens
    assert (estimate.embedded_chunks, estimate.known_chunks) == (len(server.bought), 0)
    assert all("很长的笔记" in text for text in server.bought)
    assert estimate.cost == Forecast("CNY", *[report.cost.amount] * 3) if isinstance(report.cost, Paid) else False
    assert report.embedding_tokens == server.tokens


def test_the_estimate_knows_what_costs_nothing_and_how_fast_the_model_was(start: Start, long_note: Path) -> None:
    with VectorServer() as server:
        app = start(server)
        assert app.sync().estimate().minutes is None
        app.sync().run()
        done = app.sync().estimate()
        same = (long_note / "long.md").read_text("utf-8")
        write(
            long_note, {"copy.md": same, "long.md": same.replace("第 3 个主题", "另一个主题"), "new.md": "# N\n\nneu"}
        )
        estimate = app.sync().estimate()
        report = app.sync().run()

    assert (done.embedded_chunks, done.embedding_tokens, done.minutes) == (0, 0, 0)
    assert (sorted(estimate.added), estimate.changed) == (["copy.md", "new.md"], ["long.md"])
    assert (estimate.embedded_chunks, estimate.embedding_tokens) == (report.embedded_chunks, report.embedding_tokens)
    assert estimate.embedded_chunks == 2
    assert estimate.known_chunks == report.known_chunks == len(app.store.chunk_ids()) - 2
    assert estimate.minutes is not None
    assert estimate.minutes > 0
