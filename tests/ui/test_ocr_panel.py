"""The library says what needs OCR, offers it per note and page, or says how to get it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.knowledge import recognition
from assistant.knowledge.readers.ocr import INSTALL
from assistant.ui import ocr_panel
from tests.knowledge.test_recognition import Reader
from tests.printed import picture, scanned
from tests.ui.screens import Open, button, shared, words

SCAN = picture(["words on paper"])


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    reader = Reader()
    monkeypatch.setattr(recognition, "recognise", reader)
    for module in (recognition, ocr_panel):
        monkeypatch.setattr(module, "is_installed", lambda: True)
    return reader


def test_the_library_counts_what_waits_and_keeps_pictures_out_of_the_table(
    open_page: Open, notes: Path, reader: Reader
) -> None:
    scanned(notes / "half.pdf", ["typed", SCAN, "typed", SCAN])
    (notes / "board.png").write_bytes(SCAN)

    screen = open_page("library")

    table = screen.dataframe[0].value
    assert "board.png" not in list(table["note"])
    assert "🟡 4 页中有 2 页需要 OCR" in list(table["state"])
    assert any("2 个文件（3 页）只能用 OCR 读取" in one.label for one in screen.expander)
    button(screen, "用 OCR 识别（3 页）")
    job = shared().jobs.latest
    assert job is not None
    job.wait(60)
    assert reader.asked == [("board.png", 1), ("half.pdf", 2), ("half.pdf", 4)]
    screen.run()
    assert not screen.exception
    assert "board.png" in list(screen.dataframe[0].value["note"])


def test_a_note_offers_its_pages_one_by_one(open_page: Open, notes: Path, reader: Reader) -> None:
    scanned(notes / "half.pdf", ["typed", SCAN, "typed", SCAN])
    screen = open_page("library", note="half.pdf")
    assert "4 页中有 2 页需要 OCR" in words(screen)

    screen.multiselect[0].set_value([4]).run()
    button(screen, "用 OCR 识别（1 页）")
    job = shared().jobs.latest
    assert job is not None
    job.wait(60)
    screen.run()

    assert reader.asked == [("half.pdf", 4)]
    assert "第 4 页由 OCR 识别" in words(screen)
    assert "4 页中有 1 页需要 OCR" in words(screen)


def test_without_the_extra_the_page_says_how_to_get_it(
    open_page: Open, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr_panel, "is_installed", lambda: False)
    scanned(notes / "scan.pdf", [SCAN])

    screen = open_page("library")

    assert INSTALL in [one.value for one in screen.code]
    assert not [one for one in screen.button if "OCR" in one.label]


def test_a_vaults_note_is_drawn_without_its_signs_and_with_its_links(open_page: Open, notes: Path) -> None:
    text = "# 笔记\n\n> [!note] 要点\n> 见 [[attention|注意力]]。 ^a1b2\n\nid:: 64f0\n"
    (notes / "库.md").write_text(text, encoding="utf-8")

    screen = open_page("library", note="库.md")

    assert not screen.exception
    drawn = words(screen)
    assert "见 注意力。" in drawn
    assert "[[" not in drawn and "^a1b2" not in drawn and "id::" not in drawn
    assert "→ attention.md" in [one.label for one in screen.button]
