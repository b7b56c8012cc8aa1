"""Counts the letters of a PDF page that nobody sees: drawn invisibly, in white on white, or too small to read.

Runs in the child that reads PDFs. Knows the objects of a page; text behind a picture is a scan's own and not counted.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

_SMALLEST = 2.0  # points: no reader makes out smaller letters, and no print shop sets them
_WHITE = 250
_COVERING = 0.5  # of the page: a scan with its recognised text behind it

Box = tuple[float, float, float, float]


def hidden_letters(page: Any, textpage: Any) -> int:
    """Return how many letters of a page are drawn so that they cannot be seen."""
    from pypdfium2 import raw

    texts, fills, invisible = [], list[Box](), 0
    for drawn in page.get_objects(max_depth=3):
        if drawn.type == raw.FPDF_PAGEOBJ_TEXT:
            texts.append(drawn)
        elif drawn.type == raw.FPDF_PAGEOBJ_IMAGE:
            box = drawn.get_bounds()
            if (box[2] - box[0]) * (box[3] - box[1]) >= _COVERING * page.get_width() * page.get_height():
                return 0
            fills.append(box)
        elif drawn.type == raw.FPDF_PAGEOBJ_SHADING or _is_coloured(drawn):
            fills.append(drawn.get_bounds())
    for text in texts:
        if _is_unseen(text, fills):
            invisible += _letters(text, textpage)
    return invisible


def _is_unseen(text: Any, fills: Sequence[Box]) -> bool:
    from pypdfium2 import raw

    mode = raw.FPDFTextObj_GetTextRenderMode(text.raw)
    if mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP):
        return True
    if _height(text) < _SMALLEST:
        return True
    red, green, blue, alpha = _fill(text)
    if alpha == 0:
        return True
    if mode != raw.FPDF_TEXTRENDERMODE_FILL or min(red, green, blue) < _WHITE:
        return False
    left, bottom, right, top = text.get_bounds()
    across, up = (left + right) / 2, (bottom + top) / 2
    return not any(box[0] <= across <= box[2] and box[1] <= up <= box[3] for box in fills)


def _is_coloured(drawn: Any) -> bool:
    from pypdfium2 import raw

    return drawn.type == raw.FPDF_PAGEOBJ_PATH and min(_fill(drawn)[:3]) < _WHITE


def _height(text: Any) -> float:
    from pypdfium2 import raw

    size = ctypes.c_float()
    raw.FPDFTextObj_GetFontSize(text.raw, size)
    matrix = text.get_matrix()
    return abs(float(size.value)) * max(float((matrix.c**2 + matrix.d**2) ** 0.5), 1e-9)


def _fill(drawn: Any) -> tuple[int, int, int, int]:
    """Return red, green, blue and opacity; black where the page does not say."""
    from pypdfium2 import raw

    parts = [ctypes.c_uint() for _ in range(4)]
    said = raw.FPDFPageObj_GetFillColor(drawn.raw, *parts)
    red, green, blue, alpha = (int(part.value) for part in parts)
    return (red, green, blue, alpha) if said else (0, 0, 0, 255)


def _letters(text: Any, textpage: Any) -> int:
    from pypdfium2 import raw

    size = raw.FPDFTextObj_GetText(text.raw, textpage.raw, None, 0)
    buffer = ctypes.create_string_buffer(max(size, 2))
    raw.FPDFTextObj_GetText(text.raw, textpage.raw, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    said = buffer.raw[: max(size - 2, 0)].decode("utf-16-le", "replace")
    return sum(character.isalnum() for character in said)
