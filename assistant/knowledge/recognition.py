"""Reads by OCR what no note has text for: each page once, kept at once, then taken into the notes. Knows no screen and no price."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.errors import Cancelled, NoteError, OcrMissing
from assistant.knowledge.notes import Found, Kind
from assistant.knowledge.ocr_pages import OcrPages, pages_wanted
from assistant.knowledge.readers import content_hash
from assistant.knowledge.readers.ocr import INSTALL, is_installed, recognise
from assistant.knowledge.report import Progress, SyncReport
from assistant.knowledge.store import Store
from assistant.knowledge.stored import UPLOADS, Stored
from assistant.knowledge.sync import Sync
from assistant.knowledge.uploads import Uploads


class Recognition:
    """The work of reading by OCR; a job like a sync.

    ``pages``: which pages of which notes (by path), None for all that need it. ``then``: the sync that takes them in,
    None where that has to be agreed to first because its embedding model is paid.
    """

    def __init__(
        self, store: Store, uploads: Uploads, then: Sync | None, pages: Mapping[str, Sequence[int]] | None = None
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._kept = OcrPages(store.database)
        self._then = then
        self._pages = pages

    def waiting(self) -> list[tuple[Stored, list[int]]]:
        """Return the notes with the pages that will be recognised: asked for, needed, and not known yet."""
        found: list[tuple[Stored, list[int]]] = []
        for note in self._store.notes():
            wanted = pages_wanted(note)
            if self._pages is not None:
                wanted &= frozenset(self._pages.get(note.place.path, ()))
            if pages := sorted(wanted - self._kept.of(note.content_hash).keys() if wanted else ()):
                found.append((note, pages))
        return found

    def run(
        self, on_progress: Callable[[Progress], None] = lambda _: None, cancelled: Callable[[], bool] = lambda: False
    ) -> SyncReport:
        """Recognise page by page, then sync; a file that cannot be read is a line of the report. Raise ``Cancelled`` between pages."""
        waiting = self.waiting()
        if waiting and not is_installed():
            raise OcrMissing(path=waiting[0][0].place.path, install=INSTALL)
        failed: list[tuple[str, NoteError]] = []
        read = 0
        for done, (note, pages) in enumerate(waiting):
            try:
                progress = Progress(done, len(waiting), note.place.path, 0, len(pages))
                read += self._recognise(note, pages, progress, on_progress, cancelled)
            except NoteError as error:
                failed.append((note.place.path, error))
            if cancelled():
                raise Cancelled()
        report = self._then.run(on_progress, cancelled) if self._then else SyncReport()
        said = {path for path, _ in failed}
        report.failed = failed + [one for one in report.failed if one[0] not in said]
        report.ocr_pages += read
        return report

    def _recognise(
        self,
        note: Stored,
        pages: Sequence[int],
        progress: Progress,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> int:
        """Recognise and keep the pages of one note, unless its file has changed since it was looked at; return how many."""
        found = self._found(note)
        if content_hash(found) != note.content_hash:
            return 0
        on_progress(progress)
        read = 0
        for recognised in recognise(found, pages, cancelled):
            with self._store.database.writer("ocr"):
                self._kept.keep(note.content_hash, recognised)
            read += 1
            on_progress(replace(progress, page=read))
        return read

    def _found(self, note: Stored) -> Found:
        folder = self._uploads.folder if note.place.root == UPLOADS else Path(note.place.root)
        kind: Kind = "image" if note.kind == "image" else "pdf"
        return Found(note.place.path, folder / note.place.file, kind, note.size)
