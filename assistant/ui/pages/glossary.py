"""术语: what the notes define, searched, merged, and where notes differ side by side."""

from itertools import groupby

import streamlit as st

from assistant.language.folding import fold
from assistant.study.glossary import Term, glossary, glossary_csv
from assistant.ui import panels
from assistant.ui.render import draw, plain
from assistant.ui.session import assistant, language, say
from assistant.ui.study_view import beside_passage, passage_link

PER_PAGE = 25
SHOWN_PLACES, SIDE_BY_SIDE = 4, 2


def matches(term: Term, wanted: str) -> bool:
    """Tell whether a term is looked for by a part of its names or its definition."""
    name = term.name
    return not wanted or wanted in fold(f"{name.zh}\n{name.en}\n{name.abbreviation}\n{term.definition}").text


def draw_term(group: list[Term], number: int) -> None:
    """Draw a term once, with each definition and the places that say it so."""
    name = group[0].name
    with st.container(border=True):
        st.markdown(f"**{plain(' · '.join(filter(None, (name.zh, name.en, name.abbreviation))))}**")
        if len(group) > 1:
            st.caption("⚖️ " + say("study.differs", count=len(group)))
        for pair in range(0, len(group), SIDE_BY_SIDE):
            beside = group[pair : pair + SIDE_BY_SIDE]
            for place, column in enumerate(st.columns(SIDE_BY_SIDE if len(group) > 1 else 1)[: len(beside)]):
                with column:
                    draw_saying(beside[place], f"term-{number}-{pair + place}")


def draw_saying(term: Term, key: str) -> None:
    """Draw one definition, and where the notes say it."""
    if term.definition:
        draw(term.definition, language=language())
    for number, where in enumerate(term.places[:SHOWN_PLACES]):
        passage_link(where.note, where.lines, key=f"{key}-{number}")
    if len(term.places) > SHOWN_PLACES:
        st.caption(say("study.more_places", count=len(term.places) - SHOWN_PLACES))


with panels.errors(), beside_passage():
    st.header(say("app.glossary"))
    st.caption(say("study.glossary_intro"))
    wanted = fold(st.text_input(say("study.search_terms"), key="glossary-search", icon="🔎")).text
    only = st.toggle(say("study.only_differing"), key="glossary-differing", help=say("study.differing_is"))
    terms = glossary(assistant().store)
    groups = [list(group) for _, group in groupby(terms, key=lambda term: term.name)]
    groups = [
        group for group in groups if any(matches(term, wanted) for term in group) and (group[0].differs or not only)
    ]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(say("study.term_count", count=len(groups)), width="content")
        st.download_button(
            say("study.export_csv"),
            lambda: glossary_csv(term for group in groups for term in group),
            "glossary.csv",
            "text/csv",
            icon="⬇️",
            disabled=not groups,
            on_click="ignore",
        )
    if not groups:
        st.info(say("study.no_such_term" if terms else "study.glossary_empty"), icon="🌱")
    page = 1
    if len(groups) > PER_PAGE:
        page = st.pagination(-(-len(groups) // PER_PAGE), key="glossary-page") or 1
    for number, group in enumerate(groups[(page - 1) * PER_PAGE : page * PER_PAGE]):
        draw_term(group, number)
