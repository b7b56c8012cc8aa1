"""Scanned pages and pictures become part of the notes: once, marked, and whatever happens in between."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.errors import Cancelled, DamagedNote, OcrMissing
from assistant.knowledge import recognition
from assistant.knowledge.notes import Found
from assistant.knowledge.readers.ocr import Recognised
from assistant.knowledge.recognition import Recognition
from tests.printed import picture, scanned

SCAN = picture(["words on paper"])


class Reader:
    """Stands in for the models where only what is kept of them matters; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.fails_at: int | None = None

    def __call__(self, found: Found, pages: Sequence[int], cancelled: object = None) -> Iterator[Recognised]:
        for page in pages:
            if page == self.fails_at:
                raise DamagedNote(path=found.path, reason="test")
            self.asked.append((found.path, page))
            yield Recognised(page, f"recognised words about entropy on sheet {page}", 0.97)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    reader = Reader()
    monkeypatch.setattr(recognition, "recognise", reader)
    monkeypatch.setattr(recognition, "is_installed", lambda: True)
    return reader


def work(app: Assistant, pages: dict[str, list[int]] | None = None) -> Recognition:
    return Recognition(app.store, app.uploads, app.sync(), pages)


def state(app: Assistant, path: str) -> str:
    return next(note.state for note in app.store.notes() if note.place.path == path)


def test_a_report_says_which_pages_wait(app: Assistant, notes: Path) -> None:
    scanned(notes / "half.pdf", ["typed page one", SCAN, "typed page three", SCAN])
    scanned(notes / "scan.pdf", [SCAN, SCAN])
    (notes / "board.png").write_bytes(SCAN)

    report = app.sync().run()

    waiting = {note.place.path: note.state for note in report.needs_ocr}
    assert waiting == {"half.pdf": "partly", "scan.pdf": "failed", "board.png": "needs_ocr"}
    assert [path for path, _ in report.failed] == ["scan.pdf"]
    assert app.store.qualities("half.pdf") == ("text", "scanned", "text", "scanned")
    assert report.notes == 4


def test_what_was_recognised_is_found_and_marked(app: Assistant, notes: Path, reader: Reader) -> None:
    scanned(notes / "half.pdf", ["typed page one", SCAN])
    (notes / "board.png").write_bytes(SCAN)
    app.sync().run()

    report = work(app).run()

    assert report.ocr_pages == 2
    assert report.needs_ocr == []
    assert (state(app, "half.pdf"), state(app, "board.png")) == ("ready", "ready")
    marked = {
        (chunk.note, chunk.piece.page, chunk.ocr)
        for path in ("half.pdf", "board.png")
        for chunk in app.store.chunks_of(path)
    }
    assert marked == {("half.pdf", 1, False), ("half.pdf", 2, True), ("board.png", 1, True)}
    found = app.search.find("recognised words about entropy", 5).matches
    assert {match.chunk.note for match in found if match.chunk.ocr} == {"half.pdf", "board.png"}
    assert all(match.chunk.place.endswith("(OCR)") for match in found if match.chunk.ocr)


def test_no_page_is_recognised_twice_wherever_its_file_goes(app: Assistant, notes: Path, reader: Reader) -> None:
    scanned(notes / "scan.pdf", [SCAN, SCAN])
    app.sync().run()
    work(app).run()
    (notes / "scan.pdf").rename(notes / "moved.pdf")
    app.sync().run()
    (notes / "copy.pdf").write_bytes((notes / "moved.pdf").read_bytes())
    app.sync().run()

    again = work(app).run()

    assert reader.asked == [("scan.pdf", 1), ("scan.pdf", 2)]
    assert again.ocr_pages == 0
    assert state(app, "copy.pdf") == "ready"


def test_chosen_pages_alone_are_recognised(app: Assistant, notes: Path, reader: Reader) -> None:
    scanned(notes / "half.pdf", ["typed", SCAN, SCAN, SCAN])
    app.sync().run()

    work(app, {"half.pdf": [1, 3]}).run()

    assert reader.asked == [("half.pdf", 3)]
    assert app.store.qualities("half.pdf") == ("text", "scanned", "ocr", "scanned")
    assert state(app, "half.pdf") == "partly"


def test_what_was_recognised_before_a_failure_is_kept_and_the_rest_is_said(
    app: Assistant, notes: Path, reader: Reader
) -> None:
    scanned(notes / "scan.pdf", [SCAN, SCAN, SCAN])
    app.sync().run()
    reader.fails_at = 3

    report = work(app).run()

    assert [path for path, _ in report.failed] == ["scan.pdf"]
    assert app.store.qualities("scan.pdf") == ("ocr", "ocr", "scanned")


def test_a_stop_keeps_the_pages_that_were_read(app: Assistant, notes: Path, reader: Reader) -> None:
    scanned(notes / "scan.pdf", [SCAN])
    app.sync().run()

    with pytest.raises(Cancelled):
        work(app).run(cancelled=lambda: bool(reader.asked))
    app.sync().run()

    assert state(app, "scan.pdf") == "ready"


def test_a_file_that_changed_since_it_was_looked_at_waits_for_the_next_sync(
    app: Assistant, notes: Path, reader: Reader
) -> None:
    scanned(notes / "scan.pdf", [SCAN])
    app.sync().run()
    scanned(notes / "scan.pdf", [SCAN, SCAN])

    report = work(app).run()

    assert reader.asked == []
    assert [note.place.path for note in report.needs_ocr] == ["scan.pdf"]


def test_an_edited_scan_is_recognised_anew(app: Assistant, notes: Path, reader: Reader) -> None:
    scanned(notes / "scan.pdf", [SCAN])
    app.sync().run()
    work(app).run()
    scanned(notes / "scan.pdf", [picture(["other words"])])
    app.sync().run()

    assert state(app, "scan.pdf") == "failed"
    work(app).run()
    assert len(reader.asked) == 2


def test_pages_that_hold_no_words_are_not_asked_again(
    app: Assistant, notes: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty: list[int] = []

    def read(found: Found, pages: Sequence[int], cancelled: object = None) -> Iterator[Recognised]:
        for page in pages:
            empty.append(page)
            yield Recognised(page, "", None)

    monkeypatch.setattr(recognition, "recognise", read)
    scanned(notes / "half.pdf", ["typed", SCAN])
    (notes / "photo.jpg").write_bytes(picture([], kind="JPEG"))
    app.sync().run()

    for _ in range(2):
        work(app).run()

    assert len(empty) == 2
    assert (state(app, "half.pdf"), state(app, "photo.jpg")) == ("ready", "needs_ocr")


def test_without_the_extra_nothing_is_started(app: Assistant, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: False)
    (notes / "board.png").write_bytes(SCAN)
    app.sync().run()

    with pytest.raises(OcrMissing):
        work(app).run()


def test_uploads_are_recognised_too(app: Assistant, reader: Reader) -> None:
    app.uploads.add("board.png", SCAN)
    app.sync().run()

    work(app).run()

    assert state(app, "board.png") == "ready"


def test_recognised_text_is_the_text_of_its_note(app: Assistant, notes: Path, reader: Reader) -> None:
    from assistant.knowledge.consistency import contradictions

    scanned(notes / "half.pdf", [SCAN, "typed", SCAN])
    app.sync().run()
    work(app).run()

    assert contradictions(app.database, app.embedder.key) == []


def test_the_pages_table_has_one_owner_and_one_row_a_page(app: Assistant, notes: Path, reader: Reader) -> None:
    scanned(notes / "scan.pdf", [SCAN, SCAN])
    app.sync().run()
    work(app).run()

    rows = app.database.connection.execute("SELECT page, certainty FROM ocr_pages ORDER BY page").fetchall()
    assert [tuple(row) for row in rows] == [(1, 0.97), (2, 0.97)]
    with pytest.raises(sqlite3.IntegrityError):
        app.database.connection.execute("INSERT INTO ocr_pages SELECT * FROM ocr_pages LIMIT 1")
