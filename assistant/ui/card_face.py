"""A card as it is drawn everywhere: its sides as the note is drawn, its origin, and the way to its passage."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from assistant.errors import NotFound
from assistant.study.card import GAP, Card, Source
from assistant.ui.passage_panel import images_of
from assistant.ui.render import draw, plain
from assistant.ui.session import OpenPassage, assistant, language, say, show_passage

Images = Callable[[str], str | None] | None
_SHOWN_GAP = "**［…］**"  # square brackets would be read as a link


def draw_front(card: Card) -> None:
    """Draw the question."""
    with st.container(key=f"card-front-{card.id}"):
        draw(card.front.replace(GAP, _SHOWN_GAP, 1), images=_images(card.source), language=language())


def draw_back(card: Card) -> None:
    """Draw the answer; for a cloze card the whole sentence."""
    draw(card.whole, images=_images(card.source), language=language())


def place_of(source: Source) -> str:
    """Say in short where a card comes from."""
    return " › ".join([source.note, *source.heading[-1:]])


def passage_button(card: Card, key: str) -> None:
    """Offer the passage that a card rests on, one click away."""
    if card.source is not None:
        st.button(plain(place_of(card.source)), key=key, icon="📄", type="tertiary", on_click=_open, args=(card,))


def draw_stale(card: Card, key: str) -> None:
    """Where the passage changed since the card was made, show both side by side and ask whether the card still holds."""
    if card.stale is None or card.source is None:
        return
    st.warning(say("cards.stale") if card.stale else say("cards.stale_gone"), icon="🕰️")
    before, after = st.columns(2)
    for column, label, text in (
        (before, say("cards.before"), card.source.passage),
        (after, say("cards.after"), card.stale),
    ):
        with column:
            st.caption(label)
            if text:
                draw(text, images=_images(card.source), language=language())
            else:
                st.caption("—")
    st.button(say("cards.still_right"), key=f"fresh-{key}", icon="✅", on_click=_still_right, args=(card,))


def _still_right(card: Card) -> None:
    source = card.source
    if source is not None:
        passage = card.stale or source.passage
        assistant().cards.look_over(card.id, Source(source.note, source.heading, source.lines, passage))


def _open(card: Card) -> None:
    source = card.source
    if source is None:
        return
    text = card.stale or source.passage
    title = source.heading[-1] if source.heading else source.note
    show_passage(OpenPassage(source.note, title, source.heading, None, source.lines, (0, 0), text))


def _images(source: Source | None) -> Images:
    """Find the pictures of the note that a card comes from; a note that is gone has none."""
    if source is None:
        return None
    try:
        root, file, _, _ = assistant().store.note_text(source.note)
    except NotFound:
        return None
    return images_of(root, file)
