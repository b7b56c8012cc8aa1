"""OCR from a terminal: what waits is said page by page, and sync --ocr reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant import cli_ocr
from assistant.cli import main
from assistant.knowledge import recognition
from assistant.knowledge.readers import ocr
from assistant.knowledge.readers.ocr import INSTALL
from tests.conftest import do_without
from tests.printed import picture, scanned

SCAN = picture(["the words that were scanned from paper"])


@pytest.fixture
def folder(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A folder with a partly scanned PDF and a picture, as arguments of the command line."""
    monkeypatch.chdir(tmp_path)
    scanned(notes / "half.pdf", ["typed", SCAN, SCAN, "typed", SCAN])
    (notes / "board.png").write_bytes(SCAN)
    return ["--notes", str(notes), "--data", str(tmp_path / "data")]


def test_pages_that_wait_are_counted_in_both_languages(
    folder: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, said in (
        ("en", "half.pdf: 3 of 5 pages need OCR (2–3, 5)"),
        ("zh", "half.pdf: 5 页中有 3 页需要 OCR (2–3, 5)"),
    ):
        monkeypatch.setenv("ASSISTANT_LANGUAGE", language)
        assert main(["sync", *folder]) == 0
        assert said in capsys.readouterr().out


def test_the_json_names_pages_and_reasons(folder: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", "--json", *folder]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["partly"] == [{"path": "half.pdf", "pages": [2, 3, 5], "reason": "no_text"}]
    assert report["needs_ocr"] == [
        {"path": "board.png", "kind": "image", "pages": [1], "of": 1},
        {"path": "half.pdf", "kind": "pdf", "pages": [2, 3, 5], "of": 5},
    ]
    assert report["failed"] == []


def test_without_the_extra_the_install_line_is_said_and_ocr_is_refused(
    folder: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (cli_ocr, recognition):
        monkeypatch.setattr(module, "is_installed", lambda: False)

    assert main(["sync", *folder]) == 0
    assert INSTALL in capsys.readouterr().out

    assert main(["sync", "--ocr", "--json", *folder]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "ocr_missing"
    assert INSTALL in error["hint"]


def test_sync_with_ocr_reads_what_waits_and_search_finds_it(
    folder: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    if not ocr.is_installed():
        do_without("ocr", "the extra ocr is not installed")

    assert main(["sync", "--ocr", "--json", *folder]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["ocr"]["pages_read"], report["needs_ocr"], report["partly"]) == (4, [], [])
    assert sorted(report["changed"]) == ["board.png", "half.pdf"]

    assert main(["search", "words scanned from paper", "--json", *folder]) == 0
    matches = json.loads(capsys.readouterr().out)["matches"]
    assert matches[0]["ocr"] is True  # equal passages of several pages are one match
    assert "scanned from paper" in matches[0]["text"]
