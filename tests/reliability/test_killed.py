"""kill -9 at every hook point and at random moments: what is opened again is the old state or the new one, and nothing is bought twice.

A sample runs by default; ``ASSISTANT_KILLS=1000`` makes it that many (docs/reliability-long.md).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.knowledge.stored import text_hash
from tests.conftest import NOTES, write
from tests.providers.fake_provider import Recorded, Reply, answer, plain
from tests.providers.vector_server import VectorServer
from tests.reliability.fresh_processes import Fresh
from tests.reliability.trials import TRIALS

KILLS = int(os.environ.get("ASSISTANT_KILLS", "48"))
SEED = int(os.environ.get("ASSISTANT_SEED", "7"))
ONE_REQUEST = 10  # texts: a server of ours gets no more at once

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no kill -9 and no fork on Windows")


class Models(VectorServer):
    """Sells vectors and answers; counts both."""

    def __init__(self) -> None:
        super().__init__(size=8)
        self.answered = 0

    def take(self, request: Recorded) -> Reply:
        if request.path.endswith("/embeddings"):
            return super().take(request)
        if not request.path.endswith("/chat/completions"):
            return plain({"error": {"message": "not found"}}, 404)
        self.answered += 1
        return answer("模型记住了训练集 [1]。")

    def forget(self) -> None:
        self.bought.clear()
        self.answered = 0


@dataclass
class Bench:
    """A folder before an action, what the action makes of it, and copies of it to be killed."""

    fresh: Fresh
    models: Models
    folder: Path
    name: str = ""
    before: Any = None
    after: Any = None
    points: int = 0

    def set_up(self, name: str) -> None:
        if name == self.name:
            return
        self.name = name
        shutil.rmtree(self.folder, ignore_errors=True)
        write(self.folder / "start" / "notes", NOTES)
        start = self.folder / "start"
        self.said("before " + name, start)
        self.before = self.said("check", self.copy())["units"] if (start / "data").exists() else {}
        clean = self.copy()
        self.points = len(self.run(name, clean)["points"])
        self.after = self.said("check", clean)["units"]

    def copy(self) -> Path:
        trial = self.folder / "trial"
        shutil.rmtree(trial, ignore_errors=True)
        return shutil.copytree(self.folder / "start", trial)

    def run(self, action: str, folder: Path, **plan: Any) -> dict[str, Any]:
        said = self.fresh.run(action, folder, self.models.url, **plan)
        assert "defect" not in said, said["defect"]
        return said

    def said(self, action: str, folder: Path) -> Any:
        outcome = self.run(action, folder)
        assert "error" not in outcome, outcome
        return outcome["result"]

    def survives(self, trial: Path) -> None:
        """Open the folder again, compare, do the action once more, and compare with what it makes without a fault."""
        bought = list(self.models.bought)
        self.models.forget()
        now = self.said("check", trial)
        assert now["wrong"] == []
        assert self.models.bought == []
        assert self.models.answered == 0
        for unit in self.before.keys() | self.after.keys() | now["units"].keys():
            allowed = (self.before.get(unit), self.after.get(unit))
            assert now["units"].get(unit) in allowed, f"{unit} is neither old nor new"
        if f"answer {self.asked}" in now["units"]:
            assert now["units"]["bill"] == self.after["bill"]
        kept = set(now["kept"])
        lost = {text_hash(text) for text in bought} - kept
        assert len(lost) <= ONE_REQUEST
        self.said(self.name, trial)
        assert not {text_hash(text) for text in self.models.bought} & kept
        again = self.said("check", trial)
        assert again["wrong"] == again["unnamed"] == []
        if self.name != "chat":  # which asks a second time
            assert again["units"] == self.after

    @property
    def asked(self) -> str:
        return next((unit[7:] for unit in self.after if unit.startswith("answer ") and unit not in self.before), "")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Models() as models, Fresh() as fresh:
        yield Bench(fresh, models, tmp_path_factory.mktemp("killed"))


def spread(points: int, count: int) -> list[int]:
    """Choose so many of the points, evenly; all of them where there are no more."""
    if count >= points:
        return list(range(1, points + 1))
    return sorted({1 + round(step * (points - 1) / max(1, count - 1)) for step in range(count)})


@pytest.mark.case(82)
@pytest.mark.parametrize("name", TRIALS)
def test_a_kill_at_a_hook_point_leaves_the_old_state_or_the_new(bench: Bench, name: str) -> None:
    bench.set_up(name)
    for point in spread(bench.points, max(2, KILLS // 2 // len(TRIALS))):
        trial = bench.copy()
        bench.models.forget()
        died = bench.run(name, trial, what="kill", at=point)
        assert died["signal"] == signal.SIGKILL
        bench.survives(trial)
