"""The commands and their JSON, as other people's scripts rely on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from assistant import database
from assistant.cli import main
from tests.conftest import write
from tests.documents import pdf

Run = Callable[..., dict[str, Any]]
ROOT = Path(__file__).parents[1]
MATCH = {"note", "title", "heading", "page", "lines", "chars", "text", "score", "scores"}


@pytest.fixture
def folders(notes: Path, tmp_path: Path) -> list[str]:
    return ["--notes", str(notes), "--data", str(tmp_path / "data")]


@pytest.fixture
def run(folders: list[str], capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command with --json and return its one object."""

    def command(*arguments: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert main([*arguments, "--json", *folders]) == code
        printed = capsys.readouterr().out
        assert printed.count("\n") == 1
        result = json.loads(printed)
        assert isinstance(result, dict)
        return result

    return command


@pytest.fixture
def synced(run: Run) -> Run:
    run("sync")
    return run


def test_sync_reports_what_it_did(run: Run) -> None:
    report = run("sync")

    assert sorted(report.pop("added")) == ["attention.md", "寄存.txt", "机器学习/过拟合.md"]
    assert report.pop("seconds") >= 0
    chunks = report.pop("chunks")
    assert chunks == report.pop("embedded_chunks") == 5
    assert report.pop("embedding_tokens") > 0
    assert report == {
        "notes": 3, "changed": [], "removed": [], "renamed": [], "unchanged": 0, "partly": [], "failed": [],
        "missing_folders": [], "skipped": [], "cost": {"currency": "CNY", "low": "0", "typical": "0", "high": "0"},
    }  # fmt: skip


def test_an_estimate_says_the_same_and_does_nothing(run: Run) -> None:
    estimate = run("sync", "--estimate")
    assert run("search", "attention")["matches"] == []
    report = run("sync")

    for name in (
        "added",
        "changed",
        "removed",
        "renamed",
        "unchanged",
        "failed",
        "embedded_chunks",
        "embedding_tokens",
    ):
        assert estimate[name] == report[name], name
    assert set(estimate) == set(report)


def test_a_second_sync_names_what_changed(synced: Run, notes: Path, tmp_path: Path) -> None:
    write(notes, {"new.md": "# New\n\nText.", "attention.md": "# Attention\n\nOther words.", "empty.md": b""})
    (notes / "寄存.txt").rename(notes / "moved.txt")
    (notes / "机器学习" / "过拟合.md").unlink()
    pdf(notes / "scan.pdf", ["A page with enough words on it to be read by people.", None, None])
    report = synced("sync")

    assert sorted(report["added"]) == ["new.md", "scan.pdf"]
    assert report["changed"] == ["attention.md"]
    assert report["removed"] == ["机器学习/过拟合.md"]
    assert report["renamed"] == [{"from": "寄存.txt", "to": "moved.txt"}]
    assert [(bad["path"], bad["kind"]) for bad in report["failed"]] == [("empty.md", "empty")]
    assert "empty.md" in report["failed"][0]["message"]
    assert report["partly"] == [{"path": "scan.pdf", "pages": [2, 3], "reason": "no_text"}]


def test_search_gives_matches_in_the_contracts_form(synced: Run, notes: Path) -> None:
    result = synced("search", "square root of the key dimension", "-k", "2")

    assert set(result) == {"matches", "relevant", "seconds"}
    assert result["relevant"] is True
    assert len(result["matches"]) == 2
    match = result["matches"][0]
    assert set(match) == MATCH
    assert set(match["scores"]) == {"vector", "keyword"}
    assert (match["note"], match["title"], match["heading"], match["page"]) == (
        "attention.md", "Attention", ["Scaling"], None,
    )  # fmt: skip
    text = (notes / "attention.md").read_text("utf-8")
    assert text[slice(*match["chars"])] == match["text"]
    first, last = match["lines"]
    assert "\n".join(text.split("\n")[first - 1 : last]).strip() == match["text"].strip()
    assert 0 < match["score"] <= 1


def test_search_can_be_kept_to_places(synced: Run) -> None:
    result = synced("search", "attention 过拟合", "--in", "机器学习", "--in", "寄存.txt", "-k", "9")

    assert {match["note"] for match in result["matches"]} == {"机器学习/过拟合.md", "寄存.txt"}


def test_a_page_of_a_pdf_is_named(run: Run, notes: Path) -> None:
    pdf(notes / "blue.pdf", ["First page about nothing much.", "Blue whales eat tons of krill every day."])
    run("sync")

    match = run("search", "what do blue whales eat")["matches"][0]
    assert (match["note"], match["page"]) == ("blue.pdf", 2)


def test_preview_shows_the_very_messages_and_their_cost(synced: Run) -> None:
    preview = synced("preview", "什么是过拟合？")

    assert set(preview) == {
        "provider", "model", "prompt_tokens", "parts", "exact", "output_tokens", "cost", "context_window", "fits",
        "messages",
    }  # fmt: skip
    parts = preview["parts"]
    assert set(parts) == {"system", "history", "chunks", "question", "overhead"}
    assert preview["prompt_tokens"] == sum(sum(value) if isinstance(value, list) else value for value in parts.values())
    assert set(preview["output_tokens"]) == {"low", "typical", "high"}
    assert preview["cost"] == {"currency": "CNY", "low": "0", "typical": "0", "high": "0"}
    assert preview["fits"] is True
    assert [message["role"] for message in preview["messages"]] == ["system", "user"]
    assert "模型记住了训练集" in preview["messages"][1]["content"]


def test_ask_answers_with_citations_and_a_receipt(synced: Run) -> None:
    result = synced("ask", "什么是过拟合？")

    assert {
        "answer", "citations", "predicted_prompt_tokens", "usage", "cost", "seconds", "seconds_to_first_token",
        "conversation", "relevant",
    } <= set(result)  # fmt: skip
    assert "[1]" in result["answer"]
    citation = result["citations"][0]
    assert set(citation) == {"marker", "note", "heading", "page", "lines", "quote", "verified"}
    assert (citation["marker"], citation["note"], citation["verified"]) == (1, "机器学习/过拟合.md", True)
    assert result["usage"] == {"prompt_tokens": None, "completion_tokens": None, "reasoning_tokens": None}
    assert result["cost"] == {"currency": "CNY", "amount": "0"}
    assert result["predicted_prompt_tokens"] == synced("preview", "什么是过拟合？")["prompt_tokens"]


def test_a_conversation_goes_on(synced: Run) -> None:
    first = synced("ask", "什么是过拟合？")["conversation"]

    assert synced("ask", "What is attention?", "--conversation", first)["conversation"] == first
    assert synced("ask", "What is attention?")["conversation"] != first


def test_an_unknown_conversation_is_an_error_object(synced: Run) -> None:
    result = synced("ask", "q", "--conversation", "gone", code=1)

    assert set(result) == {"error"}
    assert set(result["error"]) == {"kind", "message", "hint"}
    assert result["error"]["kind"] == "not_found"
    assert "gone" in result["error"]["message"]
    assert result["error"]["hint"]


def test_a_question_that_nothing_answers_is_no_failure(synced: Run) -> None:
    result = synced("ask", "红烧肉要炖多久")

    assert result["relevant"] is False
    assert result["answer"].startswith("笔记里没有找到")


@pytest.mark.parametrize(
    ("variable", "value"), [("ASSISTANT_PROVIDER", "openai"), ("ASSISTANT_PROVIDER", "x"), ("ASSISTANT_LANGUAGE", "fr")]
)
def test_settings_that_cannot_be_used_are_an_error_object(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    error = run("search", "q", code=1)["error"]

    assert error["kind"] == "settings"
    assert variable in error["message"]


def test_errors_speak_the_chosen_language(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_LANGUAGE", "en")

    assert synced("ask", "q", "--conversation", "gone", code=1)["error"]["message"] == "gone was not found."


def test_a_data_folder_that_is_a_file_is_an_error_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")

    assert main(["search", "q", "--json", "--data", str(tmp_path / "file")]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "data_folder"


def test_a_writer_says_who_holds_the_lock(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("search", "q")
    monkeypatch.setattr(database.Database.writer.__wrapped__, "__defaults__", (0.1,))  # type: ignore[attr-defined]
    (tmp_path / "data" / "writer.txt").write_text("somebody (pid 7)")
    with FileLock(tmp_path / "data" / "writer.lock"):
        error = run("sync", code=1)["error"]
        assert run("search", "q")["matches"] == []

    assert error["kind"] == "busy"
    assert "somebody (pid 7)" in error["message"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["unknown"], ["search"], ["search", "q", "-k", "0"], ["search", "q", "-k", "x"], ["sync", "--no-such-option"]],
)
def test_wrong_usage_ends_with_2_and_prints_nothing_on_stdout(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    printed = capsys.readouterr()
    assert caught.value.code == 2
    assert printed.out == ""
    assert "usage:" in printed.err


def test_progress_goes_to_stderr(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", "--json", *folders]) == 0

    printed = capsys.readouterr()
    json.loads(printed.out)
    assert "[1/3] " in printed.err
    assert "[3/3] " in printed.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sync"], "3 篇笔记"),
        (["search", "square root"], "[1] "),
        (["preview", "什么是过拟合？"], "offline / quotes"),
        (["ask", "什么是过拟合？"], "[1] 机器学习/过拟合.md"),
        (["search", "红烧肉", "--in", "nowhere"], "没有找到。"),
    ],
)
def test_people_get_sentences(
    synced: Run, folders: list[str], capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    capsys.readouterr()

    assert main([*arguments, *folders]) == 0
    assert words in capsys.readouterr().out


def test_people_get_errors_on_stderr(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "q", "--conversation", "gone", *folders]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "gone" in printed.err


def test_evaluate_measures_a_folder_in_beir_layout(run: Run, tmp_path: Path) -> None:
    collection(tmp_path / "set")
    result = run("evaluate", str(tmp_path / "set"), "-k", "3")

    assert {
        "queries", "ndcg_at_10", "recall_at_5", "mrr_at_10", "index_seconds", "chunks_per_second", "query_ms",
        "peak_rss_mb",
    } <= set(result)  # fmt: skip
    assert set(result["query_ms"]) == {"p50", "p95"}
    assert (result["queries"], result["ndcg_at_10"], result["recall_at_5"], result["mrr_at_10"]) == (2, 1.0, 1.0, 1.0)
    assert run("search", "whales")["matches"] == []


def test_a_folder_that_is_no_set_is_an_error_object(run: Run, tmp_path: Path) -> None:
    assert run("evaluate", str(tmp_path / "nothing"), code=1)["error"]["kind"] == "not_found"


def collection(folder: Path) -> None:
    write(
        folder,
        {
            "corpus.jsonl": '{"_id": "d1", "title": "鲸", "text": "蓝鲸是最大的动物。"}\n'
            '{"_id": "d2", "title": "Trees", "text": "Sequoias are the tallest trees."}\n',
            "queries.jsonl": '{"_id": "q1", "text": "最大的动物"}\n{"_id": "q2", "text": "tallest trees"}\n',
            "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n",
        },
    )


def shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "assistant", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, check=False)


def test_python_m_assistant_speaks_utf_8_whatever_the_locale(notes: Path, tmp_path: Path) -> None:
    where = {"ASSISTANT_NOTES_DIR": str(notes), "ASSISTANT_DATA_DIR": str(tmp_path / "data")}
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    assert shell("sync", **where).returncode == 0
    asked = shell("ask", "什么是过拟合？", "--json", **where, **plain)

    assert asked.returncode == 0
    assert "模型记住了训练集" in json.loads(asked.stdout.decode("utf-8"))["answer"]
    assert asked.stderr == b""


def test_a_question_that_is_no_text_is_no_traceback(folders: list[str]) -> None:
    asked = shell("ask", "\udcff\udcfe", "--json", *folders)

    assert b"Traceback" not in asked.stderr
    assert asked.returncode in (0, 1)
    json.loads(asked.stdout)


def test_wrong_usage_ends_the_process_with_2() -> None:
    assert shell("no-such-command").returncode == 2
