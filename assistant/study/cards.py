"""The cards of one data folder: proposed, taken into the deck, edited, merged, dropped, set aside. Owns their tables but the log."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assistant.database import Database
from assistant.errors import CardChanged, CardRefused, NotFound
from assistant.study.card import (
    Card,
    Kind,
    NewCard,
    Planned,
    Source,
    fault_of,
    key_of,
    memory_json,
    memory_of,
    moment_of,
    written,
)
from assistant.study.schedule import Memory


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of new cards: the ids of those that wait now, how many were known or dropped before, how many useless."""

    ids: tuple[int, ...]
    known: int
    refused: int


class Cards:
    """Every card, also those that wait in the list of new ones."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- reading ---------------------------------------------------------------------------------------------------

    def get(self, id_: int) -> Card:
        """Return a card; raise ``NotFound``."""
        rows = self.rows("id = ?", id_)
        if not rows:
            raise NotFound(what=f"card {id_}")
        return rows[0]

    def find(
        self, words: str = "", *, accepted: bool | None = True, limit: int = 50, start: int = 0, only: str = ""
    ) -> tuple[list[Card], int]:
        """Return a page of the cards that hold these words on either side, newest first, and how many there are.

        Of the new ones those that came last stand first, in the order in which they came. ``only``: stale, leech or suspended.
        """
        where = ["1"] if accepted is None else [f"accepted = {int(accepted)}"]
        where += {"stale": ["stale IS NOT NULL"], "leech": ["leech"], "suspended": ["suspended"]}.get(only, [])
        values: list[object] = []
        for word in words.split():
            where.append("(instr(lower(front), ?) OR instr(lower(back), ?) OR instr(lower(coalesce(note, '')), ?))")
            values += [word.lower()] * 3
        condition = " AND ".join(where)
        count = int(self._all(f"SELECT count(*) FROM cards WHERE {condition}", *values)[0][0])
        order = "id DESC" if accepted else "created_at DESC, id"
        return self.rows(f"{condition} ORDER BY {order} LIMIT ? OFFSET ?", *values, limit, start), count

    def all(self) -> list[Card]:
        """Return every card of the deck, oldest first."""
        return self.rows("accepted = 1 ORDER BY id")

    def planned(self) -> list[Planned]:
        """Return the schedule of every card of the deck, oldest first, without its words: to read those takes four times as long."""
        rows = self._all(
            "SELECT note, json_extract(heading, '$[0]') AS heading, suspended, buried_until,"
            " state, due, step, stability, difficulty, last_review, lapses FROM cards WHERE accepted = 1 ORDER BY id"
        )
        return [
            Planned(row["note"], row["heading"], memory_of(row), bool(row["suspended"]), moment_of(row["buried_until"]))
            for row in rows
        ]

    def waiting(self) -> int:
        """Count the new cards that nobody has looked over yet."""
        return int(self._all("SELECT count(*) FROM cards WHERE accepted = 0")[0][0])

    def rows(self, where: str, *values: object) -> list[Card]:
        """Return the cards of a condition; for the parts of this room that own none."""
        return [card_of(row) for row in self._all(f"SELECT * FROM cards WHERE {where}", *values)]

    # --- writing ---------------------------------------------------------------------------------------------------

    def propose(self, cards: Iterable[NewCard], now: datetime | None = None) -> Proposed:
        """Put new cards into the list that the learner looks over; what is known or was dropped before is passed over."""
        ids, known, refused = [], 0, 0
        moment = now or datetime.now(UTC)
        with self.database.transaction() as connection:
            for card in cards:
                if card.fault:
                    refused += 1
                    continue
                id_ = self._insert(connection, card, moment)
                ids += [id_] if id_ else []
                known += not id_
        return Proposed(tuple(ids), known, refused)

    def add(self, card: NewCard, now: datetime | None = None) -> Card:
        """Take a card written by hand straight into the deck; raise ``CardRefused`` where it is of no use or there already."""
        if card.fault:
            raise CardRefused(fault=card.fault)
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM dropped_cards WHERE key = ?", (key_of(card.front),))
            id_ = self._insert(connection, card, now or datetime.now(UTC))
            if id_ is None:
                raise CardRefused(fault="known")
            self._accept(connection, [id_], now or datetime.now(UTC))
        return self.get(id_)

    def accept(self, ids: Sequence[int], now: datetime | None = None) -> int:
        """Take looked-over cards into the deck; return how many were still waiting."""
        with self.database.transaction() as connection:
            return self._accept(connection, ids, now or datetime.now(UTC))

    def edit(self, id_: int, front: str, back: str, was: Card | None = None) -> Card:
        """Change what stands on a card; its schedule stays. ``was``: as the editor saw it, so that no other edit is lost."""
        with self.database.transaction() as connection:
            card = self.get(id_)
            if was is not None and (card.front, card.back) != (was.front, was.back):
                raise CardChanged
            fault = fault_of(card.kind, front, back)
            if fault:
                raise CardRefused(fault=fault)
            try:
                connection.execute(
                    "UPDATE cards SET front = ?, back = ?, key = ?, changed_at = ? WHERE id = ?",
                    (front.strip(), back.strip(), key_of(front), written(datetime.now(UTC)), id_),
                )
            except sqlite3.IntegrityError as error:
                raise CardRefused(fault="known") from error
        return self.get(id_)

    def merge(self, ids: Sequence[int]) -> Card:
        """Make one card of several: the first keeps its front and schedule and is answered by all their backs."""
        with self.database.transaction():
            first, *others = [self.get(id_) for id_ in dict.fromkeys(ids)]
            self.drop([other.id for other in others])
            return self.edit(first.id, first.front, _joined(first, others))

    def drop(self, ids: Sequence[int]) -> None:
        """Take cards out for good, with their reviews; they are not proposed again."""
        chosen = json.dumps(list(ids))
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO dropped_cards SELECT key FROM cards WHERE id IN (SELECT value FROM json_each(?))",
                (chosen,),
            )
            connection.execute("DELETE FROM cards WHERE id IN (SELECT value FROM json_each(?))", (chosen,))

    def suspend(self, id_: int, suspended: bool = True) -> None:
        """Take a card out of the reviews, or back into them; then it is no leech any more."""
        self._set(id_, "suspended = ?, leech = leech AND ?, version = version + 1", int(suspended), int(suspended))

    def bury(self, id_: int, until: datetime) -> None:
        """Put a card aside until a moment: the learner's next day."""
        self._set(id_, "buried_until = ?, version = version + 1", written(until))

    def look_over(self, id_: int, source: Source) -> None:
        """Say that a card fits the passage as it stands now: it is stale no more."""
        self._set(
            id_,
            "passage = ?, passage_hash = ?, line_first = ?, line_last = ?, stale = NULL",
            source.passage, source.hash, *source.lines,
        )  # fmt: skip

    def reschedule(
        self, connection: sqlite3.Connection, card: Card, memory: Memory, *, suspended: bool, leech: bool
    ) -> None:
        """Write a card's next schedule inside the transaction of its review; a card that changed meanwhile is refused."""
        kept = memory_json(memory) | {"suspended": suspended, "leech": leech, "buried_until": ""}
        done = connection.execute(
            f"UPDATE cards SET {', '.join(f'{name} = ?' for name in kept)}, version = version + 1 WHERE id = ? AND version = ?",
            (*kept.values(), card.id, card.version),
        )
        if not done.rowcount:
            raise CardChanged

    # --- passages --------------------------------------------------------------------------------------------------

    def checked_notes(self) -> dict[str, str]:
        """Return which notes were looked at for changed passages, and the content they had."""
        return {row["note"]: row["content_hash"] for row in self._all("SELECT * FROM card_notes")}

    def notes(self) -> set[str]:
        """Name the notes that cards were made from."""
        return {row[0] for row in self._all("SELECT DISTINCT note FROM cards WHERE note IS NOT NULL")}

    def mark(self, id_: int, lines: tuple[int, int], stale: str | None) -> None:
        """Write down where a card's passage stands now, or what stands there instead."""
        self._set(id_, "line_first = ?, line_last = ?, stale = ?", *lines, stale)

    def checked(self, note: str, content_hash: str) -> None:
        """Remember that a note's cards were held against this content."""
        with self.database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO card_notes VALUES (?, ?)", (note, content_hash))

    def move(self, old: str, new: str) -> None:
        """Follow a note that was renamed."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE cards SET note = ? WHERE note = ?", (new, old))
            connection.execute("UPDATE OR REPLACE card_notes SET note = ? WHERE note = ?", (new, old))

    # --- inside ----------------------------------------------------------------------------------------------------

    def _insert(self, connection: sqlite3.Connection, card: NewCard, now: datetime) -> int | None:
        key, at = key_of(card.front), written(now)
        if connection.execute("SELECT 1 FROM dropped_cards WHERE key = ?", (key,)).fetchone():
            return None
        source = card.source
        row: dict[str, Any] = {
            "guid": card.guid or secrets.token_hex(8), "key": key, "kind": card.kind, "front": card.front.strip(),
            "back": card.back.strip(), "deck": card.deck, "origin": card.origin, "accepted": 0,
            "note": source.note if source else None, "heading": json.dumps(source.heading if source else (), ensure_ascii=False),
            "line_first": source.lines[0] if source else 0, "line_last": source.lines[1] if source else 0,
            "passage": source.passage if source else "", "passage_hash": source.hash if source else "",
            "state": "new", "due": at, "created_at": at, "changed_at": at,
        }  # fmt: skip
        places = ", ".join("?" * len(row))
        done = connection.execute(
            f"INSERT OR IGNORE INTO cards ({', '.join(row)}) VALUES ({places})", tuple(row.values())
        )
        return int(done.lastrowid or 0) if done.rowcount else None

    @staticmethod
    def _accept(connection: sqlite3.Connection, ids: Sequence[int], now: datetime) -> int:
        done = connection.execute(
            "UPDATE cards SET accepted = 1, due = ? WHERE accepted = 0 AND id IN (SELECT value FROM json_each(?))",
            (written(now), json.dumps(list(ids))),
        )
        return done.rowcount

    def _set(self, id_: int, assignments: str, *values: object) -> None:
        with self.database.transaction() as connection:
            if not connection.execute(f"UPDATE cards SET {assignments} WHERE id = ?", (*values, id_)).rowcount:
                raise NotFound(what=f"card {id_}")

    def _all(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self.database.connection.execute(query, values).fetchall()


def _joined(first: Card, others: Sequence[Card]) -> str:
    if first.kind == "cloze":
        return "；".join(dict.fromkeys([first.back, *(other.back for other in others)]))
    backs = (other.whole if other.kind == "cloze" else f"{other.front}\n\n{other.back}" for other in others)
    return "\n\n".join([first.back, *backs])


def card_of(row: sqlite3.Row) -> Card:
    """Read a row of cards."""
    source = Source(
        row["note"], tuple(json.loads(row["heading"])), (row["line_first"], row["line_last"]), row["passage"]
    )
    kind: Kind = row["kind"]
    return Card(
        id=row["id"],
        guid=row["guid"],
        kind=kind,
        front=row["front"],
        back=row["back"],
        deck=row["deck"],
        origin=row["origin"],
        accepted=bool(row["accepted"]),
        source=source if row["note"] is not None else None,
        stale=row["stale"],
        memory=memory_of(row),
        suspended=bool(row["suspended"]),
        leech=bool(row["leech"]),
        buried_until=moment_of(row["buried_until"]),
        version=row["version"],
    )
