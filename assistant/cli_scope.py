"""What a command may look at: what its line names, what its question names with @, else what its conversation keeps."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assistant.answers.export import BESIDE_THE_NOTES, WORDS
from assistant.answers.scope import EVERYTHING, Reach, Scope, reach, unclear
from assistant.bootstrap import Assistant
from assistant.errors import Language, SettingsError

_WITHIN: dict[Language, str] = {"zh": "只查了 {count} 篇笔记", "en": "notes searched: {count}, not all of them"}
_UNKNOWN: dict[Language, str] = {"zh": "没有叫这个名字的笔记、文件夹或标签", "en": "no note, folder or tag is called"}


def given_scope(given: argparse.Namespace) -> Scope:
    """Return the notes, tags, kinds and days that a command line names; none of them is everything."""
    return Scope(
        paths=tuple(given.within or ()),
        tags=tuple(tag.removeprefix("#") for tag in given.tags or ()),
        kinds=tuple(given.kinds or ()),
        since=str(given.since.date()) if given.since else "",
        until=str(given.until.date()) if given.until else "",
    )


def reached(assistant: Assistant, given: argparse.Namespace, conversation: str | None) -> tuple[str, Reach]:
    """Return the question in plain words and what it may look at; refuse a name after @ that may mean several things.

    What the line names counts for this question only, and takes the place of the notes that the conversation is kept to;
    its pinned notes and its general knowledge stay as they were chosen.
    """
    notes = [note for note in assistant.store.notes() if note.error is None]
    mention = unclear(given.question, notes)
    if mention is not None:
        meant = " | ".join(target.written for target in mention.targets)
        raise SettingsError(name=f"@{mention.name}", value=repr(given.question), allowed=meant)
    kept = assistant.scopes.of(conversation) if conversation else EVERYTHING
    named = given_scope(given)
    scope = replace(named, pinned=kept.pinned, general=kept.general) if named.limits else kept
    return reach(scope, given.question, notes)


def told(result: Mapping[str, Any], language: Language) -> list[str]:
    """Write for people that an answer is none of the notes', what its scope kept out, and names after @ that nothing here has."""
    scope, basis = result["scope"], result["basis"]
    beside = [WORDS[basis][language]] if basis in BESIDE_THE_NOTES else []
    limit = [] if scope["notes"] is None else [_WITHIN[language].format(count=scope["notes"])]
    return [*beside, *limit, *(f"{_UNKNOWN[language]}: @{name}" for name in scope["unknown"])]
