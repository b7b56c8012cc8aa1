"""A guide as it is planned and as it is read: the price of all calls first, then the parts with their passages; and the mind map."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.errors import Language
from assistant.knowledge.stored import Stored
from assistant.study.guide import Guide, as_markdown, carry_out
from assistant.study.guide_parts import GuideParts
from assistant.study.guide_plan import Plan
from assistant.study.mind_map import about, as_outline, dot, mind_map, svg
from assistant.study.outline import outline
from assistant.ui.money_text import cost_range
from assistant.ui.picture_button import picture_button
from assistant.ui.render import draw, plain
from assistant.ui.session import assistant, language, say
from assistant.ui.study_view import draw_cited, follow_markers, source_chips, warn_of_budgets


def draw_plan(made: Plan, known: GuideParts) -> Guide | None:
    """Say what the guide will take, and write it on a click; what is finished already or costs nothing is there at once."""
    calls = made.calls(known)
    if calls:
        cost = made.cost(known)
        price = cost_range(cost, local=made.connection.entry.local)
        kept = len(made.parts) - len(made.pending)
        st.markdown(say("study.guide_price", calls=calls, price=plain(price)))
        if kept:
            st.caption(say("study.guide_resumes", count=kept))
        warn_of_budgets(cost)
        if not st.button(say("study.write_guide"), key="write-guide", type="primary"):
            return None
    bar = st.progress(0.0, say("study.writing"))

    def show(done: int, total: int) -> None:
        bar.progress(done / total if total else 1.0, say("study.writing"))

    guide = carry_out(made, assistant().ledger, known, show)
    bar.empty()
    return guide


def draw_guide(guide: Guide, spoken: Language) -> None:
    """Draw overview and parts, below each part the passages that it cites."""
    if not guide.parts:
        st.info(say("study.guide_empty"), icon="🌱")
        return
    st.download_button(
        say("study.export_md"), as_markdown(guide, spoken), "guide.md", "text/markdown", icon="⬇️", on_click="ignore"
    )
    if guide.overview:
        st.subheader(say("study.overview"))
        draw(guide.overview, language=language())
        st.caption(say("study.overview_markers"))
    for number, part in enumerate(guide.parts, start=1):
        st.subheader(f"{number}. {plain(part.title)}")
        draw_cited(part.text, part.citations, f"part{number}")
        with st.expander(say("study.sources", count=len({one.marker for one in part.citations}))):
            source_chips(part.citations, key=f"guide-{number}")
    follow_markers({f"part{number}": part.citations for number, part in enumerate(guide.parts, start=1)})


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
