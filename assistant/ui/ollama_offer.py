"""The way from a model that is not there to the place where it can be fetched."""

from __future__ import annotations

import streamlit as st

from assistant.ui.render import plain
from assistant.ui.session import say, set_widget

WHICH = "doctor-which"
PULL_NAME = "ollama-pull-name"


def offer_pull(model: str, place: str) -> None:
    """Offer to go to the doctor's page with the model's name filled in; nothing is fetched by this alone."""
    if st.button(say("ollama.offer", model=plain(model)), icon="⬇️", key=f"offer-pull-{place}"):
        set_widget(WHICH, "ollama")
        set_widget(PULL_NAME, model)
        st.switch_page("assistant/ui/pages/doctor.py")
