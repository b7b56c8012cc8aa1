"""Pictures that come with a question: checked by their bytes, drawn anew small enough, kept with their turn. Owns their table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.database import Database
from assistant.errors import PictureUnreadable
from assistant.providers.base import Picture

if TYPE_CHECKING:
    from PIL import Image

LARGEST = 20_000_000  # bytes of a file
MOST_PIXELS = 60_000_000  # a small file may unfold into gigabytes
LONGEST_SIDE = 1_568  # pixels; more is made smaller again by the models that say what they do
MOST = 4  # of one question

_SIGNATURES = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff", "WEBP": b"RIFF"}


def read_picture(name: str, content: bytes) -> Picture:
    """Return a picture as it will be sent: drawn anew, so that nothing but what can be seen is left of the file."""
    from PIL import Image, ImageOps

    kind = next((kind for kind, start in _SIGNATURES.items() if content.startswith(start)), None)
    if kind is None or (kind == "WEBP" and content[8:12] != b"WEBP"):
        raise PictureUnreadable(name=name, reason="PNG, JPEG, WebP?")
    if len(content) > LARGEST:
        raise PictureUnreadable(name=name, reason=f"> {LARGEST // 1_000_000} MB")
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureUnreadable(name=name, reason=f"{opened.width} × {opened.height}")
            drawn = ImageOps.exif_transpose(opened)
            drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _encoded(drawn, photo=kind != "PNG")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PictureUnreadable(name=name, reason=str(error)[:100] or type(error).__name__) from error


def _encoded(drawn: Image.Image, *, photo: bool) -> Picture:
    from PIL import Image

    seen_through = "A" in drawn.getbands() or "transparency" in drawn.info
    photo = photo and not seen_through
    clean = Image.new("RGB", drawn.size, "white")
    flat = drawn.convert("RGBA" if seen_through else "RGB")
    clean.paste(flat, mask=flat.getchannel("A") if seen_through else None)
    buffer = io.BytesIO()
    if photo:
        clean.save(buffer, "JPEG", quality=88)
    else:
        clean.save(buffer, "PNG", optimize=True)
    return Picture("image/jpeg" if photo else "image/png", buffer.getvalue(), clean.width, clean.height)


class Pictures:
    """The pictures of one data folder, by the turn that they came with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, turn_id: int, pictures: Sequence[Picture]) -> None:
        """Keep the pictures of a question; they go with its conversation."""
        rows = [(turn_id, one.kind, one.width, one.height, one.content) for one in pictures]
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO pictures (turn_id, kind, width, height, content) VALUES (?, ?, ?, ?, ?)", rows
            )

    def of(self, turn_id: int) -> tuple[Picture, ...]:
        """Return the pictures of a question in their order."""
        rows = self._database.connection.execute(
            "SELECT kind, content, width, height FROM pictures WHERE turn_id = ? ORDER BY id", (turn_id,)
        )
        return tuple(Picture(*row) for row in rows)
