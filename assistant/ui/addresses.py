"""Judges addresses of links and images: where they lead, and how they may be written. Knows no Markdown tree."""

from __future__ import annotations

import re

_HOST = r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])\.?"
_WEB = re.compile(rf"https?://({_HOST})(?::\d{{1,5}})?(?:[/?#][!-~]*)?", re.IGNORECASE)
_MAIL = re.compile(r"mailto:([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+)(?:\?[!-~]*)?", re.IGNORECASE)
_RISKY_IN_HREF = re.compile(r"[^A-Za-z0-9/?#@!',;=+%&~:._-]")


def bare_address(text: str) -> str:
    """Cut the punctuation of the sentence off an address that stands in a text; empty where it is none."""
    url = text.rstrip(".,;:!?'\"*_~<>|`")
    url = url[:-1] if url.endswith(")") and "(" not in url else url
    return url if _WEB.fullmatch(url) else ""


def host_of(address: str) -> str | None:
    """Name the machine (or at least the scheme) an image would come from; None for a path beside the note."""
    if address.startswith("//"):
        address = "http:" + address
    scheme, colon, rest = address.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]+", scheme):
        return None
    host = re.match(r"//(?:[^/?#]*@)?([^/?#]*)", rest)
    return host[1][:100] if host and host[1] else scheme[:100]


def safe_target(href: str) -> tuple[str, str]:
    """Return the address to link to and the part of it that people must see, or two empty texts."""
    if mail := _MAIL.fullmatch(href):
        return f"mailto:{mail[1]}", mail[1].lower()
    web = _WEB.fullmatch(href)
    return (href, web[1].lower()) if web else ("", "")


def names(label: str, host: str) -> bool:
    """Tell whether the text of a link begins with the very host it leads to, so that it need not be added."""
    return re.match(rf"(?:https?://|mailto:)?{re.escape(host)}(?![\w-]|\.\w)", label, re.IGNORECASE) is not None


def written_href(url: str) -> str:
    """Write an address so that no character of it can end the link or start other markup."""
    return _RISKY_IN_HREF.sub(lambda found: f"%{ord(found[0]):02X}", url).replace("&", "&amp;")
