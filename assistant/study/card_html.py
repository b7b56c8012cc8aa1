"""Writes the sides of a card as Anki shows them: HTML without anything foreign in it, formulas for MathJax, pictures by name.

Knows Markdown and the folder of a note; knows no Anki file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FORMATS = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "WEBP": ".webp"}
_LARGEST = 20_000_000  # bytes of a picture

Found = Callable[[str], str | None]


def card_html(text: str, picture: Found) -> str:
    """Return a side as HTML; ``picture`` names the file that stands for an address, None where there is none."""
    env: dict[str, Any] = {"picture": picture}
    html: str = _markdown().render(text, env).strip()
    one = re.fullmatch(r"<p>((?:(?!</?p>).)*)</p>", html, re.DOTALL)
    return one[1] if one else html


class Pictures:
    """Copies the pictures that cards show into a folder, each under a name made of its content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: dict[str, Path] = {}

    def of_note(self, root: Path, note: str) -> Found:
        """Return what finds the pictures of one note: only real ones inside its folder, wherever links in the address lead."""
        home = root.resolve()
        beside = home.joinpath(*note.split("/")).parent

        def find(address: str) -> str | None:
            path = unquote(re.split(r"[?#]", address, maxsplit=1)[0]).replace("\\", "/")
            if not path or "\0" in path or ":" in path or path.startswith("/"):
                return None
            try:
                file = (beside / path).resolve(strict=True)
                if not file.is_relative_to(home) or not file.is_file() or file.stat().st_size > _LARGEST:
                    return None
                return self._kept(file.read_bytes())
            except (OSError, RuntimeError, ValueError):
                return None

        return find

    def _kept(self, content: bytes) -> str | None:
        suffix = _suffix(content)
        if suffix is None:
            return None
        name = f"study-{hashlib.sha256(content).hexdigest()[:20]}{suffix}"
        if name not in self.files:
            self.files[name] = self._folder / name
            self.files[name].write_bytes(content)
        return name


def _suffix(content: bytes) -> str | None:
    """Tell which kind of picture these bytes are; None for anything else."""
    from io import BytesIO

    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content), formats=tuple(_FORMATS)) as picture:
            return _FORMATS.get(picture.format or "")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 40}).enable("table")
    parser.use(dollarmath_plugin, renderer=_formula)
    parser.add_render_rule("image", _image)
    return parser


def _formula(content: str, options: dict[str, Any]) -> str:
    opening, closing = (r"\[", r"\]") if options["display_mode"] else (r"\(", r"\)")
    return f"{opening}{escape(content, quote=False)}{closing}"


def _image(_self: object, tokens: Sequence[Token], index: int, _options: object, env: dict[str, Any]) -> str:
    """Write a picture that is there by its name in the collection; of any other only what it is said to show."""
    token = tokens[index]
    name = env["picture"](str(token.attrs.get("src", "")))
    described = escape(token.content)
    return f'<img src="{name}" alt="{described}">' if name else described
