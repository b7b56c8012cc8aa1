"""Reads or draws one PDF in a process of its own, so that a broken file costs that process and nothing else.

The PDF is standard input, the answer is standard output: one JSON object a line for ``text``; for ``picture`` one
line that says where the letters stand, then a PNG. Knows no path and no note.
"""

from __future__ import annotations

import json
import re
import struct
import sys
import unicodedata
import zlib
from collections.abc import Iterator
from typing import Any

from assistant.knowledge.readers.layout import Line, flowing_text
from assistant.knowledge.readers.limits import limit_resources
from assistant.knowledge.readers.pdf_letters import letters_of

MAX_PAGES = 2_000
MAX_CHARACTERS = 5_000_000
MAX_PAGE_CHARACTERS = 200_000
MAX_PIXELS = 20_000_000
MAX_SIDE = 8_000

_GLYPH_CODES = re.compile(r"\(cid:\d+\)|/[Gg]\d{1,3}(?=/|\s|$)")
_STAND_INS = re.compile("[�-]")  # no character, or one that only this font understands
_KEPT_INVISIBLE = "\n\t\x02\xad￾‌‍"  # hyphen marks for the layout; joiners of emoji and Indic scripts
_UNFOLDED = ("<super>", "<sub>", "<circle>", "<fraction>", "<square>")


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
    _say(pages=len(document), title=_cleaned(_title(document)))
    room = MAX_CHARACTERS
    for number in range(first, min(len(document), MAX_PAGES) + 1):
        if room <= 0:
            break
        text, problem = _read_page(document, number, min(room, MAX_PAGE_CHARACTERS))
        room -= len(text)
        _say(page=number, text=text, problem=problem)
    _say(done=True)
    return 0


def _title(document: Any) -> str:
    try:
        return str(document.get_metadata_value("Title"))[:1000]
    except (ValueError, OSError, AssertionError):
        return ""


def _read_page(document: Any, number: int, room: int) -> tuple[str, str | None]:
    import pypdfium2

    try:
        page = document[number - 1]
        textpage = page.get_textpage()
        count = textpage.count_chars()
        lines = list(_visual_lines(textpage, min(count, room)))
        text = _cleaned(flowing_text(lines, page.get_width()))
        blank = not any(True for _ in page.get_objects(max_depth=1))
        textpage.close()
        page.close()
    except (pypdfium2.PdfiumError, MemoryError, ValueError, OSError, AssertionError):
        return "", "damaged_page"
    if not any(character.isalnum() for character in text):
        return "", None if blank else "no_text"
    if _is_garbled(text):
        return "", "damaged_page"
    return text, "character_limit" if count > room else None


def _visual_lines(textpage: Any, count: int) -> Iterator[Line]:
    from pypdfium2.raw import FPDFText_GetUnicode

    codes: list[int] = []
    visible: list[int] = []
    for index in range(count + 1):
        code = FPDFText_GetUnicode(textpage, index) if index < count else 0x0A
        if code not in (0x0A, 0x0D):
            codes.append(code)
            if code > 0x20:
                visible.append(index)
            continue
        if visible:
            left, bottom, _, top = textpage.get_charbox(visible[0], loose=True)
            right = textpage.get_charbox(visible[-1], loose=True)[2]
            yield Line(_characters(codes), left, bottom, right, top)
        codes, visible = [], []


def _characters(codes: list[int]) -> str:
    """Make a string of PDFium's codes: pairs of surrogates become one character, lone ones U+FFFD."""
    text = "".join(chr(code) for code in codes if 0 < code < 0x110000)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class _Cleaning(dict[int, str]):
    """What each character becomes, found out once: compatibility forms of letters folded, invisible ones gone.

    Full NFKC would turn the full-width punctuation of Chinese prose into ASCII and a power into a plain digit, and no
    quotation would match its source any more; so only forms of letters, digits and spaces are folded.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = character
        if character not in _KEPT_INVISIBLE and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Cn"):
            kept = "�" if unicodedata.category(character) == "Cs" else ""
        elif not unicodedata.decomposition(character).startswith(_UNFOLDED):
            folded = unicodedata.normalize("NFKC", character)
            kept = folded if folded.isalnum() or folded == " " else character
        self[code] = kept
        return kept


_CLEANING = _Cleaning()


def _cleaned(text: str) -> str:
    cleaned = unicodedata.normalize("NFC", text.translate(_CLEANING))
    return re.sub("[\x02\xad￾]", "", cleaned)


def _is_garbled(text: str) -> bool:
    """Say whether the page gives glyph numbers or stand-ins where its letters should be."""
    codes = sum(len(match[0]) for match in _GLYPH_CODES.finditer(text))
    return codes + len(_STAND_INS.findall(text)) > 0.3 * len(text)


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
