"""Cards from files and the deck as files, and how the learner wants to review."""

from __future__ import annotations

import streamlit as st

from assistant.errors import AssistantError
from assistant.study.card_export import cards_apkg, cards_csv
from assistant.study.card_import import read_cards
from assistant.study.cards import Proposed
from assistant.study.reviews import MOST_NEW
from assistant.study.schedule import HIGHEST_RETENTION, LOWEST_RETENTION
from assistant.ui import panels
from assistant.ui.session import add_notice, assistant, recall, remember, say
from assistant.ui.uploaded import content_of

_PACKAGE = "cards package"


def report(proposed: Proposed) -> None:
    """Say after a rerun what became of new cards."""
    found = say("cards.found", count=len(proposed.ids), known=proposed.known)
    add_notice("success" if proposed.ids else "info", found)


def draw_files() -> None:
    """Take a file in at once, into the list of new cards; write the deck only when it is asked for."""
    zone = recall("cards zone") or 0
    file = st.file_uploader(say("cards.pick_file"), ["csv", "txt", "tsv"], key=f"cards-file-{zone}")
    if file is not None:
        remember("cards zone", zone + 1)
        try:
            report(assistant().cards.propose(read_cards(content_of(file))))
        except AssistantError as error:
            panels.show_error(error)
            return
        st.rerun()
    if st.button(say("cards.make_package"), key="cards-package", icon="📦"):
        deck = assistant().cards.all()
        remember(_PACKAGE, (cards_apkg(deck, assistant().note_root), cards_csv(deck)))
    if recall(_PACKAGE):
        package, table = recall(_PACKAGE)
        st.download_button(say("cards.save_package"), package, "study-cards.apkg", "application/octet-stream", icon="🗃️")
        st.download_button(say("cards.save_table"), table, "study-cards.csv", "text/csv", icon="🧮")


def draw_options() -> None:
    """Offer the few choices of reviewing; left alone they are what suits most people."""
    reviews = assistant().reviews
    with st.expander(say("cards.options"), icon="🎚️"):
        retention = st.slider(
            say("cards.retention"), round(LOWEST_RETENTION * 100), round(HIGHEST_RETENTION * 100),
            round(reviews.schedule.retention * 100), format="%d%%", help=say("cards.retention_help"), key="cards-retention",
        )  # fmt: skip
        new = st.number_input(say("cards.new_per_day"), 0, MOST_NEW, reviews.new_per_day, key="cards-per-day")
        starts = st.number_input(say("cards.day_starts"), 0, 23, reviews.day_starts, key="cards-day-starts")
    chosen = {"retention": retention / 100, "new_per_day": int(new), "day_starts": int(starts)}
    if chosen != {
        "retention": round(reviews.schedule.retention, 2),
        "new_per_day": reviews.new_per_day,
        "day_starts": reviews.day_starts,
    }:
        assistant().preferences.choose("study", chosen)
        st.rerun()
