"""Saved conversations: every question before it is answered, every answer while it grows. Owns their tables."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from assistant.answers.prompt import Exchange
from assistant.database import Database
from assistant.errors import NotFound

State = Literal["running", "complete", "stopped", "failed"]
TITLE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Conversation:
    """A saved chat, without its turns."""

    id: str
    title: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """A question and what became of it; ``record`` is plain JSON: matches, citations, preview, receipt or error."""

    id: int
    question: str
    answer: str
    state: State
    record: Mapping[str, Any]
    asked_at: str


class Conversations:
    """The conversations of one data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Conversation]:
        """List conversations, the last used first."""
        rows = self._database.connection.execute(
            "SELECT id, title, updated_at FROM conversations ORDER BY updated_at DESC, id"
        )
        return [Conversation(*row) for row in rows]

    def get(self, id_: str) -> Conversation:
        """Return one conversation; raise ``NotFound``."""
        row = self._database.connection.execute(
            "SELECT id, title, updated_at FROM conversations WHERE id = ?", (id_,)
        ).fetchone()
        if row is None:
            raise NotFound(what=id_)
        return Conversation(*row)

    def turns(self, id_: str) -> list[SavedTurn]:
        """Return a conversation's turns, oldest first."""
        rows = self._database.connection.execute(
            "SELECT id, question, answer, state, record, asked_at FROM turns WHERE conversation_id = ? ORDER BY id",
            (id_,),
        )
        return [
            SavedTurn(
                row["id"], row["question"], row["answer"], row["state"], json.loads(row["record"]), row["asked_at"]
            )
            for row in rows
        ]

    def history(self, id_: str) -> list[Exchange]:
        """Return what was said so far, for the next prompt; failed turns and unfinished ones without words are left out."""
        return [
            Exchange(turn.question, turn.answer) for turn in self.turns(id_) if turn.answer and turn.state != "running"
        ]

    def ask(self, id_: str | None, question: str) -> tuple[str, int]:
        """Save a question before anything else happens; return the conversation (a new one for None) and the turn's id."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._database.transaction() as connection:
            if id_ is None:
                id_ = uuid.uuid4().hex[:12]
                connection.execute(
                    "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
                    (id_, title_of(question), now, now),
                )
            elif not connection.execute("UPDATE conversations SET updated_at = ? WHERE id = ?", (now, id_)).rowcount:
                raise NotFound(what=id_)
            cursor = connection.execute(
                "INSERT INTO turns (conversation_id, question, state, asked_at) VALUES (?, ?, 'running', ?)",
                (id_, question, now),
            )
        return id_, int(cursor.lastrowid or 0)

    def save(self, turn_id: int, answer: str, state: State, record: Mapping[str, Any]) -> None:
        """Save what a turn has come to so far."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE turns SET answer = ?, state = ?, record = ? WHERE id = ?",
                (answer, state, json.dumps(record, ensure_ascii=False), turn_id),
            )

    def rename(self, id_: str, title: str) -> None:
        """Give a conversation another title."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE conversations SET title = ? WHERE id = ?", (title_of(title), id_))

    def delete(self, id_: str) -> None:
        """Delete a conversation with its turns."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (id_,))

    def close_interrupted(self) -> None:
        """Mark turns as stopped that were running when the process died; what they had come to is kept."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE turns SET state = 'stopped' WHERE state = 'running'")


def title_of(question: str) -> str:
    """Make a title of a question: its first line, shortened."""
    line = re.sub(r"\s+", " ", question).strip()
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1] + "…"
