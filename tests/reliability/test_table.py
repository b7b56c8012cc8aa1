"""docs/reliability.md against the marks on the tests: no number without a test or a reason, nothing out of date."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.reliability import table
from tests.reliability.table import (
    NUMBERS,
    TABLE,
    Heard,
    cases,
    hear,
    marked,
    marks_of,
    read_table,
    write_table,
    written,
)


def test_every_number_has_a_test_or_a_reason_and_is_about_something() -> None:
    bare = set(NUMBERS) - set(marked()) - set(cases().reason) - cases().waiting

    assert bare == set()
    assert sorted(cases().about) == list(NUMBERS)
    assert set(marked()) | set(cases().reason) | cases().waiting == set(NUMBERS)
    assert all(text.strip() for text in (*cases().about.values(), *cases().reason.values()))


def test_no_number_that_has_its_test_is_still_waited_for() -> None:
    assert cases().waiting & set(marked()) == set()


def test_the_written_table_names_the_tests_that_bear_each_number() -> None:
    rows = read_table(TABLE.read_text(encoding="utf-8"))

    assert {number: tests for number, (_, tests) in rows.items() if tests} == dict(marked()), table.COMMAND
    assert sorted(rows) == list(NUMBERS)
    assert written({number: outcome for number, (outcome, _) in rows.items()}) == TABLE.read_text(encoding="utf-8")
    assert {outcome for outcome, _ in rows.values()} <= {"passed", "skipped", "reason given", "not yet"}


def test_marks_are_found_on_tests_and_on_their_parameters() -> None:
    source = """
@pytest.mark.case(3, 4)
@pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.case(9))])
def test_a(x): ...
def test_b(): pytest.mark.case(5)
"""
    assert sorted(marks_of(ast.parse(source))) == [("test_a", 3), ("test_a", 4), ("test_a", 9)]


def test_a_part_of_the_tests_does_not_write_the_table(tmp_path: Path) -> None:
    heard = Heard()
    everything = sorted({test for tests in marked().values() for test in tests})
    for test in everything[1:]:
        heard.add(test, "passed")

    assert everything[0] in write_table(heard, tmp_path / "table.md")
    assert not (tmp_path / "table.md").exists()

    heard.add(everything[0], "skipped")
    write_table(heard, tmp_path / "table.md")
    assert read_table((tmp_path / "table.md").read_text("utf-8")).keys() == set(NUMBERS)


@pytest.mark.parametrize(
    ("reports", "verdict"),
    [
        ([("call", "passed")], "passed"),
        ([("call", "rerun"), ("call", "passed")], "passed"),
        ([("setup", "skipped"), ("call", "passed")], "passed"),
        ([("setup", "skipped")], "skipped"),
        ([("call", "passed"), ("call", "failed")], "failed"),
        ([("call", "passed"), ("teardown", "failed")], "failed"),
        ([("setup", "failed")], "failed"),
    ],
)
def test_a_number_passed_when_one_of_its_tests_ran_and_none_failed(
    reports: list[tuple[str, str]], verdict: str
) -> None:
    heard = Heard()
    for when, outcome in [("setup", "passed"), *reports]:
        hear(
            heard,
            SimpleNamespace(nodeid="tests/test_x.py::test_y[a[1]]", when=when, outcome=outcome),
            frozenset({"tests/test_x.py::test_y"}),
        )

    assert heard.verdict(("tests/test_x.py::test_y",)) == verdict
