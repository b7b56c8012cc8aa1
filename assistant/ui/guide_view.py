"""A guide as it is read: the parts with the passages that they cite, finished or not; and the mind map."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from assistant.errors import Language
from assistant.knowledge.stored import Stored
from assistant.study.guide import Guide, Written, as_markdown
from assistant.study.mind_map import about, as_outline, dot, mind_map, svg
from assistant.study.outline import outline
from assistant.ui.picture_button import picture_button
from assistant.ui.render import draw, plain
from assistant.ui.session import assistant, language, say
from assistant.ui.study_view import draw_cited, follow_markers, source_chips


def draw_guide(guide: Guide, spoken: Language, tools: Callable[[], None] = lambda: None) -> None:
    """Draw overview and parts, below each part the passages that it cites; ``tools`` draws what else can be done with it."""
    if not guide.parts:
        st.info(say("study.guide_empty"), icon="🌱")
        return
    with st.container(horizontal=True, key="guide-tools"):
        st.download_button(
            say("study.export_md"), as_markdown(guide, spoken), "guide.md", "text/markdown", icon="⬇️", on_click="ignore"
        )
        tools()
    if guide.overview:
        st.subheader(say("study.overview"))
        draw(guide.overview, language=language())
        st.caption(say("study.overview_markers"))
    draw_parts(guide.parts)


def draw_parts(parts: Sequence[Written]) -> None:
    """Draw parts by their numbers; once per page, because it listens to their markers."""
    for part in parts:
        st.subheader(f"{part.number}. {plain(part.title)}")
        draw_cited(part.text, part.citations, f"part{part.number}")
        with st.expander(say("study.sources", count=len({one.marker for one in part.citations}))):
            source_chips(part.citations, key=f"guide-{part.number}")
    follow_markers({f"part{part.number}": part.citations for part in parts})


def draw_map(notes: Sequence[Stored]) -> None:
    """Draw the headings of the notes as a tree, all of them or what leads to a topic, and offer it as files."""
    topic = st.text_input(say("study.map_topic"), key="map-topic").strip()
    trees = [outline(note.title, assistant().store.note_text(note.place.path)[2]) for note in notes]
    tree = mind_map(trees, say("study.map_root"))
    if topic:
        tree = about(tree, topic)
    if not tree.children:
        st.info(say("study.map_empty"), icon="🌱")
        return
    with st.container(key="mind-map"):  # what is wider than the screen scrolls: shrunk, it could not be read
        st.graphviz_chart(dot(tree), width="content")
    with st.expander(say("study.map_in_words")):
        draw(as_outline(tree), language=language())
    drawing = svg(tree)
    with st.container(horizontal=True):
        picture_button(drawing, "map.png", key="map-png")
        st.download_button(say("study.export_svg"), drawing, "map.svg", "image/svg+xml", icon="⬇️", on_click="ignore")
        st.download_button(
            say("study.export_map"), as_outline(tree), "map.md", "text/markdown", icon="⬇️", on_click="ignore"
        )
