"""The n-th SQL statement or file call fails, n = 1, 2, 3 ...: the old state or the new, a sentence of ours, and the next try works.

A sample of the points runs by default, all of them with ASSISTANT_TESTS_LONG (docs/reliability-long.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.reliability.fresh_processes import Fresh
from tests.reliability.length import LONG
from tests.reliability.surviving import Bench, Models, spread
from tests.reliability.trials import TRIALS

SAMPLE = 10_000 if LONG else 3
FAULTS = ("EIO", "ENOSPC", "EMFILE")
SAID = {"data_folder", "disk_full", "busy"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on Windows")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Models() as models, Fresh() as fresh:
        yield Bench(fresh, models, tmp_path_factory.mktemp("failed"))


@pytest.mark.case(81)
@pytest.mark.parametrize("name", TRIALS)
def test_whichever_call_fails_nothing_is_lost_and_the_next_try_works(bench: Bench, name: str) -> None:
    bench.set_up(name)
    for place, point in enumerate(spread(bench.points, SAMPLE)):
        for lasting in (False, True):
            trial = bench.copy()
            bench.models.forget()
            outcome = bench.run(name, trial, what=FAULTS[place % len(FAULTS)], at=point, lasting=lasting)
            assert outcome["hit"]
            assert outcome.get("error", "data_folder") in SAID, outcome
            bench.survives(trial)


@pytest.mark.case(81, 84)
@pytest.mark.parametrize("name", ["first sync", "sync", "chat", "upload"])
def test_a_file_that_may_not_grow_is_a_full_disk_for_sqlite_itself(bench: Bench, name: str) -> None:
    """RLIMIT_FSIZE in the child: here SQLite's own writes fail, in the middle of a page and of a commit."""
    bench.set_up(name)
    largest = max(file.stat().st_size for file in (bench.folder / "start").rglob("*") if file.is_file())
    refused = 0
    for step in range(40 if LONG else 4):
        trial = bench.copy()
        bench.models.forget()
        outcome = bench.run(name, trial, file_size=step * largest // (40 if LONG else 4) + 1_000)
        assert outcome.get("error", "disk_full") in SAID, outcome
        refused += "error" in outcome
        bench.survives(trial)
    assert refused
