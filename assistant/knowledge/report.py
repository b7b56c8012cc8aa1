"""What long work on the library tells: where it stands, and what it did or would do. Values only; knows no store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from assistant.errors import ModelError, NoteError
from assistant.knowledge.notes import Problem, Skipped
from assistant.knowledge.stored import Stored
from assistant.money.cost import NOTHING_PAID, Forecast, Paid
from assistant.money.metering import Batch, OnWait, together


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a sync stands: file ``done`` + 1 of ``total``, and its pages where it has some.

    ``waiting``: why the embedding model is not asked just now, and for how many seconds more.
    """

    done: int
    total: int
    path: str
    page: int = 0
    pages: int = 0
    waiting: tuple[ModelError, float] | None = None


@dataclass(slots=True)
class SyncReport:
    """What a sync did, or would do; paths are those that the learner sees.

    ``noticed`` is what the reader of a note should know of it, read as it was. ``needs_ocr`` are notes with pages, or pictures, that only OCR can read; ``ocr_pages`` were read so just now.
    ``unsettled`` files were still being written and are read when they rest; ``held`` ones wait for a yes, because their
    ``held_tokens`` are charged for. ``known_chunks`` have their vectors already and cost nothing. ``cost`` is a forecast before and the bill after,
    None where it is unknown, as ``minutes`` are.
    """

    notes: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    partly: list[Stored] = field(default_factory=list)
    noticed: list[tuple[str, Problem]] = field(default_factory=list)
    failed: list[tuple[str, NoteError]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    missing_folders: list[str] = field(default_factory=list)
    needs_ocr: list[Stored] = field(default_factory=list)
    ocr_pages: int = 0
    unsettled: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    held_tokens: int = 0
    chunks: int = 0
    embedded_chunks: int = 0
    embedding_tokens: int = 0
    known_chunks: int = 0
    cost: Forecast | Paid | None = NOTHING_PAID
    minutes: float | None = None
    seconds: float = 0.0

    def add(self, batch: Batch) -> None:
        """Count one request of the embedding model: its texts, tokens and bill."""
        self.embedded_chunks += len(batch.rows)
        self.embedding_tokens += batch.tokens
        self.cost = _bills(self.cost, batch.cost)

    def sort(self, path: str, *, new: bool) -> None:
        """Say of a note that was read whether it was there before."""
        (self.added if new else self.changed).append(path)

    def followed_by(self, later: SyncReport) -> SyncReport:
        """Join what two looks in a row have done; states are those of the later one."""
        return replace(
            later,
            added=self.added + later.added,
            changed=self.changed + later.changed,
            removed=self.removed + later.removed,
            renamed=self.renamed + later.renamed,
            embedded_chunks=self.embedded_chunks + later.embedded_chunks,
            embedding_tokens=self.embedding_tokens + later.embedding_tokens,
            cost=_bills(self.cost, later.cost),
            ocr_pages=self.ocr_pages + later.ocr_pages,
            seconds=self.seconds + later.seconds,
        )


def waiting(progress: Progress, on_progress: Callable[[Progress], None]) -> OnWait:
    """Make the listener that shows a wait of the embedding model as part of the progress."""
    return lambda error, seconds: on_progress(replace(progress, waiting=(error, seconds)))


def _bills(one: Forecast | Paid | None, other: Forecast | Paid | None) -> Paid | None:
    return together(one, other) if isinstance(one, Paid) and isinstance(other, Paid) else None
