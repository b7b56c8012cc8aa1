"""The sidebar's list of chats: a new one, the earlier ones found or by age, and what can be done to the open one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Literal

import streamlit as st

from assistant.answers.conversation_search import Hit
from assistant.answers.conversations import Conversation
from assistant.ui.conversation_files import draw_export, draw_import
from assistant.ui.conversation_trash import draw_trash, draw_undo, throw_away
from assistant.ui.render import plain
from assistant.ui.session import assistant, conversation, open_conversation, recall, remember, say, widget_value

SHOWN, MORE = 30, 50
Age = Literal["pinned", "today", "week", "older"]


def draw_conversation_list() -> None:
    """Draw the list; choosing a chat opens it. Only what is shown is asked of the database."""
    app = assistant()
    shown = recall("chats shown") or SHOWN
    with st.sidebar:
        if st.button(say("chat.new"), key="new-chat", icon="➕", width="stretch"):
            open_conversation(None)
            st.rerun()
        count, _ = app.conversations.counts()
        draw_undo()
        if not count:
            st.caption(say("chat.none_yet"))
        elif not _draw_search():
            with st.container(key="conversations", gap=None):
                for age, chats in groupby(app.conversations.all(shown), lambda chat: age_of(chat, datetime.now(UTC))):
                    st.caption(say(f"chats.age_{age}"))
                    for chat in chats:
                        _entry(chat)
                if count > shown and st.button(
                    say("chats.more", count=count - shown), key="more-chats", width="stretch"
                ):
                    remember("chats shown", shown + MORE)
                    st.rerun()
        draw_import()
        draw_trash()


def age_of(chat: Conversation, now: datetime) -> Age:
    """Say in which group of the list a chat stands, by the calendar of this machine."""
    if chat.pinned:
        return "pinned"
    today = now.astimezone().date()
    used = datetime.fromisoformat(chat.updated_at).astimezone().date()
    if used >= today:
        return "today"
    return "week" if used > today - timedelta(days=7) else "older"


def _draw_search() -> bool:
    """Draw the search field, and what it found in place of the list; False while nothing is sought."""
    sought = st.text_input(
        say("chats.search"), key="chat-search", placeholder=say("chats.search"), label_visibility="collapsed"
    ).strip()
    if not sought:
        return False
    hits = assistant().conversation_search.find(sought)
    if not hits:
        st.caption(say("chats.no_hit", text=plain(sought)))
    with st.container(key="found-conversations", gap=None):
        for hit in hits:
            if st.button(plain(hit.title), key=f"hit-{hit.conversation}", type="tertiary", width="stretch"):
                _open_at(hit)
                st.rerun()
            if hit.turn is not None:
                st.caption(context_of(hit))
    return True


def context_of(hit: Hit) -> str:
    """Write the text around a hit, the hit itself marked."""
    before, found, after = plain(hit.before), plain(hit.found), plain(hit.after)
    left = " " if hit.before[-1:].isspace() else ""
    right = " " if hit.after[:1].isspace() else ""
    return f"{before}{left}:orange-background[{found}]{right}{after}" if found else before + after


def _open_at(hit: Hit) -> None:
    """Open a chat on the branch in which something was found, unless something is on its way on another one."""
    app = assistant()
    if hit.turn is not None and not app.turns.of(hit.conversation) and not app.drafts.of(hit.conversation):
        app.conversations.show(hit.conversation, hit.turn)
    open_conversation(hit.conversation)


def _entry(chat: Conversation) -> None:
    """Draw one chat; the open one can be renamed in its place, and has its options beside it."""
    if chat.id != conversation():
        _title(chat, "tertiary")
        return
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", key="open-chat"):
        renaming = recall("renaming") == chat.id
        if renaming:
            st.text_input(
                say("chat.title_label"),
                chat.title,
                key=f"title-{chat.id}",
                label_visibility="collapsed",
                on_change=_rename,
                args=(chat.id,),
            )
        else:
            _title(chat, "secondary")
        # A popover closes only where another one takes its place: above the field, and above the group it left, it is in the way.
        stage = f"{'renaming' if renaming else 'named'}-{'pinned' if chat.pinned else 'loose'}"
        with st.popover("⋯", help=say("chat.options"), key=f"options-{chat.id}-{stage}"):
            _options(chat)


def _title(chat: Conversation, look: Literal["secondary", "tertiary"]) -> None:
    if st.button(plain(chat.title), key=f"chat-{chat.id}", type=look, width="stretch"):
        open_conversation(chat.id)
        st.rerun()


def _options(chat: Conversation) -> None:
    if st.button(
        say("chats.unpin") if chat.pinned else say("chats.pin"), key=f"pin-{chat.id}", icon="📌", width="stretch"
    ):
        assistant().conversations.pin(chat.id, not chat.pinned)
        st.rerun()
    if st.button(say("chat.rename"), key=f"rename-{chat.id}", icon="✏️", width="stretch"):
        remember("renaming", chat.id)
        st.rerun()
    draw_export(chat)
    if st.button(say("chat.delete"), key=f"delete-{chat.id}", icon="🗑️", width="stretch", help=say("chats.delete_help")):
        throw_away(chat)
        st.rerun()


def _rename(id_: str) -> None:
    remember("renaming", None)
    assistant().conversations.rename(id_, str(widget_value(f"title-{id_}")))
