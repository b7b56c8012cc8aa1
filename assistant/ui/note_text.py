"""How the text of each kind of note is drawn, and how its places are called. Knows kinds, not how they are read."""

from __future__ import annotations

from assistant.knowledge.kinds import OWN_LINES, fence_of
from assistant.language.wiki import shown
from assistant.ui.i18n import catalogue
from assistant.ui.markdown import fenced
from assistant.ui.session import language, say


def as_drawn(text: str, kind: str, path: str) -> str:
    """Return what is given to ``render.draw``: code between fences, Markdown without the signs of Obsidian and Logseq."""
    if kind in ("markdown", ""):  # "": cited before kinds were kept
        return shown(text)
    return fenced(text, fence_of(path)) if kind == "code" and text.strip() else text


def kind_name(kind: str) -> str:
    """Name a kind of note; that of another package's reader by its suffix."""
    name = f"kind.{kind}"
    return say(name) if name in catalogue(language()) else kind.removeprefix(".").upper()


def place_in(kind: str, page: int | None, lines: tuple[int, int], *, ocr: bool = False) -> str:
    """Say page, slide or lines; nothing where the file has neither and its headings or cells have to do."""
    if page is not None:
        if ocr:
            return say("ocr.page", page=page)
        return say("passage.slide" if kind == "slides" else "passage.page", page=page)
    if kind and kind not in OWN_LINES:
        return ""
    first, last = lines
    return say("passage.line", first=first) if first == last else say("passage.lines", first=first, last=last)
