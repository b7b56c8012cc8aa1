"""Finds what a question names with @: a note, a folder or a tag. Knows names only; whether one is meant is for its reader to say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from assistant.knowledge.stored import Stored

Kind = Literal["note", "folder", "tag"]

# A mail address or a decorator in the middle of a word is no mention; quotation marks hold a name with spaces together.
_SIGN = re.compile(r"(?<![\w@/.])@(?:[\"“「](?P<quoted>[^\"”」\n]{1,200})[\"”」]|(?=[^\s@]))")
_TOKEN = re.compile(r"[^\s@，。？！；：、,?!;:()（）\"“”「」]+")
_MOST = 8  # candidates worth choosing from


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be named: ``value`` is a path or a tag, ``label`` what people call it."""

    kind: Kind
    value: str
    label: str

    @property
    def written(self) -> str:
        """The mention that means this and nothing else."""
        return f'@"{"#" if self.kind == "tag" else ""}{self.value}{"/" if self.kind == "folder" else ""}"'


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a question, from its @ to its end, and what it may mean: one thing, several or none."""

    start: int
    end: int
    name: str
    targets: tuple[Target, ...]


def targets_of(notes: Sequence[Stored]) -> list[tuple[str, Target]]:
    """Return every name by which a note, a folder or a tag can be called."""
    named: list[tuple[str, Target]] = []
    folders: set[str] = set()
    tags: dict[str, str] = {}
    for note in notes:
        path = PurePosixPath(note.place.path)
        target = Target("note", note.place.path, note.title)
        named += [
            (name, target) for name in dict.fromkeys((str(path), path.name, path.stem, note.title, *note.aliases))
        ]
        folders |= {str(parent) for parent in path.parents if parent.name}
        tags.update({tag.casefold(): tag for tag in note.tags})
    for folder in sorted(folders):
        target = Target("folder", folder, folder)
        named += [(name, target) for name in dict.fromkeys((f"{folder}/", folder, PurePosixPath(folder).name))]
    named += [(name, Target("tag", tag, f"#{tag}")) for tag in tags.values() for name in (f"#{tag}", tag)]
    return named


def mentions(question: str, notes: Sequence[Stored]) -> Iterator[Mention]:
    """Yield what a question names, in order; only one that has an @ costs a look at the notes' names."""
    signs = list(_SIGN.finditer(question))
    names = targets_of(notes) if signs else []
    for sign in signs:
        if sign["quoted"]:
            yield Mention(sign.start(), sign.end(), sign["quoted"], _meant(sign["quoted"], names))
        else:
            yield _unquoted(question, sign, names)


def _unquoted(question: str, sign: re.Match[str], names: Sequence[tuple[str, Target]]) -> Mention:
    """Take the longest whole name that follows, which may hold spaces or run on into Chinese; else the word as a beginning."""
    rest = question[sign.end() :]
    whole = [name for name, _ in names if _begins(rest, name)]
    token = _TOKEN.match(rest)
    word = token[0] if token else ""
    longest = max(whole, key=len, default="")
    name = rest[: len(longest)] if longest else word
    return Mention(sign.start(), sign.end() + len(name), name, _meant(name, names) if name else ())


def _begins(text: str, name: str) -> bool:
    """Tell whether a text begins with a whole name: an English one may not end within a word."""
    if text[: len(name)].casefold() != name.casefold() or len(name) < 2:
        return False
    after, last = text[len(name) : len(name) + 1], name[-1]
    return not (after and after.isascii() and (after.isalnum() or after == "_") and last.isascii() and last.isalnum())


def _meant(name: str, names: Sequence[tuple[str, Target]]) -> tuple[Target, ...]:
    """Return what has exactly this name, a full path first, else all whose names begin with it."""
    wanted = name.casefold()
    beginning = [(known, target) for known, target in names if known.casefold().startswith(wanted)]
    same = [(known, target) for known, target in beginning if known.casefold() == wanted]
    full = [(known, target) for known, target in same if known in (target.value, f"{target.value}/", target.label)]
    return tuple(dict.fromkeys(target for _, target in full or same or beginning))[:_MOST]
