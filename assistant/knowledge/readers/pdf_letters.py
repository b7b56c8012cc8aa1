"""Tells where on the picture of a page each letter stands. Runs in the PDF child; knows one open page and no file.

Places are counted in ten-thousandths of the picture from its upper left corner, so that a turned or cropped page
needs no further thought.
"""

from __future__ import annotations

import ctypes
from typing import Any

MAX_LETTERS = 20_000
SIDE = 10_000  # of the picture, in the units that boxes are counted in
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)


def letters_of(page: Any) -> tuple[str, list[tuple[int, int, int, int]]]:
    """Return the visible characters of a page in reading order and the box of each: left, top, right, bottom."""
    from pypdfium2.raw import FPDFText_GetUnicode

    textpage = page.get_textpage()
    letters: list[str] = []
    boxes: list[tuple[int, int, int, int]] = []
    first_half = 0
    for index in range(min(textpage.count_chars(), MAX_LETTERS)):
        code = FPDFText_GetUnicode(textpage, index)
        if code in _HIGH:
            first_half = code
            continue
        if code in _LOW:
            code = 0x10000 + ((first_half - 0xD800) << 10) + (code - 0xDC00) if first_half else 0xFFFD
        first_half = 0
        if 0x20 < code < 0x110000:
            letters.append(chr(code))
            boxes.append(_on_the_picture(page, textpage.get_charbox(index, loose=True)))
    textpage.close()
    return "".join(letters), boxes


def _on_the_picture(page: Any, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    across, down = zip(_corner(page, box[0], box[1]), _corner(page, box[2], box[3]), strict=True)
    left, right = sorted(min(max(place, 0), SIDE) for place in across)
    top, bottom = sorted(min(max(place, 0), SIDE) for place in down)
    return left, top, right, bottom


def _corner(page: Any, x: float, y: float) -> tuple[int, int]:
    from pypdfium2.raw import FPDF_PageToDevice

    across, down = ctypes.c_int(), ctypes.c_int()
    FPDF_PageToDevice(page, 0, 0, SIDE, SIDE, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value, down.value
