"""Notices that something in the notes folders may have changed, and says so once it is quiet. Reads no note and decides nothing.

The system tells (watchdog); where it cannot, on network disks or when it has run out of watches, the folder's files
are compared every few seconds. A folder that is away is looked for until it is back.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.errors import NotFound
from assistant.knowledge.notes import Found, is_watched, walk

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

How = Literal["events", "polling", "missing"]

_log = logging.getLogger(__name__)
# Disks on which other machines write unseen, or whose drivers tell nothing.
_REMOTE = {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "ncpfs", "afs", "ceph"}
_UNTOLD = {"9p", "drvfs", "vboxsf", "vmhgfs", "prl_fs", "virtiofs", "fuse"}


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient a watch is, in seconds."""

    quiet: float = 2.0  # without a change, before one is told
    longest: float = 15.0  # that changes may go on before it is told all the same
    poll: float = 15.0  # between two comparisons
    sweep: float = 300.0  # between two comparisons where the system tells, in case it lost something


@dataclass(slots=True)
class _Watched:
    """One folder: how it is followed, which directory it was then, and what its files looked like."""

    how: How
    place: Path  # without links
    identity: tuple[int, int] | None
    observer: BaseObserver | None = None
    seen: bytes = b""
    compared: float = 0.0


class Watch:
    """Follows the folders that ``folders`` names, also when it names others later, in a thread of its own.

    ``on_change`` is called in that thread; what changes meanwhile is told afterwards. Below ``ours`` nothing counts.
    """

    def __init__(
        self,
        folders: Callable[[], Sequence[Path]],
        on_change: Callable[[], None],
        ours: Path,
        pace: Pace | None = None,
    ) -> None:
        self._folders = folders
        self._on_change = on_change
        self._ours = ours.resolve()
        self._pace = pace or Pace()
        self._watched: dict[Path, _Watched] = {}
        self._wake, self._stop = threading.Event(), threading.Event()
        self._last = 0.0
        self._due = float("inf")
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; returns at once, and does nothing where it runs already."""
        if not self.running:
            # Of its own, because a former thread may still be in ``on_change`` and has to end after it.
            self._stop, self._watched = threading.Event(), {}
            self._thread = threading.Thread(
                target=self._run, args=(self._stop, self._watched), name="watch", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Call ``on_change`` no more; a call that is under way goes on by itself."""
        self._stop.set()
        self._wake.set()

    def wait(self, seconds: float) -> None:
        """Wait until the thread has ended, or for so long."""
        if self._thread:
            self._thread.join(seconds)

    @property
    def running(self) -> bool:
        """Whether the folders are being followed."""
        return self._thread is not None and self._thread.is_alive() and not self._stop.is_set()

    def how(self) -> dict[Path, How]:
        """Say of each folder how it is followed."""
        return {folder: watched.how for folder, watched in list(self._watched.items())}

    def ask_again(self, seconds: float) -> None:
        """Call ``on_change`` after this time, whatever happens until then."""
        self._due = min(self._due, time.monotonic() + seconds)
        self._wake.set()

    def _run(self, stop: threading.Event, watched: dict[Path, _Watched]) -> None:
        try:
            self._follow(watched)
            while not stop.is_set():
                self._wake.wait(max(0.0, min(self._pace.poll, self._due - time.monotonic())))
                self._wake.clear()
                if stop.is_set():
                    break
                changed = self._follow(watched)
                told = self._last > 0
                if told:
                    self._await_quiet(stop)
                if (told or changed or time.monotonic() >= self._due) and not stop.is_set():
                    self._last, self._due = 0.0, float("inf")
                    self._on_change()
        finally:
            for one in watched.values():
                _leave(one)

    def _await_quiet(self, stop: threading.Event) -> None:
        end = time.monotonic() + self._pace.longest
        while (rest := min(self._last + self._pace.quiet, end) - time.monotonic()) > 0 and not stop.is_set():
            stop.wait(rest)

    def _hear(self, event: FileSystemEvent) -> None:
        """Take what the system tells, if it is about something that could be a note."""
        if any(self._matters(str(path)) for path in (event.src_path, event.dest_path) if path):
            self._last = time.monotonic()
            self._wake.set()

    def _matters(self, name: str) -> bool:
        path = Path(name)
        roots = [watched.place for watched in list(self._watched.values())]
        root = next((root for root in roots if path.is_relative_to(root)), None)
        inside = path.relative_to(root).parts if root else (path.name,)
        return all(map(is_watched, inside)) and not path.is_relative_to(self._ours)

    def _follow(self, watched: dict[Path, _Watched]) -> bool:
        """Follow the folders as they are named and present now; True where something may have changed unheard."""
        wanted = [folder.absolute() for folder in self._folders()]
        for folder in set(watched) - set(wanted):
            _leave(watched.pop(folder))
        changed = False
        for folder in wanted:
            known, identity = watched.get(folder), _identity(folder)
            if known is None or known.identity != identity or _deaf(known):
                if known:
                    _leave(known)
                watched[folder] = self._begin(folder, identity)
                changed |= known is not None
            changed |= self._compare(folder, watched[folder])
        return changed

    def _begin(self, folder: Path, identity: tuple[int, int] | None) -> _Watched:
        place = folder.resolve()
        if identity is None:
            return _Watched("missing", place, None)
        if _is_remote(place):
            return _Watched("polling", place, identity)
        try:
            return _Watched("events", place, identity, self._listen(place))
        except OSError as error:  # no more watches, or a file system without them
            _log.info("following %s by comparing: %s", folder, error)
            return _Watched("polling", place, identity)

    def _listen(self, place: Path) -> BaseObserver:
        from watchdog import events
        from watchdog.observers import Observer

        telling = [  # not: opened, and closed without a change, which our own reading does
            events.FileCreatedEvent, events.FileModifiedEvent, events.FileMovedEvent, events.FileDeletedEvent,
            events.DirCreatedEvent, events.DirMovedEvent, events.DirDeletedEvent,
        ]  # fmt: skip
        handler = events.FileSystemEventHandler()
        handler.on_any_event = self._hear  # type: ignore[method-assign]
        observer: BaseObserver = Observer()
        observer.schedule(handler, str(place), recursive=True, event_filter=telling)
        observer.start()
        return observer

    def _compare(self, folder: Path, watched: _Watched) -> bool:
        if watched.how == "missing":
            return False
        now, between = time.monotonic(), self._pace.poll if watched.how == "polling" else self._pace.sweep
        if watched.seen and now - watched.compared < between:
            return False
        former, watched.seen, watched.compared = watched.seen, _looks(folder), now
        return bool(former) and former != watched.seen


def _deaf(watched: _Watched) -> bool:
    """Tell whether the system has stopped telling: its thread ended, as when it ran out of watches."""
    emitters = watched.observer.emitters if watched.observer else ()
    return watched.observer is not None and not (emitters and all(emitter.is_alive() for emitter in emitters))


def _leave(watched: _Watched) -> None:
    if watched.observer is not None:
        watched.observer.stop()
        watched.observer.join()


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return which directory this is, so that a disk put in its place is noticed; None where there is none."""
    try:
        info = folder.stat()
    except OSError:
        return None
    return (info.st_dev, info.st_ino) if folder.is_dir() else None


def _looks(folder: Path) -> bytes:
    """Name what the files look like from outside: paths, sizes and times."""
    looks = hashlib.sha256()
    try:
        for found in walk(folder):
            if isinstance(found, Found):
                looks.update(f"{found.path}\0{found.size}\0{_changed(found.file)}\n".encode("utf-8", "surrogatepass"))
    except NotFound:
        return b"gone"
    return looks.digest()


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _is_remote(place: Path) -> bool:
    """Tell whether the folder is on a disk whose changes the system does not hear of."""
    import psutil

    if place.drive.startswith("\\\\"):
        return True
    mounts = [part for part in psutil.disk_partitions(all=True) if place.is_relative_to(part.mountpoint)]
    mount = max(mounts, key=lambda part: len(part.mountpoint), default=None)
    kind = mount.fstype.lower() if mount else ""
    return kind in _REMOTE | _UNTOLD or kind.startswith("fuse.") or bool(mount and "remote" in mount.opts.split(","))
