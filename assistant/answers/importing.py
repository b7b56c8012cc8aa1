"""Reads conversations back from our own JSON: checked to the last field, and never twice. What is in them stays text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.answers.conversations import Conversation, Conversations, SavedTurn, State, title_of, written
from assistant.answers.export import FORMAT, VERSION
from assistant.answers.record_shape import (
    COUNT,
    FLAG,
    MOMENT,
    TEXT,
    Misshapen,
    Shape,
    checked,
    each,
    fields,
    optional,
    record_shape,
)
from assistant.errors import ImportRefused

LARGEST = 64 * 1024 * 1024
_MOST_TURNS = 10_000
_STATES = ("running", "complete", "stopped", "failed")

_SENTENCE = checked(str, fits=lambda value: bool(value.strip()))
_NUMBERED = checked(int, fits=lambda value: 1 <= value <= _MOST_TURNS)
_TURN = fields(
    number=_NUMBERED,
    parent=optional(_NUMBERED),
    question=_SENTENCE,
    answer=TEXT,
    state=checked(str, fits=lambda value: value in _STATES),
    asked_at=MOMENT,
    record=record_shape,
)
_FILE: Shape = fields(
    format=checked(str, fits=lambda value: value == FORMAT),
    version=checked(int, fits=lambda value: value == VERSION),
    title=_SENTENCE,
    named=optional(FLAG),
    pinned=optional(FLAG),
    created_at=MOMENT,
    updated_at=MOMENT,
    shown=optional(COUNT),
    turns=checked(list, fits=lambda value: 1 <= len(value) <= _MOST_TURNS),
)


@dataclass(frozen=True, slots=True)
class Imported:
    """The conversation that a file holds; ``new`` is False where it was here already."""

    conversation: str
    title: str
    turns: int
    new: bool


def import_conversation(content: bytes, conversations: Conversations) -> Imported:
    """Add the conversation of a file; one that is here already, be it in the trash, is only brought back to sight.

    Raises ``ImportRefused``, and nothing has been added then.
    """
    conversation, turns, shown = _read(content)
    known = _known(conversation, turns, conversations)
    if known is not None:
        conversations.restore(known.id)
        return Imported(known.id, known.title, len(turns), new=False)
    id_ = conversations.add(conversation, turns, shown)
    return Imported(id_, conversation.title, len(turns), new=True)


def _read(content: bytes) -> tuple[Conversation, list[SavedTurn], int]:
    if len(content) > LARGEST:
        raise ImportRefused(place=f"> {LARGEST // 1024**2} MB")
    try:
        data = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
        json.dumps(data, ensure_ascii=False).encode("utf-8")  # lone surrogates are no text and no file takes them
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, a number without end
        raise ImportRefused(place="JSON") from error
    try:
        _FILE(data, "file")
        each(_TURN)(data["turns"], "turns")
        return _conversation(data), _turns(data["turns"]), _shown(data)
    except Misshapen as error:
        raise ImportRefused(place=str(error)) from error


def _no_number(name: str) -> None:
    raise Misshapen(name)


def _conversation(data: Mapping[str, Any]) -> Conversation:
    """Take over what describes a conversation; never its id, which another one here may have."""
    began, used = _moment(data["created_at"]), _moment(data["updated_at"])
    named, pinned = bool(data.get("named")), bool(data.get("pinned"))
    return Conversation("", title_of(data["title"]), used, began, pinned=pinned, named=named)


def _turns(rows: Sequence[Mapping[str, Any]]) -> list[SavedTurn]:
    turns: list[SavedTurn] = []
    for place, row in enumerate(rows):
        parent = row.get("parent")
        if row["number"] != place + 1 or (parent is not None and parent > place):
            raise Misshapen(f"turns[{place}].parent")
        state: State = "stopped" if row["state"] == "running" else row["state"]
        asked_at = _moment(row["asked_at"])
        record = dict(row["record"])
        turns.append(SavedTurn(row["number"], row["question"], row["answer"], state, record, asked_at, parent))
    return turns


def _shown(data: Mapping[str, Any]) -> int:
    shown = data.get("shown")
    last = len(data["turns"])
    return shown if isinstance(shown, int) and 1 <= shown <= last else last


def _known(conversation: Conversation, turns: Sequence[SavedTurn], conversations: Conversations) -> Conversation | None:
    """Return the conversation here that holds all these turns; it may have been renamed, continued or thrown away since."""
    wanted = set(_hashes(turns))
    for candidate in conversations.begun_at(conversation.created_at):
        if wanted <= set(_hashes(conversations.every_turn(candidate.id))):
            return candidate
    return None


def _hashes(turns: Sequence[SavedTurn]) -> list[str]:
    """Return a hash of each turn's content and of all that led to it, whatever its id."""
    hashes: dict[int | None, str] = {None: ""}
    for turn in turns:
        record = json.dumps(turn.record, sort_keys=True)
        said = json.dumps([hashes[turn.parent], turn.question, turn.answer, turn.state, turn.asked_at, record])
        hashes[turn.id] = hashlib.sha256(said.encode()).hexdigest()
    return [one for id_, one in hashes.items() if id_ is not None]


def _moment(text: str) -> str:
    """Write a moment as our tables do; one beyond the calendar's ends has no such form."""
    try:
        return written(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise Misshapen(text[:40]) from error
