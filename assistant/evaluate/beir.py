"""Reads a folder in BEIR layout: documents, queries, and which document answers which query. Knows no search.

``corpus.jsonl`` (``_id``, ``title``, ``text``), ``queries.jsonl`` (``_id``, ``text``) and ``qrels/test.tsv`` (a header
line, then ``query-id corpus-id score``), each plain or gzipped.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import DamagedNote, NotFound


@dataclass(frozen=True, slots=True)
class Document:
    """A text to be found; the title may be empty."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question of the set."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A whole set; ``qrels[query id][document id]`` is a grade, 0 or absent for irrelevant."""

    documents: tuple[Document, ...]
    queries: tuple[Query, ...]
    qrels: Mapping[str, Mapping[str, int]]

    @property
    def judged(self) -> tuple[Query, ...]:
        """The queries that have a relevant document: only these can be measured."""
        return tuple(query for query in self.queries if any(g > 0 for g in self.qrels.get(query.id, {}).values()))


def read_collection(folder: Path) -> Collection:
    """Read a set; raise ``NotFound`` for a missing file and ``DamagedNote`` with its line for one that is not BEIR."""
    return Collection(
        documents=tuple(_document(row) for row in _rows(folder / "corpus.jsonl")),
        queries=tuple(Query(str(row["_id"]), str(row["text"])) for row in _rows(folder / "queries.jsonl")),
        qrels=_qrels(folder / "qrels" / "test.tsv"),
    )


def _document(row: dict[str, object]) -> Document:
    return Document(str(row["_id"]), str(row.get("title") or ""), str(row["text"]))


def _rows(file: Path) -> Iterator[dict[str, object]]:
    for number, line in _lines(file):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DamagedNote(path=file.name, reason=f"line {number}: {error.msg}") from error
        if not isinstance(row, dict) or "_id" not in row or "text" not in row:
            raise DamagedNote(path=file.name, reason=f"line {number}: no _id or no text")
        yield row


def _qrels(file: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for number, line in _lines(file):
        if number == 1:
            continue
        try:
            query, document, grade = line.split("\t")
            qrels.setdefault(query, {})[document] = int(grade)
        except ValueError as error:
            raise DamagedNote(path=file.name, reason=f"line {number}: not query, document, grade") from error
    return qrels


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, with their numbers from 1."""
    packed = file.with_name(f"{file.name}.gz")
    if not file.is_file() and not packed.is_file():
        raise NotFound(what=str(file))
    try:
        with file.open(encoding="utf-8") if file.is_file() else gzip.open(packed, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except (EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise DamagedNote(path=file.name, reason=str(error)) from error
