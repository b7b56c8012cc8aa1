"""The models of an Ollama server on screen: what is on its disk and in its memory, fetching one, unloading, deleting."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from assistant.doctor.ollama import absence
from assistant.errors import Unreachable
from assistant.providers.ollama_library import LoadedModel, OllamaLibrary, PulledModel
from assistant.providers.ollama_pull import Pull
from assistant.ui import panels
from assistant.ui.money_text import grouped
from assistant.ui.ollama_offer import PULL_NAME
from assistant.ui.render import plain
from assistant.ui.session import add_notice, assistant, language, recall, remember, say

_FOR_EVER = 365 * 24 * 3600  # what keep_alive -1 comes back as lies centuries ahead


def draw_ollama(library: OllamaLibrary) -> None:
    """Draw the server's models, or why there is no server."""
    try:
        models, loaded = library.models(), library.running()
    except Unreachable:
        why = absence(library)
        st.warning(f"{plain(why.message[language()])}\n\n{plain(why.hint[language()])}", icon="🦙")
        st.button(say("ollama.look_again"), icon="🔄", key="ollama-look-again")
        return
    draw_pulls(library)
    if not models:
        st.info(say("ollama.none"), icon="🌱")
    in_memory = {one.name: one for one in loaded}
    for model in models:
        _model(library, model, in_memory.get(model.name))


def draw_pulls(library: OllamaLibrary) -> None:
    """Offer to fetch a model, and draw the downloads; those under way redraw themselves, whichever window began them."""
    with st.form("ollama-pull", border=False):
        name = st.text_input(say("ollama.name"), placeholder="qwen3:4b", key=PULL_NAME, help=say("ollama.name_help"))
        wanted = st.form_submit_button(say("ollama.pull"), icon="⬇️")
    if wanted and name.strip():
        assistant().pulls.start(library, name)
        st.rerun()
    running = any(pull.state == "running" for pull in assistant().pulls.at(library.address))
    if running:
        remember("pull seen running", True)
    st.fragment(_pulls, run_every=0.5 if running else None)(library.address)


def _pulls(address: str) -> None:
    pulls = assistant().pulls.at(address)
    if recall("pull seen running") and not any(pull.state == "running" for pull in pulls):
        remember("pull seen running", False)
        st.rerun()
    for pull in pulls:
        _pull(pull)


def _pull(pull: Pull) -> None:
    name = plain(pull.name)
    if pull.state == "running":
        progress = pull.progress
        sizes = f"{_size(progress.completed)} / {_size(progress.total)}" if progress.total else ""
        text = say("ollama.pulling", model=name, status=_status(progress.status), sizes=sizes)
        st.progress(progress.share, text)
        if st.button(say("ollama.cancel"), icon="⏹️", key=f"ollama-cancel-{pull.name}"):
            pull.cancel()
            pull.wait(5)
            st.rerun()
        return
    if pull.state == "done":
        st.success(say("ollama.pulled", model=name), icon="✅")
    elif pull.state == "cancelled":
        st.info(say("ollama.cancelled", model=name))
    elif pull.error:
        panels.show_error(pull.error)
    if st.button(say("ollama.dismiss"), key=f"ollama-dismiss-{pull.name}"):
        assistant().pulls.dismiss(pull)
        st.rerun()


def _status(said: str) -> str:
    """Say in the learner's language what Ollama is doing; what we do not know stands as it is."""
    known = {
        "pulling manifest": say("ollama.status_manifest"),
        "pulling ": say("ollama.status_layer"),
        "verifying ": say("ollama.status_verifying"),
        "writing ": say("ollama.status_writing"),
    }
    return next((text for start, text in known.items() if said.startswith(start)), plain(said or "…"))


def _model(library: OllamaLibrary, model: PulledModel, loaded: LoadedModel | None) -> None:
    """Draw one model with its size, and while it is in memory with how much it takes there and until when."""
    name = plain(model.name)
    parts = [_size(model.size), plain(model.parameters), plain(model.quantization)]
    lines = [f"**{name}**", " · ".join(part for part in parts if part)]
    lines += [_memory(loaded)] if loaded else []
    with st.container(
        border=True,
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key=f"pulled-{model.name}",
    ):
        st.markdown("  \n".join(lines), width="content")
        with st.container(horizontal=True, width="content"):
            if loaded and st.button(say("ollama.unload"), key=f"ollama-unload-{model.name}"):
                library.unload(model.name)
                st.rerun()
            with st.popover(say("ollama.delete"), key=f"ollama-delete-{model.name}"):
                st.markdown(say("ollama.delete_sure", model=name, size=_size(model.size)))
                if st.button(say("ollama.delete_yes"), type="primary", key=f"ollama-delete-yes-{model.name}"):
                    library.delete(model.name)
                    add_notice("success", say("ollama.deleted", model=name))
                    st.rerun()


def _memory(loaded: LoadedModel) -> str:
    card = say("ollama.on_card", share=f"{100 * loaded.on_card / loaded.size:.0f}") if loaded.size else ""
    context = say("ollama.context", tokens=grouped(loaded.context)) if loaded.context else ""
    parts = [say("ollama.in_memory", size=_size(loaded.size)), card, context, _until(loaded.until)]
    return "🟢 " + " · ".join(part for part in parts if part)


def _until(moment: datetime | None) -> str:
    if moment is None:
        return ""
    left = (moment - datetime.now(moment.tzinfo)).total_seconds()
    if left > _FOR_EVER:
        return say("ollama.for_ever")
    return say("ollama.until", time=f"{moment.astimezone():%H:%M}")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
