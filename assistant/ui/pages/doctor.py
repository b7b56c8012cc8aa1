"""诊断: does what was set up work, and what to do where it does not; and the models of Ollama."""

from collections.abc import Iterator
from typing import cast

import streamlit as st

from assistant.connections import Choice
from assistant.doctor.checks import Group, Step
from assistant.doctor.embedding import embedding_steps, spend_of_embedding
from assistant.doctor.machine import machine_steps
from assistant.doctor.model import chat_steps, spend_of_chat
from assistant.doctor.ollama import ollama_steps
from assistant.doctor.provider import Subject, has_regions, provider_steps
from assistant.doctor.texts import title
from assistant.ui import panels
from assistant.ui.checks_view import ask_too, draw_last, draw_run
from assistant.ui.ollama_offer import WHICH
from assistant.ui.ollama_panel import draw_ollama
from assistant.ui.render import plain
from assistant.ui.session import assistant, embedding_choice, language, say, set_widget, widget_value

GROUPS: tuple[Group, ...] = ("machine", "chat", "embedding", "ollama")


def which() -> Group:
    """Ask what to look at."""
    if widget_value(WHICH) not in GROUPS:
        set_widget(WHICH, "machine")
    chosen = st.segmented_control(
        say("doctor.which"), GROUPS, format_func=lambda group: title(group)[language()], key=WHICH, required=True
    )
    return cast("Group", chosen)


def steps_of(group: Group) -> Iterator[Step]:
    """Draw what belongs to the choice, and return its checks; nothing is asked yet."""
    app = assistant()
    if group == "machine":
        return machine_steps(app)
    if group == "ollama":
        return ollama_steps(app.connections.library(ollama_choice()))
    choice = app.chat_choice if group == "chat" else embedding_choice(app)
    subject = Subject(app, choice, "chat" if group == "chat" else "embedding")
    model = f"{choice.provider} / {choice.model or '?'}"
    st.markdown(say("doctor.subject", model=plain(say("model.offline") if choice.provider == "offline" else model)))
    return model_steps(subject)


def model_steps(subject: Subject) -> Iterator[Step]:
    """Offer what goes beyond the free checks, and return all that is wanted."""
    chat = subject.use == "chat"
    asks = ask_too(spend_of_chat(subject) if chat else spend_of_embedding(subject), subject.use)
    regions = has_regions(subject) and st.toggle(
        say("doctor.regions"), key=f"doctor-regions-{subject.use}", help=say("doctor.regions_help")
    )
    return wanted(subject, asks=asks, regions=regions)


def wanted(subject: Subject, *, asks: bool, regions: bool) -> Iterator[Step]:
    """Yield the free checks, then those that ask the model."""
    yield from provider_steps(subject, try_regions=regions)
    if asks:
        yield from chat_steps(subject) if subject.use == "chat" else embedding_steps(subject)


def ollama_choice() -> Choice:
    """Return the choice whose Ollama is meant: that of the chat model, else of the embedding model, else the usual one."""
    choices = (assistant().chat_choice, embedding_choice(assistant()))
    return next((choice for choice in choices if choice.provider == "ollama"), Choice("ollama"))


with panels.errors():
    st.header(say("app.doctor"))
    st.caption(say("doctor.intro"))
    group = which()
    with panels.errors():
        steps = steps_of(group)
        if st.button(say("doctor.start"), type="primary", icon="🩺", key="doctor-start"):
            draw_run(group, steps)
        else:
            draw_last(group)
    if group == "ollama":
        st.subheader(say("ollama.models"))
        panels.notices()
        with panels.errors():
            draw_ollama(assistant().connections.library(ollama_choice()))
