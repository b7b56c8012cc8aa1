"""Questions to go on with after an answer: from headings beside the cited ones, in the notes' own language. Asks no model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from assistant.answers.topics import question_about, topic_of
from assistant.knowledge.chunks import Chunk
from assistant.language.tongue import language_of

MOST = 3
_NOTES = 3  # looked at, the cited ones first

Section = tuple[tuple[str, ...], Chunk]


def next_questions(
    record: Mapping[str, Any], asked: Sequence[str], chunks_of: Callable[[str], Sequence[Chunk]]
) -> tuple[str, ...]:
    """Return up to three questions that the cited notes answer and that were not ``asked`` yet."""
    places = _places(record)
    notes = list(dict.fromkeys(note for note, _ in places))[:_NOTES]
    cited = len({match["note"] for one in record.get("citations", []) for match in _match(record, one["marker"])})
    known = {topic.casefold() for _, heading in places[:1] if heading and (topic := topic_of(heading[-1]))}
    said = "\n".join(asked).casefold()
    found: list[str] = []
    sections = [_nearby(chunks_of(note), [h for n, h in places if n == note]) for note in notes]
    first, then = (sections[:cited], sections[cited:]) if cited else (sections[:1], sections[1:])
    for nearby in (*zip_longest(*first), *zip_longest(*then)):
        for heading, chunk in (section for section in nearby if section):
            topic = (topic_of(heading[-1]) or "").casefold()
            question = question_about(chunk.title, heading, language_of(chunk.text))
            if question and topic not in known and question not in found and not _asked(topic, question, said):
                known.add(topic)
                found.append(question)
    return tuple(found[:MOST])


def _match(record: Mapping[str, Any], marker: int) -> Sequence[Mapping[str, Any]]:
    matches: Sequence[Mapping[str, Any]] = record.get("matches") or []
    return matches[marker - 1 : marker] if marker > 0 else []


def _places(record: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Return note and heading of what was cited, in its order, then of what was only found."""
    matches = record.get("matches") or record.get("nearest") or []
    cited = [one["marker"] - 1 for one in record.get("citations", [])]
    order = dict.fromkeys([*(place for place in cited if 0 <= place < len(matches)), *range(len(matches))])
    return [(matches[place]["note"], tuple(matches[place]["heading"])) for place in order]


def _nearby(chunks: Sequence[Chunk], headings: Sequence[tuple[str, ...]]) -> Iterable[Section]:
    """Order a note's sections by how near they stand to the first of these headings, what follows before what precedes."""
    sections = {chunk.piece.heading: chunk for chunk in reversed(chunks) if chunk.piece.heading}
    ordered = list(dict.fromkeys(chunk.piece.heading for chunk in chunks if chunk.piece.heading))
    # A cited place may end in what its file counts, such as a cell, which is no heading.
    cited = (path for heading in headings for path in (heading, heading[:-1]))
    here = next((ordered.index(path) for path in cited if path in ordered), 0)
    ranked = sorted(range(len(ordered)), key=lambda place: (abs(place - here), place < here))
    return [(ordered[place], sections[ordered[place]]) for place in ranked]


def _asked(topic: str, question: str, said: str) -> bool:
    """Tell whether a question was asked, in these words or by its subject; a subject of everything is told by its words."""
    return question.casefold() in said or (topic in said and topic in question.casefold() and len(topic) > 2)
