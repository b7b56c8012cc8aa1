"""Quizzes, attempts and answers in the database. Owns these tables; knows no model and no screen.

Every answer is on disk before its feedback is shown, so an attempt goes on where it was after a restart or in another tab.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast

from assistant.database import Database
from assistant.errors import NotFound
from assistant.study import progress
from assistant.study.quiz import Given, Question, given_of, is_right, question_of, topic_in

Marker = Literal["", "key", "learner", "model"]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it is kept; ``correct`` None: a short answer that nobody has marked yet."""

    given: Given
    correct: bool | None
    marked_by: Marker
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of an attempt, with its answer once there is one."""

    id: int
    question: Question
    answer: Answered | None

    @property
    def open(self) -> bool:
        """Whether it still waits: for an answer, or for its mark."""
        return self.answer is None or self.answer.correct is None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run through a quiz: its questions in their order, without those that were called wrong since."""

    id: str
    quiz: str
    title: str
    started_at: str
    dropped: int
    asked: tuple[Asked, ...]

    @property
    def next(self) -> Asked | None:
        """The first question that waits; None when all are done."""
        return next((one for one in self.asked if one.open), None)

    def find(self, question_id: int) -> Asked:
        """Return one of its questions; raise ``NotFound``."""
        found = next((one for one in self.asked if one.id == question_id), None)
        if found is None:
            raise NotFound(what=f"question {question_id}")
        return found


@dataclass(frozen=True, slots=True)
class Kept:
    """An attempt in a list: how far it has come."""

    id: str
    quiz: str
    title: str
    started_at: str
    questions: int
    answered: int
    right: int


class Quizzes:
    """The quizzes of one data folder."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, title: str, questions: Sequence[Question], dropped: int = 0) -> str:
        """Keep a new quiz and begin its first attempt; return the attempt's id."""
        quiz = secrets.token_hex(6)
        with self.database.transaction() as connection:
            connection.execute("INSERT INTO quizzes VALUES (?, ?, ?, ?)", (quiz, title, _now(), dropped))
            _write(connection, quiz, questions)
            return self.begin(quiz)

    def extend(self, attempt: str, questions: Sequence[Question], dropped: int = 0) -> None:
        """Add questions that were made later to the quiz of an attempt."""
        quiz = self.attempt(attempt).quiz
        with self.database.transaction() as connection:
            _write(connection, quiz, questions)
            connection.execute("UPDATE quizzes SET dropped = dropped + ? WHERE id = ?", (dropped, quiz))

    def begin(self, quiz: str) -> str:
        """Begin another attempt at a quiz; return its id."""
        attempt = secrets.token_hex(6)
        with self.database.transaction() as connection:
            if connection.execute("SELECT 1 FROM quizzes WHERE id = ?", (quiz,)).fetchone() is None:
                raise NotFound(what=f"quiz {quiz}")
            connection.execute("INSERT INTO quiz_attempts VALUES (?, ?, ?)", (attempt, quiz, _now()))
        return attempt

    def attempt(self, id_: str) -> Attempt:
        """Return an attempt as it stands now; raise ``NotFound``."""
        row = self.database.connection.execute(
            "SELECT a.id, a.quiz_id, a.started_at, q.title, q.dropped FROM quiz_attempts a"
            " JOIN quizzes q ON q.id = a.quiz_id WHERE a.id = ?",
            (id_,),
        ).fetchone()
        if row is None:
            raise NotFound(what=f"quiz {id_}")
        rows = self.database.connection.execute(
            "SELECT q.id, q.question, r.given, r.correct, r.marked_by, r.reason FROM quiz_questions q"
            " LEFT JOIN quiz_answers r ON r.question_id = q.id AND r.attempt_id = ?"
            " WHERE q.quiz_id = ? AND q.fingerprint NOT IN (SELECT fingerprint FROM quiz_refused) ORDER BY q.id",
            (id_, row["quiz_id"]),
        )
        asked = tuple(Asked(one["id"], question_of(json.loads(one["question"])), _answered(one)) for one in rows)
        return Attempt(row["id"], row["quiz_id"], row["title"], row["started_at"], row["dropped"], asked)

    def attempts(self, count: int = 20) -> list[Kept]:
        """List the newest attempts."""
        rows = self.database.connection.execute(
            "SELECT a.id, a.quiz_id, q.title, a.started_at, count(s.id) AS questions, count(r.correct) AS answered,"
            " coalesce(sum(r.correct), 0) AS correct FROM quiz_attempts a JOIN quizzes q ON q.id = a.quiz_id"
            " LEFT JOIN quiz_questions s ON s.quiz_id = q.id"
            " AND s.fingerprint NOT IN (SELECT fingerprint FROM quiz_refused)"
            " LEFT JOIN quiz_answers r ON r.attempt_id = a.id AND r.question_id = s.id"
            " GROUP BY a.id ORDER BY a.started_at DESC, a.rowid DESC LIMIT ?",
            (count,),
        )
        return [
            Kept(row["id"], row["quiz_id"], row["title"], row["started_at"], row["questions"], row["answered"], row["correct"])
            for row in rows
        ]  # fmt: skip

    def answer(self, attempt: str, question_id: int, given: Given) -> Answered:
        """Keep an answer and mark it by its key; where one is kept already, by another tab, that one stands and is returned."""
        asked = self.attempt(attempt).find(question_id)
        correct = is_right(asked.question, given)
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT INTO quiz_answers (attempt_id, question_id, given, correct, marked_by, answered_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    attempt, question_id, json.dumps(given.as_json(), ensure_ascii=False), correct,
                    "" if correct is None else "key", _now(),
                ),
            )  # fmt: skip
        return self._of(attempt, question_id)

    def mark(self, attempt: str, question_id: int, correct: bool, marked_by: Marker, reason: str = "") -> Answered:
        """Mark a short answer, once; a mark that is there already stands."""
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE quiz_answers SET correct = ?, marked_by = ?, reason = ?"
                " WHERE attempt_id = ? AND question_id = ? AND correct IS NULL",
                (correct, marked_by, reason, attempt, question_id),
            )
        return self._of(attempt, question_id)

    def refuse(self, question_id: int) -> None:
        """Throw out a question that is wrong: from every quiz and result, and it is not made again."""
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT INTO quiz_refused SELECT fingerprint, ? FROM quiz_questions WHERE id = ? ON CONFLICT DO NOTHING",
                (_now(), question_id),
            )

    def refused(self) -> frozenset[str]:
        """Return the fingerprints of the questions that were thrown out."""
        return frozenset(row[0] for row in self.database.connection.execute("SELECT fingerprint FROM quiz_refused"))

    def known(self) -> frozenset[str]:
        """Return the fingerprints of the questions whose last answer was right."""
        rows = self.database.connection.execute(
            "SELECT q.fingerprint, r.correct FROM quiz_answers r JOIN quiz_questions q ON q.id = r.question_id"
            " WHERE r.correct IS NOT NULL ORDER BY r.answered_at, q.id"
        )
        last = {row["fingerprint"]: row["correct"] for row in rows}
        return frozenset(fingerprint for fingerprint, correct in last.items() if correct)

    def missed(self) -> dict[str, int]:
        """Count by note the questions whose last answer was wrong, the note with the most of them first."""
        rows = self.database.connection.execute(
            "SELECT q.fingerprint, json_extract(q.question, '$.source.note') AS note, r.correct FROM quiz_answers r"
            " JOIN quiz_questions q ON q.id = r.question_id WHERE r.correct IS NOT NULL"
            " AND q.fingerprint NOT IN (SELECT fingerprint FROM quiz_refused) ORDER BY r.answered_at, q.id"
        )
        last = {row["fingerprint"]: (row["note"], row["correct"]) for row in rows}
        counted = Counter(note for note, correct in last.values() if not correct)
        return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))

    def answered_since(self, moment: datetime) -> tuple[int, int]:
        """Count the answers that were given and marked since a moment, and how many of them were right."""
        row = self.database.connection.execute(
            "SELECT count(*), coalesce(sum(correct), 0) FROM quiz_answers WHERE correct IS NOT NULL AND answered_at >= ?",
            (moment.astimezone(UTC).isoformat(timespec="microseconds"),),
        ).fetchone()
        return int(row[0]), int(row[1])

    def marked(self) -> list[progress.Answered]:
        """Return every answer that is marked, in the order and at the moments they were given; questions called wrong aside."""
        rows = self.database.connection.execute(
            "SELECT json_extract(q.question, '$.source.title') AS title, json_extract(q.question, '$.source.heading[0]') AS heading,"
            " r.correct, r.answered_at FROM quiz_answers r JOIN quiz_questions q ON q.id = r.question_id"
            " WHERE r.correct IS NOT NULL AND q.fingerprint NOT IN (SELECT fingerprint FROM quiz_refused)"
            " ORDER BY r.answered_at, q.id"
        )
        return [
            progress.Answered(topic_in(title, heading), bool(correct), datetime.fromisoformat(at))
            for title, heading, correct, at in rows
        ]

    def count(self) -> int:
        """Count the quizzes made so far; the seed of the next one."""
        return int(self.database.connection.execute("SELECT count(*) FROM quizzes").fetchone()[0])

    def delete(self, attempt: str) -> None:
        """Forget an attempt with its answers."""
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM quiz_attempts WHERE id = ?", (attempt,))

    def _of(self, attempt: str, question_id: int) -> Answered:
        row = self.database.connection.execute(
            "SELECT * FROM quiz_answers WHERE attempt_id = ? AND question_id = ?", (attempt, question_id)
        ).fetchone()
        found = _answered(row) if row else None
        if found is None:
            raise NotFound(what=f"answer {question_id}")
        return found


def _write(connection: sqlite3.Connection, quiz: str, questions: Sequence[Question]) -> None:
    connection.executemany(
        "INSERT INTO quiz_questions (quiz_id, fingerprint, question) VALUES (?, ?, ?)",
        [(quiz, one.fingerprint, json.dumps(one.as_json(), ensure_ascii=False)) for one in questions],
    )


def _answered(row: sqlite3.Row) -> Answered | None:
    if row["given"] is None:
        return None
    correct = None if row["correct"] is None else bool(row["correct"])
    return Answered(given_of(json.loads(row["given"])), correct, cast("Marker", row["marked_by"]), row["reason"])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
