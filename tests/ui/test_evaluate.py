"""The evaluation page: what can be compared, the price before the work, the chart and what it means."""

from __future__ import annotations

from pathlib import Path

from assistant.evaluate.own import Setup, questions_of
from assistant.ui.i18n import say
from tests.conftest import write
from tests.ui.screens import Open, button, shared, words


def test_without_notes_the_page_says_what_is_missing(open_page: Open, notes: Path) -> None:
    for file in notes.rglob("*.*"):
        file.write_text("", "utf-8")
    screen = open_page("evaluate")

    assert not screen.exception
    assert say("zh", "evaluate.empty") in words(screen)


def test_setups_are_counted_started_and_their_figures_shown_with_intervals(open_page: Open, notes: Path) -> None:
    write(
        notes,
        {f"{name}.md": f"# {name}\n\n## {name}的定义\n\n{name}是一种方法。\n" for name in ("动量", "剪枝", "蒸馏")},
    )
    screen = open_page("evaluate")
    button(screen, say("zh", "evaluate.count"))
    assert say("zh", "evaluate.free") in words(screen)

    screen.button(key="evaluate-start").click().run()
    assert not screen.exception
    job = shared().comparisons.latest
    assert job is not None
    job.wait(60)
    screen.run()
    questions = len(questions_of(shared().store))
    assert say("zh", "evaluate.results", questions=questions) in words(screen)
    assert len(screen.table[0].value) == 3
    assert "[" in str(screen.table[0].value)


def test_too_many_combinations_are_refused(open_page: Open) -> None:
    screen = open_page("evaluate")
    screen.multiselect(key="evaluate-sizes").set_value([100, 200, 400, 800]).run()
    screen.multiselect(key="evaluate-weights").set_value([None, 0.0, 0.25, 0.5]).run()

    assert say("zh", "evaluate.too_many", count=16, most=12) in words(screen)
    assert not [one for one in screen.button if one.key == "evaluate-count"]


def test_a_comparison_that_runs_can_be_cancelled_from_the_page(open_page: Open) -> None:
    screen = open_page("evaluate")
    app = shared()
    job = app.comparisons.start(app.store, [Setup(app.embedder)] * 12, questions_of(app.store) * 50)
    screen.run()
    if job.state == "running":
        screen.button(key="cancel-comparison").click().run()
    job.wait(60)
    screen.run()

    assert job.state == "cancelled"
    assert say("zh", "evaluate.cancelled") in words(screen)
