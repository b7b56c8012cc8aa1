"""Chats as files: saved as Markdown, HTML or JSON, and read back in from JSON."""

from __future__ import annotations

from functools import partial

import streamlit as st

from assistant.answers.conversations import Conversation
from assistant.answers.export import as_json, as_markdown
from assistant.answers.export_html import as_html
from assistant.answers.importing import import_conversation
from assistant.answers.note_file import note_name
from assistant.ui import panels
from assistant.ui.render import plain
from assistant.ui.session import add_notice, assistant, language, open_conversation, recall, remember, say
from assistant.ui.uploaded import content_of

_KINDS = {"md": "text/markdown", "html": "text/html", "json": "application/json"}
_NAMES = {"md": "Markdown", "html": "HTML", "json": "JSON"}


def draw_export(chat: Conversation) -> None:
    """Offer the open chat as a file of each kind, written only when it is asked for."""
    st.caption(say("chats.export"))
    with st.container(horizontal=True, gap="small"):
        for kind, mime in _KINDS.items():
            st.download_button(
                _NAMES[kind],
                partial(_written, chat, kind),
                f"{note_name(chat.title) or 'chat'}.{kind}",
                mime,
                key=f"export-{chat.id}-{kind}",
                on_click="ignore",
            )


def _written(chat: Conversation, kind: str) -> bytes:
    saved = assistant().conversations
    if kind == "json":
        return as_json(chat, saved.every_turn(chat.id), saved.last_turn(chat.id)).encode("utf-8")
    write = as_html if kind == "html" else as_markdown
    return write(chat, saved.turns(chat.id), language()).encode("utf-8")


def draw_import() -> None:
    """Take a chat that was exported as JSON, and open it; one that is here already is opened as it is."""
    is_open = bool(recall("import open"))
    st.button(
        say("chats.import"),
        key="import",
        icon="📥",
        type="tertiary",
        on_click=remember,
        args=("import open", not is_open),
    )
    if not is_open:
        return
    file = st.file_uploader(say("chats.import_file"), type=["json"], key=f"import-{recall('imports') or 0}")
    if file is None:
        return
    with panels.errors():
        done = import_conversation(content_of(file), assistant().conversations)
        words = {"title": plain(done.title), "turns": done.turns}
        add_notice("success", say("chats.imported", **words) if done.new else say("chats.known", **words))
        remember("imports", (recall("imports") or 0) + 1)
        remember("import open", False)
        open_conversation(done.conversation)
        st.rerun()
