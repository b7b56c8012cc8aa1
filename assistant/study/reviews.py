"""What to review now, each grade with the schedule it led to in one transaction, and taking one back. Owns the log of reviews."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

from assistant.errors import CardChanged
from assistant.study.card import Card, memory_json, memory_of, written
from assistant.study.cards import Cards
from assistant.study.schedule import DAY_STARTS, RETENTION, Memory, Rating, Schedule, day_bounds, utc

NEW_PER_DAY = 20
MOST_NEW = 1_000
_AHEAD = timedelta(minutes=20)  # a card that comes up this soon is shown when nothing else is left
# One stretch at a time: grouped over all of them, SQLite would sort every review. To read JSON is what takes long.
_TALLY = (
    "SELECT CASE WHEN json_extract(before, '$.state') <> 'review' THEN 2"
    " ELSE coalesce(strftime('%s', json_extract(before, '$.due'))"
    " - strftime('%s', json_extract(before, '$.last_review')) >= ?, 0) END AS kind,"
    " count(*) AS count, sum(rating > 1) AS remembered FROM reviews WHERE undone = 0 AND at >= ? AND at < ? GROUP BY kind"
)
_COUNTED = "accepted = 1 AND suspended = 0 AND buried_until <= ?"


@dataclass(frozen=True, slots=True)
class Due:
    """How many cards wait now, by what they are."""

    learning: int
    review: int
    new: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.learning + self.review + self.new


@dataclass(frozen=True, slots=True)
class Review:
    """One line of the log: a grade that was not taken back, and the schedule before it."""

    id: int
    card_id: int
    at: datetime
    rating: Rating
    seconds: float
    before: Memory


@dataclass(frozen=True, slots=True)
class Tally:
    """How many grades of a kind fell into one of several stretches of time, and how many of them were not "again".

    ``learning``: the card was new or in its first steps; ``long``: it was not, and had an interval of a given length.
    """

    stretch: int
    learning: bool
    long: bool
    count: int
    remembered: int


class Reviews:
    """The reviews of one data folder; ``day_starts`` is the hour at which the learner's day begins."""

    def __init__(
        self, cards: Cards, schedule: Schedule, new_per_day: int = NEW_PER_DAY, day_starts: int = DAY_STARTS
    ) -> None:
        self.cards = cards
        self.schedule = schedule
        self.new_per_day = new_per_day
        self.day_starts = day_starts
        self._database = cards.database

    def due(self, now: datetime) -> Due:
        """Count what waits now; what comes up later today counts as today's, unless it is still being learned."""
        at, end = written(now), written(day_bounds(now, self.day_starts)[1])
        row = self._all(
            "SELECT sum(state IN ('learning', 'relearning') AND due <= ?) AS learning,"
            f" sum(state = 'review' AND due < ?) AS review, sum(state = 'new') AS new FROM cards WHERE {_COUNTED}",
            at, end, at,
        )[0]  # fmt: skip
        new = min(int(row["new"] or 0), self._new_left(now))
        return Due(int(row["learning"] or 0), int(row["review"] or 0), new)

    def next(self, now: datetime) -> Card | None:
        """Return the card to show: what is being learned, then what is due, then new ones, then what comes up within minutes."""
        at, end, soon = written(now), written(day_bounds(now, self.day_starts)[1]), written(utc(now) + _AHEAD)
        queues: list[tuple[str, Sequence[object]]] = [
            ("state IN ('learning', 'relearning') AND due <= ? ORDER BY due, id", (at,)),
            ("state = 'review' AND due < ? ORDER BY due, id", (end,)),
            ("state IN ('learning', 'relearning') AND due <= ? ORDER BY due, id", (soon,)),
        ]
        if self._new_left(now):
            queues.insert(2, ("state = 'new' ORDER BY id", ()))
        for queue, values in queues:
            found = self.cards.rows(f"{_COUNTED} AND {queue} LIMIT 1", at, *values)
            if found:
                return found[0]
        return None

    def grade(self, card: Card, rating: Rating, now: datetime, seconds: float = 0.0) -> Card:
        """Enter a review and the schedule it leads to, both or neither.

        ``card`` as it was shown: raise ``CardChanged`` where it was graded meanwhile, in another window or by a click that
        came twice.
        """
        with self._database.transaction() as connection:
            current = self.cards.get(card.id)
            if current.version != card.version or current.suspended or not current.accepted:
                raise CardChanged
            after = self.schedule.after(current.memory, rating, now)
            leech = after.lapses > current.memory.lapses and after.is_leech
            before = memory_json(current.memory) | {"suspended": current.suspended, "leech": current.leech}
            connection.execute(
                "INSERT INTO reviews (card_id, seen, at, rating, seconds, before) VALUES (?, ?, ?, ?, ?, ?)",
                (card.id, card.version, written(now), rating, max(0.0, seconds), json.dumps(before)),
            )
            self.cards.reschedule(connection, current, after, suspended=leech, leech=leech or current.leech)
        return self.cards.get(card.id)

    def undo(self) -> Card | None:
        """Take the latest grade back and return its card as it was before; None where there is nothing to take back."""
        with self._database.transaction() as connection:
            rows = self._all("SELECT * FROM reviews WHERE undone = 0 ORDER BY id DESC LIMIT 1")
            if not rows:
                return None
            before = json.loads(rows[0]["before"])
            card = self.cards.get(rows[0]["card_id"])
            connection.execute("UPDATE reviews SET undone = 1 WHERE id = ?", (rows[0]["id"],))
            self.cards.reschedule(
                connection, card, memory_of(before), suspended=before["suspended"], leech=before["leech"]
            )
        return self.cards.get(card.id)

    def can_undo(self) -> bool:
        """Tell whether there is a grade to take back."""
        return bool(self._all("SELECT 1 FROM reviews WHERE undone = 0 LIMIT 1"))

    def log(self, since: datetime | None = None) -> list[Review]:
        """Return the grades from a moment on, oldest first, without those taken back."""
        rows = self._all(
            "SELECT * FROM reviews WHERE undone = 0 AND at >= ? ORDER BY at, id", written(since) if since else ""
        )
        return [_review(row) for row in rows]

    def tally(self, bounds: Sequence[datetime], long: timedelta) -> list[Tally]:
        """Count the grades between each two of the moments, those taken back aside; stretches without any are left out."""
        found: list[Tally] = []
        for stretch, (begin, end) in enumerate(pairwise(map(written, bounds))):
            rows = self._all(_TALLY, long.total_seconds(), begin, end)
            found += [
                Tally(stretch, row["kind"] == 2, row["kind"] == 1, row["count"], row["remembered"]) for row in rows
            ]
        return found

    def _new_left(self, now: datetime) -> int:
        """Return how many new cards may still be begun today."""
        start, end = day_bounds(now, self.day_starts)
        begun = self._all(
            "SELECT count(DISTINCT card_id) FROM reviews WHERE undone = 0 AND at >= ? AND at < ?"
            " AND json_extract(before, '$.state') = 'new'",
            written(start), written(end),
        )[0][0]  # fmt: skip
        return max(0, self.new_per_day - int(begun))

    def _all(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self._database.connection.execute(query, values).fetchall()


def reviews_of(cards: Cards, kept: object) -> Reviews:
    """Return the reviews by the learner's kept choices; what is no sensible choice counts as none."""
    chosen = kept if isinstance(kept, Mapping) else {}
    retention, new, starts = (chosen.get(name) for name in ("retention", "new_per_day", "day_starts"))
    return Reviews(
        cards,
        Schedule(float(retention) if isinstance(retention, float | int) else RETENTION),
        new if isinstance(new, int) and 0 <= new <= MOST_NEW else NEW_PER_DAY,
        starts if isinstance(starts, int) and 0 <= starts < 24 else DAY_STARTS,
    )


def _review(row: sqlite3.Row) -> Review:
    return Review(
        id=row["id"],
        card_id=row["card_id"],
        at=datetime.fromisoformat(row["at"]),
        rating=cast("Rating", row["rating"]),
        seconds=row["seconds"],
        before=memory_of(json.loads(row["before"])),
    )
