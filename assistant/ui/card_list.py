"""Lists of cards: the new ones to look over, and the deck. A page of a list at a time, so that ten thousand cost what twenty do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from assistant.study.card import Card
from assistant.ui.card_face import draw_back, draw_front, draw_stale, passage_button
from assistant.ui.card_form import draw_form, edit_button
from assistant.ui.render import plain
from assistant.ui.session import assistant, language, now, recall, remember, say, set_widget, widget_value

PAGE = 20
_ONLY = ("", "stale", "leech", "suspended")


def draw_new() -> None:
    """Draw the new cards with what can be done to each, and to those that are ticked, and to all."""
    cards, count = _page("new", lambda start: assistant().cards.find(accepted=False, limit=PAGE, start=start))
    if not count:
        return
    st.subheader(say("cards.new", count=count))
    st.caption(say("cards.new_about"))
    ids = [card.id for card in cards]
    ticked = [id_ for id_ in ids if widget_value(_tick(id_))]
    with st.container(horizontal=True, key="new-cards-actions"):
        st.button(
            say("cards.accept_page", count=len(ids)), key="accept-page", type="primary", on_click=_accept, args=(ids,)
        )
        st.button(say("cards.accept_all", count=count), key="accept-all", on_click=_accept_all)
        st.button(
            say("cards.merge"),
            key="merge",
            disabled=len(ticked) < 2,
            on_click=_merge,
            args=(ticked,),
            help=say("cards.merge_help"),
        )
        st.button(say("cards.drop_ticked"), key="drop-ticked", disabled=not ticked, on_click=_drop, args=(ticked,))
    for card in cards:
        _new(card)
    _pager("new", count)


def _new(card: Card) -> None:
    key = f"new-{card.id}"
    with st.container(border=True, key=key):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.checkbox(say("cards.tick"), key=_tick(card.id), label_visibility="collapsed")
            st.button(
                say("cards.accept"),
                key=f"accept-{card.id}",
                icon="✅",
                type="tertiary",
                on_click=_accept,
                args=([card.id],),
            )
            edit_button(card, key)
            st.button(
                say("cards.drop"), key=f"drop-{card.id}", icon="🗑️", type="tertiary", on_click=_drop, args=([card.id],)
            )
            st.caption(say(f"cards.origin_{card.origin}"), width="content")
            passage_button(card, f"passage-{card.id}")
        draw_front(card)
        st.divider()
        draw_back(card)
        draw_form(card, key)


def draw_deck() -> None:
    """Draw the cards of the deck, by words and by what is wrong with them."""
    total = assistant().cards.find(limit=1)[1]
    st.subheader(say("cards.deck", count=total))
    if not total:
        st.caption(say("cards.deck_empty"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(say("cards.search"), key="card-search", icon="🔎")
        only = st.pills(
            say("cards.show"),
            _ONLY,
            default="",
            format_func=lambda one: say(f"cards.only_{one or 'all'}"),
            key="card-only",
        )
    cards, count = _page(
        f"deck {words} {only}",
        lambda start: assistant().cards.find(words, only=only or "", limit=PAGE, start=start),
    )
    if not cards:
        st.caption(say("cards.no_match"))
    for card in cards:
        _kept(card)
    _pager(f"deck {words} {only}", count)


def _kept(card: Card) -> None:
    """Draw a card folded to one line; opened it has everything that can be done with it."""
    signs = "".join(
        sign for sign, is_so in (("🕰️", card.stale is not None), ("🩸", card.leech), ("⏸️", card.suspended)) if is_so
    )
    title = " ".join(card.front.split())[:90]
    key = f"card-{card.id}"
    with st.expander(f"{signs} {plain(title)} · {_when(card)}", key=key):
        draw_front(card)
        st.divider()
        draw_back(card)
        with st.container(horizontal=True):
            edit_button(card, key)
            label = say("cards.resume") if card.suspended else say("review.suspend")
            st.button(
                label, key=f"suspend-{card.id}", icon="⏸️", type="tertiary",
                on_click=assistant().cards.suspend, args=(card.id, not card.suspended),
            )  # fmt: skip
            st.button(
                say("cards.drop"), key=f"drop-{card.id}", icon="🗑️", type="tertiary", on_click=_drop, args=([card.id],)
            )
            passage_button(card, f"passage-{card.id}")
        draw_form(card, key)
        draw_stale(card, key)


def _when(card: Card) -> str:
    if card.memory.state == "new":
        return say("cards.not_begun")
    due = card.memory.due.astimezone(now().tzinfo)
    return say("cards.due", day=due.strftime("%Y-%m-%d" if language() == "zh" else "%d %b %Y"))


def _page(name: str, find: Callable[[int], tuple[list[Card], int]]) -> tuple[list[Card], int]:
    """Return the open page of a list; one that has become shorter shows its last page."""
    start = int(recall(f"page of {name}") or 0)
    cards, count = find(start)
    if not cards and start:
        start = max(0, (count - 1) // PAGE * PAGE)
        remember(f"page of {name}", start)
        cards, count = find(start)
    return cards, count


def _pager(name: str, count: int) -> None:
    if count <= PAGE:
        return
    start = int(recall(f"page of {name}") or 0)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center"):
        for sign, to in (("‹", start - PAGE), ("›", start + PAGE)):
            if to > start:
                st.markdown(f"{start + 1}–{min(count, start + PAGE)} / {count}", width="content")
            st.button(
                sign, key=f"pager-{name[:4]}-{sign}", type="tertiary", disabled=not 0 <= to < count,
                on_click=remember, args=(f"page of {name}", to),
            )  # fmt: skip


def _tick(id_: int) -> str:
    return f"tick-{id_}"


def _accept(ids: Sequence[int]) -> None:
    assistant().cards.accept(ids)


def _accept_all() -> None:
    app = assistant()
    cards, _ = app.cards.find(accepted=False, limit=100_000)
    app.cards.accept([card.id for card in cards])


def _merge(ids: Sequence[int]) -> None:
    merged = assistant().cards.merge(ids)
    set_widget(_tick(merged.id), False)


def _drop(ids: Sequence[int]) -> None:
    assistant().cards.drop(ids)
