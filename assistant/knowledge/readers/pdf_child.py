"""Reads or draws one PDF in a process of its own, so that a broken file costs that process and nothing else.

The PDF is standard input, the answer is standard output: one JSON object a line for ``text``; for ``picture`` one
line that says where the letters stand, then a PNG. Knows no path and no note.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any

from assistant.knowledge.readers.cleaning import cleaned, with_bullets, without_hyphen_marks
from assistant.knowledge.readers.layout import Line
from assistant.knowledge.readers.limits import limit_resources
from assistant.knowledge.readers.pdf_hidden import hidden_letters
from assistant.knowledge.readers.pdf_letters import letters_of
from assistant.knowledge.readers.quality import is_garbled

MAX_PAGES = 2_000
MAX_CHARACTERS = 5_000_000
MAX_PAGE_CHARACTERS = 200_000
MAX_PIXELS = 20_000_000
MAX_SIDE = 8_000

_LOOKED_AT = 4  # letters of a line; in some fonts a box fits its letter, and 一 is as flat as a rule
_FEW_LETTERS = 25  # what a scanner, a stamp or a page number leaves on a page that is one picture
_WORD = 4
_HIDDEN = 8  # letters that nobody sees; a stray dot of a template is no message
_COVERING = 0.5  # of the page
_CELL_GAP = 0.8  # in letter heights: wider than most spaces between words; the layout joins again what is no table


def main(arguments: list[str]) -> int:
    """Do ``text FIRST_PAGE`` or ``picture PAGE WIDTH`` with the PDF on standard input."""
    limit_resources(cpu_seconds=600)
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        _say(error="password" if locked else "damaged")
        return 1
    if len(document) < 1:
        _say(error="no_pages")
        return 1
    if arguments[0] == "picture":
        return _draw(document, int(arguments[1]), int(arguments[2]))
    return _tell(document, int(arguments[1]))


def _say(**message: object) -> None:
    sys.stdout.buffer.write(json.dumps(message, ensure_ascii=False).encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()


def _tell(document: Any, first: int) -> int:
    """Tell of each page in turn, flushed at once: what is said before a crash is not lost by it."""
    _say(pages=len(document), title=without_hyphen_marks(cleaned(_title(document))))
    room = MAX_CHARACTERS
    for number in range(first, min(len(document), MAX_PAGES) + 1):
        if room <= 0:
            break
        page = _read_page(document, number, min(room, MAX_PAGE_CHARACTERS))
        lines = page.get("lines")
        room -= sum(len(line[0]) for line in lines) if isinstance(lines, list) else 0
        _say(page=number, **page)
    _say(done=True)
    return 0


def _title(document: Any) -> str:
    try:
        return str(document.get_metadata_value("Title"))[:1000]
    except (ValueError, OSError, AssertionError):
        return ""


def _read_page(document: Any, number: int, room: int) -> dict[str, object]:
    """Return what stands on a page: its size, its lines with their places, and what kind of page it is."""
    import pypdfium2

    try:
        page = document[number - 1]
        textpage = page.get_textpage()
        count = textpage.count_chars()
        raw = list(_visual_lines(textpage, min(count, room)))
        size = (round(page.get_width(), 1), round(page.get_height(), 1))
        quality = _quality(page, raw)
        hidden = quality == "text" and hidden_letters(page, textpage) >= _HIDDEN
        textpage.close()
        page.close()
    except (pypdfium2.PdfiumError, MemoryError, ValueError, OSError, AssertionError):
        return {"quality": "damaged"}
    lines = [] if quality in ("garbled", "blank") else list(_clean_lines(raw))
    if quality == "scanned":  # a page number or a scanner's stamp is no text of the page
        lines = [line for line in lines if sum(character.isalpha() for character in line[0]) >= _WORD]
    return {"quality": quality, "size": size, "lines": lines, "cut": count > room, "hidden": hidden}


def _quality(page: Any, lines: list[Line]) -> str:
    letters = sum(character.isalnum() for line in lines for character in line.text)
    if is_garbled("\n".join(with_bullets(line.text) for line in lines)):
        return "garbled"
    if letters == 0:
        return "scanned" if any(True for _ in page.get_objects(max_depth=1)) else "blank"
    return "scanned" if letters <= _FEW_LETTERS and _picture_share(page) >= _COVERING else "text"


def _picture_share(page: Any) -> float:
    """Measure how much of a page is covered by its largest picture."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    area = page.get_width() * page.get_height()
    largest = 0.0
    for picture in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = picture.get_bounds()
        largest = max(largest, (right - left) * (top - bottom))
    return largest / area if area > 0 else 0.0


def _clean_lines(lines: list[Line]) -> Iterator[tuple[str, float, float, float, float]]:
    for line in lines:
        text = cleaned(with_bullets(line.text))
        if text.strip():
            left, bottom, right, top = (round(edge, 1) for edge in (line.left, line.bottom, line.right, line.top))
            yield text, left, bottom, right, top


def _visual_lines(textpage: Any, count: int) -> Iterator[Line]:
    """Yield the visual lines of a page, and each cell of a row of cells as a line of its own."""
    from pypdfium2.raw import FPDFText_GetUnicode

    codes: list[int] = []
    visible: list[int] = []
    for index in range(count + 1):
        code = FPDFText_GetUnicode(textpage, index) if index < count else 0x0A
        if code not in (0x0A, 0x0D):
            if code > 0x20 and visible and codes and codes[-1] == 0x20 and _apart(textpage, visible[-1], index):
                yield _line(textpage, codes, visible)
                codes, visible = [], []
            codes.append(code)
            if code > 0x20:
                visible.append(index)
            continue
        if visible:
            yield _line(textpage, codes, visible)
        codes, visible = [], []


def _apart(textpage: Any, last: int, index: int) -> bool:
    """Tell whether two letters of a visual line stand further apart than words do."""
    left, bottom, right, top = textpage.get_charbox(last, loose=True)
    return bool(
        textpage.get_charbox(index, loose=True)[0] - right > _CELL_GAP * max(top - bottom, 1.0) and right > left
    )


def _line(textpage: Any, codes: list[int], visible: list[int]) -> Line:
    boxes = [textpage.get_charbox(index, loose=True) for index in (*visible[:_LOOKED_AT], visible[-1])]
    tallest = max(boxes, key=lambda box: box[3] - box[1])
    return Line(_characters(codes), boxes[0][0], tallest[1], boxes[-1][2], tallest[3])


def _characters(codes: list[int]) -> str:
    """Make a string of PDFium's codes: pairs of surrogates become one character, lone ones U+FFFD."""
    text = "".join(chr(code) for code in codes if 0 < code < 0x110000)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _draw(document: Any, number: int, width: int) -> int:
    import pypdfium2

    if not 1 <= number <= len(document):
        _say(error="no_such_page")
        return 1
    try:
        page = document[number - 1]
        across, up = page.get_width(), page.get_height()
        scale = min(width / across, MAX_SIDE / up, (MAX_PIXELS / (across * up)) ** 0.5 * 0.99)
        bitmap = page.render(scale=scale, rev_byteorder=True)
    except (pypdfium2.PdfiumError, MemoryError, ValueError, OSError, AssertionError, ZeroDivisionError):
        _say(error="damaged")
        return 1
    letters, boxes = _letters(page)
    _say(letters=letters, boxes=boxes)
    sys.stdout.buffer.write(_png(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride))
    return 0


def _letters(page: Any) -> tuple[str, list[tuple[int, int, int, int]]]:
    """Return where the letters stand, or nothing where that breaks the library: a page without marks is still a page."""
    import pypdfium2

    try:
        return letters_of(page)
    except (pypdfium2.PdfiumError, MemoryError, ValueError, OSError, AssertionError):
        return "", []


def _png(pixels: bytes, width: int, height: int, stride: int) -> bytes:
    """Wrap rows of red, green and blue as a PNG; needs no picture library in the child."""
    rows = b"".join(b"\x00" + pixels[y * stride : y * stride + 3 * width] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body)) for tag, body in parts
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
