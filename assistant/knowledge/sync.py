"""What is new, changed, renamed or gone in the folders; first as a plan, then done, one transaction per note. Knows no screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from assistant.errors import Cancelled, MissingPackage, NeedsOcr, NoteError, UnreadableNote
from assistant.knowledge import terms
from assistant.knowledge.chunks import Piece
from assistant.knowledge.dates import date_of, keep_dates
from assistant.knowledge.embedding import fill, lacking, texts_of, without_vector
from assistant.knowledge.notes import Found, Note, Skipped, walk
from assistant.knowledge.ocr_pages import OcrPages, pages_wanted
from assistant.knowledge.readers import content_hash
from assistant.knowledge.readers.tags import tags_of
from assistant.knowledge.report import Progress, SyncReport, waiting
from assistant.knowledge.split import split
from assistant.knowledge.store import Store
from assistant.knowledge.stored import PROGRAM, UPLOADS, Place, Stored
from assistant.knowledge.uploads import Uploads
from assistant.money.metering import MeteredEmbedder

__all__ = ["Job", "Plan", "Progress", "Sync", "SyncReport"]


@dataclass(frozen=True, slots=True)
class Job:
    """One file that must be read: where it belongs, and what the store holds of it so far."""

    place: Place
    found: Found
    content_hash: str
    stored: Stored | None


@dataclass(slots=True)
class Plan:
    """The difference between the folders and the store."""

    jobs: list[Job] = field(default_factory=list)
    renames: list[tuple[Stored, Place]] = field(default_factory=list)
    gone: list[Stored] = field(default_factory=list)
    dates: dict[tuple[str, str], str] = field(default_factory=dict)
    report: SyncReport = field(default_factory=SyncReport)


class Sync:
    """Brings the store in step with the folders and the uploads."""

    def __init__(self, store: Store, uploads: Uploads, embedder: MeteredEmbedder, folders: Sequence[Path]) -> None:
        self._store = store
        self._uploads = uploads
        self._embedder = embedder
        self._folders = [folder.absolute() for folder in folders]
        self._ocr = OcrPages(store.database)

    def estimate(self) -> SyncReport:
        """Report what ``run`` would do and what the embedding model will charge for it, reading but writing nothing."""
        started = time.perf_counter()
        plan = self._plan()
        chunks, asked = 0, set[str]()
        for count, missing in self._to_embed(plan):
            chunks += count
            new = [text for key, text in missing.items() if key not in asked]  # a passage in two notes is sent once
            asked |= missing.keys()
            plan.report.embedding_tokens += self._embedder.tokens(new)
        plan.report.embedded_chunks, plan.report.known_chunks = len(asked), chunks - len(asked)
        plan.report.cost = self._embedder.forecast(plan.report.embedding_tokens)
        plan.report.minutes = self._embedder.minutes(plan.report.embedding_tokens)
        plan.report.removed = [stored.place.path for stored in plan.gone]
        plan.report.renamed = [(stored.place.path, place.path) for stored, place in plan.renames]
        return self._finished(plan.report, started)

    def _to_embed(self, plan: Plan) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield for each note that will be there how many chunks it has, and those of their texts without a vector."""
        for job in plan.jobs:
            try:
                _, pieces, missing = self._read(job, None)
            except NoteError as error:
                plan.report.failed.append((job.place.path, error))
                continue
            _sort(job, plan.report)
            yield len(pieces), missing
        other = {stored.id for stored in plan.gone} | {job.stored.id for job in plan.jobs if job.stored}
        for note in self._store.notes():
            if note.id not in other:
                yield note.chunks, lacking(self._store, self._embedder, note)

    def run(
        self, on_progress: Callable[[Progress], None] = lambda _: None, cancelled: Callable[[], bool] = lambda: False
    ) -> SyncReport:
        """Do it, file by file; a bad file is one line of the report. Raise ``Cancelled`` between files or requests, keeping what is done."""
        started = time.perf_counter()
        with self._store.database.writer("sync"):
            plan = self._plan()
            self._store.rename([(stored.id, place) for stored, place in plan.renames])
            plan.report.renamed = [(stored.place.path, place.path) for stored, place in plan.renames]
            if plan.gone:
                self._store.remove([stored.id for stored in plan.gone])
                plan.report.removed = [stored.place.path for stored in plan.gone]
            for done, job in enumerate(plan.jobs):
                if cancelled():
                    raise Cancelled()
                progress = Progress(done, len(plan.jobs), job.place.path)
                on_progress(progress)
                self._do(job, plan.report, progress, on_progress, cancelled)
            self._complete_vectors(plan.report, on_progress, cancelled)
            self._store.tag_older(tags_of)
            keep_dates(
                self._store.database, {note.id: plan.dates.get(_key(note.place), "") for note in self._store.notes()}
            )
            with self._store.database.transaction() as connection:
                terms.write_missing(connection)
        report = self._finished(plan.report, started)
        report.known_chunks = max(0, report.chunks - report.embedded_chunks)
        report.minutes = report.seconds / 60
        return report

    def _plan(self) -> Plan:
        plan = Plan()
        stored = {(note.place.root, note.place.file): note for note in self._store.notes()}
        here: dict[tuple[str, str], tuple[Place, Found]] = {}
        for place, found in self._everything(plan.report, list(stored.values())):
            here[place.root, place.file] = (place, found)
        plan.dates = {key: date_of(found.file) for key, (_, found) in here.items()}
        kept = {PROGRAM, *plan.report.missing_folders}
        gone = [note for key, note in stored.items() if key not in here and note.place.root not in kept]
        orphans = {note.content_hash: note for note in gone}
        for key, (place, found) in here.items():
            try:
                digest = content_hash(found)
            except NoteError as error:
                plan.report.failed.append((place.path, error))
                continue
            known = stored.get(key)
            if known is None and digest in orphans:
                plan.renames.append((orphans.pop(digest), place))
            elif known is None or known.content_hash != digest or self._may_read_now(known):
                plan.jobs.append(Job(place, found, digest, known))
            else:
                plan.report.unchanged += known.error is None
                if known.place.path != place.path:
                    plan.renames.append((known, place))
        moved = {note.id for note, _ in plan.renames}
        plan.gone = [note for note in gone if note.id not in moved]
        return plan

    def _may_read_now(self, known: Stored) -> bool:
        """Tell whether what a file lacked may have come: its reader's package, or a page's text by OCR."""
        return isinstance(known.error, MissingPackage) or self._ocr.brings(known)

    def _everything(self, report: SyncReport, stored: list[Stored]) -> Iterable[tuple[Place, Found]]:
        taken = {note.place.path for note in stored if note.place.root == PROGRAM}
        labels = _labels(self._folders)
        for folder, label in zip(self._folders, labels, strict=True):
            found_here = False
            for found in walk(folder) if folder.is_dir() else ():
                if isinstance(found, Skipped):
                    report.skipped.append(Skipped(label + found.path, found.reason))
                    continue
                found_here = True
                yield Place(str(folder), found.path, _free(label + found.path, taken)), found
            if not found_here and (not folder.is_dir() or any(note.place.root == str(folder) for note in stored)):
                # An unmounted disk looks like an emptied folder: what was learnt from it stays until its files are back.
                report.missing_folders.append(str(folder))
        for found in self._uploads.found():
            yield Place(UPLOADS, found.file.name, _free(found.path, taken)), found

    def _read(self, job: Job, on_page: Callable[[int, int], None] | None) -> tuple[Note, list[Piece], dict[str, str]]:
        """Return the note, its pieces, and those of their texts by hash that this embedder has not seen."""
        found = Found(job.place.path, job.found.file, job.found.kind, job.found.size)
        note = self._ocr.read(found, job.content_hash, on_page)
        pieces = split(note)
        texts = texts_of(note.title, note.path, pieces)
        return note, pieces, without_vector(self._store, self._embedder, texts)

    def _do(
        self,
        job: Job,
        report: SyncReport,
        progress: Progress,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        try:
            note, pieces, missing = self._read(job, partial(_at_page, progress, on_progress))
        except NoteError as error:
            report.failed.append((job.place.path, error))
            if not isinstance(error, UnreadableNote):  # what the system refused today may be readable tomorrow
                self._store.save_failure(job.place, job.found.kind, job.content_hash, job.found.size, error)
            return
        for batch in fill(self._store, self._embedder, missing, waiting(progress, on_progress), cancelled):
            report.add(batch)
        self._store.save(job.place, note, job.found.size, pieces)
        _sort(job, report)

    def _complete_vectors(
        self, report: SyncReport, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> None:
        """Embed what unchanged notes lack: after a change of the embedder, or a crash between two transactions."""
        notes = self._store.notes()
        for done, note in enumerate(notes):
            texts = lacking(self._store, self._embedder, note)
            if not texts:
                continue
            if cancelled():
                raise Cancelled()
            progress = Progress(done, len(notes), note.place.path)
            on_progress(progress)
            for batch in fill(self._store, self._embedder, texts, waiting(progress, on_progress), cancelled):
                report.add(batch)

    def _finished(self, report: SyncReport, started: float) -> SyncReport:
        notes = self._store.notes()
        report.notes = sum(note.error is None for note in notes)
        report.chunks = sum(note.chunks for note in notes)
        report.partly = [note for note in notes if note.state == "partly"]
        said = {path for path, _ in report.failed}
        report.failed += [(note.place.path, note.error) for note in notes if note.error and note.place.path not in said]
        report.failed = [(path, error) for path, error in report.failed if not isinstance(error, NeedsOcr)]
        report.needs_ocr = [note for note in notes if pages_wanted(note)]
        report.seconds = time.perf_counter() - started
        return report


def _at_page(progress: Progress, on_progress: Callable[[Progress], None], page: int, pages: int) -> None:
    on_progress(replace(progress, page=page, pages=pages))


def _key(place: Place) -> tuple[str, str]:
    return place.root, place.file


def _sort(job: Job, report: SyncReport) -> None:
    (report.added if job.stored is None else report.changed).append(job.place.path)


def _labels(folders: Sequence[Path]) -> list[str]:
    """One folder needs no label; several are told apart by their names, numbered where these repeat."""
    if len(folders) < 2:
        return [""] * len(folders)
    labels: list[str] = []
    for folder in folders:
        labels.append(_free(folder.name, set(labels)))
    return [label + "/" for label in labels]


def _free(path: str, taken: set[str]) -> str:
    """Return ``path``, or the first numbered form of it that is not taken; takes it."""
    stem, dot, suffix = path.rpartition(".")
    candidate, number = path, 2
    while candidate in taken:
        candidate = f"{stem} ({number}).{suffix}" if dot else f"{path} ({number})"
        number += 1
    taken.add(candidate)
    return candidate
