"""The commands and their JSON, as other people's scripts rely on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from assistant import database
from assistant.answers.conversations import Conversations
from assistant.cli import main
from assistant.connections import Choice
from assistant.database import Database
from assistant.money import vocabularies
from assistant.money.tokens import count
from assistant.money.vocabularies import VOCABULARIES
from assistant.preferences import Preferences
from assistant.settings import KEY_NAMES
from tests.answers.speaking import Server
from tests.conftest import write
from tests.documents import pdf
from tests.providers.fake_provider import FakeProvider, Reply, answer, plain

Run = Callable[..., dict[str, Any]]
ROOT = Path(__file__).parents[1]
MATCH = {"note", "title", "kind", "heading", "page", "ocr", "lines", "chars", "text", "lead", "score", "scores", "also"}


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


@pytest.fixture(autouse=True)
def no_keys_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("OLLAMA_HOST", raising=False)


@pytest.fixture
def synced(run: Run) -> Run:
    run("sync")
    return run


def test_sync_reports_what_it_did(run: Run) -> None:
    report = run("sync")

    assert sorted(report.pop("added")) == ["attention.md", "寄存.txt", "机器学习/过拟合.md"]
    assert report.pop("minutes") >= 0
    assert report.pop("seconds") >= 0
    chunks = report.pop("chunks")
    assert chunks == report.pop("embedded_chunks") == 5
    assert report.pop("embedding_tokens") > 0
    assert set(report.pop("ocr")) == {"installed", "install", "pages_read"}
    assert report == {
        "notes": 3, "needs_ocr": [], "changed": [], "removed": [], "renamed": [], "unchanged": 0, "partly": [], "noticed": [], "failed": [],
        "missing_folders": [], "unsettled": [], "skipped": [], "cost": {"currency": "CNY", "amount": "0"},
        "known_chunks": 0,
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

    assert set(result) == {"matches", "relevant", "seconds", "search_cost", "searched"}
    assert (result["search_cost"], result["searched"]["sent"]) == (None, None)
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
        "with_keys",
    "provider", "model", "prompt_tokens", "prompt_tokens_high", "parts", "exact", "parts_exact", "output_tokens", "cost",
    "context_window", "fits", "messages", "price_as_of", "price_age_days", "search_cost", "searched",
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
    checked = result["verification"]
    assert checked["statements"] == checked["with_source"] == checked["quotes"] == checked["quotes_verified"] > 0
    assert checked["altered"] == checked["unsupported"] == checked["suspicious"] == []
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
    ("variable", "value"),
    [("ASSISTANT_PROVIDER", "x"), ("ASSISTANT_LANGUAGE", "fr"), ("ASSISTANT_EMBEDDING_PROVIDER", "x")],
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
    [
        [],
        ["unknown"],
        ["tokens"],
        ["usage", "--by", "year"],
        ["search"],
        ["search", "q", "-k", "0"],
        ["search", "q", "-k", "x"],
        ["sync", "--no-such-option"],
    ],
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
        (["tokens", "过拟合 x"], "tokens (精确, o200k)"),
        (["usage"], "还没有调用过模型"),
        (["doctor"], "✓ consistency: 没有矛盾"),
        (["preview", "什么是过拟合？", "--provider", "dashscope", "--model", "qwen-plus"], "费用: CNY 0.0"),
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


QUESTION = "什么是过拟合？"
PAID = ("--provider", "dashscope", "--model", "qwen-plus")
PREVIEW = {
    "with_keys", "provider", "model", "prompt_tokens", "prompt_tokens_high", "parts", "exact", "parts_exact", "output_tokens", "cost",
    "context_window", "fits", "messages", "price_as_of", "price_age_days", "search_cost", "searched",
}  # fmt: skip


def own(server: FakeProvider, monkeypatch: pytest.MonkeyPatch, embedding: bool = False) -> tuple[str, ...]:
    """Point a custom provider at a server of ours: local, so nothing is charged."""
    monkeypatch.setenv("ASSISTANT_EMBEDDING_BASE_URL" if embedding else "ASSISTANT_BASE_URL", f"{server.url}/v1")
    return ("--provider", "custom", "--model", "tiny")


def saved(folder: Path) -> int:
    return len(Conversations(Database(folder / "data")).all())


def test_a_preview_for_a_paid_model_says_its_price_and_sends_nothing(synced: Run) -> None:
    preview = synced("preview", QUESTION, *PAID)

    assert set(preview) == PREVIEW
    assert (preview["provider"], preview["model"]) == ("dashscope", "qwen-plus")
    assert preview["cost"]["currency"] == "CNY"
    low, typical, high = (float(preview["cost"][name]) for name in ("low", "typical", "high"))
    assert 0 < low < typical < high
    assert preview["context_window"] == 1_000_000
    assert 0 < preview["output_tokens"]["low"] < preview["output_tokens"]["typical"] < preview["output_tokens"]["high"]
    parts = preview["parts"]
    assert preview["prompt_tokens"] == sum(sum(value) if isinstance(value, list) else value for value in parts.values())


def test_a_preview_of_a_model_without_a_price_says_unknown(synced: Run) -> None:
    preview = synced("preview", QUESTION, "--provider", "dashscope", "--model", "qwen-of-tomorrow")

    assert set(preview) == PREVIEW
    assert preview["cost"] is None
    assert preview["context_window"] is None


COMPARED = PREVIEW - {"messages", "search_cost", "searched", "with_keys"}  # what all of a comparison share is said once


def test_a_comparison_is_the_same_preview_for_every_model_that_could_be_asked(
    synced: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-qwen-0123456789")
    with FakeProvider(plain({"models": [{"model": "qwen3:8b"}]})) as ollama:
        monkeypatch.setenv("OLLAMA_HOST", ollama.url)
        alone = synced("preview", QUESTION, "--provider", "deepseek", "--model", "deepseek-flash")
        compared = synced("preview", QUESTION, "--provider", "deepseek", "--model", "deepseek-flash", "--compare")

    assert set(alone) == PREVIEW
    assert set(compared) == PREVIEW | {"models"}
    assert all(set(model) == COMPARED for model in compared["models"])
    first, *others = compared["models"]
    assert first == {name: compared[name] for name in COMPARED}
    names = [(model["provider"], model["model"]) for model in others]
    assert {("ollama", "qwen3:8b"), ("offline", "quotes"), ("dashscope", "qwen-flash")} <= set(names)
    assert len(names) == len(set(names))
    assert [request.path for request in ollama.requests] == ["/api/tags"]


def test_a_model_of_a_comparison_that_fails_has_its_error_and_nothing_else(
    synced: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-qwen-0123456789")
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    missing = VOCABULARIES["qwen3.5"]
    monkeypatch.setitem(VOCABULARIES, "qwen3.5", replace(missing, file="gone"))
    monkeypatch.setattr(vocabularies, "_loaded", {})
    compared = synced("preview", QUESTION, *PAID, "--compare")

    failed = {model["model"]: model for model in compared["models"] if "error" in model}
    assert {"qwen3.5-plus", "qwen3.6-flash"} <= set(failed)
    assert "qwen-flash" not in failed
    for model in failed.values():
        assert set(model) == COMPARED | {"error"}
        assert {name for name, value in model.items() if value is not None} == {"provider", "model", "error"}
        assert model["error"]["kind"] == "vocabulary"


def test_a_comparison_for_people_stands_in_columns_also_in_chinese(
    synced: Run, folders: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-qwen-0123456789")
    listed = plain({"models": [{"model": "模型\x1b[2J:8b"}]})
    with FakeProvider(listed) as ollama:
        monkeypatch.setenv("OLLAMA_HOST", ollama.url)
        assert main(["preview", QUESTION, *PAID, "--compare", *folders]) == 0
    printed = capsys.readouterr().out

    assert "\x1b" not in printed
    head, *table = printed.partition("\n\n")[2].splitlines()
    column = cells(head.partition("提示词")[0] + "提示词") - 1  # numbers stand flush right
    assert len(table) > 10
    assert {text_from(line, column)[0] for line in table} <= set("0123456789")
    assert {text_from(line, column + 1)[0] for line in table} == {" "}


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def text_from(line: str, cell: int) -> str:
    return next(line[place:] for place in range(len(line)) if cells(line[:place]) == cell)


def test_what_costs_money_is_refused_with_its_cost_and_leaves_nothing_behind(synced: Run, tmp_path: Path) -> None:
    error = synced("ask", QUESTION, *PAID, code=1)["error"]

    assert error["kind"] == "needs_confirmation"
    assert error["cost"] == synced("preview", QUESTION, *PAID)["cost"]
    assert f"CNY {error['cost']['low']} – {error['cost']['high']}" in error["message"]
    assert "--yes" in error["hint"]
    assert saved(tmp_path) == 0


def test_the_refusal_names_the_budgets_that_would_break(synced: Run, tmp_path: Path) -> None:
    budgets = [{"period": "day", "currency": currency, "amount": "0.0001"} for currency in ("CNY", "USD")]
    kept = Database(tmp_path / "data")
    Preferences(kept).choose("budgets", budgets)
    kept.close()

    error = synced("ask", QUESTION, *PAID, code=1)["error"]

    assert error["over_budget"] == [budgets[0] | {"spent": "0", "unpriced": 0}]
    assert "今天的预算 CNY 0.0001（已用 CNY 0）" in error["message"]
    assert "USD" not in error["message"]


def test_an_unknown_price_is_no_free_one(synced: Run) -> None:
    error = synced("ask", QUESTION, "--provider", "openai", "--model", "gpt-of-tomorrow", code=1)["error"]

    assert (error["kind"], error["cost"]) == ("needs_confirmation", None)
    assert "未知" in error["message"]


def test_with_yes_it_is_sent_and_billed(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answer("记住了训练集 [1]")) as server:
        monkeypatch.setenv("ASSISTANT_BASE_URL", f"{server.url}/v1")
        assert synced("ask", QUESTION, *PAID, code=1)["error"]["cost"] is None  # another address, another price
        assert server.requests == []
        result = synced("ask", QUESTION, *PAID, "--yes")

        assert server.requests[0].body["model"] == "qwen-plus"
        assert result["cost"] is None
        assert result["usage"]["prompt_tokens"] == 7
        assert synced("usage")["groups"][0]["unpriced"] == 1


def test_a_local_server_is_asked_without_a_question_back(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answer("记住了训练集 [1]")) as server:
        model = own(server, monkeypatch)
        preview = synced("preview", QUESTION, *model)
        already = len(server.requests)
        result = synced("ask", QUESTION, *model)
        sent = [request for request in server.requests[already:] if request.path.endswith("/chat/completions")]

    assert result["answer"] == "记住了训练集 [1]"
    assert (result["provider"], result["model"]) == ("custom", "tiny")
    assert result["usage"] == {"prompt_tokens": 7, "completion_tokens": 1, "reasoning_tokens": None}
    assert result["cost"] == {"currency": "CNY", "amount": "0"}
    assert result["predicted_prompt_tokens"] == preview["prompt_tokens"]
    assert [message["role"] for message in sent[-1].body["messages"]] == ["system", "user"]


def test_where_nothing_is_relevant_no_model_is_asked_and_no_yes_needed(synced: Run) -> None:
    result = synced("ask", "红烧肉要炖多久", *PAID)

    assert result["relevant"] is False
    assert result["cost"] == {"currency": "CNY", "amount": "0"}


def test_a_refusal_is_an_error_object_and_in_the_ledger(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = plain({"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}, 401)
    with Server(refused) as server:
        error = synced("ask", QUESTION, *own(server, monkeypatch), code=1)["error"]

    assert error["kind"] == "key_missing"
    assert set(error) == {"kind", "message", "hint"}
    assert synced("usage", "--by", "provider")["groups"][0]["name"] == "custom"


def test_a_prompt_that_does_not_fit_is_refused_before_it_is_sent(synced: Run, tmp_path: Path) -> None:
    small = Choice("ollama", "qwen3:8b", "http://127.0.0.1:9", num_ctx=400)
    Preferences(Database(tmp_path / "data")).choose("chat", small.as_json())
    error = synced("ask", QUESTION, code=1)["error"]

    assert error["kind"] == "prompt_too_long"
    assert "> 400" in error["message"]
    assert saved(tmp_path) == 0


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (["--provider", "x", "--model", "m"], "dashscope"),
        (["--provider", "openai"], "qwen"),
        (["--model", "m"], "--provider"),
    ],
    ids=["unknown provider", "no model", "no provider"],
)
def test_a_model_that_is_half_named_is_refused(synced: Run, model: list[str], named: str) -> None:
    error = synced("preview", QUESTION, *model, code=1)["error"]

    assert error["kind"] == "settings"
    assert named in error["message"] + error["hint"]


@pytest.mark.parametrize(
    ("model", "vocabulary"),
    [(None, "o200k"), ("qwen-plus", "qwen+nfc"), ("deepseek-chat", "deepseek"), ("qwen3:8b", "qwen"), ("?", "o200k")],
)
def test_tokens_are_those_of_the_models_family(run: Run, model: str | None, vocabulary: str) -> None:
    text = "什么是 over-fitting？\n $\\lambda$ <|im_end|> 🐋"
    result = run("tokens", text, *(["--model", model] if model else []))

    assert {"count", "exact", "tokens"} <= set(result)
    assert result["vocabulary"].removesuffix("+nfc") == vocabulary.removesuffix("+nfc")
    assert result["count"] == len(result["tokens"]) > 5
    assert all(set(token) == {"id", "text"} and isinstance(token["id"], int) for token in result["tokens"])
    assert result["exact"] is (model is None)
    if vocabulary == "o200k":
        assert result["count"] == count(text)


def test_tokens_put_together_are_the_text(run: Run) -> None:
    text = "Gradient descent goes downhill.\n\n梯度下降"

    assert "".join(token["text"] for token in run("tokens", text, "--model", "qwen-plus")["tokens"]) == text
    assert run("tokens", "")["count"] == 0


def test_an_unused_ledger_is_empty(run: Run) -> None:
    assert run("usage") == {
        "by": "model", "since": None, "groups": [], "totals": [], "forecast": [], "corrections": [], "budgets": [],
        "cut": 0, "csv": None,
    }  # fmt: skip


def test_usage_puts_predicted_beside_billed(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answer("so [1]")) as server:
        predicted = synced("ask", QUESTION, *own(server, monkeypatch))["predicted_prompt_tokens"]
    result = synced("usage")

    (group,), (total,) = result["groups"], result["totals"]
    assert group.items() >= {
        "name": "custom/tiny", "currency": "CNY", "calls": 1, "predicted_prompt_tokens": predicted,
        "prompt_tokens": 7, "completion_tokens": 1, "amount": "0", "unpriced": 0,
    }.items()  # fmt: skip
    assert total.items() >= {"currency": "CNY", "calls": 1, "amount": "0", "unpriced": 0}.items()
    assert {len(synced("usage", "--by", by)["groups"]) for by in ("day", "model", "provider", "purpose")} == {1}


def checks(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    fields = {"group", "name", "ok", "skipped", "message", "hint", "seconds"}
    assert all(set(one) == fields for one in result["checks"])
    return {one["name"]: one for one in result["checks"]}


def test_a_healthy_house_passes_every_check(synced: Run) -> None:
    result = synced("doctor")
    found = checks(result)

    assert set(found) == {"data_folder", "vocabularies", "key_files", "notes_folder", "consistency", "chat_key"}
    assert all(one["ok"] and one["message"] for one in found.values())
    assert "3" in found["notes_folder"]["message"]


def test_what_is_wrong_is_named_with_the_next_step(run: Run, tmp_path: Path) -> None:
    result = run("doctor", *PAID, "--notes", str(tmp_path / "gone"))
    capsys_free = checks(result)

    assert capsys_free["chat_key"]["ok"] is False
    assert "DASHSCOPE_API_KEY" in capsys_free["chat_key"]["hint"]


def test_a_data_folder_that_cannot_be_used_is_a_check_that_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert main(["doctor", "--json", "--data", str(tmp_path / "file")]) == 0
    found = checks(json.loads(capsys.readouterr().out))

    assert found["data_folder"]["ok"] is False
    assert found["data_folder"]["hint"]
    assert found["vocabularies"]["ok"]


def test_the_doctor_lists_models_and_asks_one_only_when_told_to(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    models = plain({"data": [{"id": "tiny"}, {"id": "other"}]})
    with Server(*[models] * 4, answer("OK")) as server:
        model = own(server, monkeypatch)
        result = synced("doctor", *model)
        looked = checks(result)
        assert [request.method for request in server.requests] == ["GET", "GET"]
        assert [spend["cost"]["high"] for spend in result["spend"]] == ["0"]
        asked = checks(synced("doctor", *model, "--yes"))

        assert server.requests[-1].body["max_tokens"] == 16
    assert looked["chat_models"]["ok"]
    assert "chat_answer" not in looked
    assert asked["chat_answer"]["ok"]
    assert "7" in asked["chat_answer"]["message"]
    assert asked["chat_stream"]["ok"]
    assert "7" in asked["chat_usage"]["message"]
    assert asked["chat_thinking"]["skipped"]
    assert synced("usage")["groups"][0]["prompt_tokens"] == 7


def test_the_doctor_finds_a_model_that_is_not_served(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(plain({"data": [{"id": "other"}]})) as server:
        found = checks(synced("doctor", *own(server, monkeypatch)))

    assert found["chat_models"]["ok"] is False
    assert "other" in found["chat_models"]["hint"]


def test_the_doctor_says_why_a_provider_does_not_answer(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = plain({"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}, 401)
    with Server(refused) as server:
        found = checks(synced("doctor", *own(server, monkeypatch), "--yes"))

    assert (found["chat_models"]["ok"], found["chat_answer"]["ok"]) == (False, False)
    assert "密钥" in found["chat_answer"]["message"]


@pytest.mark.case(80)
def test_a_paid_embedding_model_is_refused_until_the_cost_is_agreed_to(run: Run) -> None:
    paid = ("--provider", "dashscope", "--model", "text-embedding-v4")
    estimate = run("sync", "--estimate", *paid)
    error = run("sync", *paid, code=1)["error"]

    assert estimate["embedded_chunks"] == 5
    assert float(estimate["cost"]["typical"]) > 0
    assert error["kind"] == "needs_confirmation"
    assert error["cost"] == estimate["cost"]
    assert run("search", "attention")["matches"] == []


def test_the_estimate_counts_notes_that_only_lack_this_models_vectors(synced: Run) -> None:
    estimate = synced("sync", "--estimate", "--provider", "dashscope", "--model", "text-embedding-v4")

    assert (estimate["added"], estimate["changed"], estimate["unchanged"]) == ([], [], 3)
    assert estimate["embedded_chunks"] == 5
    assert synced("sync", "--estimate")["embedded_chunks"] == 0


def test_an_embedding_model_without_a_price_is_refused_as_well(synced: Run) -> None:
    error = synced("sync", "--provider", "openai", "--model", "embedding-of-tomorrow", code=1)["error"]

    assert (error["kind"], error["cost"]) == ("needs_confirmation", None)


class Vectors(FakeProvider):
    """A server of an embedding model: as many vectors as texts."""

    def take(self, request: Any) -> Reply:
        super().take(request)
        texts = request.body["input"]
        data = [{"index": place, "embedding": [1.0, len(text) % 7, 2.0]} for place, text in enumerate(texts)]
        return plain({"data": data, "usage": {"prompt_tokens": 9}})


def test_a_local_embedding_model_is_used_from_then_on(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Vectors(plain({})) as server:
        report = synced("sync", *own(server, monkeypatch, embedding=True))
        assert (report["embedded_chunks"], report["unchanged"]) == (5, 3)
        assert report["cost"] == {"currency": "CNY", "amount": "0"}
        asked = len(server.requests)
        again = synced("sync")
        found = synced("search", "square root of the key dimension")

        assert again["embedded_chunks"] == 0
        assert len(server.requests) == asked + 1
        assert found["matches"][0]["scores"]["vector"] is not None


def test_a_sync_that_fails_does_not_switch(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(plain({"error": {"message": "boom"}}, 400)) as server:
        synced("sync", *own(server, monkeypatch, embedding=True), code=1)
    monkeypatch.delenv("ASSISTANT_EMBEDDING_BASE_URL")

    assert synced("search", "square root of the key dimension")["matches"][0]["note"] == "attention.md"


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


def test_prices_are_held_against_a_public_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    rows = {
        "gpt-4o-mini": {"cost": {"input": 0.15, "output": 0.7}},
        "gpt-4.1-mini": {"cost": {"input": 0.4, "output": 1.6}},
    }
    file.write_text(json.dumps({"openai": {"models": rows}}))
    result = run("prices", str(file))

    assert result["differences"] == [
        {
            "provider": "openai", "region": "world", "model": "gpt-4o-mini", "field": "output",
            "ours": "0.6", "theirs": "0.7",
        }
    ]  # fmt: skip
    assert (result["shape"], result["currency"], result["compared"], result["not_comparable"]) == (
        "models.dev", "USD", 2, [],
    )  # fmt: skip
    assert run("prices", str(tmp_path / "missing"), code=1)["error"]["kind"] == "price_file"


def test_a_preview_says_of_when_its_price_is(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-qwen-0123456789abcdef")
    preview = synced("preview", QUESTION, *PAID)

    assert date.fromisoformat(preview["price_as_of"]) < datetime.now(UTC).date()
    assert preview["price_age_days"] == (datetime.now(UTC).date() - date.fromisoformat(preview["price_as_of"])).days
    assert synced("preview", QUESTION)["price_as_of"] is None
