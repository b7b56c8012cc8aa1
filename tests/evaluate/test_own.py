"""The learner's own notes as a test set: questions from headings, setups compared over them, nothing paid twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.connections import Choice
from assistant.errors import Cancelled
from assistant.evaluate.job import Comparisons
from assistant.evaluate.own import METRICS, Setup, Step, bills, compare, questions_of
from tests.conftest import write
from tests.formats import notebook_by_nbformat, shape, slides_by_hand, workbook_by_openpyxl
from tests.providers.vector_server import REFUSED, VectorServer

COURSE = {
    "优化.md": "# 优化\n\n## 梯度下降\n\n沿着梯度的反方向更新参数。\n\n"
    + "".join(f"第 {n} 步：学习率乘以梯度再从参数里减去，直到损失不再下降。\n\n" for n in range(40))
    + "## 动量\n\n动量累积过去的方向，使路径更平滑。\n\n## 目录\n\n- 无\n",
    "attention.md": "# Attention\n\n## Scaling\n\nScores are divided by the square root of the dimension.\n\n"
    "## Softmax\n\nSoftmax turns scores into weights that sum to one.\n",
}


@pytest.fixture
def course(open_app: Callable[..., Assistant], tmp_path: Path) -> Assistant:
    write(tmp_path / "course", COURSE)
    app = open_app(tmp_path / "course")
    app.sync().run()
    return app


def test_headings_that_name_a_subject_become_questions_in_their_language(course: Assistant) -> None:
    asked = {question.text: (question.note, question.heading[-1]) for question in questions_of(course.store)}

    assert asked["什么是梯度下降？"] == ("优化.md", "梯度下降")
    assert asked["What do my notes say about Softmax?"] == ("attention.md", "Softmax")
    assert not any("目录" in question for question in asked)


def test_each_setup_is_measured_over_the_same_questions_and_small_chunks_are_more(course: Assistant) -> None:
    questions = questions_of(course.store)
    steps: list[Step] = []
    before = course.store.generation()
    small, usual, without = compare(
        course.store,
        [Setup(course.embedder, 100), Setup(course.embedder), Setup(course.embedder, weight=0.0)],
        questions,
        steps.append,
    )

    assert small.chunks > usual.chunks == without.chunks
    assert {outcome.questions for outcome in (small, usual, without)} == {len(questions)}
    for outcome in (small, usual, without):
        assert set(outcome.figures) == set(METRICS)
        assert all(0 <= one.low <= one.mean <= one.high <= 1 for one in outcome.figures.values())
    assert usual.figures["recall_at_5"].mean > 0.7
    assert small.ahead is None
    assert usual.ahead is not None
    assert [step.done for step in steps] == list(range(1, steps[-1].total + 1))
    assert {step.number for step in steps} == {1, 2, 3}
    assert course.store.generation() == before


def test_slides_sheets_cells_and_pages_are_cut_as_the_app_cuts_them(
    open_app: Callable[..., Assistant], tmp_path: Path
) -> None:
    page = "<html><title>Training</title><h1>Momentum</h1><p>It averages steps.</p><h1>Warm-up</h1><p>It starts slowly.</p></html>"
    sheet = [["model", "accuracy"], *([f"network {row}", row / 100] for row in range(90))]
    write(
        tmp_path / "mixed",
        {
            "page.html": page,
            "slides.pptx": slides_by_hand(shape("Dropout", "title"), shape("Weight decay", "title")),
            "table.xlsx": workbook_by_openpyxl({"Scores": sheet}),
            "cells.ipynb": notebook_by_nbformat(("markdown", "# Batches\n\nA handful of samples.", "")),
        },
    )
    app = open_app(tmp_path / "mixed")
    app.sync().run()
    questions = questions_of(app.store)
    assert {question.note for question in questions} >= {"page.html", "slides.pptx"}

    (outcome,) = compare(app.store, [Setup(app.embedder)], questions)

    assert outcome.chunks == sum(note.chunks for note in app.store.notes())
    assert outcome.figures["recall_at_5"].mean == 1


def paid(app: Assistant, server: VectorServer) -> Setup:
    return Setup(app.meter(Choice("custom", "vectors", f"{server.url}/v1")), 100)


def test_what_a_model_elsewhere_will_read_is_counted_before_and_bought_once(course: Assistant) -> None:
    questions = questions_of(course.store)
    with VectorServer() as server:
        setup = paid(course, server)
        (bill,) = bills(course.store, [setup], questions)
        assert server.requests == []
        assert bill.tokens > 0
        (outcome,) = compare(course.store, [setup], questions)
        passages = [text for text in server.bought if text not in {question.text for question in questions}]
        (again,) = bills(course.store, [setup], questions)
        server.bought.clear()
        compare(course.store, [setup], questions)
        second = set(server.bought)

    assert len(passages) == len(set(passages)) == outcome.chunks
    assert second <= {question.text for question in questions}
    assert 0 < again.tokens < bill.tokens
    assert {entry.purpose for entry in course.ledger.entries()} == {"evaluate"}


def test_two_setups_of_one_model_and_size_are_billed_once(course: Assistant) -> None:
    questions = questions_of(course.store)
    with VectorServer() as server:
        first, second = bills(course.store, [paid(course, server), paid(course, server)], questions)

    assert second.tokens < first.tokens


def test_a_comparison_that_is_cancelled_stops_and_leaves_the_notes_as_they_were(course: Assistant) -> None:
    before = course.store.generation()
    seen: list[Step] = []
    with pytest.raises(Cancelled):
        compare(
            course.store, [Setup(course.embedder)] * 2, questions_of(course.store), seen.append, lambda: len(seen) == 3
        )

    assert len(seen) == 3
    assert course.store.generation() == before


def test_a_job_ends_with_its_outcomes_and_only_one_runs(course: Assistant) -> None:
    comparisons = Comparisons()
    questions = questions_of(course.store)
    job = comparisons.start(course.store, [Setup(course.embedder)], questions)
    same = comparisons.start(course.store, [Setup(course.embedder)], questions) if comparisons.running else job
    job.wait(60)

    assert same is job
    assert (job.state, job.error, len(job.outcomes)) == ("done", None, 1)


def test_a_job_whose_model_fails_says_why(course: Assistant) -> None:
    with VectorServer({1: REFUSED}) as server:
        job = Comparisons().start(course.store, [paid(course, server)], questions_of(course.store))
        job.wait(60)

    assert (job.state, job.outcomes) == ("failed", ())
    assert job.error is not None
    assert job.error.kind == "parameter_refused"
