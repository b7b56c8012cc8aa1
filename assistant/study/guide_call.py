"""One call of a study guide: how it is named, so that its text is found again, and the messages that it sends.

Knows neither what it costs nor what becomes of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from assistant.answers.connection import Connection
from assistant.answers.draft import Asked, Draft, write
from assistant.errors import Language
from assistant.knowledge.chunks import Chunk, Match, Piece, Scores
from assistant.knowledge.search import Findings
from assistant.study.guide_words import PART, Form

CITED = Scores(None, None)


def subject_of(chunks: Sequence[Chunk], form: Form, language: Language, connection: Connection) -> str:
    """Name a guide of these passages by this model."""
    return key_of(connection, PART[form][language], [_said(chunk) for chunk in chunks])


def key_of(connection: Connection, instruction: str, texts: Sequence[str]) -> str:
    """Name a call by everything that decides its answer, apart from the fence, which is new each time."""
    whole = "\0".join([connection.model.provider, connection.model.name, instruction, *texts])
    return hashlib.sha256(whole.encode()).hexdigest()


def call(instruction: str, matches: Sequence[Match], language: Language, connection: Connection, fence: str) -> Draft:
    """Write the messages for some passages and count them; the instruction stands where a question would."""
    findings = Findings(tuple(matches), relevant=True)
    asked = Asked(
        question=instruction,
        language=language,
        context="",
        found=tuple(matches),
        relevant=True,
        fence=fence,
        findings=findings,
        language_chosen=True,
    )
    return write(asked, (), connection)


def as_match(number: int, title: str, text: str) -> Match:
    """Let a part stand as a passage of the overview's prompt."""
    lines = (1, text.count("\n") + 1)
    piece = Piece(text, (), None, lines, (0, len(text)), 0)
    return Match(Chunk(-number, 0, "", title, "markdown", piece), 1.0, CITED)


def shortened(text: str, tokens: int, connection: Connection) -> str:
    """Cut a text to a share of the window, if possible at the end of a line."""
    while text and connection.counter.text(text) > tokens:
        kept = text[: max(0, len(text) * 3 // 4)]
        text = kept[: kept.rfind("\n")] if kept.rfind("\n") > len(kept) // 2 else kept
    return text


def title_of(matches: Sequence[Match]) -> str:
    """Name a part by its notes, and by its first and last heading where it is a piece of one note."""
    titles = list(dict.fromkeys(match.chunk.title for match in matches))
    if len(titles) > 3:
        return f"{' · '.join(titles[:2])} … {titles[-1]}"
    headings = list(dict.fromkeys(match.chunk.piece.heading[0] for match in matches if match.chunk.piece.heading))
    if len(titles) == 1 and headings:
        return f"{titles[0]} › {headings[0]}" + (f" – {headings[-1]}" if len(headings) > 1 else "")
    return " · ".join(titles)


def _said(chunk: Chunk) -> str:
    return f"{chunk.title}\n{chunk.place}\n{chunk.piece.lead}\n{chunk.text}"
