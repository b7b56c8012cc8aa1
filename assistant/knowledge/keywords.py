"""The keyword index: finds chunks by the words and character pairs of a question, and says how well they fit.

Owns its tables inside the caller's SQLite connection and transaction; never commits. Knows chunk ids and texts, not
notes. FTS5 proposes candidates; BM25F over title and body, for words and for pairs, orders them.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from assistant.language import words

_INDEXED = "rowid, title_words, body_words, title_pairs, body_pairs"

_K1, _B = 0.9, 0.5
_TITLE, _PAIRS, _CONTEXT = 0.5, 0.3, 0.4
_CANDIDATES, _CLOSE_LOOK = 100, 50  # 60 to 200 candidates give the same figures
_MAX_TERMS, _MAX_CHARACTERS = 64, 4000  # a pasted page is no question


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that holds terms of the question.

    ``score`` is the share, 0 to 1, of the highest score this question could have reached; unknown words lower it.
    """

    chunk_id: int
    score: float
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """A chunk as it is indexed, title and body: its terms between spaces, and its unbroken runs of Chinese."""

    words: str
    runs: str

    def holds(self, term: str) -> bool:
        """Tell whether a term occurs; a Chinese one however the chunk was cut into words."""
        return term in self.runs if words.is_han(term) else f" {term} " in self.words


@dataclass(frozen=True, slots=True)
class _Row:
    """What is stored of a chunk. Each word has two spaces of its own, so that counting finds neighbours too."""

    chunk_id: int
    title_words: str
    body_words: str
    title_runs: str
    body_runs: str


@dataclass(frozen=True, slots=True)
class _Term:
    """A term of the question: as the index and as a row spell it, and what it adds at most (weight x rarity)."""

    text: str
    indexed: str
    stored: str
    gain: float
    known: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    words: tuple[_Term, ...]
    pairs: tuple[_Term, ...]
    means: tuple[float, ...]


def add(connection: sqlite3.Connection, rows: Iterable[tuple[int, str, str]]) -> None:
    """Index chunks given as (chunk id, title and heading path, text); an id must not be in the index already."""
    made = [
        _Row(chunk_id, _spaced(title), _spaced(body), " ".join(words.runs(title)), " ".join(words.runs(body)))
        for chunk_id, title, body in rows
    ]
    connection.executemany("INSERT INTO keyword_texts VALUES (?, ?, ?, ?, ?)", (_values(row) for row in made))
    connection.executemany(f"INSERT INTO keyword_index ({_INDEXED}) VALUES (?, ?, ?, ?, ?)", map(_indexed, made))
    _count(connection, made, +1)


def remove(connection: sqlite3.Connection, chunk_ids: Iterable[int]) -> None:
    """Forget chunks; ids that are not in the index are passed over."""
    forget = f"INSERT INTO keyword_index (keyword_index, {_INDEXED}) VALUES ('delete', ?, ?, ?, ?, ?)"
    gone = _read(connection, chunk_ids)
    connection.executemany(forget, map(_indexed, gone))
    connection.executemany("DELETE FROM keyword_texts WHERE chunk_id = ?", ((row.chunk_id,) for row in gone))
    _count(connection, gone, -1)


def search(
    connection: sqlite3.Connection, query: str, limit: int, *, context: str = "", only: Collection[int] | None = None
) -> list[Hit]:
    """Find the best chunks for a question, best first.

    ``context`` is the question before, in a follow-up: its terms count less. ``only`` narrows the search.
    """
    asked = _weigh(connection, query, context)
    rows = _read(connection, _candidates(connection, asked, only, max(limit, _CANDIDATES)))
    ranked = _ranked([(_score(row, asked), row) for row in rows])
    look = max(limit, _CLOSE_LOOK)
    best = _ranked([(score + _closeness(row, asked), row) for score, row in ranked[:look]])[:limit]
    return [_hit(row, score, asked) for score, row in best]


def texts(connection: sqlite3.Connection, chunk_ids: Iterable[int]) -> list[Texts]:
    """Read chunks as they are indexed, in no order; ids that are not in the index are passed over."""
    rows = _read(connection, chunk_ids)
    return [Texts(row.title_words + row.body_words, f"{row.title_runs} {row.body_runs}") for row in rows]


def frequencies(connection: sqlite3.Connection, terms: Iterable[str]) -> tuple[int, dict[str, int]]:
    """Count all chunks and, for each term, those that hold it; a word cut differently counts as its rarest pair."""

    def count(term: str) -> int:
        pairs = words.pairs_of([term]) if words.is_han(term) else []
        return max(_holding(connection, term), min((_holding(connection, "~" + pair) for pair in pairs), default=0))

    return connection.execute("SELECT chunks FROM keyword_totals").fetchone()[0], {term: count(term) for term in terms}


def _weigh(connection: sqlite3.Connection, query: str, context: str) -> _Asked:
    chunks, *lengths = connection.execute(
        "SELECT chunks, title_words, body_words, title_pairs, body_pairs FROM keyword_totals"
    ).fetchone()

    def term(text: str, indexed: str, stored: str, weight: float) -> _Term:
        known = _holding(connection, indexed)
        return _Term(text, indexed, stored, weight * math.log(1 + (chunks - known + 0.5) / (known + 0.5)), known > 0)

    query, context = query[:_MAX_CHARACTERS], context[:_MAX_CHARACTERS]
    asked = _weights(words.query_terms(query), words.query_terms(context))
    pairs = _weights(words.query_pairs(query), words.query_pairs(context))
    return _Asked(
        words=tuple(term(text, text, f" {text} ", weight) for text, weight in asked.items()),
        pairs=tuple(term(text, "~" + text, text, _PAIRS * weight) for text, weight in pairs.items()),
        means=tuple(max(1.0, length / max(1, chunks)) for length in lengths),
    )


def _holding(connection: sqlite3.Connection, indexed: str) -> int:
    row = connection.execute("SELECT doc FROM keyword_terms WHERE term = ?", (indexed,)).fetchone()
    return row[0] if row else 0


def _weights(asked: list[str], before: list[str]) -> dict[str, float]:
    weights: dict[str, float] = dict(Counter(asked).most_common(_MAX_TERMS))
    for text in before[:_MAX_TERMS]:
        weights.setdefault(text, _CONTEXT)
    return weights


def _candidates(connection: sqlite3.Connection, asked: _Asked, only: Collection[int] | None, limit: int) -> list[int]:
    known = (term for term in asked.words + asked.pairs if term.known)
    telling = sorted(known, key=lambda term: -term.gain)[:_MAX_TERMS]
    if not telling:
        return []
    # Quoted, a term is a plain string to FTS5: no operator, column name or star in it means anything.
    match = " OR ".join('"' + term.indexed.replace('"', "") + '"' for term in telling)
    # The plus keeps SQLite from running the whole match once for each id.
    scope = "" if only is None else " AND +rowid IN (SELECT value FROM json_each(?))"
    found = connection.execute(
        f"SELECT rowid FROM keyword_index WHERE keyword_index MATCH ?{scope}"
        f" ORDER BY bm25(keyword_index, {_TITLE}, 1.0, {_TITLE * _PAIRS}, {_PAIRS}) LIMIT {limit}",
        (match,) if only is None else (match, json.dumps(list(only))),
    )
    return [row[0] for row in found]


def _read(connection: sqlite3.Connection, chunk_ids: Iterable[int]) -> list[_Row]:
    found = connection.execute(
        "SELECT * FROM keyword_texts WHERE chunk_id IN (SELECT value FROM json_each(?))", (json.dumps(list(chunk_ids)),)
    )
    return [_Row(*row) for row in found]


def _spaced(text: str) -> str:
    terms = words.terms(text)
    return f" {'  '.join(terms)} " if terms else ""


def _indexed(row: _Row) -> tuple[int, str, str, str, str]:
    title, body = (words.pairs_of(runs.split()) for runs in (row.title_runs, row.body_runs))
    return row.chunk_id, row.title_words, row.body_words, _marked(title), _marked(body)


def _marked(pairs: list[str]) -> str:
    return "~" + " ~".join(pairs) if pairs else ""


def _values(row: _Row) -> tuple[int, str, str, str, str]:
    return row.chunk_id, row.title_words, row.body_words, row.title_runs, row.body_runs


def _count(connection: sqlite3.Connection, rows: list[_Row], sign: int) -> None:
    if not rows:
        return
    sums = [sum(column) for column in zip(*((1, *_lengths(row)) for row in rows), strict=True)]
    connection.execute(
        "UPDATE keyword_totals SET chunks = chunks + ?, title_words = title_words + ?, body_words = body_words + ?,"
        " title_pairs = title_pairs + ?, body_pairs = body_pairs + ?",
        [sign * length for length in sums],
    )


def _lengths(row: _Row) -> tuple[int, int, int, int]:
    title, body = row.title_words.count(" ") // 2, row.body_words.count(" ") // 2
    return title, body, _pair_count(row.title_runs), _pair_count(row.body_runs)


def _pair_count(runs: str) -> int:
    # Each run has one pair less than characters, and each but the first brings a space.
    return max(0, len(runs) - 2 * runs.count(" ") - 1)


def _ranked(scored: list[tuple[float, _Row]]) -> list[tuple[float, _Row]]:
    return sorted(scored, key=lambda pair: (-pair[0], pair[1].chunk_id))


def _score(row: _Row, asked: _Asked) -> float:
    lengths = zip(_lengths(row), asked.means, strict=True)
    title_words, body_words, title_pairs, body_pairs = (1 / (1 - _B + _B * length / mean) for length, mean in lengths)
    return _gained(asked.words, (row.title_words, _TITLE * title_words), (row.body_words, body_words)) + _gained(
        asked.pairs, (row.title_runs, _TITLE * title_pairs), (row.body_runs, body_pairs)
    )


def _gained(terms: tuple[_Term, ...], title: tuple[str, float], body: tuple[str, float]) -> float:
    score = 0.0
    for term in terms:
        frequency = title[0].count(term.stored) * title[1] + body[0].count(term.stored) * body[1]
        score += term.gain * frequency / (frequency + _K1)
    return score


def _closeness(row: _Row, asked: _Asked) -> float:
    """Reward a body in which many of the asked words stand within a short stretch."""
    wanted = {term.text for term in asked.words}
    places = [(place, word) for place, word in enumerate(row.body_words.split()) if word in wanted]
    matched = len({word for _, word in places})
    return math.log(1 + matched) * matched / _shortest_stretch(places, matched) if matched > 1 else 0.0


def _shortest_stretch(places: list[tuple[int, str]], matched: int) -> int:
    last: dict[str, int] = {}
    shortest = places[-1][0] + 1
    for place, word in places:
        last[word] = place
        if len(last) == matched:
            shortest = min(shortest, place - min(last.values()) + 1)
    return shortest


def _hit(row: _Row, score: float, asked: _Asked) -> Hit:
    matched = [term.text for term in asked.words if term.stored in row.body_words or term.stored in row.title_words]
    highest = math.fsum(term.gain for term in asked.words + asked.pairs)
    highest += math.log(1 + len(asked.words)) if len(asked.words) > 1 else 0.0
    return Hit(row.chunk_id, score / highest, tuple(matched))
