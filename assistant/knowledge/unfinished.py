"""What a sync remembers beyond its own end: how far the last one got, a pause, and which folders were other disks. Owns these tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.database import Database


@dataclass(frozen=True, slots=True)
class Rest:
    """What a sync that has not ended leaves to do: ``left`` of ``total`` files. ``paused``: the learner stopped it."""

    total: int
    left: int
    paused: bool


class Unfinished:
    """The memory of syncs; reading it from another thread or process sees whole files only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rest(self) -> Rest | None:
        """Return what the last sync left to do, None where it ended."""
        row = self._database.connection.execute("SELECT total, left_over, paused FROM unfinished_sync").fetchone()
        return Rest(row["total"], row["left_over"], bool(row["paused"])) if row else None

    @property
    def paused(self) -> bool:
        """Whether the learner paused a sync and has not resumed it, in this run of the app or an earlier one."""
        rest = self.rest()
        return rest is not None and rest.paused

    def begin(self, jobs: int) -> int:
        """Note that so many files are to be read; return the total to count against, an interrupted sync's if it goes on."""
        rest = self.rest()
        total = max(jobs, rest.total) if rest and rest.left else jobs
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO unfinished_sync VALUES (1, ?, ?, 0)"
                " ON CONFLICT (one) DO UPDATE SET total = excluded.total, left_over = excluded.left_over",
                (total, jobs),
            )
        return total

    def step(self, files: int = 1) -> None:
        """Count files as done; meant for the transaction that saves them."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE unfinished_sync SET left_over = max(0, left_over - ?)", (files,))

    def end(self) -> None:
        """Forget the sync: it ended, or the learner cancelled it."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM unfinished_sync")

    def pause(self) -> None:
        """Keep that the learner paused, also where nothing has been counted yet."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO unfinished_sync VALUES (1, 0, 0, 1) ON CONFLICT (one) DO UPDATE SET paused = 1"
            )

    def resume(self) -> None:
        """Take a pause back."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE unfinished_sync SET paused = 0")

    def mounts(self) -> set[tuple[str, str]]:
        """Return the folders, as (root, path inside it), that were other disks when they were last seen."""
        return {
            (row["root"], row["path"]) for row in self._database.connection.execute("SELECT root, path FROM mounts")
        }

    def keep_mounts(self, mounts: Iterable[tuple[str, str]]) -> None:
        """Remember exactly these other disks."""
        wanted = set(mounts)
        if wanted == self.mounts():
            return
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM mounts")
            connection.executemany("INSERT INTO mounts VALUES (?, ?)", sorted(wanted))
