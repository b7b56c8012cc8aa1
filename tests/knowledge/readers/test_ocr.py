"""The text of pictures: recognised by the real models, in a process of its own, offline."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from assistant.errors import DamagedNote, NeedsOcr, NotText, OcrMissing
from assistant.knowledge.readers import ocr, read
from assistant.knowledge.readers.ocr import INSTALL, recognise
from tests.conftest import do_without
from tests.documents import found
from tests.printed import LATIN, chinese_font, picture, scanned

LINES = ["Retrieval finds the passages that a question", "needs, and the model writes its answer from", "them alone."]


@pytest.fixture(autouse=True)
def models() -> None:
    if not ocr.is_installed():
        do_without("ocr", "the extra ocr is not installed")


def words(text: str) -> list[str]:
    return text.replace("\n", " ").split()


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp")])
def test_a_picture_is_read_as_paragraphs(tmp_path: Path, kind: str, suffix: str) -> None:
    file = tmp_path / f"a.{suffix}"
    file.write_bytes(picture(LINES, kind=kind))

    (page,) = recognise(found(file), [1])

    assert page.text == LATIN[0]
    assert page.certainty is not None and page.certainty > 0.8


def test_chinese_and_english_are_read_by_the_same_models(tmp_path: Path) -> None:
    font = chinese_font()
    if font is None:
        do_without("fonts", "no Chinese font to draw with")
    (tmp_path / "a.png").write_bytes(
        picture(["投机解码 Speculative Decoding", "先起草若干候选，再一次并行验证。"], font=font)
    )

    (page,) = recognise(found(tmp_path / "a.png"), [1])

    assert "投机解码 Speculative Decoding" in page.text
    assert "先起草若干候选，再一次并行验证" in page.text


def test_two_columns_of_a_scan_are_not_mixed(tmp_path: Path) -> None:
    left = ["the left column tells", "how a query becomes a", "vector and is compared", "with all the others"]
    right = ["the right side tells how", "passages are ranked by", "their scores and then", "quoted in an answer"]
    (tmp_path / "a.png").write_bytes(picture(left, beside=right))

    (page,) = recognise(found(tmp_path / "a.png"), [1])

    assert words(page.text) == words(" ".join(left + right))


def test_pages_of_a_scan_come_one_by_one(tmp_path: Path) -> None:
    file = scanned(tmp_path / "a.pdf", [picture(["first page"]), "typed", picture(["third page"])])

    pages = list(recognise(found(file), [1, 3]))

    assert [(page.page, page.text) for page in pages] == [(1, "first page"), (3, "third page")]


def test_a_picture_without_words_is_read_as_empty(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture([]))

    (page,) = recognise(found(tmp_path / "a.png"), [1])

    assert (page.text, page.certainty) == ("", None)


def test_a_broken_picture_is_a_damaged_note(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture(LINES)[:2000])

    with pytest.raises(DamagedNote):
        list(recognise(found(tmp_path / "a.png"), [1]))


@pytest.mark.case(16)
def test_a_picture_of_claimed_billions_of_pixels_is_refused_unopened(tmp_path: Path) -> None:
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (2**30).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    (tmp_path / "a.png").write_bytes(head + bytes(200))

    with pytest.raises(DamagedNote):
        list(recognise(found(tmp_path / "a.png"), [1]))


def test_stopping_leaves_no_child_behind(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture(LINES))
    before = set(psutil.Process().children())  # servers of other tests

    for _ in recognise(found(tmp_path / "a.png"), [1]):
        break

    assert set(psutil.Process().children()) <= before


def test_a_child_that_takes_too_much_memory_is_ended_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_MAX_MEMORY", 1 << 20)
    (tmp_path / "a.png").write_bytes(picture(LINES))

    with pytest.raises(DamagedNote) as caught:
        list(recognise(found(tmp_path / "a.png"), [1]))

    assert "too_much_memory" in caught.value.details["reason"]


def test_without_the_extra_its_install_line_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    (tmp_path / "a.png").write_bytes(picture(LINES))

    with pytest.raises(OcrMissing) as caught:
        list(recognise(found(tmp_path / "a.png"), [1]))

    assert all(INSTALL in caught.value.hint(language) for language in ("zh", "en"))


def test_a_picture_is_no_note_before_it_was_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture(LINES))
    (tmp_path / "b.webp").write_bytes(b"RIFF\x00\x00\x00\x00WAVEfmt ")
    (tmp_path / "c.jpg").write_bytes(b"just words")

    with pytest.raises(NeedsOcr):
        read(found(tmp_path / "a.png"))
    for name in ("b.webp", "c.jpg"):
        with pytest.raises(NotText):
            read(found(tmp_path / name))
