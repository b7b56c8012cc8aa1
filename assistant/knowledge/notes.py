"""Finds the notes of a folder, and what a note is once it has been read. Knows no format and no database."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from assistant.errors import NotFound
from assistant.knowledge.ignore import FILE_NAME, IgnoreRules
from assistant.knowledge.kinds import DOCUMENTS, document_kind
from assistant.knowledge.parts import Mark, Part
from assistant.language.wiki import WikiLink

Kind = str  # one of KINDS, or the suffix of another package's reader
Quality = Literal["text", "ocr", "scanned", "garbled", "blank", "damaged", "unread"]

KINDS: dict[str, Kind] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".pdf": "pdf",
    **DOCUMENTS,
    ".png": "image",
    ".jpg": "image",
    ".jpeg": "image",
    ".webp": "image",
}
NEEDS_OCR = ("no_text", "garbled")  # reasons that recognising the page from its picture would lift
MAX_DEPTH = 40
MAX_ENTRIES = 200_000

_NOT_NOTES = {"node_modules", "site-packages", "__macosx", "__pycache__", "$recycle.bin", "system volume information"}
_TEMPORARY_ENDINGS = ("~", ".part", ".crdownload", ".download", ".tmp", ".icloud")
_SECRET_NAMES = (".env", "secrets.toml", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", "credentials.json")
_SECRET_ENDINGS = (".env", ".pem", ".key", ".p12", ".pfx", ".ppk", ".jks", ".keystore", ".kdbx", ".gpg")
# A folder mounted elsewhere with mklink /J; Python 3.11 does not call it a link.
_WINDOWS_JUNCTION = 0xA0000003


@dataclass(frozen=True, slots=True)
class Found:
    """A file worth reading: ``path`` is relative to its folder, with forward slashes, and is what people see."""

    path: str
    file: Path
    kind: Kind
    size: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the folder that is never read, and why.

    Reasons: hidden, ignored (by an ``.assistantignore``), secret, temporary, unsupported, special (a pipe, socket or
    device), link_outside, link_broken, duplicate (a link to what is found under its own name), unreadable, too_deep,
    too_many (the walk stopped there).
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mounted:
    """A folder inside the folder that is another disk: it may be away tomorrow, and its notes are not gone then."""

    path: str


# What is told of a note and keeps nothing of it from being read.
Notice = Literal["hidden_text", "invisible_characters", "key_like"]
NOTICES: tuple[Notice, ...] = get_args(Notice)


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of a note that could not be used, or a notice about it; pages is empty where it concerns the whole note."""

    reason: (
        Literal["no_text", "garbled", "damaged_page", "page_limit", "character_limit", "replaced_characters"] | Notice
    )
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A file as it was read: its decoded text, and where each page of it starts (empty without pages).

    ``page_starts[i]`` is the offset in ``text`` of page i+1, ``qualities[i]`` what that page is. ``content_hash`` is
    the hex digest of the file's bytes. ``parts`` and ``marks`` are what a format marks beyond headings, in the order of the text.
    """

    path: str
    title: str
    kind: Kind
    content_hash: str
    text: str
    encoding: str
    page_starts: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()
    tags: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    marks: tuple[Mark, ...] = ()
    aliases: tuple[str, ...] = ()
    links: tuple[WikiLink, ...] = ()
    qualities: tuple[Quality, ...] = ()


def walk(folder: Path) -> Iterator[Found | Skipped | Mounted]:
    """Yield every entry of the folder, always in the same order, without opening a single note.

    Only regular files inside the folder are found. A link is never followed into a folder: what it points to lies
    inside and is found there, or lies outside and is refused; so no loop is possible and nothing is found twice.
    """
    try:
        root = folder.resolve(strict=True)
    except (OSError, RuntimeError):
        raise NotFound(what=displayable(str(folder))) from None
    if not root.is_dir():
        raise NotFound(what=displayable(str(folder)))
    top = _Place(root, root, "", 0, IgnoreRules(root))
    disk = os.lstat(root).st_dev
    for seen, entry in enumerate(_descend(top)):
        if seen >= MAX_ENTRIES:
            yield Skipped(entry.path, "too_many")
            return
        if not isinstance(entry, _Entered):
            yield entry
        elif entry.disk != disk:
            yield Mounted(entry.path)


def is_watched(name: str) -> bool:
    """Tell whether a change of a file or folder of this name may concern the notes."""
    return name == FILE_NAME or _unwanted(name, None) is None


def kind_of(name: str) -> Kind | None:
    """Return the kind that a file's name promises, or None for what is never opened."""
    return KINDS.get(PurePosixPath(name).suffix.lower()) or document_kind(name)


def displayable(name: str) -> str:
    """Show a file name so that it encodes as UTF-8, stays on one line and cannot turn the text around it."""
    return "".join(_shown(character) for character in unicodedata.normalize("NFC", name))


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder or file of the walk: where the walk began, where this is, how it is shown, how deep it lies."""

    root: Path
    file: Path
    path: str
    depth: int
    rules: IgnoreRules

    def inner(self, name: str, shown: str) -> _Place:
        path = f"{self.path}/{shown}" if self.path else shown
        return _Place(self.root, self.file / name, path, self.depth + 1, self.rules)

    def ignored(self, info: os.stat_result) -> bool:
        path = self.file.relative_to(self.root).as_posix()
        return self.rules.ignores(path, is_folder=stat.S_ISDIR(info.st_mode))


@dataclass(frozen=True, slots=True)
class _Entered:
    """A folder the walk went into; only counted, so that a tree of empty folders ends as well."""

    path: str
    disk: int


def _descend(folder: _Place) -> Iterator[Found | Skipped | _Entered]:
    try:
        with os.scandir(folder.file) as entries:
            names = [entry.name for entry in islice(entries, MAX_ENTRIES + 1)]
    except OSError:
        yield Skipped(folder.path or ".", "unreadable")
        return
    for name, shown in _shown_apart(names):
        place = folder.inner(name, shown)
        entry = _classify(place, name)
        yield entry
        if isinstance(entry, _Entered):
            yield from _descend(place)


def _classify(place: _Place, name: str) -> Found | Skipped | _Entered:
    try:
        info = os.lstat(place.file)
        if reason := _unwanted(name, info):
            return Skipped(place.path, reason)
        if place.ignored(info):
            return Skipped(place.path, "ignored")
        if stat.S_ISLNK(info.st_mode) or getattr(info, "st_reparse_tag", 0) == _WINDOWS_JUNCTION:
            return _classify_link(place)
    except OSError:
        return Skipped(place.path, "unreadable")
    if stat.S_ISDIR(info.st_mode):
        return Skipped(place.path, "too_deep") if place.depth > MAX_DEPTH else _Entered(place.path, info.st_dev)
    return _classify_file(place, info)


def _classify_file(place: _Place, info: os.stat_result) -> Found | Skipped:
    if not stat.S_ISREG(info.st_mode):
        return Skipped(place.path, "special")
    kind = _kind(place.file)
    return Found(place.path, place.file, kind, info.st_size) if kind else Skipped(place.path, "unsupported")


def _classify_link(place: _Place) -> Found | Skipped:
    try:
        target = place.file.resolve(strict=True)
        info = os.lstat(target)
    except (OSError, RuntimeError):
        return Skipped(place.path, "link_broken")
    if not target.is_relative_to(place.root):
        return Skipped(place.path, "link_outside")
    inside = target.relative_to(place.root)
    for name in inside.parts:
        if reason := _unwanted(name, None):
            return Skipped(place.path, reason)
    if place.rules.ignores_within(inside.as_posix()):
        return Skipped(place.path, "ignored")
    if stat.S_ISDIR(info.st_mode) or (stat.S_ISREG(info.st_mode) and _kind(target)):
        return Skipped(place.path, "duplicate")
    found = _classify_file(place, info)
    # Read through its real name: opening refuses links, also one that appears after this moment.
    return replace(found, file=target) if isinstance(found, Found) else found


def _kind(file: Path) -> Kind | None:
    return kind_of(file.name)


def _unwanted(name: str, info: os.stat_result | None) -> str | None:
    lower = name.lower()
    if lower.startswith(_SECRET_NAMES) or lower.endswith(_SECRET_ENDINGS):
        return "secret"
    if lower.startswith("~$") or lower.endswith(_TEMPORARY_ENDINGS) or (lower[0] == "#" and lower[-1] == "#"):
        return "temporary"
    # Archives packed on Windows leave names like "..\\a.md" elsewhere; they are odd, not hidden.
    dotted = lower.startswith(".") and not lower.startswith((".\\", "..\\"))
    if dotted or lower in _NOT_NOTES or (info is not None and _marked_hidden(info)):
        return "hidden"
    return None


def _marked_hidden(info: os.stat_result) -> bool:
    windows = getattr(info, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN
    return bool(windows or getattr(info, "st_flags", 0) & stat.UF_HIDDEN)


def _shown_apart(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pair the names of one folder with what is shown for them, no two the same.

    A name that is shown as it is comes first and keeps its looks; its twins (the same letters composed
    differently, or an escape that was typed) get a mark made from their own bytes, so it does not change.
    """
    used: set[str] = set()
    for name in sorted(names, key=lambda name: (displayable(name), displayable(name) != name, name)):
        shown = displayable(name)
        if shown in used:
            stem, suffix = PurePosixPath(shown).stem, PurePosixPath(shown).suffix
            digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
            marked = (f"{stem}~{digest[:length]}{suffix}" for length in range(4, len(digest)))
            shown = next(candidate for candidate in marked if candidate not in used)
        used.add(shown)
        yield name, shown


def _shown(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x20 or 0x7F <= code <= 0x9F:
        return f"\\x{code:02x}"
    turns_or_breaks = 0x2028 <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return f"\\u{code:04x}" if turns_or_breaks or 0xD800 <= code <= 0xDFFF else character
