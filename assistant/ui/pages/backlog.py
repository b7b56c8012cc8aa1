"""待研究: what the notes leave open, each item to be asked, explained or settled."""

from collections import Counter

import streamlit as st

from assistant.study.backlog import Backlog
from assistant.ui import panels
from assistant.ui.backlog_view import draw_items, kind_name
from assistant.ui.session import assistant, say
from assistant.ui.study_view import beside_passage

PER_PAGE = 20

with panels.errors(), beside_passage():
    st.header(say("app.backlog"))
    panels.notices()
    st.caption(say("study.backlog_intro"))
    done = st.toggle(say("study.show_done"), key="backlog-done")
    items = Backlog(assistant().store).items("done" if done else "open")
    kinds = Counter(item.point.kind for item in items)
    chosen = st.pills(
        say("study.kinds"),
        list(kinds),
        selection_mode="multi",
        format_func=lambda kind: f"{kind_name(kind)} {kinds[kind]}",
        key="backlog-kinds",
    )
    items = [item for item in items if not chosen or item.point.kind in chosen]
    if not items:
        st.info(say("study.backlog_empty"), icon="🌱")
    page = 1
    if len(items) > PER_PAGE:
        page = st.pagination(-(-len(items) // PER_PAGE), key="backlog-page") or 1
    draw_items(items[(page - 1) * PER_PAGE : page * PER_PAGE])
