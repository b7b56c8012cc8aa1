"""What a question may look at: folders, notes and tags that were chosen, notes that always count, and general knowledge.

Owns the table where a conversation's choice is kept. Knows no search.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import PurePath
from typing import Any

from assistant.answers.mentions import Mention, Target, mentions
from assistant.database import Database
from assistant.knowledge.readers.tags import families
from assistant.knowledge.stored import Stored


@dataclass(frozen=True, slots=True)
class Scope:
    """A conversation's choice; nothing chosen is everything. Of paths, tags and kinds that are chosen, a note needs one of each.

    ``since`` and ``until`` are days, both included, YYYY-MM-DD: when the file was last changed. A note whose day nobody
    knows is in no span.
    """

    paths: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    general: bool = False
    kinds: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what is kept."""
        return asdict(self)

    @property
    def limits(self) -> bool:
        """Whether anything is kept out."""
        return bool(self.paths or self.tags or self.kinds or self.since or self.until)

    def now(self, notes: Sequence[Stored]) -> Scope:
        """Return this choice by today's paths: a second folder of notes puts its name before every path, one folder takes it away."""
        paths, pinned = (tuple(_path_now(path, notes) for path in kept) for kept in (self.paths, self.pinned))
        return replace(self, paths=paths, pinned=pinned)

    def within(self, notes: Sequence[Stored]) -> frozenset[str] | None:
        """Return the paths of the notes that are searched, None for all of them; pinned ones belong to them always."""
        if not self.limits:
            return None
        wanted = {tag.casefold() for tag in self.tags}
        return frozenset(
            note.place.path
            for note in notes
            if note.place.path in self.pinned
            or (
                (not self.paths or covers(self.paths, note.place.path))
                and (not wanted or wanted & families(note.tags))
                and (not self.kinds or note.kind in self.kinds)
                and self._in_time(note.modified_at)
            )
        )

    def _in_time(self, day: str) -> bool:
        if not self.since and not self.until:
            return True
        return bool(day) and self.since <= day <= (self.until or day)


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Reach:
    """A scope for one question: ``asked`` is as it was typed, ``chips`` are what it named with @, ``unknown`` names that nothing here has."""

    asked: str = ""
    within: frozenset[str] | None = None
    pinned: tuple[str, ...] = ()
    general: bool = False
    chips: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with an answer; ``notes`` None is all of them."""
        return {
            "notes": None if self.within is None else len(self.within),
            "pinned": list(self.pinned),
            "general": self.general,
            "chips": list(self.chips),
            "unknown": list(self.unknown),
        }


NO_LIMIT = Reach()


def covers(paths: Collection[str], path: str) -> bool:
    """Tell whether a note is one of these, or lies in one of these folders."""
    return any(path == one or path.startswith(one.rstrip("/") + "/") for one in paths)


def _path_now(path: str, notes: Sequence[Stored]) -> str:
    """Return what a chosen note or folder is called now; as it was where nothing, or more than one thing, may be meant."""
    if any(covers((path,), note.place.path) for note in notes):
        return path
    found = set()
    for place in (note.place for note in notes):
        label = place.path.removesuffix(place.file)
        if label.endswith("/") and covers((path,), place.file):
            found.add(label + path)
        elif place.path == place.file and path.startswith(f"{PurePath(place.root).name}/"):
            rest = path.partition("/")[2]
            found.update({rest} if covers((rest,), place.file) else ())
    return found.pop() if len(found) == 1 else path


def unclear(question: str, notes: Sequence[Stored]) -> Mention | None:
    """Return the first name in a question that may mean several things; the learner has to say which."""
    return next((mention for mention in mentions(question, notes) if len(mention.targets) > 1), None)


def chosen(question: str, mention: Mention, target: Target) -> str:
    """Write a question anew so that a mention means this target."""
    return f"{question[: mention.start]}{target.written} {question[mention.end :].lstrip()}".strip()


def reach(scope: Scope, question: str, notes: Sequence[Stored]) -> tuple[str, Reach]:
    """Return the question in plain words and what it may look at: what it names takes the place of what was chosen before.

    A note's title stays in the question, because it is often the very subject; names of folders and tags go.
    """
    scope = scope.now(notes)
    every = list(mentions(question, notes))
    named = [mention for mention in every if len(mention.targets) == 1]
    unknown = tuple(mention.name for mention in every if mention.name and not mention.targets)
    plain, end = "", 0
    for mention in named:
        target = mention.targets[0]
        plain += question[end : mention.start] + (target.label if target.kind == "note" else "")
        end = mention.end
    plain = (plain + question[end:]).strip()
    meant = [mention.targets[0] for mention in named]
    pinned = tuple(path for path in scope.pinned if any(note.place.path == path for note in notes))
    within = _named(meant, notes) | set(pinned) if meant else scope.within(notes)
    chips = tuple(dict.fromkeys(target.label for target in meant))
    only = None if within is None else frozenset(within)
    return plain or question, Reach(question, only, pinned, scope.general, chips, unknown)


def _named(targets: Sequence[Target], notes: Sequence[Stored]) -> set[str]:
    """Return the notes that any of the targets means."""
    paths = [target.value for target in targets if target.kind != "tag"]
    tags = {target.value.casefold() for target in targets if target.kind == "tag"}
    return {note.place.path for note in notes if covers(paths, note.place.path) or tags & families(note.tags)}


def scope_of(kept: object) -> Scope:
    """Read a kept scope; what is no scope gives everything."""
    if not isinstance(kept, Mapping):
        return EVERYTHING
    paths, tags, pinned, kinds = (
        tuple(map(str, kept.get(name) or ())) for name in ("paths", "tags", "pinned", "kinds")
    )
    since, until = _day(kept.get("since")), _day(kept.get("until"))
    return Scope(paths, tags, pinned, kept.get("general") is True, kinds, since, until)


def _day(kept: object) -> str:
    try:
        return date.fromisoformat(str(kept)).isoformat() if kept else ""
    except ValueError:
        return ""


class Scopes:
    """The scopes of one data folder's conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, conversation: str) -> Scope:
        """Return a conversation's scope; everything until something was chosen."""
        row = self._database.connection.execute(
            "SELECT scope FROM scopes WHERE conversation_id = ?", (conversation,)
        ).fetchone()
        return scope_of(json.loads(row["scope"])) if row else EVERYTHING

    def keep(self, conversation: str, scope: Scope) -> None:
        """Keep a conversation's scope; one that is everything takes no row."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM scopes WHERE conversation_id = ?", (conversation,))
            if scope != EVERYTHING:
                connection.execute(
                    "INSERT INTO scopes VALUES (?, ?)",
                    (conversation, json.dumps(scope.as_json(), ensure_ascii=False)),
                )
