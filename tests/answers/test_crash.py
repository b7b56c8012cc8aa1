"""A process that is killed while it answers leaves the question, the words of all but its last moments, and says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import streamlit as st

from assistant.ui.i18n import say
from tests.answers.speaking import LONGEST, QUESTION, Server
from tests.providers.fake_provider import Recorded, Reply, Step, event, events, plain, said
from tests.ui.conftest import open_page  # noqa: F401 - a fixture
from tests.ui.screens import ROOT, Open, shared, words

PACE = 0.1


class Telling(Server):
    """Says one numbered word after the other for a minute, and has no list of models."""

    def __init__(self) -> None:
        super().__init__(events(*self._pieces()))

    def take(self, request: Recorded) -> Reply:
        return super().take(request) if request.path.endswith("/chat/completions") else plain({}, 404)

    @staticmethod
    def _pieces() -> list[Step]:
        return [piece for number in range(600) for piece in (event(said(f"w{number} ")), PACE)]


@pytest.mark.case(93)
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_kill_costs_at_most_two_seconds_of_an_answer(
    open_page: Open,  # noqa: F811
    notes: Path,
    tmp_path: Path,
) -> None:
    open_page()
    with Telling() as provider:
        environment = {**os.environ, "ASSISTANT_BASE_URL": f"{provider.url}/v1", "ASSISTANT_API_KEY": "k"}
        command = [sys.executable, "-m", "assistant", "ask", QUESTION, "--yes", "--provider", "custom", "--model", "m"]
        folders = ["--notes", str(notes), "--data", str(tmp_path / "data")]
        with subprocess.Popen([*command, *folders], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
            said_for = _answering(provider)
            os.kill(process.pid, signal.SIGKILL)
    st.cache_resource.clear()
    (saved,) = shared().conversations.all()
    screen = open_page(c=saved.id)

    (turn,) = shared().conversations.turns(saved.id)
    assert (turn.question, turn.state) == (QUESTION, "stopped")
    assert turn.answer.count("w") >= (said_for - 2) / PACE * 0.5  # a busy machine may speak at half the pace
    assert turn.record["matches"]
    assert say("zh", "chat.interrupted") in words(screen)


def _answering(provider: Telling) -> float:
    """Wait until an answer has been on its way for a while; return for how long."""
    deadline = time.monotonic() + 3 * LONGEST
    while not (asked := [one for one in provider.requests if one.path.endswith("/chat/completions")]):
        assert time.monotonic() < deadline
        time.sleep(PACE)
    time.sleep(5)
    return time.monotonic() - asked[0].at
