"""Reads a PDF through a child process and puts its pages together. Knows the child's words, nothing of PDF itself."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, get_args

from assistant.errors import DamagedNote, EmptyNote, NoteError, NoTextLayer, NotFound, NotText, PasswordNeeded, TooBig
from assistant.knowledge.notes import Found, Note, Problem, Quality, displayable
from assistant.knowledge.page_image import PageImage
from assistant.knowledge.readers.layout import Line
from assistant.knowledge.readers.opening import LARGEST, OnPage, digest_of, megabytes, opened, still_changing, version
from assistant.knowledge.readers.page_text import page_texts
from assistant.knowledge.readers.pdf_child import MAX_PAGES
from assistant.knowledge.readers.pdf_process import MAX_MEMORY, Ending, Patience, PdfChild
from assistant.knowledge.readers.running_lines import Page
from assistant.knowledge.readers.signatures import PDF_HEADER_WITHIN, is_pdf, what_instead_of_pdf

MAX_BYTES = LARGEST
SECONDS = 30.0
SECONDS_PER_PAGE = 0.2
SECONDS_TO_OPEN = 20.0
SECONDS_OF_SILENCE = 10.0
MAX_CHILDREN = 4
_NO_LAYOUT = Page((), 0.0, 0.0)
_LISTED_PAGES = 10_000  # a file may claim millions of pages; a list of them helps nobody

_Reason = Literal["no_text", "garbled", "damaged_page", "page_limit", "character_limit"]
_REASONS: tuple[_Reason, ...] = ("no_text", "garbled", "damaged_page", "page_limit", "character_limit")
_QUALITIES: tuple[Quality, ...] = get_args(Quality)
_PROBLEMS: dict[str, _Reason] = {"scanned": "no_text", "garbled": "garbled", "damaged": "damaged_page"}
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
    layouts: list[Page] = field(default_factory=list)
    qualities: list[Quality] = field(default_factory=list)
    bad: dict[str, list[int]] = field(default_factory=dict)
    hidden: list[int] = field(default_factory=list)
    finished: bool = False
    ending: Ending = "done"

    def add_page(self, layout: Page, quality: Quality, *, cut: bool = False, hidden: bool = False) -> None:
        self.layouts.append(layout)
        self.qualities.append(quality)
        problem = _PROBLEMS.get(quality) or ("character_limit" if cut else None)
        if problem:
            self.bad.setdefault(problem, []).append(len(self.layouts))
        if hidden:
            self.hidden.append(len(self.layouts))

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
        with PdfChild(["text", str(len(reading.layouts) + 1)], file, patience) as child:
            for line in child.lines():
                _hear(path, _message(line), reading, patience, on_page)
            ending = child.ending()
        if reading.finished:
            return reading
        reading.ending = ending
        if reading.pages is None or time.monotonic() > patience.deadline:
            break
        if len(reading.layouts) < reading.readable:
            reading.add_page(_NO_LAYOUT, "damaged")
    return reading


def _hear(path: str, message: dict[str, object], reading: _Reading, patience: Patience, on_page: OnPage | None) -> None:
    if error := message.get("error"):
        raise _refused(path, str(error))
    if isinstance(pages := message.get("pages"), int) and reading.pages is None:
        reading.pages, reading.title = pages, str(message.get("title", ""))
        patience.deadline += SECONDS_PER_PAGE * reading.readable
        patience.silence = SECONDS_OF_SILENCE
    elif "page" in message:
        cut, hidden = message.get("cut") is True, message.get("hidden") is True
        reading.add_page(_layout(message), _quality(message.get("quality")), cut=cut, hidden=hidden)
        if on_page is not None:
            on_page(len(reading.layouts), reading.readable)
    elif message.get("done"):
        reading.finished = True


def _message(line: bytes) -> dict[str, object]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _note(found: Found, content_hash: str, reading: _Reading) -> Note:
    texts = page_texts(reading.layouts)
    if not any(texts):
        raise _nothing_read(found.path, reading)
    text, starts = paged(texts)
    unread: list[Quality] = ["unread"] * (reading.readable - len(reading.layouts))
    return Note(
        path=found.path,
        title=_title(reading.title) or PurePosixPath(found.path).stem,
        kind="pdf",
        content_hash=content_hash,
        text=text,
        encoding="pdf",
        page_starts=starts,
        problems=tuple(_problems(reading)),
        qualities=(*reading.qualities, *unread),
    )


def paged(texts: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    """Put the texts of pages together; return the whole and where in it each page starts."""
    parts = [text + "\n\n" if text else "" for text in texts]
    return "".join(parts), tuple(accumulate((len(part) for part in parts[:-1]), initial=0)) if parts else ()


def _layout(message: dict[str, object]) -> Page:
    """Take what the child says of a page; what makes no sense is no line."""
    said, size = message.get("lines"), message.get("size")
    if not isinstance(said, list) or not isinstance(size, list) or not _numbers(size, 2):
        return _NO_LAYOUT
    lines = tuple(
        Line(*line) for line in said if isinstance(line, list) and isinstance(line[0], str) and _numbers(line[1:], 4)
    )
    return Page(lines, size[0], size[1])


def _quality(said: object) -> Quality:
    return next((quality for quality in _QUALITIES if quality == said), "damaged")


def _numbers(values: list[object], count: int) -> bool:
    return len(values) == count and all(isinstance(value, int | float) for value in values)


def _problems(reading: _Reading) -> Iterator[Problem]:
    """Name the pages that are missing, with the pages nobody got to counted by why."""
    bad = {reason: list(pages) for reason, pages in reading.bad.items()}
    unread = range(len(reading.layouts) + 1, reading.readable + 1)
    bad.setdefault("character_limit" if reading.finished else "damaged_page", []).extend(unread)
    bad["page_limit"] = list(range(MAX_PAGES + 1, min(reading.pages or 0, MAX_PAGES + _LISTED_PAGES) + 1))
    for reason in _REASONS:
        if bad.get(reason):
            yield Problem(reason, tuple(bad[reason]))
    if reading.hidden:
        yield Problem("hidden_text", tuple(reading.hidden))


def _title(metadata: str) -> str:
    """Take the title the file gives itself, unless it is what its program wrote there unasked."""
    title = " ".join(metadata.split())[:200]
    sensible = len(title) > 1 and any(c.isalpha() for c in title) and "�" not in title
    return title if sensible and not _NO_TITLE.match(title) else ""


def _nothing_read(path: str, reading: _Reading) -> NoteError:
    if reading.ending != "done" and not {"no_text", "garbled"} & reading.bad.keys():
        return _stopped(path, reading.ending)
    if "damaged_page" in reading.bad and not {"no_text", "garbled"} & reading.bad.keys():
        return DamagedNote(path=path, reason="no page could be read / 没有一页可读")
    unread = [*reading.bad.get("no_text", []), *reading.bad.get("garbled", [])]
    return NoTextLayer(path=path, pages=reading.pages) if unread else EmptyNote(path=path)


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
