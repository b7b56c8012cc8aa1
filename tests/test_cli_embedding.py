"""The commands with an embedding model of one's own: the bill before, the ledger after, and questions on their way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main
from tests.providers.fake_provider import plain
from tests.providers.vector_server import VectorServer, slow_down

Run = Callable[..., Any]
QUESTION = "square root of the key dimension"
MODEL = ("--provider", "custom", "--model", "tiny")


@pytest.fixture
def run(notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return its object, or with ``words`` what it printed on both streams."""

    def command(*arguments: str, words: bool = False) -> Any:
        form = [] if words else ["--json"]
        assert main([*arguments, *form, "--notes", str(notes), "--data", str(tmp_path / "data")]) == 0
        printed = capsys.readouterr()
        return printed if words else json.loads(printed.out)

    return command


def served(server: VectorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_EMBEDDING_BASE_URL", f"{server.url}/v1")


def test_the_estimate_of_a_sync_names_what_is_known_and_how_long_it_takes(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with VectorServer() as server:
        served(server, monkeypatch)
        before = run("sync", "--estimate", *MODEL)
        assert server.requests == []
        report = run("sync", *MODEL)
        after = run("sync", "--estimate")

    assert (before["known_chunks"], before["minutes"], before["embedded_chunks"]) == (0, None, 5)
    assert before["embedding_tokens"] == report["embedding_tokens"] == server.tokens
    assert report["cost"] == {"currency": "CNY", "amount": "0"}
    assert (after["known_chunks"], after["embedded_chunks"], after["minutes"]) == (5, 0, 0)
    assert after["cost"] == {"currency": "CNY", "low": "0", "typical": "0", "high": "0"}


def test_the_bill_is_printed_for_people_with_what_is_unknown(run: Run) -> None:
    paid = run("sync", "--estimate", "--provider", "dashscope", "--model", "text-embedding-v4", words=True).out
    unknown = run("sync", "--estimate", "--provider", "openai", "--model", "embedding-of-tomorrow", words=True).out

    assert "送往嵌入模型的片段: 5" in paid
    assert "CNY 0.0000" in paid
    assert "分钟: 未知" in paid
    assert "费用: 未知" in unknown


def test_syncs_and_questions_are_booked_under_their_purpose(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with VectorServer() as server:
        served(server, monkeypatch)
        run("sync", *MODEL)
        found = run("search", QUESTION)
        preview = run("preview", QUESTION)
        answer = run("ask", QUESTION)
    groups = run("usage", "--by", "purpose")["groups"]

    assert [(group["name"], group["unpriced"]) for group in groups] == [("embedding", 0), ("question", 0)]
    assert sum(group["prompt_tokens"] for group in groups) == server.tokens
    assert groups[1]["calls"] == 3  # three processes, which share no memory
    for result in (found, preview, answer):
        assert result["search_cost"] == {"currency": "CNY", "amount": "0"}
        assert result["searched"]["vectors"] is True
        assert result["searched"]["sent"]["model"] == "tiny"
    assert answer["citations"]


def test_a_search_without_its_model_says_why_and_finds_all_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with VectorServer() as server:
        served(server, monkeypatch)
        run("sync", *MODEL)
        server.instead[len(server.requests) + 1] = plain({"error": {"message": "bad key"}}, 401)
        found = run("search", QUESTION)
        server.instead[len(server.requests) + 1] = plain({"error": {"message": "bad key"}}, 401)
        printed = run("search", QUESTION, words=True).out

    assert found["matches"][0]["note"] == "attention.md"
    assert (found["search_cost"], found["searched"]["sent"]) == (None, None)
    assert found["searched"]["without_vectors"]["kind"] == "key_missing"
    assert "只按关键词检索" in printed


def test_a_wait_for_the_model_is_told_on_stderr(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with VectorServer({1: slow_down(0.3)}) as server:
        served(server, monkeypatch)
        said = run("sync", *MODEL, words=True).err

    (line,) = [line for line in said.splitlines() if "rate limit" in line]
    assert "(0 s)" in line
    assert line.startswith("[1/3]")
