"""Forks a fresh process for every trial out of one that has loaded the app and holds nothing open: milliseconds instead of seconds.

``python -m tests.reliability.fresh_processes`` is the forking side, ``Fresh`` the asking one; they speak JSON lines.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]


class Fresh:
    """Runs an action of ``trials`` in a process of its own, killed or failed as the plan says."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.fresh_processes"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def run(self, action: str, folder: Path, url: str, **plan: Any) -> dict[str, Any]:
        """Return how the process ended (``signal``), what it said, and which points it came by."""
        assert self._process.stdin and self._process.stdout
        asked = {"action": action, "folder": str(folder), "url": url, "plan": plan}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _serve() -> None:
    from tests.reliability import hook_points

    hook_points.install()
    from tests.reliability import trials

    trials.warm_up()
    assert threading.active_count() == 1  # only a process of one thread may be forked
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_forked(json.loads(line)), ensure_ascii=True) + "\n")
        sys.stdout.flush()


def _forked(asked: dict[str, Any]) -> dict[str, Any]:
    after = asked["plan"].pop("after", None)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _be_the_child(asked, writing)
    os.close(writing)
    if after is not None:
        _kill_after(pid, after)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    told: dict[str, Any] = json.loads(said) if said else {}
    return told | {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def _kill_after(pid: int, seconds: float) -> None:
    """Kill the child at that moment, unless it has ended: then its number still is its own, nobody has waited for it."""
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)


def _be_the_child(asked: dict[str, Any], writing: int) -> None:
    from tests.reliability import hook_points, trials

    sys.stdin.close()
    limits = asked["plan"].pop("file_size", None)
    folder = Path(asked["folder"])
    plan = hook_points.Plan(**asked["plan"], below=(str(folder),))
    told: dict[str, Any] = {}
    try:
        if limits is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (limits, limits))
        hook_points.follow(plan)
        before, action = trials.TRIALS.get(asked["action"].removeprefix("before "), (None, trials.self_check))
        chosen = before if asked["action"].startswith("before ") and before else action
        told = trials.attempt(chosen, folder, asked["url"])
    except BaseException:  # noqa: BLE001 - whatever comes out of it is told as it is
        told = {"defect": traceback.format_exc()}
    finally:
        hook_points.follow(hook_points.Plan())
        told |= {"points": plan.seen, "hit": plan.hit}
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(json.dumps(told).encode())
        os._exit(0)


if __name__ == "__main__":
    _serve()
