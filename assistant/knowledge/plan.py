"""What a sync will do: the files to be read, moved and forgotten. Values only; how it is found out stands in sync.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.knowledge.notes import Found
from assistant.knowledge.places import Key
from assistant.knowledge.report import SyncReport
from assistant.knowledge.stored import Place, Stored


@dataclass(frozen=True, slots=True)
class Job:
    """One file that must be read: where it belongs, and what the store holds of it so far.

    ``content_hash`` is empty where the file could not be opened when it was looked at.
    """

    place: Place
    found: Found
    content_hash: str
    stored: Stored | None


@dataclass(slots=True)
class Plan:
    """The difference between the folders and the store."""

    jobs: list[Job] = field(default_factory=list)
    renames: list[tuple[Stored, Place]] = field(default_factory=list)
    gone: list[Stored] = field(default_factory=list)
    dates: dict[Key, str] = field(default_factory=dict)
    mounts: set[Key] = field(default_factory=set)
    report: SyncReport = field(default_factory=SyncReport)
