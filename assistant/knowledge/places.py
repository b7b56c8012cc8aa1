"""Which files the folders and uploads hold now, under which paths the learner sees them, and what may only be away. Reads no note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.knowledge.notes import Found, Mounted, Skipped, walk
from assistant.knowledge.stored import PROGRAM, UPLOADS, Place, Stored
from assistant.knowledge.uploads import Uploads

Key = tuple[str, str]  # a root, and a file or folder in it


@dataclass(slots=True)
class Listing:
    """What is there. ``missing`` folders may be unmounted, and below ``unseen`` nobody could look."""

    here: dict[Key, tuple[Place, Found]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    mounts: set[Key] = field(default_factory=set)
    unseen: set[Key] = field(default_factory=set)

    def may_be_away(self, note: Stored) -> bool:
        """Tell whether a note that was not found may still exist: its disk is away, or its folder would not open."""
        root, file = note.place.root, note.place.file
        if root in (PROGRAM, *self.missing) or (root, ".") in self.unseen:
            return True
        parts = file.split("/")
        return any((root, "/".join(parts[:length])) in self.unseen for length in range(1, len(parts) + 1))


def list_places(
    folders: Sequence[Path], uploads: Uploads, stored: Sequence[Stored], mounts: set[Key] | None = None
) -> Listing:
    """Look through the folders; ``mounts`` are the places inside them that were other disks the last time."""
    listing = Listing()
    taken = {note.place.path for note in stored if note.place.root == PROGRAM}
    learnt = {note.place.root for note in stored}
    seen: set[Path] = set()  # a folder may be chosen together with one above it: its notes are there once
    for folder, label in zip(folders, _labels(folders), strict=True):
        _look_into(folder, label, listing, taken, learnt, seen)
    for root, path in (mounts or set()) - listing.mounts:
        if root in map(str, folders) and root not in listing.missing and _lost(listing, root, path, stored):
            listing.missing.append(str(Path(root) / path))
            listing.unseen.add((root, path))
            listing.mounts.add((root, path))
    taken |= {note.place.path for note in stored if note.place.root != UPLOADS and listing.may_be_away(note)}
    for found in uploads.found():
        listing.here[UPLOADS, found.file.name] = (Place(UPLOADS, found.file.name, _free(found.path, taken)), found)
    return listing


def _look_into(folder: Path, label: str, listing: Listing, taken: set[str], learnt: set[str], seen: set[Path]) -> None:
    root, found_here = str(folder), False
    for found in walk(folder) if folder.is_dir() else ():
        if isinstance(found, Mounted):
            listing.mounts.add((root, found.path))
        elif isinstance(found, Skipped) or found.file in seen:
            skipped = found if isinstance(found, Skipped) else Skipped(found.path, "duplicate")
            listing.skipped.append(Skipped(label + skipped.path, skipped.reason))
            if skipped.reason in ("unreadable", "too_many"):
                listing.unseen.add((root, "." if skipped.reason == "too_many" else skipped.path))
            found_here |= skipped.reason in ("ignored", "duplicate")
        else:
            found_here = True
            seen.add(found.file)
            listing.here[root, found.path] = (Place(root, found.path, _free(label + found.path, taken)), found)
    if not found_here and (not folder.is_dir() or root in learnt):
        # An unmounted disk looks like an emptied folder: what was learnt from it stays until its files are back.
        listing.missing.append(root)


def _lost(listing: Listing, root: str, path: str, stored: Sequence[Stored]) -> bool:
    """Tell whether the place of another disk holds none of the notes that were learnt from it."""
    below = {note.place.file for note in stored if note.place.root == root and note.place.file.startswith(path + "/")}
    return bool(below) and not any((root, file) in listing.here for file in below)


def _labels(folders: Sequence[Path]) -> list[str]:
    """One folder needs no label; several are told apart by their names, numbered where these repeat.

    The numbers follow the addresses, not the order of choice: changing that would swap the names of their notes.
    """
    if len(folders) < 2:
        return [""] * len(folders)
    taken: set[str] = set()
    labels = {folder: _free(folder.name, taken) + "/" for folder in sorted(set(folders))}
    return [labels[folder] for folder in folders]


def _free(path: str, taken: set[str]) -> str:
    """Return ``path``, or the first numbered form of it that is not taken; takes it."""
    stem, dot, suffix = path.rpartition(".")
    candidate, number = path, 2
    while candidate in taken:
        candidate = f"{stem} ({number}).{suffix}" if dot else f"{path} ({number})"
        number += 1
    taken.add(candidate)
    return candidate
