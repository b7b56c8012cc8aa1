"""The picture of a PDF page with passages marked on it, as with a felt pen. Knows pixels, neither files nor Streamlit.

Where a passage stands is found by its letters, because a note's text has its lines joined and its hyphens gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.language.stretch import find

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[float, float, float, float]  # left, top, right, bottom
Colour = tuple[int, int, int]

PASSAGE: Colour = (255, 246, 214)
QUOTE: Colour = (255, 208, 84)
_SIDE = 10_000
_DARK = 110  # mean brightness below which a pen leaves no trace and a veil is laid instead
_VEIL = 0.35


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as a PNG, its visible characters in reading order, and the box of each in ten-thousandths of the picture."""

    png: bytes
    letters: str
    boxes: tuple[tuple[int, int, int, int], ...]


def marked(page: PageImage, passage: str, quotes: Sequence[str]) -> tuple[bytes, int]:
    """Return the page with the passage marked lightly and its quotations strongly, and how many quotations were found."""
    from PIL import Image

    whole = find(page.letters, passage)
    places = [place for quote in quotes if (place := find(page.letters, quote, whole))]
    if not whole and not places:
        return page.png, 0
    with Image.open(BytesIO(page.png), formats=("PNG",)) as opened:
        picture = opened.convert("RGB")
    clean = picture.copy()
    for place, colour in [*([(whole, PASSAGE)] if whole else []), *((place, QUOTE) for place in places)]:
        for strip in strips(_in_pixels(page.boxes[place[0] : place[1]], picture.size)):
            _mark(picture, clean, strip, colour)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue(), len(places)


def strips(boxes: Sequence[Box]) -> list[Box]:
    """Join the boxes of letters that stand beside each other in a line; a new line or column begins a new strip."""
    joined: list[Box] = []
    for box in boxes:
        last = joined[-1] if joined else None
        if last and _beside(last, box):
            joined[-1] = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
        else:
            joined.append(box)
    return joined


def _beside(last: Box, box: Box) -> bool:
    height = last[3] - last[1]
    middle = (box[1] + box[3]) / 2
    return last[1] <= middle <= last[3] and last[0] <= box[0] < last[2] + 2 * height


def _in_pixels(boxes: Sequence[Box], size: tuple[int, int]) -> list[Box]:
    def scaled() -> Iterator[Box]:
        across, down = size[0] / _SIDE, size[1] / _SIDE
        for left, top, right, bottom in boxes:
            yield left * across, top * down, right * across, bottom * down

    return list(scaled())


def _mark(picture: Image, clean: Image, strip: Box, colour: Colour) -> None:
    """Colour one strip, always from the clean page: a quotation inside a passage is not painted twice."""
    from PIL import Image, ImageChops, ImageStat

    edges = (
        max(int(strip[0]) - 1, 0),
        max(int(strip[1]) - 1, 0),
        min(int(strip[2]) + 2, picture.width),
        min(int(strip[3]) + 2, picture.height),
    )
    if edges[0] >= edges[2] or edges[1] >= edges[3]:
        return
    ground = clean.crop(edges)
    pen = Image.new("RGB", ground.size, colour)
    bright = ImageStat.Stat(ground.convert("L")).mean[0] > _DARK
    picture.paste(ImageChops.multiply(ground, pen) if bright else Image.blend(ground, pen, _VEIL), edges[:2])
