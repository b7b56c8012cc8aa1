"""Recognises the text of pictures in a process of its own: a decoder or a model that breaks costs that process alone.

Standard input holds pictures, each behind its length in four bytes; the answer is one JSON object a line, in their
order. The models come with the package, so nothing is fetched.
"""

from __future__ import annotations

import io
import json
import struct
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

MAX_PIXELS = 50_000_000
MAX_PICTURE = 64 << 20
SIDE = 2_000  # the longer side; letters of a page are about 20 pixels high then
_FORMATS = ("PNG", "JPEG", "WEBP")
_SPARSE = 200  # characters
_BOX = 0.3  # how sure the detector must be of a line; what it is wrong about, the recogniser then refuses
_CERTAIN = 0.5  # lines read with less are noise more often than text


def main() -> int:
    """Read pictures until there are no more, and tell of each as soon as it is read."""
    engine = _engine()
    for content in _pictures(sys.stdin.buffer):
        _say(_recognised(engine, content))
    _say({"done": True})
    return 0


def _engine() -> Any:
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(
        params={"Global.log_level": "critical", "Global.text_score": _CERTAIN, "Det.box_thresh": _BOX, **threads}
    )


def _pictures(stream: BinaryIO) -> Iterator[bytes]:
    while len(head := stream.read(4)) == 4:
        (size,) = struct.unpack(">I", head)
        if size > MAX_PICTURE:
            return
        yield stream.read(size)


def _recognised(engine: Any, content: bytes) -> dict[str, object]:
    """Return the lines of a picture with their places, y upwards as on a page."""
    from PIL import Image

    try:
        picture = _opened(content)
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return {"error": "damaged"}
    lines = _lines(engine, picture)
    if sum(len(line[0]) for line in lines) < _SPARSE:
        # On a large and nearly empty page the detector overlooks what it sees at once on a small one.
        small = _opened(content, SIDE // 2)
        fewer = _lines(engine, small)
        if sum(len(line[0]) for line in fewer) > sum(len(line[0]) for line in lines):
            picture, lines = small, fewer
    return {"size": [picture.shape[1], picture.shape[0]], "lines": lines}


def _lines(engine: Any, picture: Any) -> list[tuple[str, float, float, float, float, float]]:
    """Return the lines of a picture: text, left, bottom, right, top, certainty."""
    result = engine(picture)
    height = picture.shape[0]
    lines = []
    for box, text, score in zip(_list(result.boxes), _list(result.txts), _list(result.scores), strict=False):
        across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
        lines.append((str(text), min(across), height - max(down), max(across), height - min(down), float(score)))
    return lines


def _list(values: Any) -> list[Any]:
    return [] if values is None else list(values)


def _opened(content: bytes, side: int = SIDE) -> Any:
    """Decode a picture upright, without transparency, no larger than is of use."""
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        opened.draft("RGB", (side, side))
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    upright.thumbnail((side, side))
    ground = Image.new("RGBA", upright.size, "white")
    return np.asarray(Image.alpha_composite(ground, upright).convert("RGB"))[:, :, ::-1].copy()  # the models want BGR


def _say(message: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(message, ensure_ascii=False).encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
