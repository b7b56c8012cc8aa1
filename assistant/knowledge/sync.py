"""What is new, changed, renamed or gone in the folders; first as a plan, then done. Knows no screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from assistant.errors import Cancelled, MissingPackage, NeedsOcr, NoteError, UnreadableNote
from assistant.knowledge import terms
from assistant.knowledge.consistency import notes_without_vector
from assistant.knowledge.dates import date_of, keep_dates
from assistant.knowledge.embedding import fill, lacking, texts_of, without_vector
from assistant.knowledge.notes import NOTICES, Found
from assistant.knowledge.notices import with_notices
from assistant.knowledge.ocr_pages import OcrPages, pages_wanted
from assistant.knowledge.places import list_places
from assistant.knowledge.plan import Job, Plan
from assistant.knowledge.readers import content_hash
from assistant.knowledge.readers.tags import tags_of
from assistant.knowledge.report import Progress, SyncReport, waiting
from assistant.knowledge.settling import ROUNDS, is_being_written, may_settle, wait_for_rest
from assistant.knowledge.split import split
from assistant.knowledge.store import Store
from assistant.knowledge.stored import Place, Stored
from assistant.knowledge.unfinished import Unfinished
from assistant.knowledge.unsaved import ReadNote, Unsaved
from assistant.knowledge.uploads import Uploads
from assistant.money.metering import MeteredEmbedder

__all__ = ["Job", "Plan", "Progress", "Sync", "SyncReport"]


class Sync:
    """Brings the store in step with the folders and the uploads."""

    def __init__(
        self,
        store: Store,
        uploads: Uploads,
        embedder: MeteredEmbedder,
        folders: Sequence[Path],
        *,
        spends: bool = True,
    ) -> None:
        """``spends``: whether the embedding model may be asked; without it what needs vectors is held and priced."""
        self._store = store
        self._uploads = uploads
        self._embedder = embedder
        self._folders = [folder.absolute() for folder in folders]
        self._ocr = OcrPages(store.database)
        self._spends = spends
        self._unfinished = Unfinished(store.database)
        self._unsaved = Unsaved(store, embedder, self._unfinished)

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
                read = self._read(job, None)
            except NoteError as error:
                if is_being_written(job.found.file):
                    plan.report.unsettled.append(job.place.path)
                else:
                    plan.report.failed.append((job.place.path, error))
                continue
            plan.report.sort(job.place.path, new=job.stored is None)
            plan.report.noticed += [(job.place.path, one) for one in read.note.problems if one.reason in NOTICES]
            yield len(read.pieces), read.missing
        other = {stored.id for stored in plan.gone} | {job.stored.id for job in plan.jobs if job.stored}
        open_notes = notes_without_vector(self._store.database, self._embedder.key)
        for kept in self._store.notes():
            if kept.id not in other:
                yield kept.chunks, lacking(self._store, self._embedder, kept) if kept.id in open_notes else {}

    def run(
        self, on_progress: Callable[[Progress], None] = lambda _: None, cancelled: Callable[[], bool] = lambda: False
    ) -> SyncReport:
        """Do it, file by file; a bad file is one line of the report. Raise ``Cancelled`` between files or requests, keeping what is done."""
        started = time.perf_counter()
        with self._store.database.writer("sync"):
            self._uploads.sweep()
            plan = self._plan()
            self._store.rename([(stored.id, place) for stored, place in plan.renames])
            plan.report.renamed = [(stored.place.path, place.path) for stored, place in plan.renames]
            if plan.gone:
                self._store.remove([stored.id for stored in plan.gone])
                plan.report.removed = [stored.place.path for stored in plan.gone]
            try:
                self._read_all(plan, on_progress, cancelled)
                self._complete_vectors(plan.report, on_progress, cancelled)
            except Cancelled:
                if not self._unfinished.paused:
                    self._unfinished.end()
                raise
            self._store.tag_older(tags_of)
            keep_dates(
                self._store.database, {note.id: plan.dates.get(_key(note.place), "") for note in self._store.notes()}
            )
            with self._store.database.transaction() as connection:
                terms.write_missing(connection)
            self._unfinished.keep_mounts(plan.mounts)
            self._unfinished.end()
        report = self._finished(plan.report, started)
        report.known_chunks = max(0, report.chunks - report.embedded_chunks)
        report.minutes = report.seconds / 60
        return report

    def _plan(self) -> Plan:
        plan = Plan()
        stored = {(note.place.root, note.place.file): note for note in self._store.notes()}
        listing = list_places(self._folders, self._uploads, list(stored.values()), self._unfinished.mounts())
        plan.mounts, plan.report.skipped, plan.report.missing_folders = listing.mounts, listing.skipped, listing.missing
        plan.dates = {key: date_of(found.file) for key, (_, found) in listing.here.items()}
        gone = [note for key, note in stored.items() if key not in listing.here and not listing.may_be_away(note)]
        orphans: dict[str, list[Stored]] = {}
        for note in reversed(gone):
            orphans.setdefault(note.content_hash, []).append(note)
        for key, (place, found) in listing.here.items():
            digest, known = _digest(found), stored.get(key)
            if known is None and orphans.get(digest):
                plan.renames.append((orphans[digest].pop(), place))
            elif known is None or known.content_hash != digest or not digest or self._may_read_now(known):
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

    def _read_all(self, plan: Plan, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> None:
        """Read file by file; those that are just being written come last, when they are at rest."""
        self._unsaved = Unsaved(
            self._store, self._embedder, self._unfinished
        )  # what an earlier run broke off is read anew
        waiting = plan.jobs
        total = self._unfinished.begin(len(waiting)) if waiting else 0
        done = total - len(waiting)
        for attempt in range(1, ROUNDS + 1):
            later = []
            for job in waiting:
                if cancelled():
                    self._unsaved.save(plan.report)
                    raise Cancelled()
                progress = Progress(done, total, job.place.path)
                on_progress(progress)
                if self._do(job, plan.report, progress, on_progress, cancelled, last=attempt == ROUNDS):
                    done += 1
                else:
                    later.append(job)
            waiting = later
            self._unsaved.save(plan.report)
            if not waiting:
                return
            wait_for_rest([job.found.file for job in waiting], cancelled)

    def _read(self, job: Job, on_page: Callable[[int, int], None] | None) -> ReadNote:
        found = Found(job.place.path, job.found.file, job.found.kind, job.found.size)
        note = with_notices(self._ocr.read(found, job.content_hash, on_page))
        pieces = split(note)
        texts = texts_of(note.title, note.path, pieces)
        return ReadNote(job, note, pieces, without_vector(self._store, self._embedder, texts))

    def _do(
        self,
        job: Job,
        report: SyncReport,
        progress: Progress,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        *,
        last: bool,
    ) -> bool:
        """Read one file and save it, or leave it to be saved with others; False where that has to wait, because it is being written."""
        try:
            read = self._read(job, partial(_at_page, progress, on_progress))
        except NoteError as error:
            return self._could_not(job, error, report, last=last)
        looked_away = not job.content_hash and job.stored is not None and not job.stored.error
        if looked_away and job.stored and job.stored.content_hash == read.note.content_hash:
            report.unchanged += 1  # it could not be opened when it was looked at
            self._unfinished.step()
            return True
        if read.missing and not self._spends:
            report.held.append(job.place.path)
            report.held_tokens += self._embedder.tokens(read.missing.values())
            return True
        if self._embedder.offline:
            self._unsaved.add(read, report)
            return True
        for batch in fill(self._store, self._embedder, read.missing, waiting(progress, on_progress), cancelled):
            report.add(batch)
        with self._store.database.transaction():
            self._store.save(job.place, read.note, job.found.size, read.pieces)
            self._unfinished.step()
        report.sort(job.place.path, new=job.stored is None)
        return True

    def _could_not(self, job: Job, error: NoteError, report: SyncReport, *, last: bool) -> bool:
        """Say what became of a file that would not be read; False where it is worth asking again."""
        if may_settle(job.found.file, error) and not last:
            return False
        if is_being_written(job.found.file):
            report.unsettled.append(job.place.path)  # what the store holds of it stays
            return True
        report.failed.append((job.place.path, error))
        if not isinstance(error, UnreadableNote):  # what the system refused today may be readable tomorrow
            digest = job.content_hash or _digest(job.found)
            self._store.save_failure(job.place, job.found.kind, digest, job.found.size, error)
        self._unfinished.step()
        return True

    def _complete_vectors(
        self, report: SyncReport, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> None:
        """Embed what unchanged notes lack: after a change of the embedder, or a crash between two transactions."""
        open_notes = notes_without_vector(self._store.database, self._embedder.key)
        notes = [note for note in self._store.notes() if note.id in open_notes] if open_notes else []
        for done, note in enumerate(notes):
            texts = lacking(self._store, self._embedder, note)
            if not self._spends:
                report.held.append(note.place.path)
                report.held_tokens += self._embedder.tokens(texts.values())
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
        report.cost = self._embedder.forecast(report.held_tokens) if report.held else report.cost
        report.partly = [note for note in notes if note.state == "partly"]
        told = {path for path, _ in report.noticed}
        report.noticed += [(n.place.path, one) for n in notes if n.place.path not in told for one in n.notices]
        said = {path for path, _ in report.failed}
        report.failed += [(note.place.path, note.error) for note in notes if note.error and note.place.path not in said]
        report.failed = [(path, error) for path, error in report.failed if not isinstance(error, NeedsOcr)]
        report.needs_ocr = [note for note in notes if pages_wanted(note)]
        report.seconds = time.perf_counter() - started
        return report


def _digest(found: Found) -> str:
    """Name a file's content; what cannot be opened has no name, and equals nothing that is stored."""
    try:
        return content_hash(found)
    except NoteError:
        return ""


def _at_page(progress: Progress, on_progress: Callable[[Progress], None], page: int, pages: int) -> None:
    on_progress(replace(progress, page=page, pages=pages))


def _key(place: Place) -> tuple[str, str]:
    return place.root, place.file
