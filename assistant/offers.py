"""Which chat models could be asked now, without setting anything up: where a key or a server is known. Asks only Ollama here."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from assistant.connections import NUM_CTX, Choice, Connections
from assistant.errors import ModelError, SettingsError
from assistant.providers.catalog import ProviderEntry, host_of
from assistant.providers.entries import is_this_machine

SILENT_FOR = 15.0  # seconds before an Ollama of this machine is asked again which models it has

# Lists of models name those for pictures, sound and vectors as well, and say of none what it is for.
_NO_CHAT = re.compile(
    r"embed|rerank|bge|whisper|tts|asr|ocr|speech|voice|audio|realtime|transcri|moderation|image|dall-e|video|diffusion|flux|"
    r"kolors|wan\d|paraformer|livetranslate",
    re.IGNORECASE,
)


def offered(connections: Connections, chosen: Choice, former: Iterable[Choice] = ()) -> list[Choice]:
    """Return every chat model that could be asked now without setting anything up: the chosen one first, offline last.

    ``former`` are choices made before, newest first: they bring their addresses. Of all servers only an Ollama on this
    very machine is asked, which models it has.
    """
    given, *own = connections.used
    before = [given, *former, *own]
    known = [
        choice for choice in before if choice.model and choice.provider != "offline" and connections.usable(choice)
    ]
    listed = [
        _alike(connections, choice, chosen)
        for vendor in connections.catalog.providers
        for choice in _of(connections, vendor, [chosen, *before])
    ]
    found: dict[tuple[str, str, str], Choice] = {}
    for choice in [chosen, *known, *listed, Choice()]:
        found.setdefault(_place(connections, choice), choice)
    return list(found.values())


def _of(connections: Connections, vendor: ProviderEntry, before: Sequence[Choice]) -> Iterator[Choice]:
    """Yield the models of the catalogue and of lists at the addresses of a provider that are in use."""
    if vendor.kind == "offline":
        return
    addresses = [choice.base_url for choice in before if choice.provider == vendor.name]
    in_use = next((url for url in addresses if not url or vendor.owns(host_of(url))), "")
    foreign = [url for url in addresses if url and not vendor.owns(host_of(url))]
    for base_url in dict.fromkeys([in_use, *foreign]):
        place = Choice(vendor.name, base_url=base_url)
        if not connections.usable(place):
            continue
        address = connections.address(place)
        if vendor.kind == "ollama":
            _ask_ollama(connections, vendor, address)
        names = [name for name in connections.listed(vendor, address) if not _NO_CHAT.search(name)]
        entries = connections.catalog.chats(vendor.name, base_url) if vendor.charges else ()
        for name in dict.fromkeys([*(entry.name for entry in entries), *names]):
            yield replace(place, model=name)


def _ask_ollama(connections: Connections, vendor: ProviderEntry, address: str) -> None:
    """Ask an Ollama of this machine for its models, for less than a second and not again at once if it is silent."""
    from assistant.providers.ollama import list_models
    from assistant.providers.wire import Patience

    if not connections.may_look_at(address, SILENT_FOR):
        return
    with contextlib.suppress(ModelError, SettingsError):  # there need not be one
        if is_this_machine(address):
            key = connections.key(vendor, address)
            connections.remember(vendor, address, list_models(address, key, patience=Patience(0.3, 0.5, 0.5)))


def _place(connections: Connections, choice: Choice) -> tuple[str, str, str]:
    """Return what tells two choices apart: provider, address and model."""
    try:
        return choice.provider, connections.address(choice), choice.model
    except SettingsError:
        return choice.provider, choice.base_url, choice.model


def _alike(connections: Connections, choice: Choice, chosen: Choice) -> Choice:
    """Give a model the terms of the chosen one, where it has them: to think first, and an Ollama's context."""
    entry = connections.catalog.chat(choice.provider, choice.model, choice.base_url)
    thinks = entry.thinking in ("hybrid_off", "hybrid_on")
    num_ctx = chosen.num_ctx if chosen.provider == "ollama" else NUM_CTX
    return replace(choice, thinking=chosen.thinking and thinks, num_ctx=num_ctx)
