"""A part that the tests need and this machine lacks is a failure, and elsewhere a skip with its reason: pytest run in pytest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What takes a part away before pytest looks for it, and the cheapest test that needs it.
WITHOUT = {
    "servers": ("import sys; sys.modules['xllamacpp'] = None", "tests/servers/test_llama_server.py", "xllamacpp"),
    "milvus": (
        "import importlib.util as u; find = u.find_spec; u.find_spec = lambda name, *a: None if name == 'pymilvus' else find(name, *a)",
        "tests/knowledge/test_vectors.py::test_from_faiss_to_milvus_and_back_nothing_is_embedded_again",
        "pymilvus",
    ),
    "browser": ("import os; os.environ['PATH'] = ''", "tests/browser/test_citation_links.py", "no Chromium"),
}


def run_without(part: str, needed: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a part on a machine that lacks it."""
    take_away, tests, _ = WITHOUT[part]
    code = f"{take_away}; import sys, pytest; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-x', '{tests}']))"
    environment = os.environ | {"ASSISTANT_TESTS_NEED": needed, "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("part", WITHOUT)
@pytest.mark.parametrize("needed", ["browser,servers,milvus", "milvus servers browser"])
def test_a_needed_part_that_is_missing_is_a_failure(part: str, needed: str) -> None:
    run = run_without(part, needed)

    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert WITHOUT[part][2] in run.stdout
    assert "skipped" not in run.stdout.splitlines()[-1]


@pytest.mark.parametrize("part", WITHOUT)
def test_a_part_that_nobody_needs_is_skipped_with_its_reason(part: str) -> None:
    run = run_without(part, "")

    assert run.returncode == pytest.ExitCode.OK, run.stdout
    assert WITHOUT[part][2] in run.stdout
    assert "passed" not in run.stdout.splitlines()[-1]
