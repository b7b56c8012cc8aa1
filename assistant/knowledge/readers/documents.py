"""Has documents read by the child process, and ends it when a file takes too long or too much. Knows no format."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path, PurePosixPath
from typing import Any

from assistant.errors import DamagedNote, NoteError, TooBig
from assistant.knowledge.notes import Found, Note, Problem
from assistant.knowledge.parts import Mark, Part
from assistant.knowledge.readers.opening import OnPage, megabytes
from assistant.knowledge.readers.pdf_process import MAX_MEMORY, bare_environment, descendants, memory_in_use

SECONDS = 60.0
IDLE_SECONDS = 10.0
_KEPT_MEMORY = 250 << 20  # more than this after a file, and the next one gets a fresh process
_LOOK_EVERY = 0.05
_PACKAGE_ROOT = Path(__file__).resolve().parents[3]


def read_document(found: Found, on_page: OnPage | None = None) -> Note:
    """Read a document of any format that is neither PDF nor plain text."""
    said = _CHILD.ask(found)
    if "error" in said:
        raise _error(found.path, said)
    document, problems = said["document"], said["document"]["problems"]
    parts = [Part(one["start"], tuple(one["heading"]), one["page"], one["form"]) for one in document["parts"]]
    return Note(
        path=found.path,
        title=document["title"] or PurePosixPath(found.path).stem,
        kind=found.kind,
        content_hash=said["hash"],
        text=document["text"],
        encoding=document["encoding"],
        page_starts=_page_starts(parts),
        problems=tuple(Problem(one["reason"], tuple(one["pages"])) for one in problems),
        parts=tuple(parts),
        marks=tuple(Mark(one["start"], one["first"], one["last"]) for one in document["marks"]),
    )


def _page_starts(parts: list[Part]) -> tuple[int, ...]:
    """Return where each page begins; one that could not be read begins where the next one does."""
    starts: list[int] = []
    for part in parts:
        while part.page is not None and len(starts) < part.page:
            starts.append(part.start)
    return tuple(starts)


def _error(path: str, said: dict[str, Any]) -> NoteError:
    kinds = {kind.kind: kind for kind in NoteError.__subclasses__()}
    return kinds.get(said["error"], NoteError)(**(said["details"] | {"path": path}))


class _Child:
    """One reading process at a time, started when it is needed and ended when nobody asked for a while."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._deadline = 0.0  # of the file that is being read; 0 while none is
        self._idle_since = 0.0
        self._ended = ""

    def ask(self, found: Found) -> dict[str, Any]:
        """Return what the child says of a file; where it dies over it, the file is to blame."""
        request = {"path": found.path, "file": str(found.file.absolute()), "kind": found.kind, "size": found.size}
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            self._deadline = time.monotonic() + SECONDS
            try:
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            except BrokenPipeError:
                line = ""
            self._idle_since, self._deadline = time.monotonic(), 0.0
            if line.endswith("\n"):
                if memory_in_use(process.pid) > _KEPT_MEMORY:
                    self._end(process)
                said: dict[str, Any] = json.loads(line)
                return said
            self._end(process)
            raise _stopped(found.path, self._ended)

    def end(self) -> None:
        """End the process unless a file is being read."""
        with self._lock:
            if self._process is not None:
                self._end(self._process)

    def _running(self) -> subprocess.Popen[str]:
        """Return the process, started anew where there is none or the last one has ended."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._ended, self._idle_since = "", 0.0  # or the new one would be taken for as idle as the last
        self._process = subprocess.Popen(
            [sys.executable, "-m", "assistant.knowledge.readers.document_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_PACKAGE_ROOT,
            env=bare_environment(),
            encoding="utf-8",
        )
        threading.Thread(target=self._watch, args=(self._process,), name="document-child", daemon=True).start()
        return self._process

    def _watch(self, process: subprocess.Popen[str]) -> None:
        """End the child when a file takes too long or too much memory, and when nothing is asked of it."""
        while process.poll() is None:
            deadline = self._deadline
            if deadline and memory_in_use(process.pid) > MAX_MEMORY:
                self._ended = "too_much_memory"
                _kill(process)
            elif deadline and time.monotonic() > deadline:
                self._ended = "too_slow"
                _kill(process)
            elif not deadline and self._idle_since and time.monotonic() - self._idle_since > IDLE_SECONDS:
                self.end()
            time.sleep(_LOOK_EVERY)

    def _end(self, process: subprocess.Popen[str]) -> None:
        _kill(process)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not yet written has no reader any more
                    pipe.close()
        if self._process is process:
            self._process = None


_CHILD = _Child()


def end_child() -> None:
    """End the reading process, if there is one; the next document starts another."""
    _CHILD.end()


def _kill(process: subprocess.Popen[str]) -> None:
    for pid in descendants(process.pid):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)
    process.kill()


def _stopped(path: str, why: str) -> NoteError:
    if why == "too_slow":
        return TooBig(path=path, limit=f"{SECONDS:.0f} s")
    if why == "too_much_memory":
        return TooBig(path=path, limit=megabytes(MAX_MEMORY))
    return DamagedNote(path=path, reason="its reader could not make sense of it / 解析程序读不懂它")
