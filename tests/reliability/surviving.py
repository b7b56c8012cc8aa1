"""A folder before an action, the action done to copies of it that do not survive, and what must hold afterwards."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.knowledge.stored import text_hash
from tests.conftest import NOTES, write
from tests.providers.fake_provider import Recorded, Reply, answer, plain
from tests.providers.vector_server import VectorServer
from tests.reliability.fresh_processes import Fresh

ONE_REQUEST = 10  # texts: a server of ours gets no more at once


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
    seconds: float = 0.0

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
        done = self.run(name, clean)
        assert "error" not in done, done
        self.points, self.seconds = len(done["points"]), done["seconds"]
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


def spread(points: int, count: int) -> list[int]:
    """Choose so many of the points, evenly; all of them where there are no more."""
    if count >= points:
        return list(range(1, points + 1))
    return sorted({1 + round(step * (points - 1) / max(1, count - 1)) for step in range(count)})
