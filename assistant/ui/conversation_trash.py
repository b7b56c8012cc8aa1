"""The trash of chats: thrown away with a way back, restored, deleted for good."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from assistant.answers.conversations import TRASH_DAYS, Conversation
from assistant.ui.draft_view import give_up
from assistant.ui.render import plain
from assistant.ui.session import assistant, conversation, open_conversation, recall, remember, say

SHOWN = 20


def throw_away(chat: Conversation) -> None:
    """Put a chat into the trash; what it still waited for is stopped, since nobody would see it."""
    app = assistant()
    running, waiting = app.turns.of(chat.id), app.drafts.take(chat.id)
    if running:
        running.cancel()
    if waiting:
        give_up(waiting[0])
    app.conversations.trash(chat.id, datetime.now(UTC))
    remember("thrown away", chat)
    if conversation() == chat.id:
        open_conversation(None)


def draw_undo() -> None:
    """Offer the way back for the chat that was thrown away last, until it is gone or back."""
    chat: Conversation | None = recall("thrown away")
    if chat is None or chat.id not in {one.id for one in assistant().conversations.trashed()}:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="undo"):
        st.caption(say("chats.thrown_away", title=plain(chat.title)), width="stretch")
        if st.button(say("chats.undo"), key="undo-delete", icon="↩️"):
            _restore(chat.id)


def draw_trash() -> None:
    """Draw the trash, closed at first: each chat with the way back and the way out, and all of them at once."""
    _, count = assistant().conversations.counts()
    if not count:
        return
    is_open = bool(recall("trash open"))
    st.button(
        say("chats.trash", count=count),
        key="trash",
        icon="🗑️",
        type="tertiary",
        on_click=remember,
        args=("trash open", not is_open),
    )
    if not is_open:
        return
    st.caption(say("chats.trash_about", days=TRASH_DAYS))
    with st.container(border=True, key="trashed"):
        for chat in assistant().conversations.trashed()[:SHOWN]:
            _trashed(chat)
        if count > SHOWN:
            st.caption(say("chats.more", count=count - SHOWN))
        if st.button(say("chats.empty"), key="empty-trash", width="stretch"):
            remember("sure", "all")
        if recall("sure") == "all" and st.button(say("chats.empty_yes", count=count), key="empty-yes", type="primary"):
            assistant().database.backups.make("trash")
            _delete(*assistant().conversations.trashed())


def _trashed(chat: Conversation) -> None:
    st.markdown(plain(chat.title))
    with st.container(horizontal=True):
        if st.button(say("chats.restore"), key=f"restore-{chat.id}", type="tertiary", icon="↩️"):
            _restore(chat.id)
        if st.button(say("chats.delete_now"), key=f"now-{chat.id}", type="tertiary", icon="❌"):
            remember("sure", chat.id)
    if recall("sure") == chat.id and st.button(say("chats.delete_yes"), key=f"yes-{chat.id}", type="primary"):
        _delete(chat)


def _restore(id_: str) -> None:
    assistant().conversations.restore(id_)
    open_conversation(id_)
    st.rerun()


def _delete(*chats: Conversation) -> None:
    for chat in chats:
        assistant().conversations.delete(chat.id)
    remember("sure", None)
    st.rerun()
