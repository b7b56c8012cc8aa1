"""The sidebar's list of chats: a new one, the earlier ones, and what can be done to the open one."""

from __future__ import annotations

import streamlit as st

from assistant.answers.conversations import Conversation
from assistant.ui.render import plain
from assistant.ui.session import assistant, conversation, open_conversation, say

SHOWN = 50


def draw_conversation_list() -> None:
    """Draw the list; choosing a chat opens it."""
    saved = assistant().conversations.all()
    with st.sidebar:
        if st.button(say("chat.new"), key="new-chat", icon="➕", width="stretch"):
            open_conversation(None)
            st.rerun()
        st.caption(say("chat.conversations") if saved else say("chat.none_yet"))
        with st.container(key="conversations", gap=None):
            for chat in saved[:SHOWN]:
                _entry(chat)


def _entry(chat: Conversation) -> None:
    is_open = chat.id == conversation()
    title, options = st.columns([6, 1], gap=None, vertical_alignment="center") if is_open else (st.container(), None)
    if title.button(
        plain(chat.title), key=f"chat-{chat.id}", type="secondary" if is_open else "tertiary", width="stretch"
    ):
        open_conversation(chat.id)
        st.rerun()
    if options:
        with options.popover("⋯", help=say("chat.options")):
            _options(chat)


def _options(chat: Conversation) -> None:
    title = st.text_input(say("chat.title_label"), chat.title, key=f"title-{chat.id}")
    renamed = st.button(say("chat.rename"), key=f"rename-{chat.id}")  # Enter in the field comes back changed, too
    if title.strip() and (renamed or title != chat.title):
        assistant().conversations.rename(chat.id, title)
        st.rerun()
    st.caption(say("chat.delete_sure"))
    if st.button(say("chat.delete"), key=f"delete-{chat.id}", icon="🗑️"):
        assistant().conversations.delete(chat.id)
        open_conversation(None)
        st.rerun()
