"""A guide written in the background over HTTP: stopped, failed and gone on with, written anew, and nothing paid for twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest

from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.errors import Cancelled, KeyRefused, PromptTooLong, RateLimited
from assistant.money.cost import Paid
from assistant.study.guide import finished, so_far
from assistant.study.guide_job import GuideJob
from assistant.study.guide_plan import Plan, plan
from assistant.study.guide_words import Form
from tests.answers.speaking import LONGEST
from tests.providers.fake_provider import Recorded, events, plain, said
from tests.study.writing_server import Writer, refused, writing


@pytest.fixture
def server() -> Iterator[Writer]:
    with Writer() as started:
        yield started
        started.goes_on.set()


def planned(
    app: Assistant, server: Writer, window: int | None = 1_400, form: Form = "guide", *, anew: bool = False
) -> Plan:
    chunks = [chunk for note in app.store.notes() for chunk in app.store.chunks_of(note.place.path)]
    return plan(chunks, form, "zh", writing(server, window), app.guide_parts.anew if anew else app.guide_parts)


def run(app: Assistant, made: Plan, *, anew: bool = False) -> GuideJob:
    job = app.write_guide(made, anew=anew)
    job.wait(LONGEST)
    assert not job.running
    return job


def texts(app: Assistant, server: Writer) -> list[str]:
    """What can be read of the guide now, the overview first."""
    guide = finished(planned(app, server), app.guide_parts)
    assert guide is not None
    return [guide.overview, *(part.text for part in guide.parts)]


def sent(request: Recorded) -> str:
    return str(request.body["messages"][-1]["content"])


def test_a_guide_is_written_in_the_background_and_can_be_read_afterwards(app: Assistant, server: Writer) -> None:
    made = planned(app, server)
    job = run(app, made)

    assert (job.error, job.done, server.calls) == (None, made.total, made.total)
    assert job.guide is not None
    paid = [entry.paid for entry in app.ledger.entries()]
    assert job.guide.paid == Paid("CNY", sum((one.amount for one in paid if one), Decimal(0)))
    assert len(paid) == made.total
    assert texts(app, server)[0] == f"第 {made.total} 稿 [1]。"
    assert texts(app, server)[1] == "第 1 稿 [1]。"


def test_its_thread_closes_the_connection_that_it_opened(
    app: Assistant, server: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    close = Database.close

    def seen(database: Database) -> None:
        close(database)
        closed.append(threading.current_thread().name)

    monkeypatch.setattr(Database, "close", seen)
    server.instead[2] = refused()
    run(app, planned(app, server))

    assert closed == ["guide"]


def test_what_failed_goes_on_where_it_stopped_and_no_part_is_bought_twice(app: Assistant, server: Writer) -> None:
    server.instead[2] = refused()
    made = planned(app, server)
    job = run(app, made)
    assert isinstance(job.error, KeyRefused)
    assert (job.done, server.calls) == (1, 2)

    again = planned(app, server)
    assert [part.text for part in so_far(again)] == ["第 1 稿 [1]。"]
    assert again.calls(app.guide_parts) == made.total - 1
    assert run(app, again).error is None

    assert server.calls == 2 + made.total - 1
    first = made.parts[0].matches[0].chunk.text
    assert [first in sent(request) for request in server.requests] == [True] + [False] * made.total
    assert texts(app, server)[1] == "第 1 稿 [1]。"


@pytest.mark.parametrize("window", [None, 1_200, 32_000])
def test_what_was_written_is_found_whatever_the_window_is_now(
    app: Assistant, server: Writer, window: int | None
) -> None:
    made = planned(app, server)
    run(app, made)
    now = planned(app, server, window)

    assert now.keys == made.keys
    assert finished(now, app.guide_parts) is not None


def test_bills_that_change_how_we_count_do_not_cut_a_guide_anew(app: Assistant, server: Writer) -> None:
    made = planned(app, server)
    longest = max(made.parts, key=lambda part: len(part.matches))
    app.guide_parts.keep_layout(made.subject, [len(part.matches) for part in made.parts])
    window = longest.draft.preview.prompt_tokens_high + 499  # as if its prompt were longer than it was thought to be
    assert len(longest.matches) > 1
    assert longest.key not in planned(app, server, window).keys

    app.guide_parts.keep(longest.key, "旧稿 [1]。")
    again = planned(app, server, window)
    assert again.keys == made.keys
    assert again.refusal is None


def test_a_plan_that_was_shown_before_a_part_came_does_not_buy_it_again(app: Assistant, server: Writer) -> None:
    old = planned(app, server)
    run(app, planned(app, server))
    job = run(app, old)

    assert server.calls == old.total
    assert job.guide is not None
    assert job.guide.calls == 0


def test_stopping_ends_the_call_that_runs_and_keeps_what_is_finished(app: Assistant, server: Writer) -> None:
    server.instead[2] = events(said("半句话"), "stall")
    job = app.write_guide(planned(app, server))
    while server.calls < 2:
        job.wait(0.01)
    assert job.running
    job.cancel()
    job.wait(LONGEST)

    assert server.left.wait(LONGEST)
    assert isinstance(job.error, Cancelled)
    assert (job.stopping, server.calls) == (True, 2)
    assert [entry.state for entry in app.ledger.entries()].count("stopped") == 1
    assert [part.text for part in so_far(planned(app, server))] == ["第 1 稿 [1]。"]


def test_a_second_guide_waits_until_the_first_is_there(app: Assistant, server: Writer) -> None:
    server.goes_on.clear()
    first = app.write_guide(planned(app, server))
    other = planned(app, server, form="summary")
    assert app.write_guide(other) is first

    server.goes_on.set()
    first.wait(LONGEST)
    second = app.write_guide(other)
    second.wait(LONGEST)
    assert second is not first
    assert server.calls == first.total + second.total


def test_all_jobs_are_stopped_before_the_data_goes(app: Assistant, server: Writer) -> None:
    server.instead[1] = events(said("半句话"), "stall")
    job = app.write_guide(planned(app, server))
    assert server.arrived.wait(LONGEST)
    app.guide_jobs.stop(LONGEST)

    assert not job.running


def test_a_provider_that_asks_for_patience_is_waited_for_and_it_is_said(app: Assistant, server: Writer) -> None:
    server.instead[1] = plain({"error": {"message": "slow down"}}, 429, {"retry-after": "2"})
    job = app.write_guide(planned(app, server))
    seen = None
    while job.running and seen is None:
        seen = job.waiting
        job.wait(0.01)
    job.wait(LONGEST)

    assert seen is not None
    assert isinstance(seen[0], RateLimited)
    assert 0 < seen[1] <= 2
    assert (job.error, job.waiting) == (None, None)


def test_a_passage_that_does_not_fit_is_refused_and_no_other_part_is_sent(app: Assistant, server: Writer) -> None:
    made = planned(app, server, window=600)
    assert isinstance(made.refusal, PromptTooLong)

    assert isinstance(run(app, made).error, PromptTooLong)
    assert server.calls == 0


def test_the_old_text_stays_until_all_of_the_new_one_is_there(app: Assistant, server: Writer) -> None:
    made = planned(app, server)
    run(app, made)
    before = texts(app, server)

    server.instead[made.total + 2] = refused()
    job = run(app, planned(app, server, anew=True), anew=True)
    assert isinstance(job.error, KeyRefused)
    assert texts(app, server) == before

    anew = planned(app, server, anew=True)
    assert anew.calls(app.guide_parts.anew) == made.total - 1  # what is there of the new text is not paid for again
    cost = anew.cost(app.guide_parts.anew)
    assert cost is not None
    assert cost.high > 0
    assert run(app, anew, anew=True).error is None

    assert server.calls == made.total + 2 + made.total - 1
    after = texts(app, server)
    assert after[1:] == [f"第 {made.total + 1} 稿 [1]。", f"第 {made.total + 3} 稿 [1]。"]
    assert after[0] == f"第 {server.calls} 稿 [1]。"


def test_nothing_is_left_over_of_a_text_that_was_replaced(app: Assistant, server: Writer) -> None:
    made = planned(app, server)
    run(app, made)
    run(app, planned(app, server, anew=True), anew=True)

    kept = app.database.connection.execute("SELECT COUNT(*) FROM guide_parts").fetchone()[0]
    assert kept == made.total + 1  # and how it was cut into parts
    assert not app.guide_parts.anew.known(made.keys)


def test_a_second_writing_is_cut_as_it_fits_now(app: Assistant, server: Writer) -> None:
    made = planned(app, server)
    run(app, made)
    wide = planned(app, server, 32_000, anew=True)
    assert len(wide.parts) < len(made.parts)
    assert run(app, wide, anew=True).error is None

    assert texts(app, server) == ["", f"第 {made.total + 1} 稿 [1]。"]
    kept = app.database.connection.execute("SELECT COUNT(*) FROM guide_parts").fetchone()[0]
    assert kept == wide.total + 1


def test_an_overview_that_comes_out_the_same_is_not_thrown_away(app: Assistant, server: Writer) -> None:
    made = planned(app, server)
    run(app, made)
    old = {key: app.guide_parts.known(made.keys)[key] for key in made.keys}
    for key, text in old.items():
        app.guide_parts.anew.keep(key, text)
    run(app, planned(app, server, anew=True), anew=True)

    assert server.calls == made.total + 1
    assert texts(app, server)[0] == f"第 {made.total + 1} 稿 [1]。"
