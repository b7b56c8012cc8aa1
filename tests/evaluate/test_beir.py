"""Reading a folder in BEIR layout, plain and gzipped."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from assistant.errors import DamagedNote, NotFound
from assistant.evaluate.beir import Document, Query, read_collection

FILES = {
    "corpus.jsonl": '{"_id": "d1", "title": "标题", "text": "正文"}\n\n{"_id": "d2", "text": "no title"}\n',
    "queries.jsonl": '{"_id": "q1", "text": "asked"}\n{"_id": "q2", "text": "other"}\n{"_id": "q3", "text": "zero"}\n',
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq3\td1\t0\n",
}


def write(folder: Path, changed: dict[str, str] | None = None, *, packed: bool = False) -> Path:
    (folder / "qrels").mkdir()
    for name, text in {**FILES, **(changed or {})}.items():
        data = text.encode()
        (folder / f"{name}.gz").write_bytes(gzip.compress(data)) if packed else (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_a_folder_gives_documents_queries_and_grades(tmp_path: Path, packed: bool) -> None:
    collection = read_collection(write(tmp_path, packed=packed))

    assert collection.documents == (Document("d1", "标题", "正文"), Document("d2", "", "no title"))
    assert collection.queries[0] == Query("q1", "asked")
    assert collection.qrels == {"q1": {"d1": 2, "d2": 1}, "q3": {"d1": 0}}


def test_only_queries_with_a_relevant_document_are_judged(tmp_path: Path) -> None:
    assert read_collection(write(tmp_path)).judged == (Query("q1", "asked"),)


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    folder = write(tmp_path, {"qrels/test.tsv": "query-id\tcorpus-id\tscore\r\nq1\td1\t1\r\n"})

    assert read_collection(folder).qrels == {"q1": {"d1": 1}}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (write(tmp_path) / "queries.jsonl").unlink()

    with pytest.raises(NotFound, match=r"queries\.jsonl"):
        read_collection(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "x"}\nnot json\n', "line 2"),
        ("corpus.jsonl", '["a list"]\n', "line 1"),
        ("queries.jsonl", '{"_id": "q1"}\n', "line 1"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\n", "line 2"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tmuch\n", "line 2"),
    ],
)
def test_a_line_that_is_not_beir_is_named(tmp_path: Path, name: str, text: str, line: str) -> None:
    with pytest.raises(DamagedNote, match=line):
        read_collection(write(tmp_path, {name: text}))


@pytest.mark.parametrize(
    "data",
    [b"not gzip at all", gzip.compress(FILES["corpus.jsonl"].encode() * 50)[:-12], gzip.compress(b'{"\xff"}')],
    ids=["plain text", "cut off", "not UTF-8"],
)
def test_a_damaged_archive_is_named(tmp_path: Path, data: bytes) -> None:
    folder = write(tmp_path, packed=True)
    (folder / "corpus.jsonl.gz").write_bytes(data)

    with pytest.raises(DamagedNote, match=r"corpus\.jsonl"):
        read_collection(folder)
