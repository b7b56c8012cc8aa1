"""Recognises the text of scanned pages and of pictures, through a child process. Knows no database and no model.

What is found is written by the same layout as the text of any page. Needs the extra ``ocr``.
"""

from __future__ import annotations

import json
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import fmean
from typing import BinaryIO

from assistant.errors import DamagedNote, NoteError, OcrMissing
from assistant.knowledge.notes import Found
from assistant.knowledge.readers.cleaning import cleaned
from assistant.knowledge.readers.layout import Line
from assistant.knowledge.readers.ocr_child import SIDE
from assistant.knowledge.readers.opening import read_whole
from assistant.knowledge.readers.page_text import page_text
from assistant.knowledge.readers.pdf import draw_page
from assistant.knowledge.readers.pdf_process import Patience, PdfChild

INSTALL = "pip install -e '.[ocr]'"  # in the folder of the checkout

_CHILD = "assistant.knowledge.readers.ocr_child"
_NEEDED = ("rapidocr", "onnxruntime")
_BATCH = 8  # pages a child reads: starting one takes as long as half a page
_MAX_MEMORY = 3 << 30
_SECONDS_TO_START = 60.0
_SECONDS_PER_PAGE = 90.0
_LARGEST_PICTURE = 40 << 20


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of one page as it was recognised, and how certain that is: the mean over its lines, None without any."""

    page: int
    text: str
    certainty: float | None


def is_installed() -> bool:
    """Tell whether the extra is there, without loading it."""
    return all(find_spec(name) is not None for name in _NEEDED)


def recognise(
    found: Found, pages: Sequence[int], cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Recognised]:
    """Yield the text of each of these pages (of a picture: 1) as soon as it is read; raise a ``NoteError`` where that fails."""
    if not is_installed():
        raise OcrMissing(path=found.path, install=INSTALL)
    for first in range(0, len(pages), _BATCH):
        batch = pages[first : first + _BATCH]
        with tempfile.TemporaryFile() as pictures:
            for page in batch:
                if cancelled():
                    return
                _add(pictures, _picture(found, page))
            pictures.flush()
            for recognised in _read(found.path, pictures, batch):
                yield recognised
                if cancelled():
                    return


def _picture(found: Found, page: int) -> bytes:
    if found.kind == "image":
        return read_whole(found, _LARGEST_PICTURE)
    return draw_page(found.file, page, SIDE).png


def _add(pictures: BinaryIO, content: bytes) -> None:
    pictures.write(struct.pack(">I", len(content)) + content)


def _read(path: str, pictures: BinaryIO, pages: Sequence[int]) -> Iterator[Recognised]:
    patience = Patience(
        time.monotonic() + _SECONDS_TO_START + _SECONDS_PER_PAGE * len(pages), _SECONDS_TO_START + _SECONDS_PER_PAGE
    )
    waiting = iter(pages)
    with PdfChild([], pictures, patience, module=_CHILD, memory=_MAX_MEMORY) as child:
        for line in child.lines():
            said = json.loads(line)
            if said.get("done"):
                return
            page = next(waiting)
            if "error" in said:
                raise DamagedNote(path=path, reason="the picture could not be decoded / 图片无法解码")
            yield _recognised(page, said)
        ending = child.ending()
    raise _stopped(path, ending)


def _stopped(path: str, ending: str) -> NoteError:
    return DamagedNote(path=path, reason=f"OCR: {ending}")


def _recognised(page: int, said: dict[str, list[list[object]]]) -> Recognised:
    """Write the lines of a picture as text."""
    lines, scores = [], []
    for text, left, bottom, right, top, score in said["lines"]:
        kept = cleaned(str(text)).strip()
        if kept:
            lines.append(Line(kept, *(float(str(edge)) for edge in (left, bottom, right, top))))
            scores.append(float(str(score)))
    text = page_text(lines, float(str(said["size"][0])), ordered=False)
    return Recognised(page, text, round(fmean(scores), 4) if scores else None)
