"""A sync finds what is new, changed, renamed and gone by content, and loses nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.errors import Cancelled, MissingPackage
from assistant.knowledge.consistency import contradictions
from assistant.knowledge.sync import Progress
from tests.conftest import write
from tests.documents import pdf
from tests.formats import notebook_by_nbformat, slides_by_python_pptx, word_by_python_docx, workbook_by_openpyxl

Open = Callable[..., Assistant]


def paths(app: Assistant) -> list[str]:
    return [note.place.path for note in app.store.notes()]


def consistent(app: Assistant) -> bool:
    return contradictions(app.database, app.embedder.key) == []


def tree_hash(folder: Path) -> str:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return hashlib.sha256(b"".join(str(file).encode() + file.read_bytes() for file in files)).hexdigest()


def test_the_first_sync_reads_everything_and_writes_nothing_into_the_folder(open_app: Open, notes: Path) -> None:
    before = tree_hash(notes)
    app = open_app()
    report = app.sync().run()

    assert sorted(report.added) == paths(app) == ["attention.md", "寄存.txt", "机器学习/过拟合.md"]
    assert report.notes == 3
    assert report.chunks == report.embedded_chunks == len(app.store.chunk_ids())
    assert consistent(app)
    assert tree_hash(notes) == before


def test_an_unchanged_folder_costs_nothing(app: Assistant) -> None:
    report = app.sync().run()

    assert (report.unchanged, report.embedded_chunks, report.embedding_tokens) == (3, 0, 0)
    assert not (report.added or report.changed or report.removed or report.renamed)


def test_one_edit_embeds_only_the_chunk_that_changed(app: Assistant, notes: Path) -> None:
    file = notes / "attention.md"
    file.write_text(file.read_text("utf-8").replace("square root", "fourth root"), "utf-8")
    report = app.sync().run()

    assert (report.changed, report.embedded_chunks) == (["attention.md"], 1)
    assert "fourth root" in app.search.find("scores divided by root").matches[0].chunk.text
    assert consistent(app)


@pytest.mark.case(64)
def test_an_edit_that_keeps_size_and_time_is_noticed(app: Assistant, notes: Path) -> None:
    file = notes / "attention.md"
    times = file.stat()
    file.write_text(file.read_text("utf-8").replace("query", "quark"), "utf-8")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    assert app.sync().run().changed == ["attention.md"]


@pytest.mark.case(63)
def test_a_renamed_note_keeps_its_chunks_and_is_cited_by_its_new_name(app: Assistant, notes: Path) -> None:
    ids = app.store.chunk_ids(["attention.md"])
    (notes / "deep").mkdir()
    (notes / "attention.md").rename(notes / "deep" / "self-attention.md")
    report = app.sync().run()

    assert report.renamed == [("attention.md", "deep/self-attention.md")]
    assert report.embedded_chunks == 0
    assert app.store.chunk_ids(["deep"]) == ids
    assert app.search.find("self-attention").matches[0].chunk.note == "deep/self-attention.md"
    assert consistent(app)


@pytest.mark.case(65)
def test_a_deleted_note_is_no_longer_found(app: Assistant, notes: Path) -> None:
    (notes / "attention.md").unlink()
    report = app.sync().run()

    assert report.removed == ["attention.md"]
    assert all(match.chunk.note != "attention.md" for match in app.search.find("attention query key").matches)
    assert consistent(app)


def test_a_text_that_comes_back_is_not_embedded_again(app: Assistant, notes: Path) -> None:
    text = (notes / "attention.md").read_text("utf-8")
    (notes / "attention.md").unlink()
    app.sync().run()
    (notes / "attention.md").write_text(text, "utf-8")

    assert app.sync().run().embedded_chunks == 0


@pytest.mark.case(65)
@pytest.mark.parametrize("vanish", [shutil.rmtree, lambda folder: [file.unlink() for file in folder.rglob("*.*")]])
def test_a_folder_that_vanished_never_empties_the_index(
    app: Assistant, notes: Path, vanish: Callable[[Path], object]
) -> None:
    vanish(notes)
    report = app.sync().run()

    assert report.missing_folders == [str(notes)]
    assert report.removed == []
    assert app.search.find("什么是过拟合").relevant


@pytest.mark.case(30)
def test_one_bad_file_is_one_line_of_the_report(open_app: Open, notes: Path) -> None:
    write(notes, {"broken.pdf": b"%PDF-1.7 and then nothing", "picture.md": b"\x89PNG\r\n\x1a\n\0\0\0", "empty.md": ""})
    app = open_app()
    report = app.sync().run()

    assert sorted((path, error.kind) for path, error in report.failed) == [
        ("broken.pdf", "damaged"), ("empty.md", "empty"), ("picture.md", "not_text")
    ]  # fmt: skip
    assert report.notes == 3
    again = app.sync().run()
    assert sorted(path for path, _ in again.failed) == ["broken.pdf", "empty.md", "picture.md"]
    assert (again.unchanged, again.changed) == (3, [])
    assert consistent(app)


def test_a_bad_file_that_was_mended_is_read(open_app: Open, notes: Path) -> None:
    write(notes, {"a.md": ""})
    app = open_app()
    app.sync().run()
    write(notes, {"a.md": "now with words\n"})
    report = app.sync().run()

    assert (report.changed, report.failed) == (["a.md"], [])


def test_scanned_pages_make_a_note_partly_readable(open_app: Open, notes: Path) -> None:
    pdf(notes / "lecture.pdf", ["第一页的文字", None, "第三页的文字"])
    app = open_app()
    report = app.sync().run()

    assert [(note.place.path, note.problems[0].reason, note.problems[0].pages) for note in report.partly] == [
        ("lecture.pdf", "no_text", (2,))
    ]
    assert app.search.find("第三页的文字").matches[0].chunk.piece.page == 3


def test_an_estimate_tells_what_a_run_would_do_and_does_nothing(open_app: Open, notes: Path) -> None:
    app = open_app()
    estimate = app.sync().estimate()
    assert app.store.notes() == []
    report = app.sync().run()

    assert sorted(estimate.added) == sorted(report.added)
    assert (estimate.embedded_chunks, estimate.embedding_tokens) == (report.embedded_chunks, report.embedding_tokens)
    assert report.embedding_tokens > 0


def test_two_folders_keep_their_notes_apart(open_app: Open, notes: Path, tmp_path: Path) -> None:
    write(tmp_path / "other" / "notes", {"attention.md": "# Attention\n\nPay attention in class.\n"})
    app = open_app()
    app.sync().run()
    both = open_app(notes, tmp_path / "other" / "notes")
    report = both.sync().run()

    assert "notes/attention.md" in paths(both)
    assert "notes (2)/attention.md" in paths(both)
    assert report.embedded_chunks == 1
    assert both.search.find("pay attention in class").matches[0].chunk.note == "notes (2)/attention.md"
    assert consistent(both)


def test_a_folder_that_is_no_longer_chosen_is_forgotten(open_app: Open, notes: Path, tmp_path: Path) -> None:
    app = open_app()
    app.sync().run()
    write(tmp_path / "other", {"b.md": "only this\n"})
    moved = open_app(tmp_path / "other")
    moved.sync().run()

    assert paths(moved) == ["b.md"]


def test_a_cancelled_sync_keeps_what_was_read(open_app: Open) -> None:
    app = open_app()
    seen: list[Progress] = []

    with pytest.raises(Cancelled):
        app.sync().run(seen.append, lambda: len(seen) >= 2)

    assert len(app.store.notes()) == 2
    assert consistent(app)
    assert len(app.sync().run().added) == 1


def test_vectors_that_are_missing_are_made_again(app: Assistant) -> None:
    with app.database.transaction() as connection:
        connection.execute("DELETE FROM vectors")
    assert not consistent(app)

    assert app.sync().run().embedded_chunks == len(app.store.chunk_ids())
    assert consistent(app)


@pytest.mark.case(82)
@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 on Windows")
@pytest.mark.parametrize("after", [0.05, 0.15, 0.3, 0.45, 0.6])
def test_kill_minus_nine_leaves_whole_notes(open_app: Open, notes: Path, tmp_path: Path, after: float) -> None:
    write(notes, {f"many/{number}.md": f"# Note {number}\n\n" + "一句话。" * 200 for number in range(60)})
    command = [sys.executable, "-m", "assistant", "sync", "--notes", str(notes), "--data", str(tmp_path / "data")]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert process.stderr is not None
    process.stderr.readline()  # the first file has begun
    time.sleep(after)
    process.kill()
    process.communicate()

    app = open_app()
    assert consistent(app)
    done = len(app.store.notes())
    report = app.sync().run()
    assert len(report.added) == 63 - done
    assert consistent(app)


def test_every_format_is_found_by_search_and_the_broken_ones_are_named(open_app: Open, notes: Path) -> None:
    (notes / "paper.docx").write_bytes(word_by_python_docx())
    (notes / "talk.pptx").write_bytes(slides_by_python_pptx())
    (notes / "marks.xlsx").write_bytes(workbook_by_openpyxl({"Exam": [["Name", "Mark"], ["Lovelace", 97]]}))
    (notes / "code.ipynb").write_bytes(notebook_by_nbformat(("markdown", "# Entropy\n\nSurprise, averaged.", "")))
    (notes / "bad.docx").write_bytes(word_by_python_docx()[:-50])
    (notes / "page.pptx").write_bytes(b"<!doctype html><p>a login page")
    app = open_app()
    report = app.sync().run()

    assert sorted((path, error.kind) for path, error in report.failed) == [
        ("bad.docx", "damaged"),
        ("page.pptx", "not_text"),
    ]
    for question, note, place in [
        ("negative gradient step", "paper.docx", (("Gradient descent",), None)),
        ("polynomial", "talk.pptx", (("Overfitting",), 1)),
        ("Lovelace", "marks.xlsx", (("Exam", "A1:B2"), None)),
        ("surprise averaged", "code.ipynb", (("Cell 1",), None)),
    ]:
        best = app.search.find(question, 1).matches[0].chunk
        assert (best.note, (best.piece.path, best.piece.page)) == (note, place)
    assert consistent(app)
    assert app.sync().run().unchanged == report.notes


def test_a_cell_that_moves_down_is_counted_anew_and_not_embedded_again(open_app: Open, notes: Path) -> None:
    cells = [("markdown", f"Fact {number} about trees.", "") for number in range(5)]
    (notes / "code.ipynb").write_bytes(notebook_by_nbformat(*cells))
    app = open_app()
    app.sync().run()
    (notes / "code.ipynb").write_bytes(notebook_by_nbformat(("markdown", "A new first cell.", ""), *cells))
    report = app.sync().run()

    assert report.embedded_chunks == 1
    assert [chunk.piece.label for chunk in app.store.chunks_of("code.ipynb")] == [f"Cell {n}" for n in range(1, 7)]


def test_a_file_that_lacked_a_package_is_tried_again_without_being_touched(open_app: Open, notes: Path) -> None:
    (notes / "paper.docx").write_bytes(word_by_python_docx())
    app = open_app()
    app.sync().run()
    stored = next(note for note in app.store.notes() if note.place.path == "paper.docx")
    error = MissingPackage(path="paper.docx", package="some-reader", install="pip install some-reader")
    app.store.save_failure(stored.place, "word", stored.content_hash, stored.size, error)

    assert app.sync().run().changed == ["paper.docx"]
    assert app.search.find("negative gradient step", 1).matches[0].chunk.note == "paper.docx"


def test_what_costs_nothing_is_written_many_notes_at_a_time_and_one_passage_once(open_app: Open, notes: Path) -> None:
    write(notes, {f"many/{number}.md": f"# Note {number}\n\nThe same words in each.\n" for number in range(40)})
    app = open_app()
    before = app.store.generation()
    report = app.sync().run()

    assert len(report.added) == len(paths(app)) == 43
    assert app.store.generation() - before < 43
    assert report.embedded_chunks == len(set(app.store.text_hashes(app.store.chunk_ids()).values()))
    assert consistent(app)
