"""What a search can be kept to in the terminal, and how the notes themselves are measured there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main
from tests.conftest import write

Run = Callable[..., dict[str, Any]]
WHALES = {
    "biology/whale.md": "---\ntags: [sea, exam]\n---\n# Whales\n\nWhales eat krill.\n",
    "biology/seal.md": "---\ntags: [sea]\n---\n# Seals\n\nSeals eat fish, not krill.\n",
    "list.txt": "Shopping: krill for the aquarium.\n",
}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    write(tmp_path / "whales", WHALES)
    for name, day in (
        ("biology/whale.md", 1_700_000_000),
        ("biology/seal.md", 1_760_000_000),
        ("list.txt", 1_790_000_000),
    ):
        os.utime(tmp_path / "whales" / name, (day, day))
    folders = ["--notes", str(tmp_path / "whales"), "--data", str(tmp_path / "data")]

    def command(*arguments: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert main([*arguments, "--json", *folders]) == code
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    command("sync")
    return command


def found(run: Run, *arguments: str) -> set[str]:
    return {match["note"] for match in run("search", "krill", *arguments)["matches"]}


@pytest.mark.parametrize(
    ("arguments", "notes"),
    [
        ([], {"biology/whale.md", "biology/seal.md", "list.txt"}),
        (["--in", "biology"], {"biology/whale.md", "biology/seal.md"}),
        (["--tag", "exam"], {"biology/whale.md"}),
        (["--tag", "#SEA"], {"biology/whale.md", "biology/seal.md"}),
        (["--kind", "text"], {"list.txt"}),
        (["--kind", "text", "--kind", "markdown"], {"biology/whale.md", "biology/seal.md", "list.txt"}),
        (["--since", "2025-01-01"], {"biology/seal.md", "list.txt"}),
        (["--until", "2025-01-01"], {"biology/whale.md"}),
        (["--since", "2025-01-01", "--until", "2026-01-01"], {"biology/seal.md"}),
        (["--in", "biology", "--tag", "sea", "--kind", "markdown", "--since", "2025-01-01"], {"biology/seal.md"}),
        (["--tag", "no such tag"], set()),
        (["--kind", "text", "--in", "biology"], set()),
    ],
)
def test_a_search_is_kept_to_folders_tags_kinds_and_days(run: Run, arguments: list[str], notes: set[str]) -> None:
    assert found(run, *arguments) == notes


def test_a_file_that_is_touched_has_its_new_day_after_the_next_sync(run: Run, tmp_path: Path) -> None:
    os.utime(tmp_path / "whales" / "biology/whale.md", (1_790_000_000, 1_790_000_000))
    assert "biology/whale.md" not in found(run, "--since", "2026-01-01")
    assert run("sync")["unchanged"] == 3

    assert "biology/whale.md" in found(run, "--since", "2026-01-01")


@pytest.mark.parametrize("arguments", [["--kind", "film"], ["--since", "yesterday"]])
def test_a_kind_or_day_that_is_none_is_wrong_usage(run: Run, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("search", "krill", *arguments)

    assert ended.value.code == 2


def test_a_copy_is_named_beside_its_match(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "whales", {"copies/whales again.md": "# Whales\n\nWhales eat krill.\n"})
    run("sync")
    matches = run("search", "what do whales eat")["matches"]
    both = {matches[0]["note"], *(copy["note"] for copy in matches[0]["also"])}
    main(["search", "what do whales eat", "--notes", str(tmp_path / "whales"), "--data", str(tmp_path / "data")])

    assert both == {"biology/whale.md", "copies/whales again.md"}
    assert matches[0]["also"][0]["note"] in capsys.readouterr().out


def test_the_notes_are_measured_with_questions_from_their_headings(run: Run, tmp_path: Path) -> None:
    write(
        tmp_path / "whales",
        {"ml.md": "# ML\n\n## Overfitting\n\nIt learns by heart.\n\n## Dropout\n\nIt leaves units out.\n"},
    )
    run("sync")
    result = run("evaluate", "--own")

    assert {
        "queries",
        "ndcg_at_10",
        "recall_at_5",
        "mrr_at_10",
        "index_seconds",
        "chunks_per_second",
        "query_ms",
        "peak_rss_mb",
    } <= set(result)
    assert result["queries"] == 2
    low, high = result["intervals"]["ndcg_at_10"]
    assert 0 < low <= result["ndcg_at_10"] <= high <= 1


@pytest.mark.parametrize("arguments", [[], ["folder", "--own"]])
def test_what_is_measured_has_to_be_said(run: Run, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("evaluate", *arguments)

    assert ended.value.code == 2


def test_a_rerank_model_that_nobody_knows_is_refused_before_anything_is_sent(run: Run) -> None:
    error = run("ask", "what do whales eat", "--rerank", "siliconflow/nothing", code=1)["error"]

    assert error["kind"]
