"""Finds the local images of a note and makes them small enough to travel inside a page.

Knows no Markdown and no Streamlit. An image is drawn anew from its pixels, so nothing else in its file gets out.
"""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_LARGEST_FILE = 20_000_000
_MOST_PIXELS = 40_000_000
_WIDEST = 1_000
_TRIES = ((1_000, 80), (800, 70), (500, 60))
_LARGEST_SHOWN = 250_000


def note_images(root: Path, note_path: str) -> Callable[[str], str | None]:
    """Return what finds the images of one note: address in the note -> data URI, or None where it may not be shown.

    Only real pictures inside ``root`` are shown, wherever links and dots in the address lead.
    """
    folder = root.resolve()
    beside = folder.joinpath(*note_path.split("/")).parent

    def find(src: str) -> str | None:
        address = unquote(re.split(r"[?#]", src, maxsplit=1)[0]).replace("\\", "/")
        if not address or "\0" in address or ":" in address or address.startswith("/"):
            return None
        try:
            file = (beside / address).resolve(strict=True)
            status = file.stat()
        except (OSError, RuntimeError, ValueError):
            return None
        if not file.is_relative_to(folder) or not file.is_file() or status.st_size > _LARGEST_FILE:
            return None
        return _data_uri(file, status.st_mtime_ns, status.st_size)

    return find


@lru_cache(maxsize=64)
def _data_uri(file: Path, _changed: int, _size: int) -> str | None:
    """Draw the picture into a data URI; the time and size of the file only tell its versions apart."""
    from PIL import Image

    try:
        with Image.open(file, formats=_FORMATS) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return None
            kind, data = _encoded(picture)
    except (
        OSError,
        SyntaxError,  # what Pillow says of a broken PNG
        ValueError,
        EOFError,
        struct.error,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return None
    return f"data:image/{kind};base64,{b64encode(data).decode('ascii')}" if len(data) <= _LARGEST_SHOWN else None


def _encoded(picture: Image) -> tuple[str, bytes]:
    """Shrink to the width of a page and store without loss if that is small, as a JPEG on white if not."""
    picture.draft("RGB", (_WIDEST, _WIDEST))
    drawn = picture.convert("RGBA")
    drawn.thumbnail((_WIDEST, _WIDEST * 2))
    sharp = BytesIO()
    drawn.save(sharp, "PNG")
    if sharp.tell() <= _LARGEST_SHOWN:
        return "png", sharp.getvalue()
    from PIL import Image

    page = Image.new("RGB", drawn.size, "white")
    page.paste(drawn, mask=drawn.getchannel("A"))
    for width, quality in _TRIES:
        page.thumbnail((width, width * 2))
        small = BytesIO()
        page.save(small, "JPEG", quality=quality)
        if small.tell() <= _LARGEST_SHOWN:
            break
    return "jpeg", small.getvalue()
