"""kill -9 at every hook point and at random moments: what is opened again is the old state or the new one, and nothing is bought twice.

A sample runs by default; every hook point and 500 moments with ASSISTANT_TESTS_LONG (docs/reliability-long.md).
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator

import pytest

from tests.reliability.fresh_processes import Fresh
from tests.reliability.length import LONG
from tests.reliability.surviving import Bench, Models, spread
from tests.reliability.trials import TRIALS

KILLS = 1_000 if LONG else 32
SEED = int(os.environ.get("ASSISTANT_SEED", "7"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no kill -9 and no fork on Windows")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Models() as models, Fresh() as fresh:
        yield Bench(fresh, models, tmp_path_factory.mktemp("killed"))


@pytest.mark.case(82, 93)
@pytest.mark.parametrize("name", TRIALS)
def test_a_kill_at_a_hook_point_leaves_the_old_state_or_the_new(bench: Bench, name: str) -> None:
    bench.set_up(name)
    for point in spread(bench.points, bench.points if LONG else max(2, KILLS // 2 // len(TRIALS))):
        trial = bench.copy()
        bench.models.forget()
        died = bench.run(name, trial, what="kill", at=point)
        assert died["signal"] == signal.SIGKILL
        bench.survives(trial)


@pytest.mark.case(82, 93)
@pytest.mark.parametrize("name", TRIALS)
def test_a_kill_at_a_random_moment_leaves_the_old_state_or_the_new(bench: Bench, name: str) -> None:
    bench.set_up(name)
    chance = random.Random(f"{SEED} {name}")
    died = 0
    wanted = max(2, KILLS // 2 // len(TRIALS))
    for turn in range(wanted + 20):
        if turn >= wanted and died:
            break
        trial = bench.copy()
        bench.models.forget()
        died += bench.run(name, trial, after=chance.uniform(0.01, bench.seconds))["signal"] == signal.SIGKILL
        bench.survives(trial)
    assert died  # some end before their moment comes, where the machine was slower when it was measured
