"""The passages of an answer: what a marker says of them, the cited ones by name, and the others that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from assistant.answers.conversations import SavedTurn
from assistant.language.sentences import unfolded
from assistant.language.stretch import stretch_of
from assistant.ui.citation_links import MarkerClick, Remark
from assistant.ui.note_text import place_in
from assistant.ui.render import plain, visible
from assistant.ui.session import OpenPassage, say, show_passage

_LONGEST_QUOTE = 240
_SHOWN_QUOTES = 3


def passage_of(turn: SavedTurn, number: int, occurrence: int | None = None) -> OpenPassage | None:
    """Return the passage behind marker ``number`` of an answer, with what the answer says at this occurrence or at all."""
    matches = turn.record.get("matches", [])
    if not 1 <= number <= len(matches):
        return None
    claims = _claims(turn, number)
    if occurrence is not None and occurrence < len(claims):
        claims = claims[occurrence : occurrence + 1]
    return _passage(matches[number - 1], claims)


def _passage(match: Mapping[str, Any], claims: Sequence[str] = ()) -> OpenPassage:
    return OpenPassage(
        note=match["note"],
        title=match["title"],
        heading=tuple(match["heading"]),
        page=match["page"],
        lines=(match["lines"][0], match["lines"][1]),
        chars=(match["chars"][0], match["chars"][1]),
        text=match["text"],
        kind=match.get("kind", ""),
        claims=tuple(dict.fromkeys(claims)),
        also=tuple(dict.fromkeys(copy["note"] for copy in match.get("also") or ())),
    )


def clicked_passage(turns: Sequence[SavedTurn], click: MarkerClick) -> OpenPassage | None:
    """Return the passage that a click on a marker asks for."""
    turn = next((turn for turn in turns if str(turn.id) == click.answer), None)
    return passage_of(turn, click.number, click.occurrence) if turn else None


def remarks_of(turns: Sequence[SavedTurn]) -> dict[str, Remark]:
    """Return what each marker of these answers says under the pointer: where its passage stands, and the words."""
    return {f"{turn.id}-{number}": _remark(turn, number) for turn in turns for number in _cited(turn)}


def draw_sources(turn: SavedTurn) -> None:
    """Draw a chip for each cited passage in the order of their numbers, and below them, folded, what else was found."""
    matches = turn.record.get("matches", [])
    cited = _cited(turn)
    others = [number for number in range(1, len(matches) + 1) if number not in cited]
    labels = _labels(matches)
    if cited:
        with st.container(horizontal=True, key=f"sources-{turn.id}"):
            for number in cited:
                _chip(turn, number, labels[number - 1])
    if others:
        with st.expander(say("sources.others", count=len(others)), key=f"others-{turn.id}"):
            st.caption(say("sources.scale"))
            with st.container(horizontal=True, key=f"sources-others-{turn.id}"):
                for number in others:
                    _chip(turn, number, labels[number - 1], f"{matches[number - 1]['score']:.2f}")


def draw_nearest(turn: SavedTurn) -> None:
    """Offer the passages that came nearest, folded, where the answer does not come from them."""
    nearest = turn.record.get("nearest") or []
    if not nearest or not turn.answer:
        return
    labels = _labels(nearest)
    with st.expander(say("chat.nearest", count=len(nearest)), key=f"nearest-{turn.id}"):
        for number, match in enumerate(nearest):
            if st.button(plain(labels[number]), key=f"nearest-{turn.id}-{number}", type="tertiary"):
                show_passage(_passage(match))
                st.rerun()


def _chip(turn: SavedTurn, number: int, label: str, score: str = "") -> None:
    written = f"{plain(label)}  **{score}**" if score else f"[{number}] {plain(label)}"
    if st.button(written, key=f"source-{turn.id}-{number}"):
        show_passage(passage_of(turn, number))
        st.rerun()


def _labels(matches: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name each passage by title and heading or page; passages under one heading are told apart by their lines."""
    short = [_label(match) for match in matches]
    return [
        label if short.count(label) == 1 else f"{label} · {_lines(match)}"
        for label, match in zip(short, matches, strict=True)
    ]


def _label(match: Mapping[str, Any]) -> str:
    page, kind = match["page"], match.get("kind", "")
    heading = match["heading"][-1:] if page is None else [place_in(kind, page, (0, 0))]
    return " › ".join(part for part in (match["title"], *heading) if part)


def _lines(match: Mapping[str, Any]) -> str:
    first, last = match["lines"]
    return say("passage.line", first=first) if first == last else say("passage.lines", first=first, last=last)


def _cited(turn: SavedTurn) -> list[int]:
    markers = {citation["marker"] for citation in turn.record.get("citations", [])}
    return sorted(markers & set(range(1, len(turn.record.get("matches", [])) + 1)))


def _claims(turn: SavedTurn, number: int) -> list[str]:
    return [citation["quote"] for citation in turn.record.get("citations", []) if citation["marker"] == number]


def _remark(turn: SavedTurn, number: int) -> Remark:
    match = turn.record["matches"][number - 1]
    # One for each time the marker stands in the answer, where the counts agree: the browser knows which one it is.
    said = [_said(match["text"], claim) for claim in _claims(turn, number)]
    where = say("sources.marker", number=number, place=visible(_label(match)))
    return {"where": where, "said": said, "together": list(dict.fromkeys(said))[:_SHOWN_QUOTES]}


def _said(text: str, claim: str) -> str:
    """Return the passage's own words for a claim, and say whether they are those of the answer."""
    found = stretch_of(text, claim)
    words = " ".join(unfolded(visible(text[found.start : found.end] if found else text)).split())
    words = words if len(words) <= _LONGEST_QUOTE else words[:_LONGEST_QUOTE] + "…"
    if found is None:
        return say("sources.begins", words=words)
    return say("sources.quote", words=words) if found.verbatim else say("sources.closest", words=words)
