"""A word that must be nowhere, in every way it could be written, and where to look for it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus


def forms(secret: str) -> dict[str, bytes]:
    """Return the bytes that a secret may hide as: plain, URL-coded, UTF-16, hex, and base64 however it is aligned."""
    plain = secret.encode()
    found = {
        "plain": plain,
        "without its prefix": plain[3:],
        "URL-coded": quote(secret, safe="").encode(),
        "form-coded": quote_plus(secret).encode(),
        "UTF-16 LE": secret.encode("utf-16-le"),
        "UTF-16 BE": secret.encode("utf-16-be"),
        "hex": plain.hex().encode(),
    }
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain)
        core = coded[-(-8 * before // 6) : len(coded) - 4]  # only what depends on the secret alone
        found |= {f"base64 {before}": core, f"base64url {before}": core.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def seen_in(secret: str, content: bytes | str) -> list[str]:
    """Return the ways in which a secret stands in a content."""
    content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return [name for name, form in forms(secret).items() if re.search(re.escape(form), content, re.IGNORECASE)]


def files_with(secret: str, folders: Iterable[Path]) -> Iterator[tuple[Path, list[str]]]:
    """Yield the files below some folders that hold a secret, in their content or in their names."""
    for folder in folders:
        for file in folder.rglob("*"):
            content = file.read_bytes() if file.is_file() else b""
            if found := seen_in(secret, content + b"\n" + str(file).encode()):
                yield file, found
