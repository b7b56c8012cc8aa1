"""导读: a study guide, a summary or a mind map of chosen notes."""

import streamlit as st

from assistant.language.tongue import language_of
from assistant.ui import panels
from assistant.ui.guide_making import choose_again, draw_other_job, draw_planned, keep_choice, under_way
from assistant.ui.guide_view import draw_map
from assistant.ui.render import visible
from assistant.ui.session import assistant, say
from assistant.ui.study_view import beside_passage

with panels.errors(), beside_passage():
    st.header(say("app.guide"))
    st.caption(say("study.guide_intro"))
    panels.notices()
    notes = {note.place.path: note for note in assistant().store.notes() if note.chunks}
    choose_again(notes)
    chosen = st.multiselect(
        say("study.choose_notes"),
        list(notes),
        format_func=lambda path: visible(notes[path].title),
        key="guide-notes",
        placeholder=say("scope.choose"),
    )
    form = st.segmented_control(
        say("study.form"),
        ["guide", "summary", "map"],
        format_func=lambda name: say(f"study.form_{name}"),
        key="guide-form",
    )
    keep_choice(chosen, form or "guide")
    picked = [notes[path] for path in chosen]
    if not picked:
        draw_other_job(None)
        st.info(say("study.choose_first"), icon="👆")
    elif form == "map":
        draw_other_job(None)
        draw_map(picked)
    else:
        chunks = [chunk for note in picked for chunk in assistant().store.chunks_of(note.place.path)]
        spoken = assistant().answer_language or language_of(" ".join(chunk.text for chunk in chunks[:6]))
        running = under_way()
        made = assistant().plan_guide(chunks, "summary" if form == "summary" else "guide", spoken)
        draw_other_job(made)
        draw_planned(made, spoken, running=running)
