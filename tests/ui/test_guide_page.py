"""The guide page as a script, with a model behind it: priced, written in the background, left and come back to, written anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from assistant.connections import Choice
from assistant.errors import Language
from assistant.money.budget import Budget
from assistant.providers.catalog import OWN
from assistant.study.guide_job import GuideJob
from assistant.study.guide_plan import Plan
from assistant.studying import Studying
from assistant.ui.i18n import say
from assistant.ui.money_text import amount
from tests.answers.speaking import LONGEST
from tests.conftest import NOTES, write
from tests.study.writing_server import Writer, refused, sheet
from tests.ui.screens import ROOT, Open, button, shared, words

ALL = sorted(NOTES)
Writes = Callable[..., AppTest]


@pytest.fixture
def server() -> Iterator[Writer]:
    with Writer() as started:
        yield started
        started.goes_on.set()


@pytest.fixture
def guide(open_page: Open, server: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writes]:
    """Open the page with the writer chosen and notes picked."""
    monkeypatch.setenv("ASSISTANT_API_KEY", "sk-writer")

    def opened(window: int = 1_400, notes: list[str] = ALL, language: Language = "zh") -> AppTest:
        write(tmp_path / "data", {OWN: sheet(server, window)})
        open_page()
        shared().preferences.choose("language", language)
        shared().choose_chat(Choice("campus", "writer"))
        return picked(open_page("guide"), notes)

    yield opened
    server.goes_on.set()
    shared().guide_jobs.stop(LONGEST)


def picked(screen: AppTest, notes: list[str]) -> AppTest:
    screen.multiselect(key="guide-notes").set_value(notes).run()
    assert not screen.exception
    return screen


def started(screen: AppTest) -> GuideJob:
    press(screen, "write-guide")
    job = shared().guide_jobs.current
    assert job is not None
    return job


def ended(screen: AppTest) -> GuideJob:
    job = started(screen)
    job.wait(LONGEST)
    drawn(screen)
    return job


def drawn(screen: AppTest) -> AppTest:
    screen.run()
    assert not screen.exception
    return screen


def press(screen: AppTest, key: str) -> AppTest:
    screen.button(key=key).click().run()
    assert not screen.exception
    return screen


def keys(screen: AppTest) -> set[str]:
    return {str(one.key) for one in screen.button}


def other_page(screen: AppTest, page: str) -> AppTest:
    screen.switch_page(f"assistant/ui/pages/{page}.py").run()
    assert not screen.exception
    return screen


def new_window() -> AppTest:
    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    screen.switch_page("assistant/ui/pages/guide.py")
    return drawn(screen)


def test_the_price_of_all_calls_and_the_literal_text_come_first(guide: Writes, server: Writer) -> None:
    screen = guide()

    assert "campus / writer：还需调用 3 次" in words(screen)
    assert "¥" in words(screen)
    shown = [one.value for one in screen.code]
    job = started(screen)
    job.wait(LONGEST)
    assert shown == [message["content"] for message in server.requests[0].body["messages"]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_finished_guide_is_read_with_its_sources_and_what_it_cost(guide: Writes, language: Language) -> None:
    screen = guide(language=language)
    job = ended(screen)

    assert job.guide is not None
    assert job.guide.paid is not None
    cost = f"¥{amount(job.guide.paid.amount)}"
    said = words(screen)
    assert "第 1 稿" in said
    assert "#cite-part1-1" in said
    assert say(language, "study.guide_done", model="campus / writer", cost=cost) in said
    assert "write-guide" not in keys(screen)


def test_a_run_goes_on_while_another_page_is_open_and_is_found_again(guide: Writes, server: Writer) -> None:
    screen = guide()
    server.goes_on.clear()
    job = started(screen)
    assert "guide-stop" in keys(screen)
    assert "write-guide" not in keys(screen)

    other_page(screen, "glossary")
    assert job.running
    other_page(screen, "guide")
    assert screen.multiselect(key="guide-notes").value == ALL
    assert say("zh", "study.writing_part", number=1, total=3) in str(screen.get("progress")[0].proto)

    other_page(screen, "glossary")
    server.goes_on.set()
    job.wait(LONGEST)
    other_page(screen, "guide")
    assert "第 1 稿" in words(screen)
    assert server.calls == 3


def test_another_window_finds_the_run_and_cannot_begin_a_second(guide: Writes, server: Writer) -> None:
    server.goes_on.clear()
    job = started(guide())
    second = new_window()
    assert second.multiselect(key="guide-notes").value == list(job.plan.notes)
    assert "guide-stop" in keys(second)

    picked(second, ["attention.md"])
    assert say("zh", "study.guide_busy") in words(second)
    assert "write-guide" not in keys(second)
    press(second, "guide-show")
    assert second.multiselect(key="guide-notes").value == list(job.plan.notes)


def test_of_two_windows_that_press_at_once_the_later_one_is_told(guide: Writes, server: Writer) -> None:
    server.goes_on.clear()
    late = guide(notes=["attention.md"])
    job = started(picked(new_window(), ALL))
    press(late, "write-guide")

    assert shared().guide_jobs.current is job
    assert words(late).count(say("zh", "study.guide_busy")) == 2  # as a notice, and in place of the button


def test_a_failure_says_its_sentence_and_the_button_goes_on_where_it_stopped(guide: Writes, server: Writer) -> None:
    screen = guide()
    server.instead[2] = refused()
    job = ended(screen)
    assert job.error is not None
    assert job.error.message("zh") in words(screen)
    assert say("zh", "study.guide_resumes", count=1) in words(screen)
    assert "第 1 稿" in words(screen)

    assert screen.button(key="write-guide").label == say("zh", "study.guide_go_on")
    ended(screen)
    assert server.calls == 4
    assert job.error.message("zh") not in words(screen)


def test_a_run_that_ends_while_the_page_is_planned_is_seen_to_have_ended(
    guide: Writes, server: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = guide()
    server.goes_on.clear()
    server.instead[3] = refused()
    job = started(screen)
    plan = Studying.plan_guide

    def late(*given: Any, **named: Any) -> Plan:
        made = plan(*given, **named)
        server.goes_on.set()
        job.wait(LONGEST)
        return made

    monkeypatch.setattr(Studying, "plan_guide", late)

    assert "write-guide" not in keys(screen)
    assert "write-guide" in keys(drawn(screen))
    assert say("zh", "study.guide_resumes", count=2) in words(screen)


def test_a_run_can_be_stopped(guide: Writes, server: Writer) -> None:
    screen = guide()
    server.goes_on.clear()
    job = started(screen)
    press(screen, "guide-stop")
    server.goes_on.set()
    job.wait(LONGEST)
    drawn(screen)

    assert say("zh", "study.guide_stopped") in words(screen)
    assert "write-guide" in keys(screen)


def test_a_guide_is_written_anew_for_its_price_and_the_old_text_stays_until_then(guide: Writes, server: Writer) -> None:
    screen = guide()
    ended(screen)
    assert "guide-draft" not in keys(screen)
    press(screen, "guide-anew")
    assert "还需调用 3 次" in words(screen)
    assert server.calls == 3
    press(screen, "guide-anew-leave")
    assert "还需调用" not in words(screen)

    press(screen, "guide-anew")
    server.instead[5] = refused()
    ended(screen)
    assert "第 1 稿" in words(screen)
    assert say("zh", "study.anew_resumes", count=1) in words(screen)
    ended(screen)
    assert "第 1 稿" not in words(screen)
    assert "第 4 稿" in words(screen)
    assert server.calls == 7


def test_what_there_is_of_a_new_text_can_be_dropped(guide: Writes, server: Writer) -> None:
    screen = guide()
    ended(screen)
    press(screen, "guide-anew")
    server.instead[5] = refused()
    job = ended(screen)
    assert screen.button(key="guide-anew-leave").label == say("zh", "study.anew_drop")
    press(screen, "guide-anew-leave")

    assert job.error is not None
    assert job.error.message("zh") not in words(screen)
    assert "第 1 稿" in words(screen)
    assert "write-guide" not in keys(screen)


def test_a_second_writing_that_failed_at_once_can_be_tried_again(guide: Writes, server: Writer) -> None:
    screen = guide()
    ended(screen)
    press(screen, "guide-anew")
    server.instead[4] = refused()
    ended(screen)
    assert screen.button(key="write-guide").label == say("zh", "study.anew_send")
    ended(screen)

    assert "第 5 稿" in words(screen)
    assert "guide-anew" in keys(screen)


def test_what_does_not_fit_has_a_sentence_in_place_of_the_button(guide: Writes, server: Writer) -> None:
    screen = guide(window=600)

    assert len(screen.error) == 1
    assert "write-guide" not in keys(screen)
    assert server.calls == 0


def test_a_budget_that_it_may_break_is_named_before_it_is_sent(guide: Writes) -> None:
    screen = guide()
    assert not screen.warning
    shared().preferences.choose("budgets", [Budget("month", "CNY", Decimal("0.0001")).as_json()])
    drawn(screen)

    assert "¥0.0001" in screen.warning[0].value
    assert "write-guide" in keys(screen)


def test_a_note_that_is_gone_is_no_longer_chosen(guide: Writes, notes: Path) -> None:
    screen = guide()
    (notes / "attention.md").unlink()
    shared().start_sync().wait(LONGEST)

    drawn(screen)
    assert screen.multiselect(key="guide-notes").value == [path for path in ALL if path != "attention.md"]


def test_the_labels_of_the_buttons_are_there_in_english(guide: Writes) -> None:
    screen = guide(language="en")
    button(screen, "Write it")
