"""What the learner chose in the app, kept in the data folder. Owns its table; knows no meaning of a name."""

from __future__ import annotations

import json
from typing import Any

from assistant.database import Database


class Preferences:
    """Named JSON values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Any]:
        """Return every chosen value by name."""
        return {
            row["name"]: json.loads(row["value"])
            for row in self._database.connection.execute("SELECT name, value FROM preferences")
        }

    def choose(self, name: str, value: Any) -> None:
        """Keep a choice; None takes it back."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM preferences WHERE name = ?", (name,))
            if value is not None:
                connection.execute(
                    "INSERT INTO preferences VALUES (?, ?)", (name, json.dumps(value, ensure_ascii=False))
                )
