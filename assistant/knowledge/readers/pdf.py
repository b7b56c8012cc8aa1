"""Reads a PDF through a child process and puts its pages together. Knows the child's words, nothing of PDF itself."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from assistant.errors import DamagedNote, EmptyNote, NoteError, NoTextLayer, NotFound, NotText, PasswordNeeded, TooBig
from assistant.knowledge.notes import Found, Note, Problem, displayable
from assistant.knowledge.page_image import PageImage
from assistant.knowledge.readers.opening import OnPage, digest_of, megabytes, opened, still_changing, version
from assistant.knowledge.readers.pdf_child import MAX_PAGES
from assistant.knowledge.readers.pdf_process import MAX_MEMORY, Ending, Patience, PdfChild
from assistant.knowledge.readers.signatures import PDF_HEADER_WITHIN, is_pdf, what_instead_of_pdf

MAX_BYTES = 300 << 20
SECONDS = 30.0
SECONDS_PER_PAGE = 0.2
SECONDS_TO_OPEN = 20.0
SECONDS_OF_SILENCE = 10.0
MAX_CHILDREN = 4
_LISTED_PAGES = 10_000  # a file may claim millions of pages; a list of them helps nobody

_Reason = Literal["no_text", "damaged_page", "page_limit", "character_limit"]
_REASONS: tuple[_Reason, ...] = ("no_text", "damaged_page", "page_limit", "character_limit")
_NO_TITLE = re.compile(
    r"untitled|\(?anonymous|无标题|未命名|microsoft (word|powerpoint)|powerpoint (presentation|演示文稿)"
    r"|(document|文档|slide|幻灯片) ?\d*$|about:|https?:|file:|.*[/\\]"
    r"|.*\.(docx?|pptx?|xlsx?|pdf|html?|tex|dvi|indd|odt|rtf|wps|md|txt)$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Reading:
    """What has been heard of a PDF so far, from one child or from several."""

    pages: int | None = None
    title: str = ""
    texts: list[str] = field(default_factory=list)
    bad: dict[str, list[int]] = field(default_factory=dict)
    finished: bool = False
    ending: Ending = "done"

    def add_page(self, text: str, problem: str | None) -> None:
        self.texts.append(text)
        if problem:
            self.bad.setdefault(problem, []).append(len(self.texts))

    @property
    def readable(self) -> int:
        return min(self.pages or 0, MAX_PAGES)


def read_pdf(found: Found, on_page: OnPage | None = None) -> Note:
    """Read a PDF page by page; a page that breaks or stalls the library is left out and named, the others are kept."""
    if found.size > MAX_BYTES:
        raise TooBig(path=found.path, limit=megabytes(MAX_BYTES))
    for _ in range(2):
        with opened(found) as file:
            before = version(file)
            content_hash = _checked_hash(found, file)
            reading = _read_pages(found.path, file, on_page)
            if version(file) == before:
                return _note(found, content_hash, reading)
    raise still_changing(found)


def draw_page(file: Path, page: int, width: int) -> PageImage:
    """Draw a page in the child as well: rendering runs more of the PDF library than reading does."""
    found = Found(displayable(file.name), file, "pdf", 0)
    patience = Patience(time.monotonic() + SECONDS, SECONDS)
    with opened(found) as pdf, PdfChild(["picture", str(page), str(min(max(width, 16), 4000))], pdf, patience) as child:
        first, _, png = child.output().partition(b"\n")
        ending = child.ending()
    if ending != "done":
        raise _stopped(found.path, ending)
    said = _message(first)
    if png.startswith(b"\x89PNG"):
        return _page_image(said, png)
    if said.get("error") == "no_such_page":
        raise NotFound(what=f"{found.path}, p. {page}")
    raise _refused(found.path, str(said.get("error")))


def _page_image(said: dict[str, object], png: bytes) -> PageImage:
    """Take the places of letters from what the child said; one that makes no sense marks nothing."""
    letters, boxes = said.get("letters"), said.get("boxes")
    if not isinstance(letters, str) or not isinstance(boxes, list) or len(letters) != len(boxes):
        return PageImage(png, "", ())
    if not all(isinstance(box, list) and [type(edge) for edge in box] == [int] * 4 for box in boxes):
        return PageImage(png, "", ())
    return PageImage(png, letters, tuple((box[0], box[1], box[2], box[3]) for box in boxes))


def _checked_hash(found: Found, file: BinaryIO) -> str:
    size = version(file)[0]
    if size == 0:
        raise EmptyNote(path=found.path)
    if size > MAX_BYTES:
        raise TooBig(path=found.path, limit=megabytes(MAX_BYTES))
    head = file.read(PDF_HEADER_WITHIN + 8)
    if not is_pdf(head):
        raise NotText(path=found.path, found=what_instead_of_pdf(head))
    file.seek(0)
    return digest_of(file)


def _read_pages(path: str, file: BinaryIO, on_page: OnPage | None) -> _Reading:
    """Ask children for the pages; after one dies on a page, another goes on behind it, within the same time."""
    reading = _Reading()
    patience = Patience(time.monotonic() + SECONDS, SECONDS_TO_OPEN)
    for _ in range(MAX_CHILDREN):
        with PdfChild(["text", str(len(reading.texts) + 1)], file, patience) as child:
            for line in child.lines():
                _hear(path, _message(line), reading, patience, on_page)
            ending = child.ending()
        if reading.finished:
            return reading
        reading.ending = ending
        if reading.pages is None or time.monotonic() > patience.deadline:
            break
        if len(reading.texts) < reading.readable:
            reading.add_page("", "damaged_page")
    return reading


def _hear(path: str, message: dict[str, object], reading: _Reading, patience: Patience, on_page: OnPage | None) -> None:
    if error := message.get("error"):
        raise _refused(path, str(error))
    if isinstance(pages := message.get("pages"), int) and reading.pages is None:
        reading.pages, reading.title = pages, str(message.get("title", ""))
        patience.deadline += SECONDS_PER_PAGE * reading.readable
        patience.silence = SECONDS_OF_SILENCE
    elif "page" in message:
        problem = message.get("problem")
        reading.add_page(str(message.get("text", "")), str(problem) if problem in _REASONS else None)
        if on_page is not None:
            on_page(len(reading.texts), reading.readable)
    elif message.get("done"):
        reading.finished = True


def _message(line: bytes) -> dict[str, object]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _note(found: Found, content_hash: str, reading: _Reading) -> Note:
    if not any(reading.texts):
        raise _nothing_read(found.path, reading)
    starts: list[int] = []
    offset = 0
    parts = [text + "\n\n" if text else "" for text in reading.texts]
    for part in parts:
        starts.append(offset)
        offset += len(part)
    return Note(
        path=found.path,
        title=_title(reading.title) or PurePosixPath(found.path).stem,
        kind="pdf",
        content_hash=content_hash,
        text="".join(parts),
        encoding="pdf",
        page_starts=tuple(starts),
        problems=tuple(_problems(reading)),
    )


def _problems(reading: _Reading) -> Iterator[Problem]:
    """Name the pages that are missing, with the pages nobody got to counted by why."""
    bad = {reason: list(pages) for reason, pages in reading.bad.items()}
    unread = range(len(reading.texts) + 1, reading.readable + 1)
    bad.setdefault("character_limit" if reading.finished else "damaged_page", []).extend(unread)
    bad["page_limit"] = list(range(MAX_PAGES + 1, min(reading.pages or 0, MAX_PAGES + _LISTED_PAGES) + 1))
    for reason in _REASONS:
        if bad.get(reason):
            yield Problem(reason, tuple(bad[reason]))


def _title(metadata: str) -> str:
    """Take the title the file gives itself, unless it is what its program wrote there unasked."""
    title = " ".join(metadata.split())[:200]
    sensible = len(title) > 1 and any(c.isalpha() for c in title) and "�" not in title
    return title if sensible and not _NO_TITLE.match(title) else ""


def _nothing_read(path: str, reading: _Reading) -> NoteError:
    if reading.ending != "done" and "no_text" not in reading.bad:
        return _stopped(path, reading.ending)
    if "damaged_page" in reading.bad:
        return DamagedNote(path=path, reason="no page could be read / 没有一页可读")
    return NoTextLayer(path=path, pages=reading.pages) if "no_text" in reading.bad else EmptyNote(path=path)


def _stopped(path: str, ending: Ending) -> NoteError:
    if ending == "too_slow":
        return TooBig(path=path, limit=f"{SECONDS:.0f} s")
    if ending == "too_much_memory":
        return TooBig(path=path, limit=megabytes(MAX_MEMORY))
    return DamagedNote(path=path, reason="the PDF library crashed / 解析程序崩溃")


def _refused(path: str, error: str) -> NoteError:
    if error == "password":
        return PasswordNeeded(path=path)
    reason = "no pages / 没有页" if error == "no_pages" else "not a valid PDF / 不是有效的 PDF"
    return DamagedNote(path=path, reason=reason)
