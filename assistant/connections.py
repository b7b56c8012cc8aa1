"""From a choice of provider and model to something that can be asked: the only place that builds models and embedders."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from assistant.answers.connection import LONGEST_OUTPUT, Connection, connect, offline
from assistant.errors import ModelError, SettingsError
from assistant.providers.base import Embedder
from assistant.providers.catalog import EmbeddingEntry, ProviderEntry, catalog, host_of
from assistant.providers.entries import is_this_machine
from assistant.providers.keys import Secret, checked_base_url, key_for
from assistant.providers.offline_embedder import OfflineEmbedder
from assistant.settings import Settings

NUM_CTX = 8_192  # what an Ollama model is given to read unless the learner chooses more; its own default cuts unseen
SMALLEST_NUM_CTX = 2_048
SILENT_FOR = 15.0  # seconds before an Ollama of this machine is asked again which models it has

# Lists of models name those for pictures, sound and vectors as well, and say of none what it is for.
_NO_CHAT = re.compile(
    r"embed|rerank|bge|whisper|tts|asr|ocr|speech|voice|audio|realtime|transcri|moderation|image|dall-e|video|diffusion|flux|"
    r"kolors|wan\d|paraformer|livetranslate",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the learner chose: provider, model and, where it is not the provider's usual one, the address."""

    provider: str = "offline"
    model: str = ""
    base_url: str = ""
    num_ctx: int = NUM_CTX
    thinking: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what is kept as a preference; it never holds a key."""
        return asdict(self)


def choice_of(kept: Any, default: Choice) -> Choice:
    """Read a kept preference; anything that is not one gives the default."""
    if not isinstance(kept, Mapping) or "provider" not in kept:
        return default
    names = {"provider": str, "model": str, "base_url": str, "num_ctx": int, "thinking": bool}
    return Choice(**{name: kind(kept[name]) for name, kind in names.items() if name in kept})


class Connections:
    """Builds models with the keys of this process: those of the settings, and those typed in for this session."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._keys = {name: Secret(settings.keys.reveal(name)) for name in settings.keys.names()}
        self._listed: dict[tuple[str, str], tuple[str, ...]] = {}  # what providers said they have, by name and address
        self._asked: dict[str, float] = {}  # when an Ollama was last asked unbidden
        self._own: dict[str, Choice] = {}  # the model chosen last at each server of the learner's own

    def set_key(self, name: str, value: str) -> None:
        """Keep a key for as long as the process lives; '' forgets it."""
        with self._lock:
            if value.strip():
                self._keys[name] = Secret(value)
            else:
                self._keys.pop(name, None)

    def masked_key(self, name: str) -> str | None:
        """Return enough of a key to recognise it, or None where there is none."""
        key = self._keys.get(name)
        return key.masked if key else None

    def address(self, choice: Choice) -> str:
        """Return the address that a choice leads to."""
        vendor = catalog().provider(choice.provider)
        if choice.base_url:
            return checked_base_url(choice.base_url)
        if choice.provider == "ollama" and self._settings.ollama_host:
            return self._settings.ollama_host
        if not vendor.default_base_url:
            raise SettingsError(
                name="ASSISTANT_BASE_URL", value="''", allowed="https://host/v1, http://127.0.0.1:8080/v1"
            )
        return vendor.default_base_url

    def chat(self, choice: Choice) -> Connection:
        """Connect to a chat model; nothing is sent yet."""
        vendor = catalog().provider(choice.provider)
        if vendor.kind == "offline":
            return offline()
        address = self.address(choice)
        model = _named(choice.model)
        entry = catalog().chat(vendor.name, model, address)
        key = self._key(vendor, address, "ASSISTANT_API_KEY")
        if vendor.kind == "ollama":
            from assistant.providers.ollama import OllamaModel

            ollama = OllamaModel(model, address, choice.num_ctx, key)
            longest = min(LONGEST_OUTPUT, choice.num_ctx // 4)
            return connect(ollama, entry, window=choice.num_ctx, max_tokens=longest, thinking=choice.thinking)
        from assistant.providers.openai_like import OpenAILikeModel
        from assistant.providers.server_count import CountingServer

        if vendor.name == "custom":
            with self._lock:
                self._own[address] = choice
        longest = min(LONGEST_OUTPUT, entry.max_output or LONGEST_OUTPUT)
        # Counting sends the prompt: only where it leaves nothing may that happen before the learner's yes.
        counts = vendor.name == "custom" and is_this_machine(address)
        server = CountingServer(address, model, key) if counts else None
        return connect(
            OpenAILikeModel(entry, vendor, address, key),
            entry,
            max_tokens=longest,
            thinking=choice.thinking,
            server=server,
        )

    def embedder(self, choice: Choice) -> tuple[Embedder, EmbeddingEntry]:
        """Connect to an embedding model; nothing is sent yet."""
        vendor = catalog().provider(choice.provider)
        if vendor.kind == "offline":
            return OfflineEmbedder(), catalog().embedding("offline", "hashed-ngrams")
        address = self.address(choice)
        model = _named(choice.model, "ASSISTANT_EMBEDDING_MODEL")
        entry = catalog().embedding(vendor.name, model, address)
        key = self._key(vendor, address, "ASSISTANT_EMBEDDING_API_KEY")
        if vendor.kind == "ollama":
            from assistant.providers.ollama import OllamaEmbedder

            return OllamaEmbedder(model, address, choice.num_ctx, key), entry
        from assistant.providers.openai_embedder import OpenAILikeEmbedder

        return OpenAILikeEmbedder(entry, vendor, address, key), entry

    def models(self, choice: Choice) -> tuple[str, ...]:
        """Ask the provider which models it has; costs nothing, but leaves this machine unless the server is on it."""
        vendor = catalog().provider(choice.provider)
        if vendor.kind == "offline":
            return ()
        address = self.address(choice)
        key = self._key(vendor, address, "ASSISTANT_API_KEY")
        if vendor.kind == "ollama":
            from assistant.providers.ollama import list_models

            return self._heard(vendor, address, list_models(address, key))
        from assistant.providers.openai_like import OpenAILikeModel

        model = OpenAILikeModel(catalog().chat(vendor.name, "", address), vendor, address, key)
        return self._heard(vendor, address, model.list_models())

    def configured(self, chosen: Choice, former: Iterable[Choice] = ()) -> list[Choice]:
        """Return every chat model that could be asked now without setting anything up: the chosen one first, offline last.

        ``former`` are choices made before, newest first: they bring their addresses. Of all servers only an Ollama on this
        very machine is asked, which models it has.
        """
        given = Choice(self._settings.provider, self._settings.model, self._settings.base_url)
        with self._lock:
            before = [given, *former, *self._own.values()]
        known = [choice for choice in before if choice.model and choice.provider != "offline" and self._usable(choice)]
        offered = [
            _alike(choice, chosen)
            for vendor in catalog().providers
            for choice in self._offered(vendor, [chosen, *before])
        ]
        found: dict[tuple[str, str, str], Choice] = {}
        for choice in [chosen, *known, *offered, Choice()]:
            found.setdefault(self._place(choice), choice)
        return list(found.values())

    def _offered(self, vendor: ProviderEntry, before: Sequence[Choice]) -> Iterator[Choice]:
        """Yield the models of the catalogue and of lists at the addresses of a provider that are in use."""
        if vendor.kind == "offline":
            return
        addresses = [choice.base_url for choice in before if choice.provider == vendor.name]
        in_use = next((url for url in addresses if not url or vendor.owns(host_of(url))), "")
        foreign = [url for url in addresses if url and not vendor.owns(host_of(url))]
        for base_url in dict.fromkeys([in_use, *foreign]):
            place = Choice(vendor.name, base_url=base_url)
            if not self._usable(place):
                continue
            address = self.address(place)
            if vendor.kind == "ollama":
                self._ask_ollama(vendor, address)
            listed = [name for name in self._listed.get((vendor.name, address), ()) if not _NO_CHAT.search(name)]
            entries = catalog().chats(vendor.name, base_url) if vendor.charges else ()
            for name in dict.fromkeys([*(entry.name for entry in entries), *listed]):
                yield replace(place, model=name)

    def _usable(self, choice: Choice) -> bool:
        """Tell whether there is an address and, where one is needed, a key for it."""
        vendor = catalog().provider(choice.provider)
        try:
            address = self.address(choice)
            return not vendor.charges or self._key(vendor, address, "ASSISTANT_API_KEY") is not None
        except SettingsError:
            return False

    def _place(self, choice: Choice) -> tuple[str, str, str]:
        """Return what tells two choices apart: provider, address and model."""
        try:
            return choice.provider, self.address(choice), choice.model
        except SettingsError:
            return choice.provider, choice.base_url, choice.model

    def _ask_ollama(self, vendor: ProviderEntry, address: str) -> None:
        """Ask an Ollama of this machine for its models, for less than a second and not again at once if it is silent."""
        from assistant.providers.ollama import host_url, list_models
        from assistant.providers.wire import Patience

        now = time.monotonic()
        if now - self._asked.get(address, -SILENT_FOR) < SILENT_FOR:
            return
        self._asked[address] = now
        with contextlib.suppress(ModelError, SettingsError):  # there need not be one
            if is_this_machine(host_url(address)):
                key = self._key(vendor, address, "ASSISTANT_API_KEY")
                self._heard(vendor, address, list_models(address, key, patience=Patience(0.3, 0.5, 0.5)))

    def _heard(self, vendor: ProviderEntry, address: str, models: tuple[str, ...]) -> tuple[str, ...]:
        with self._lock:
            self._listed[vendor.name, address] = models
        return models

    def _key(self, vendor: ProviderEntry, address: str, other: str) -> Secret | None:
        home = self._settings.ollama_host if vendor.kind == "ollama" else ""
        return key_for(vendor, address, self._keys, other=other, home=home)


def _alike(choice: Choice, chosen: Choice) -> Choice:
    """Give a model the terms of the chosen one, where it has them: to think first, and an Ollama's context."""
    thinks = catalog().chat(choice.provider, choice.model, choice.base_url).thinking in ("hybrid_off", "hybrid_on")
    num_ctx = chosen.num_ctx if chosen.provider == "ollama" else NUM_CTX
    return replace(choice, thinking=chosen.thinking and thinks, num_ctx=num_ctx)


def _named(model: str, variable: str = "ASSISTANT_MODEL") -> str:
    if not model:
        raise SettingsError(name=variable, value="''", allowed="qwen-plus, deepseek-flash, qwen3:8b, …")
    return model
