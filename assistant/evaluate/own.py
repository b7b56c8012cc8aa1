"""How well the learner's own notes are found under different setups, by questions made from their headings.

Works on a copy of the texts in a folder of its own; vectors that are bought are kept where the app finds them again.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from assistant.answers.topics import question_about
from assistant.database import Database
from assistant.errors import Cancelled
from assistant.evaluate.metrics import ndcg, recall, reciprocal_rank
from assistant.evaluate.resampling import Interval, interval, paired
from assistant.knowledge.changes import Changes
from assistant.knowledge.chunks import Chunk
from assistant.knowledge.embedding import fill
from assistant.knowledge.notes import Note
from assistant.knowledge.parts import Form, Part
from assistant.knowledge.search import Search
from assistant.knowledge.split import TARGET_TOKENS, split
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Stored, embedding_text, text_hash
from assistant.knowledge.vectors import VectorIndex
from assistant.language.tongue import language_of
from assistant.money.cost import Forecast
from assistant.money.metering import MeteredEmbedder

PURPOSE = "evaluate"
MOST_QUESTIONS = 300
METRICS = ("ndcg_at_10", "recall_at_5", "mrr_at_10")
_DEPTH = 10
_READ_FROM_TEXT = {"markdown", "text", "pdf"}  # kinds whose text alone tells its structure
_FORMS: dict[str, Form] = {"table": "rows", "code": "code"}

Section = tuple[str, tuple[str, ...]]  # a note's path and the headings of a section


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the sections that answer it."""

    text: str
    note: str
    heading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """What is compared: how long chunks are, whose vectors, and their weight beside keywords; None is what the app takes."""

    embedder: MeteredEmbedder
    target: int = TARGET_TOKENS
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """What a setup has to send that nobody has vectors for yet, and what that will cost; ``cost`` None is unknown."""

    setup: Setup
    chunks: int
    tokens: int
    cost: Forecast | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A setup's figures with their intervals, and how far each is above that of the first setup; None for the first itself."""

    setup: Setup
    chunks: int
    questions: int
    figures: dict[str, Interval]
    ahead: dict[str, Interval] | None
    index_seconds: float
    query_seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a comparison stands: ``done`` of ``total`` steps, in the setup ``number`` counted from 1."""

    number: int
    done: int
    total: int


OnStep = Callable[[Step], None]


def questions_of(store: Store) -> list[Question]:
    """Make a question of every heading that names a subject; of many, always the same choice."""
    found: dict[str, Question] = {}
    for note in store.notes():
        for chunk in store.chunks_of(note.place.path):
            heading = chunk.piece.heading
            text = question_about(chunk.title, heading, language_of(chunk.text)) if heading else None
            if text:
                found.setdefault(text, Question(text, chunk.note, heading))
    ordered = sorted(found.values(), key=lambda one: hashlib.sha256(one.text.encode("utf-8", "replace")).digest())
    return ordered[:MOST_QUESTIONS]


def bills(store: Store, setups: Sequence[Setup], questions: Sequence[Question]) -> list[Bill]:
    """Say for each setup what it would send; what an earlier one in the list has paid for is not counted again."""
    paid: set[tuple[str, str]] = set()
    found = []
    for setup in setups:
        texts: dict[str, str] = {}
        chunks = 0
        for _, note in _notes(store):
            pieces = split(note, setup.target)
            chunks += len(pieces)
            texts |= {text_hash(text): text for text in (embedding_text(note.title, note.path, p) for p in pieces)}
        key = setup.embedder.key
        unseen = {hash_ for hash_ in store.without_vector(key, texts) if (key, hash_) not in paid}
        paid |= {(key, hash_) for hash_ in unseen}
        sent = [texts[hash_] for hash_ in unseen] + [question.text for question in questions]
        tokens = 0 if setup.embedder.offline else setup.embedder.tokens(sent)
        found.append(Bill(setup, chunks, tokens, setup.embedder.forecast(tokens)))
    return found


def compare(
    store: Store,
    setups: Sequence[Setup],
    questions: Sequence[Question],
    on_step: OnStep = lambda step: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """Measure each setup over the same questions; raise ``Cancelled`` between notes and questions, keeping bought vectors."""
    total = len(setups) * (len(store.notes()) + len(questions))
    done = 0

    def watch(number: int) -> None:
        nonlocal done
        if cancelled():
            raise Cancelled()
        done += 1
        on_step(Step(number, min(done, total), total))

    outcomes: list[Outcome] = []
    first: dict[str, list[float]] | None = None
    for number, setup in enumerate(setups, start=1):
        outcome, values = _measure(store, setup, questions, lambda number=number: watch(number), cancelled)  # type: ignore[misc]
        if first is not None:
            outcome = replace(outcome, ahead={name: paired(values[name], first[name]) for name in METRICS})
        first = first or values
        outcomes.append(outcome)
    return outcomes


def _measure(
    store: Store,
    setup: Setup,
    questions: Sequence[Question],
    watch: Callable[[], None],
    cancelled: Callable[[], bool],
) -> tuple[Outcome, dict[str, list[float]]]:
    with tempfile.TemporaryDirectory(prefix="study-assistant-", ignore_cleanup_errors=True) as folder:
        database = Database(Path(folder))
        try:
            started = time.perf_counter()
            copy = Store(database)
            for stored, note in _notes(store):
                watch()
                _copy(store, copy, setup, stored, note, cancelled)
            embedder = setup.embedder.booked_as(PURPOSE)
            search = Search(copy, VectorIndex(copy, embedder.key), embedder)
            if setup.weight is not None:
                search.fusion = replace(search.fusion, weight=setup.weight)
            search.find("warm up", by_vectors=embedder.offline)
            index_seconds = time.perf_counter() - started
            chunks = [copy.chunks_of(note.place.path) for note in copy.notes()]
            sections = {_section(chunk) for some in chunks for chunk in some}
            values, seconds = _asked(search, sections, questions, watch)
            figures = {name: interval(values[name]) for name in METRICS}
            count = sum(map(len, chunks))
            return Outcome(setup, count, len(questions), figures, None, index_seconds, tuple(seconds)), values
        finally:
            database.close()


def _copy(store: Store, copy: Store, setup: Setup, stored: Stored, note: Note, cancelled: Callable[[], bool]) -> None:
    pieces = split(note, setup.target)
    texts = {text_hash(text): text for text in (embedding_text(note.title, note.path, piece) for piece in pieces)}
    embedder = setup.embedder.booked_as(PURPOSE)
    missing = store.without_vector(embedder.key, texts)
    if embedder.offline:  # computed at once: nothing is worth keeping
        ordered = sorted(missing)
        if ordered:
            rows = embedder.embed([texts[hash_] for hash_ in ordered])
            copy.save_vectors(embedder.key, dict(zip(ordered, rows, strict=True)))
    else:
        for _ in fill(
            store, embedder, {hash_: texts[hash_] for hash_ in missing}, lambda error, seconds: None, cancelled
        ):
            pass
    keys, rows = Changes(store.database, embedder.key).vectors_of(list(texts))
    copy.save_vectors(embedder.key, dict(zip(keys, rows, strict=True)))
    copy.save(stored.place, note, stored.size, pieces)


def _asked(
    search: Search, sections: set[Section], questions: Sequence[Question], watch: Callable[[], None]
) -> tuple[dict[str, list[float]], list[float]]:
    values: dict[str, list[float]] = {name: [] for name in METRICS}
    seconds = []
    names = {section: "\x1f".join((section[0], *section[1])) for section in sections}
    for question in questions:
        watch()
        started = time.perf_counter()
        matches = search.find(question.text, _DEPTH).matches
        seconds.append(time.perf_counter() - started)
        ranked = list(dict.fromkeys("\x1f".join((m.chunk.note, *m.chunk.piece.heading)) for m in matches))
        grades = {names[section]: 1 for section in sections if _answers(section, question)}
        values["ndcg_at_10"].append(ndcg(ranked, grades))
        values["recall_at_5"].append(recall(ranked, grades))
        values["mrr_at_10"].append(reciprocal_rank(ranked, grades))
    return values, seconds


def _section(chunk: Chunk) -> Section:
    return chunk.note, chunk.piece.heading


def _answers(section: Section, question: Question) -> bool:
    """A section answers what is asked about it, and so does every one below it."""
    note, heading = section
    return note == question.note and heading[: len(question.heading)] == question.heading


def _notes(store: Store) -> Iterator[tuple[Stored, Note]]:
    for stored in store.notes():
        if stored.error is not None:
            continue
        path = stored.place.path
        _, _, text, starts = store.note_text(path)
        parts = () if stored.kind in _READ_FROM_TEXT else _parts(store.chunks_of(path))
        yield (
            stored,
            Note(path, stored.title, stored.kind, stored.content_hash, text, stored.encoding, starts, parts=parts),
        )


def _parts(chunks: Sequence[Chunk]) -> tuple[Part, ...]:
    """Return what the format marked, as its chunks tell it: the text alone no longer says where a slide or sheet begins."""
    return tuple(
        Part(first.piece.chars[0], first.piece.heading, first.piece.page, _FORMS.get(first.kind, "plain"))
        for _, same in groupby(chunks, lambda chunk: (chunk.piece.heading, chunk.piece.page))
        for first in [next(same)]
    )
