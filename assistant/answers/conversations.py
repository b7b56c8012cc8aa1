"""Saved conversations: every question before it is answered, every answer while it grows. Owns their tables.

Questions form a tree: answering one anew adds a version beside it, and a conversation shows one branch.
"""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from assistant.answers.prompt import Exchange
from assistant.database import Database
from assistant.errors import NotFound

State = Literal["running", "complete", "stopped", "failed"]
TITLE_LENGTH = 40
TRASH_DAYS = 30

_CONVERSATION = "id, title, updated_at, created_at, pinned, named, deleted_at"
_TURN = "id, question, answer, state, record, asked_at, parent_id"
_BRANCH = """
    WITH RECURSIVE branch (turn) AS (
        SELECT last_turn FROM conversations WHERE id = ?
        UNION SELECT parent_id FROM turns JOIN branch ON turns.id = branch.turn
    )
"""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A saved chat, without its turns; ``named``: the learner chose its title."""

    id: str
    title: str
    updated_at: str
    created_at: str = ""
    pinned: bool = False
    named: bool = False
    deleted_at: str | None = None


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """A question and what became of it; ``record`` is plain JSON: matches, citations, preview, receipt or error.

    ``versions`` are the ids of the turns that stand in the same place, this one among them, oldest first.
    """

    id: int
    question: str
    answer: str
    state: State
    record: Mapping[str, Any]
    asked_at: str
    parent: int | None = None
    versions: tuple[int, ...] = ()


class Conversations:
    """The conversations of one data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, limit: int = -1) -> list[Conversation]:
        """List conversations outside the trash: pinned ones first, then the last used, at most ``limit`` of them."""
        return self._listed("deleted_at IS NULL ORDER BY pinned DESC, updated_at DESC, id LIMIT ?", limit)

    def trashed(self) -> list[Conversation]:
        """List what is in the trash, the last thrown away first."""
        return self._listed("deleted_at IS NOT NULL ORDER BY deleted_at DESC, id")

    def begun_at(self, created_at: str) -> list[Conversation]:
        """List conversations, thrown away or not, that began at this very moment: one that is imported may be here."""
        return self._listed("created_at = ?", created_at)

    def counts(self) -> tuple[int, int]:
        """Return how many conversations there are outside the trash and in it."""
        row = self._database.connection.execute("SELECT count(*), count(deleted_at) FROM conversations").fetchone()
        return row[0] - row[1], row[1]

    def get(self, id_: str) -> Conversation:
        """Return one conversation; raise ``NotFound``, also for one in the trash."""
        found = self._listed("id = ? AND deleted_at IS NULL", id_)
        if not found:
            raise NotFound(what=id_)
        return found[0]

    def turns(self, id_: str) -> list[SavedTurn]:
        """Return the turns of the branch that is shown, oldest first."""
        connection = self._database.connection
        rows = connection.execute(f"{_BRANCH} SELECT {_TURN} FROM turns JOIN branch ON id = turn ORDER BY id", (id_,))
        beside: dict[int | None, list[int]] = {}
        for turn, parent in connection.execute(
            "SELECT id, parent_id FROM turns WHERE conversation_id = ? ORDER BY id", (id_,)
        ):
            beside.setdefault(parent, []).append(turn)
        return [_turn(row, tuple(beside.get(row["parent_id"], ()))) for row in rows]

    def every_turn(self, id_: str) -> list[SavedTurn]:
        """Return the turns of all branches, each after its parent."""
        rows = self._database.connection.execute(
            f"SELECT {_TURN} FROM turns WHERE conversation_id = ? ORDER BY id", (id_,)
        )
        return [_turn(row) for row in rows]

    def last_turn(self, id_: str) -> int | None:
        """Return the turn that the shown branch ends with."""
        row = self._database.connection.execute("SELECT last_turn FROM conversations WHERE id = ?", (id_,)).fetchone()
        last: int | None = row[0] if row else None
        return last

    def history(self, id_: str) -> list[Exchange]:
        """Return what was said so far, for the next prompt; failed turns and unfinished ones without words are left out."""
        return [
            Exchange(turn.question, turn.answer) for turn in self.turns(id_) if turn.answer and turn.state != "running"
        ]

    def ask(self, id_: str | None, question: str, *, instead_of: int | None = None) -> tuple[str, int]:
        """Save a question before anything else happens; return the conversation (a new one for None) and the turn's id.

        It follows the branch that is shown, or becomes another version of the turn ``instead_of`` and is shown in its place.
        """
        now = written(datetime.now(UTC))
        with self._database.transaction() as connection:
            if id_ is None:
                id_ = _insert(connection, title_of(question), now, now)
            elif not connection.execute(
                "UPDATE conversations SET updated_at = ? WHERE id = ? AND deleted_at IS NULL", (now, id_)
            ).rowcount:
                raise NotFound(what=id_)
            parent = self.last_turn(id_) if instead_of is None else _parent_of(connection, id_, instead_of)
            turn_id = _add_turn(connection, id_, parent, question, now)
            if parent is None:  # the first question names the conversation, until the learner does
                connection.execute(
                    "UPDATE conversations SET title = ? WHERE id = ? AND NOT named", (title_of(question), id_)
                )
        return id_, turn_id

    def show(self, id_: str, turn_id: int) -> None:
        """Show the branch that a turn stands in, to the end of its newest continuation."""
        with self._database.transaction() as connection:
            _parent_of(connection, id_, turn_id)
            last = turn_id
            while (row := connection.execute("SELECT max(id) FROM turns WHERE parent_id = ?", (last,)).fetchone())[0]:
                last = row[0]
            connection.execute("UPDATE conversations SET last_turn = ? WHERE id = ?", (last, id_))

    def save(self, turn_id: int, answer: str, state: State, record: Mapping[str, Any]) -> None:
        """Save what a turn has come to so far."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE turns SET answer = ?, state = ?, record = ? WHERE id = ?",
                (answer, state, json.dumps(record, ensure_ascii=False), turn_id),
            )

    def at_once(self) -> AbstractContextManager[object]:
        """Save what is written in the block together, also by others who write into this database, or nothing of it."""
        return self._database.transaction()

    def rename(self, id_: str, title: str) -> None:
        """Give a conversation a title of the learner's own; an empty one gives back the automatic one."""
        first = next(iter(self.turns(id_)), None)
        chosen = title_of(title) or title_of(first.question if first else "")
        self._set("title = ?, named = ?", chosen, bool(title.strip()), id_)

    def pin(self, id_: str, pinned: bool) -> None:
        """Keep a conversation at the head of the list, or let it go."""
        self._set("pinned = ?", pinned, id_)

    def trash(self, id_: str, now: datetime) -> None:
        """Put a conversation into the trash, where it can be restored from for ``TRASH_DAYS``."""
        self._set("deleted_at = ?", written(now), id_)

    def restore(self, id_: str) -> None:
        """Take a conversation out of the trash, as it was."""
        self._set("deleted_at = ?", None, id_)

    def delete(self, id_: str) -> None:
        """Delete a conversation with all its turns, for good."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (id_,))

    def empty_trash(self, now: datetime) -> int:
        """Delete for good what has been in the trash for ``TRASH_DAYS``; return how many there were."""
        with self._database.transaction() as connection:
            return connection.execute(
                "DELETE FROM conversations WHERE deleted_at <= ?", (written(now - timedelta(days=TRASH_DAYS)),)
            ).rowcount

    def close_interrupted(self) -> None:
        """Mark turns as stopped that were running when the process died; what they had come to is kept."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE turns SET state = 'stopped' WHERE state = 'running'")

    def add(self, conversation: Conversation, turns: Iterable[SavedTurn], last_turn: int | None) -> str:
        """Add a whole conversation from elsewhere under new ids, parents before their versions; return its id."""
        ids: dict[int | None, int | None] = {None: None}
        with self._database.transaction() as connection:
            id_ = _insert(connection, conversation.title, conversation.created_at, conversation.updated_at)
            for turn in turns:
                ids[turn.id] = new = _add_turn(connection, id_, ids[turn.parent], turn.question, turn.asked_at)
                self.save(new, turn.answer, turn.state, turn.record)
            connection.execute(
                "UPDATE conversations SET pinned = ?, named = ?, last_turn = ? WHERE id = ?",
                (conversation.pinned, conversation.named, ids[last_turn], id_),
            )
        return id_

    def _set(self, change: str, *values: object) -> None:
        with self._database.transaction() as connection:
            connection.execute(f"UPDATE conversations SET {change} WHERE id = ?", values)

    def _listed(self, which: str, *values: object) -> list[Conversation]:
        rows = self._database.connection.execute(f"SELECT {_CONVERSATION} FROM conversations WHERE {which}", values)
        return list(_conversations(rows))


def title_of(question: str) -> str:
    """Make a title of a question: its first line, shortened."""
    line = re.sub(r"\s+", " ", question).strip()
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1] + "…"


def written(moment: datetime) -> str:
    """Write a moment as the tables do, so that two of them can be compared as texts."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _insert(connection: sqlite3.Connection, title: str, created_at: str, updated_at: str) -> str:
    id_ = uuid.uuid4().hex[:12]
    connection.execute(
        "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
        (id_, title, created_at, updated_at),
    )
    return id_


def _add_turn(
    connection: sqlite3.Connection, conversation: str, parent: int | None, question: str, asked_at: str
) -> int:
    cursor = connection.execute(
        "INSERT INTO turns (conversation_id, parent_id, question, state, asked_at) VALUES (?, ?, ?, 'running', ?)",
        (conversation, parent, question, asked_at),
    )
    connection.execute("UPDATE conversations SET last_turn = ? WHERE id = ?", (cursor.lastrowid, conversation))
    return int(cursor.lastrowid or 0)


def _parent_of(connection: sqlite3.Connection, conversation: str, turn_id: int) -> int | None:
    row = connection.execute(
        "SELECT parent_id FROM turns WHERE id = ? AND conversation_id = ?", (turn_id, conversation)
    ).fetchone()
    if row is None:
        raise NotFound(what=str(turn_id))
    parent: int | None = row[0]
    return parent


def _conversations(rows: Iterable[sqlite3.Row]) -> Iterator[Conversation]:
    for id_, title, updated_at, created_at, pinned, named, deleted_at in rows:
        yield Conversation(id_, title, updated_at, created_at, bool(pinned), bool(named), deleted_at)


def _turn(row: sqlite3.Row, versions: Sequence[int] = ()) -> SavedTurn:
    return SavedTurn(
        id=row["id"],
        question=row["question"],
        answer=row["answer"],
        state=row["state"],
        record=json.loads(row["record"]),
        asked_at=row["asked_at"],
        parent=row["parent_id"],
        versions=tuple(versions),
    )
