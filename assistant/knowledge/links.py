"""Finds the notes that wikilinks lead to, and what links to a note. Knows names and paths, no files and no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from assistant.knowledge.stored import Stored
from assistant.language.wiki import WikiLink


@dataclass(frozen=True, slots=True)
class Led:
    """A link with the path of the note that it leads to, None where no note has that name yet."""

    link: WikiLink
    path: str | None


class Names:
    """Every name by which the notes can be linked to; built once for a look at many links."""

    def __init__(self, notes: Sequence[Stored]) -> None:
        self._paths: dict[str, list[str]] = {}
        for note in notes:
            path = PurePosixPath(note.place.path)
            for name in {str(path), str(path.with_suffix("")), path.name, path.stem, note.title, *note.aliases}:
                self._paths.setdefault(name.casefold(), []).append(note.place.path)

    def lead(self, link: WikiLink, source: str) -> Led:
        """Find the note that a link in ``source`` means: of several the nearest, as Obsidian does."""
        name = link.target.strip().removeprefix("./").strip("/").casefold()
        found = self._paths.get(name) or self._ending(name)
        return Led(link, min(found, key=lambda path: _distance(path, source)) if found else None)

    def _ending(self, name: str) -> list[str]:
        """Find notes by the last part of their path, as a vault below the notes folder writes it."""
        return [paths[0] for known, paths in self._paths.items() if known.endswith("/" + name)] if "/" in name else []


def links_from(path: str, links: Mapping[str, Sequence[WikiLink]], notes: Sequence[Stored]) -> list[Led]:
    """Return where the links of a note lead."""
    names = Names(notes)
    return [names.lead(link, path) for link in links.get(path, ())]


def links_to(path: str, links: Mapping[str, Sequence[WikiLink]], notes: Sequence[Stored]) -> list[str]:
    """Return the paths of the notes that link to a note, each once."""
    names = Names(notes)
    return [
        source
        for source, own in links.items()
        if source != path and any(names.lead(link, source).path == path for link in own)
    ]


def _distance(path: str, source: str) -> tuple[int, int, str]:
    """Count the folders between two notes; equal distances go by the shorter path."""
    one, other = PurePosixPath(path).parts[:-1], PurePosixPath(source).parts[:-1]
    shared = next(
        (n for n, parts in enumerate(zip(one, other, strict=False)) if parts[0] != parts[1]), min(len(one), len(other))
    )
    return len(one) + len(other) - 2 * shared, len(path), path
