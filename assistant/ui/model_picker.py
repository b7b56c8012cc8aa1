"""The choice of chat model in the sidebar: provider, address, key, model; what takes effect is for the next question."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import streamlit as st

from assistant.connections import SMALLEST_NUM_CTX, Choice
from assistant.errors import AssistantError
from assistant.providers.catalog import ProviderEntry, host_of
from assistant.ui import panels
from assistant.ui.model_draft import settle
from assistant.ui.price_table import named_model
from assistant.ui.render import plain
from assistant.ui.session import assistant, catalog, language, recall, remember, say

Use = Literal["chat", "embedding"]

KEEP_ALIVES = ("5m", "30m", "2h", "-1", "0")
LARGEST_NUM_CTX = 1_048_576


def draw_model_picker() -> None:
    """Draw the button that says which model answers, and behind it everything to choose another."""
    chosen = assistant().chat_choice
    vendor = catalog().provider(chosen.provider)
    name = vendor.labels[language()] if vendor.kind == "offline" else f"{vendor.name} / {chosen.model or '?'}"
    opened = st.sidebar.popover(plain(name), icon="🧠", width="stretch", key="model-picker")
    with opened.container(key="picked"), panels.errors():
        picked = draw_choice("chat", chosen)
        if picked:
            settle(picked, chosen)


def draw_choice(use: Use, chosen: Choice) -> Choice | None:
    """Draw the fields of a choice, ``use`` being chat or embedding; return what they say, None while a model is missing.

    The fields begin anew when the choice was changed elsewhere: what another window chose must not be taken back here.
    """
    if recall(f"drawn:{use}") != chosen:
        remember(f"drawn:{use}", chosen)
        remember(f"round:{use}", (recall(f"round:{use}") or 0) + 1)
    return _fields(use, f"{use}-{recall(f'round:{use}')}", chosen)


def _fields(use: Use, purpose: str, chosen: Choice) -> Choice | None:
    names = [entry.name for entry in catalog().providers]
    provider = st.selectbox(
        say("model.provider"),
        names,
        index=names.index(chosen.provider),
        format_func=lambda name: catalog().provider(name).labels[language()],
        key=f"{purpose}-provider",
    )
    vendor = catalog().provider(provider)
    same = chosen if chosen.provider == provider else Choice(provider)
    if vendor.kind == "offline":
        return Choice()
    base_url = _address(purpose, vendor, same)
    _key(use, purpose, vendor, base_url)
    draft = replace(same, provider=provider, base_url=base_url)
    model = _model(use, purpose, vendor, draft)
    draft = replace(draft, model=model)
    if vendor.kind == "ollama" and use == "chat":
        draft = replace(draft, num_ctx=_num_ctx(purpose, same.num_ctx))
    if vendor.kind == "ollama":
        draft = replace(draft, keep_alive=_keep_alive(purpose, same.keep_alive))
    hybrid = use == "chat" and catalog().chat(provider, model, base_url).thinking in ("hybrid_off", "hybrid_on")
    thinking = hybrid and st.toggle(say("model.thinking"), same.thinking, key=f"{purpose}-thinking")
    draft = replace(draft, thinking=thinking)
    if use == "embedding" or not model or draft == chosen:
        _test(use, purpose, draft)
    return draft if model else None


def _num_ctx(purpose: str, current: int) -> int:
    shown = max(SMALLEST_NUM_CTX, current)
    return int(
        st.number_input(
            say("model.num_ctx"), SMALLEST_NUM_CTX, LARGEST_NUM_CTX, shown, SMALLEST_NUM_CTX, key=f"{purpose}-num-ctx"
        )
    )


def _keep_alive(purpose: str, current: str) -> str:
    """Offer how long the model stays in memory after an answer."""
    texts = {"-1": say("model.keep_for_ever"), "0": say("model.keep_not")}
    return st.selectbox(
        say("model.keep_alive"),
        options := tuple(dict.fromkeys((*KEEP_ALIVES, current))),
        index=options.index(current),
        format_func=lambda length: texts.get(length, length),
        help=say("model.keep_help"),
        key=f"{purpose}-keep-alive",
    )


def _address(purpose: str, vendor: ProviderEntry, chosen: Choice) -> str:
    """Offer the provider's addresses, and take any other one that is typed; '' stands for the usual one."""
    labels = {preset.base_url: preset.label for preset in vendor.presets if "{" not in preset.base_url}
    known = list(labels)
    current = chosen.base_url or (known[0] if known else None)
    options = list(dict.fromkeys([*known, *([current] if current else [])]))
    place = st.selectbox(
        say("model.address"),
        options,
        index=options.index(current) if current else None,
        format_func=lambda url: labels.get(url, url),
        accept_new_options=True,
        placeholder="http://127.0.0.1:8080/v1",
        key=f"{purpose}-{vendor.name}-address",
    )
    return "" if known and place == known[0] else (place or "").strip()


def _key(use: Use, purpose: str, vendor: ProviderEntry, base_url: str) -> None:
    """Take a key for this session, or into .env on request; what was typed is never sent back to the browser."""
    own = vendor.key_name and (not base_url or vendor.owns(host_of(base_url)))
    name = vendor.key_name if own else ("ASSISTANT_API_KEY" if use == "chat" else "ASSISTANT_EMBEDDING_API_KEY")
    if not name:
        return
    known = assistant().connections.masked_key(name)
    with st.form(f"{purpose}-{vendor.name}-key-form", border=False, clear_on_submit=True):
        typed = st.text_input(
            name,
            type="password",
            placeholder=say("model.key_known", masked=known) if known else say("model.key_missing"),
            autocomplete="off",
        )
        session, kept = st.columns(2)
        for_session = session.form_submit_button(say("model.key_session"), width="stretch")
        for_ever = kept.form_submit_button(say("model.key_keep"), width="stretch")
    if (for_session or for_ever) and typed.strip():
        assistant().connections.set_key(name, typed)
        if for_ever:
            assistant().keep_key(name, typed)
        st.rerun()


def _model(use: Use, purpose: str, vendor: ProviderEntry, chosen: Choice) -> str:
    base = chosen.base_url
    entries = catalog().chats(vendor.name, base) if use == "chat" else catalog().embeddings(vendor.name, base)
    live = recall(f"models:{vendor.name}:{base}") or ()
    others = catalog().embeddings(vendor.name, base) if use == "chat" else catalog().chats(vendor.name, base)
    offered = [name for name in live if name not in {entry.name for entry in others}]
    names = list(
        dict.fromkeys([*([chosen.model] if chosen.model else []), *(entry.name for entry in entries), *offered])
    )
    picked = st.selectbox(
        say("model.model"),
        names,
        index=0 if names else None,
        format_func=lambda name: named_model(use, vendor, base, name, live),
        accept_new_options=True,
        placeholder=say("model.model_hint"),
        key=f"{purpose}-{vendor.name}-model",
    )
    return (picked or "").strip()


def _test(use: Use, purpose: str, choice: Choice) -> None:
    """Ask the provider for its list of models: proves address and key, and costs nothing."""
    if not st.button(say("model.test"), key=f"{purpose}-test", icon="🔌"):
        return
    try:
        with st.spinner(say("model.testing")):
            live = assistant().connections.models(choice, use)
    except AssistantError as error:
        panels.show_error(error)
        return
    remember(f"models:{choice.provider}:{choice.base_url}", live)
    st.success(say("model.test_ok", count=len(live)))
    if choice.model and live and not {choice.model, f"{choice.model}:latest"} & set(live):
        st.warning(say("model.not_listed", model=plain(choice.model)))
