"""How long a PDF child may live, and what of our environment it sees."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from assistant.knowledge.readers import pdf_process
from assistant.knowledge.readers.pdf_process import Patience, PdfChild
from tests.documents import pdf


@pytest.mark.parametrize(
    ("now", "over"), [(6.0, False), (7.0, False), (7.1, True), (10.1, True)], ids=["busy", "just", "silent", "late"]
)
def test_patience_ends_with_silence_or_with_the_deadline(now: float, over: bool) -> None:
    assert Patience(deadline=10.0, silence=2.0, heard=5.0).over(now) is over


def test_patience_does_not_count_our_own_thinking_as_silence() -> None:
    assert not Patience(deadline=10.0, silence=2.0, heard=float("inf")).over(9.0)


def test_a_child_that_says_nothing_is_ended(tmp_path: Path) -> None:
    patience = Patience(time.monotonic() + 60, silence=0.0)

    with pdf(tmp_path / "a.pdf", ["x"]).open("rb") as file, PdfChild(["text", "1"], file, patience) as child:
        said = list(child.lines())

        assert said == []
        assert child.ending() == "too_slow"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows programs need their environment")
def test_a_child_sees_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")

    environment = pdf_process.bare_environment()

    assert environment is not None
    assert set(environment) == {"PYTHONPATH", "PYTHONUTF8"}
