"""Finds conversations by what was asked and answered in them, in Chinese and English. Owns the index of their words.

Knows no screen: a hit is the text around the place, cut in three. Turns are read when a search needs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.database import Database
from assistant.language.normalise import normalise, simplify
from assistant.language.words import DENSE, pairs, pairs_of, runs, terms

LIMIT = 30
_BATCH = 200  # turns read in one transaction, so that an answer being saved need not wait long
_MOST_PARTS = 32  # a pasted page is no search
_BEFORE, _AFTER = 24, 60  # characters around a hit
_JOINED = re.compile(rf"(?:(?![{DENSE}])[^\W_])+(?:[-'’_](?:(?![{DENSE}])[^\W_])+)*")
_WORD = re.compile(rf"(?:(?![{DENSE}])[^\W_])+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that fits, by its newest turn that does (None: by its title), and the place in it."""

    conversation: str
    title: str
    turn: int | None
    before: str = ""
    found: str = ""
    after: str = ""


class ConversationSearch:
    """The search over the conversations of one data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, query: str, limit: int = LIMIT) -> list[Hit]:
        """Return the conversations outside the trash that hold everything in the query, the last used first."""
        sought = _expression(query)
        if not sought:
            return []
        self.refresh()
        rows = self._database.connection.execute(
            "WITH fitting AS ("
            " SELECT conversation_id, max(id) AS turn FROM turns"
            " WHERE id IN (SELECT rowid FROM turn_words WHERE turn_words MATCH ?) GROUP BY conversation_id)"
            " SELECT conversations.id, title, turn, question, answer FROM conversations"
            " LEFT JOIN fitting ON fitting.conversation_id = conversations.id LEFT JOIN turns ON turns.id = turn"
            " WHERE deleted_at IS NULL AND (turn IS NOT NULL OR title LIKE ? ESCAPE '!')"
            " ORDER BY pinned DESC, updated_at DESC LIMIT ?",
            (sought, f"%{_literally(query.strip())}%", limit),
        )
        return [
            Hit(id_, title, turn, *(_around(query, question, answer) if turn else ()))
            for id_, title, turn, question, answer in rows
        ]

    def refresh(self) -> int:
        """Read the turns that are new or were changed; return how many there were."""
        done = 0
        while rows := self._unread():
            read = [(" ".join(_words_of(f"{row[1]}\n{row[2]}")), *row) for row in rows]
            with self._database.transaction() as connection:
                connection.executemany("DELETE FROM turn_words WHERE rowid = ?", [(row[0],) for row in rows])
                connection.executemany(
                    "INSERT INTO turn_words (rowid, words)"
                    " SELECT id, ? FROM turns WHERE id = ? AND question = ? AND answer = ?",  # it may have grown meanwhile
                    read,
                )
            done += len(rows)
            if len(rows) < _BATCH:
                break
        return done

    def _unread(self) -> list[tuple[int, str, str]]:
        rows = self._database.connection.execute(
            "SELECT id, question, answer FROM turns"
            " WHERE NOT EXISTS (SELECT 1 FROM turn_words WHERE rowid = turns.id) ORDER BY id LIMIT ?",
            (_BATCH,),
        )
        return [tuple(row) for row in rows]


def _words_of(text: str) -> Iterator[str]:
    """Yield what a text can be found by: its terms, its pairs of characters, and its plain words for what is half typed."""
    yield from terms(text)
    yield from pairs(text)
    yield from _WORD.findall(normalise(text).lower())
    yield from (run for run in runs(text) if len(run) == 1)


def _expression(query: str) -> str:
    """Write a query for FTS5: every Chinese pair and every word has to occur, a word by its stem or its beginning."""
    parts: list[str] = []
    for run in runs(query):
        parts += [_quoted(pair) for pair in pairs_of([run])] or [f"{_quoted(run)} *"]
    for word in _WORD.findall(normalise(query).lower()):
        stems = " OR ".join(map(_quoted, dict.fromkeys(terms(word))))
        parts.append(f"({_quoted(word)} *{' OR ' + stems if stems else ''})")
    return " AND ".join(parts[:_MOST_PARTS])


def _quoted(term: str) -> str:
    return f'"{term}"'


def _literally(text: str) -> str:
    return re.sub(r"[%_!]", r"!\g<0>", text)


def _around(query: str, *texts: str) -> tuple[str, str, str]:
    """Return a stretch of text with what was found in its middle: the query as it is typed, else its first word that occurs."""
    words = [*runs(query), *_WORD.findall(normalise(query)), *pairs(query)]
    for sought in (query.strip(), *words):
        pattern = re.compile(re.escape(simplify(sought)), re.IGNORECASE)
        for text in texts:
            comparable = simplify(text)
            found = pattern.search(comparable if len(comparable) == len(text) else text)
            if found:
                return _cut(text, *found.span())
    stems = set(terms(query))  # what was sought stands there in another form
    for text in texts:
        for word in _JOINED.finditer(text):
            if stems & set(terms(word[0])):
                return _cut(text, *word.span())
    return _cut(texts[0], 0, 0)


def _cut(text: str, start: int, end: int) -> tuple[str, str, str]:
    first, last = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    before = ("…" if first else "") + text[first:start].lstrip()
    after = text[end:last].rstrip() + ("…" if last < len(text) else "")
    return before, text[start:end], after
