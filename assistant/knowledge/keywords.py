"""The keyword index: finds chunks by the words and character pairs of a question, and says how well they fit.

Owns its tables inside the caller's SQLite connection and transaction; never commits. Knows chunk ids and texts, not
notes. FTS5 proposes candidates; scoring.py orders them.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

from assistant.knowledge.scoring import (
    CONTEXT,
    PAIRS,
    TITLE,
    Asked,
    Meaning,
    Row,
    Spelling,
    Term,
    closeness,
    highest,
    lengths,
    score,
)
from assistant.language import words

_INDEXED = "rowid, title_words, body_words, title_pairs, body_pairs"

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
        return term in self.runs if words.is_han(term) else spaced(term.split()) in self.words


@dataclass(frozen=True, slots=True)
class Group:
    """Spellings that mean the same as a word of the question, each with how surely (0 to 1); Latin ones are stems.

    ``source`` is that word, or phrase of stems. They are scored together as one term, which weighs ``weight`` times a word
    of the question itself.
    """

    source: str
    weight: float
    spellings: Mapping[str, float]


def add(connection: sqlite3.Connection, rows: Iterable[tuple[int, str, str]]) -> None:
    """Index chunks given as (chunk id, title and heading path, text); an id must not be in the index already."""
    made = [_made(*row) for row in rows]
    connection.executemany("INSERT INTO keyword_texts VALUES (?, ?, ?, ?, ?)", map(astuple, made))
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
    connection: sqlite3.Connection,
    query: str,
    limit: int,
    *,
    context: str = "",
    only: Collection[int] | None = None,
    groups: Sequence[Group] = (),
) -> list[Hit]:
    """Find the best chunks for a question, best first.

    ``context`` is the question before, in a follow-up: its terms count less. ``only`` narrows the search. ``groups`` are
    other spellings of what was asked: translations, abbreviations.
    """
    asked = _weigh(connection, query, context, groups)
    rows = _read(connection, _candidates(connection, asked, only, max(limit, _CANDIDATES)))
    ranked = _ranked([(score(row, asked), row) for row in rows])
    look = max(limit, _CLOSE_LOOK)
    best = _ranked([(reached + closeness(row, asked), row) for reached, row in ranked[:look]])[:limit]
    return [_hit(row, reached, asked) for reached, row in best]


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


def sample(connection: sqlite3.Connection, most: int) -> list[Texts]:
    """Read about so many chunks, evenly spread over all of them and always the same while nothing changes."""
    first, last = connection.execute("SELECT min(chunk_id), max(chunk_id) FROM keyword_texts").fetchone()
    if first is None:
        return []
    next_one = "SELECT chunk_id FROM keyword_texts WHERE chunk_id >= ? ORDER BY chunk_id LIMIT 1"
    step = max(1, (last - first + 1) // most)
    return texts(
        connection, {connection.execute(next_one, (id_,)).fetchone()[0] for id_ in range(first, last + 1, step)}
    )


def state(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return the totals of the index, which change whenever its chunks do, but for swaps of equal length."""
    return tuple(connection.execute("SELECT * FROM keyword_totals").fetchone())


def _weigh(connection: sqlite3.Connection, query: str, context: str, groups: Sequence[Group]) -> Asked:
    chunks, *totals = connection.execute(
        "SELECT chunks, title_words, body_words, title_pairs, body_pairs FROM keyword_totals"
    ).fetchone()

    def term(text: str, indexed: str, stored: str, weight: float) -> Term:
        known = _holding(connection, indexed)
        return Term(text, indexed, stored, weight * math.log(1 + (chunks - known + 0.5) / (known + 0.5)), known > 0)

    query, context = query[:_MAX_CHARACTERS], context[:_MAX_CHARACTERS]
    asked = _weights(words.query_terms(query), words.query_terms(context))
    pairs = _weights(words.query_pairs(query), words.query_pairs(context))
    return Asked(
        words=tuple(term(text, text, f" {text} ", weight) for text, weight in asked.items()),
        pairs=tuple(term(text, "~" + text, text, PAIRS * weight) for text, weight in pairs.items()),
        meanings=tuple(_meanings(connection, groups, chunks)),
        means=tuple(max(1.0, length / max(1, chunks)) for length in totals),
    )


def _meanings(connection: sqlite3.Connection, groups: Sequence[Group], chunks: int) -> Iterator[Meaning]:
    for group in groups:
        found: dict[str, Spelling] = {}
        for text, sure in group.spellings.items():
            for one in _spellings(connection, text, sure):
                if one.match not in found or found[one.match].sure < one.sure:
                    found[one.match] = one
        expected = min(chunks, sum(one.sure * one.known for one in found.values()))
        if found:
            rarity = math.log(1 + (chunks - expected + 0.5) / (expected + 0.5))
            yield Meaning(tuple(found.values()), group.weight * rarity)


def _spellings(connection: sqlite3.Connection, text: str, sure: float) -> Iterator[Spelling]:
    """Yield a spelling if the index holds it; a Chinese one that it does not hold gives its parts instead."""
    if not words.is_han(text) or len(text) == 1:  # one character inside other words means something else
        stems = text.split()
        known = min(_holding(connection, stem) for stem in stems)
        if known:
            yield Spelling(text, spaced(stems), False, sure, known)
        return
    pairs = words.pairs_of([text])
    known = max(_holding(connection, text), min((_holding(connection, "~" + pair) for pair in pairs), default=0))
    if known:
        yield Spelling(_marked(pairs) or text, text, True, sure, known)
    elif len(text) > 2:
        parts = [part for part in words.terms(text) if len(part) > 1 and part != text]
        for part in parts:
            yield from _spellings(connection, part, sure / len(parts))


def _holding(connection: sqlite3.Connection, indexed: str) -> int:
    row = connection.execute("SELECT doc FROM keyword_terms WHERE term = ?", (indexed,)).fetchone()
    return row[0] if row else 0


def _weights(asked: list[str], before: list[str]) -> dict[str, float]:
    weights: dict[str, float] = dict(Counter(asked).most_common(_MAX_TERMS))
    for text in before[:_MAX_TERMS]:
        weights.setdefault(text, CONTEXT)
    return weights


def _candidates(connection: sqlite3.Connection, asked: Asked, only: Collection[int] | None, limit: int) -> list[int]:
    known = (term for term in asked.words + asked.pairs if term.known)
    said = [term.indexed for term in sorted(known, key=lambda term: -term.gain)[:_MAX_TERMS]]
    meant = [one.match for meaning in asked.meanings for one in meaning.spellings][:_MAX_TERMS]
    # Asked apart: what was said and what it may mean are not rare in the same way, and FTS5 knows no weights of terms.
    return list(dict.fromkeys(_matching(connection, said, only, limit) + _matching(connection, meant, only, limit)))


def _matching(
    connection: sqlite3.Connection, terms: Sequence[str], only: Collection[int] | None, limit: int
) -> list[int]:
    if not terms:
        return []
    # Quoted, a term is a plain string to FTS5: no operator, column name or star in it means anything.
    match = " OR ".join('"' + term.replace('"', "") + '"' for term in terms)
    # The plus keeps SQLite from running the whole match once for each id.
    scope = "" if only is None else " AND +rowid IN (SELECT value FROM json_each(?))"
    found = connection.execute(
        f"SELECT rowid FROM keyword_index WHERE keyword_index MATCH ?{scope}"
        f" ORDER BY bm25(keyword_index, {TITLE}, 1.0, {TITLE * PAIRS}, {PAIRS}) LIMIT {limit}",
        (match,) if only is None else (match, json.dumps(list(only))),
    )
    return [row[0] for row in found]


def _read(connection: sqlite3.Connection, chunk_ids: Iterable[int]) -> list[Row]:
    found = connection.execute(
        "SELECT * FROM keyword_texts WHERE chunk_id IN (SELECT value FROM json_each(?))", (json.dumps(list(chunk_ids)),)
    )
    return [Row(*row) for row in found]


def spaced(terms: Iterable[str]) -> str:
    """Write terms as a row keeps them: each between two spaces of its own."""
    joined = "  ".join(terms)
    return f" {joined} " if joined else ""


def _made(chunk_id: int, title: str, body: str) -> Row:
    title_words, title_runs = words.terms_and_runs(title)
    body_words, body_runs = words.terms_and_runs(body)
    return Row(chunk_id, spaced(title_words), spaced(body_words), " ".join(title_runs), " ".join(body_runs))


def _indexed(row: Row) -> tuple[int, str, str, str, str]:
    title, body = (words.pairs_of(runs.split()) for runs in (row.title_runs, row.body_runs))
    return row.chunk_id, row.title_words, row.body_words, _marked(title), _marked(body)


def _marked(pairs: list[str]) -> str:
    return "~" + " ~".join(pairs) if pairs else ""


def _count(connection: sqlite3.Connection, rows: list[Row], sign: int) -> None:
    if not rows:
        return
    each = ((1, *lengths(row)) for row in rows)
    sums = [sum(column) for column in zip(*each, strict=True)]
    connection.execute(
        "UPDATE keyword_totals SET chunks = chunks + ?, title_words = title_words + ?, body_words = body_words + ?,"
        " title_pairs = title_pairs + ?, body_pairs = body_pairs + ?",
        [sign * length for length in sums],
    )


def _ranked(scored: list[tuple[float, Row]]) -> list[tuple[float, Row]]:
    return sorted(scored, key=lambda pair: (-pair[0], pair[1].chunk_id))


def _hit(row: Row, reached: float, asked: Asked) -> Hit:
    matched = [term.text for term in asked.words if term.stored in row.body_words or term.stored in row.title_words]
    return Hit(row.chunk_id, reached / highest(asked), tuple(matched))
