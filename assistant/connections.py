"""From a choice of provider and model to something that can be asked: the only place that builds models and embedders."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from assistant.answers.connection import LONGEST_OUTPUT, Connection, connect, offline
from assistant.errors import SettingsError
from assistant.money.experience import Correction, Experience, Usual
from assistant.providers.base import Embedder
from assistant.providers.catalog import Catalog, ChatEntry, EmbeddingEntry, ProviderEntry, catalog
from assistant.providers.entries import is_this_machine
from assistant.providers.failures import Call
from assistant.providers.keys import Secret, checked_base_url, key_for
from assistant.providers.offline_embedder import OfflineEmbedder
from assistant.providers.ollama import host_url
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.providers.greeting import Greeting
    from assistant.providers.ollama_library import OllamaLibrary

NUM_CTX = 8_192  # what an Ollama model is given to read unless the learner chooses more; its own default cuts unseen
SMALLEST_NUM_CTX = 2_048


@dataclass(frozen=True, slots=True)
class Choice:
    """What the learner chose: provider, model and, where it is not the provider's usual one, the address."""

    provider: str = "offline"
    model: str = ""
    base_url: str = ""
    num_ctx: int = NUM_CTX
    thinking: bool = False
    keep_alive: str = "5m"

    def as_json(self) -> dict[str, Any]:
        """Return what is kept as a preference; it never holds a key."""
        return asdict(self)


def choice_of(kept: Any, default: Choice) -> Choice:
    """Read a kept preference; anything that is not one gives the default."""
    if not isinstance(kept, Mapping) or "provider" not in kept:
        return default
    names = {"provider": str, "model": str, "base_url": str, "num_ctx": int, "thinking": bool, "keep_alive": str}
    return Choice(**{name: kind(kept[name]) for name, kind in names.items() if name in kept})


def given_chat(settings: Settings) -> Choice:
    """Return the chat model that the environment names."""
    return Choice(settings.provider, settings.model, settings.base_url)


def given_embedding(settings: Settings) -> Choice:
    """Return the embedding model that the environment names."""
    return Choice(settings.embedding_provider, settings.embedding_model, settings.embedding_base_url)


class Connections:
    """Builds models with the keys of this process: those of the settings, and those typed in for this session."""

    def __init__(self, settings: Settings, known: Catalog | None = None, experience: Experience | None = None) -> None:
        self.catalog = known or catalog()
        self._settings = settings
        self._experience = experience
        self._lock = threading.Lock()
        self._keys = {name: Secret(settings.keys.reveal(name)) for name in settings.keys.names()}
        self._listed: dict[tuple[str, str], tuple[str, ...]] = {}  # what providers said they have, by name and address
        self._looked: dict[str, float] = {}  # when a server was last asked unbidden
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

    def choice(self, kept: Any, given: Choice) -> Choice:
        """Choose between what was picked in the app and what the environment gives: whichever was said last.

        A pick remembers what was given when it was made; as long as that is still given, the pick is the later word. One
        whose provider is gone, with the learner's own catalogue, is none.
        """
        # Read as a choice: what was kept by an older version lacks the fields that came later.
        unchanged = not isinstance(kept, Mapping) or choice_of(kept.get("instead_of"), given) == given
        chosen = choice_of(kept, given)
        return chosen if unchanged and self.catalog.knows(chosen.provider) else given

    def address(self, choice: Choice) -> str:
        """Return the address that a choice leads to."""
        vendor = self.catalog.provider(choice.provider)
        if vendor.kind == "ollama":  # written as Ollama's own variable is, without scheme and port
            return host_url(choice.base_url or self._settings.ollama_host or vendor.default_base_url)
        if choice.base_url:
            return checked_base_url(choice.base_url)
        if not vendor.default_base_url:
            raise SettingsError(
                name="ASSISTANT_BASE_URL", value="''", allowed="https://host/v1, http://127.0.0.1:8080/v1"
            )
        return vendor.default_base_url

    def chat(self, choice: Choice, purpose: str = "answer") -> Connection:
        """Connect to a chat model for a purpose of the ledger, which knows how long such answers were; nothing is sent yet."""
        vendor = self.catalog.provider(choice.provider)
        if vendor.kind == "offline":
            return offline()
        address = self.address(choice)
        model = _named(choice.model)
        entry = self.catalog.chat(vendor.name, model, address)
        key = self.key(vendor, address)
        usual, correction = self._learned(entry, purpose, choice.thinking)
        if vendor.kind == "ollama":
            from assistant.providers.ollama import OllamaModel

            ollama = OllamaModel(model, address, choice.num_ctx, key, keep_alive=choice.keep_alive)
            longest = min(LONGEST_OUTPUT, choice.num_ctx // 4)
            return connect(
                ollama,
                entry,
                window=choice.num_ctx,
                max_tokens=longest,
                thinking=choice.thinking,
                usual=usual,
                correction=correction,
            )
        from assistant.providers.openai_like import OpenAILikeModel
        from assistant.providers.server_count import CountingServer

        if vendor.name == "custom":
            with self._lock:
                self._own[address] = choice
        longest = min(LONGEST_OUTPUT, entry.max_output or LONGEST_OUTPUT)
        # Counting sends the prompt: only where it leaves nothing may that happen before the learner's yes.
        counts = vendor.name == "custom" and is_this_machine(address)
        reached = OpenAILikeModel(entry, vendor, address, key)
        server = CountingServer(address, model, key, fields=reached.thinking_fields) if counts else None
        return connect(
            reached,
            entry,
            max_tokens=longest,
            thinking=choice.thinking,
            server=server,
            usual=usual,
            correction=correction,
        )

    def _learned(self, entry: ChatEntry, purpose: str, thinking: bool) -> tuple[Usual | None, Correction | None]:
        if self._experience is None:
            return None, None
        thinks = thinking or entry.thinking == "always"
        usual = self._experience.output(entry.provider, entry.name, purpose, thinks)
        return usual, self._experience.correction(entry.provider, entry.name)

    def embedder(self, choice: Choice, *, max_texts: int | None = None) -> tuple[Embedder, EmbeddingEntry]:
        """Connect to an embedding model; nothing is sent yet. ``max_texts`` puts another limit in place of the catalogue's."""
        vendor = self.catalog.provider(choice.provider)
        if vendor.kind == "offline":
            return OfflineEmbedder(), self.catalog.embedding("offline", "hashed-ngrams")
        address = self.address(choice)
        model = _named(choice.model, "ASSISTANT_EMBEDDING_MODEL")
        entry = self.catalog.embedding(vendor.name, model, address)
        key = self.key(vendor, address, "ASSISTANT_EMBEDDING_API_KEY")
        if vendor.kind == "ollama":
            from assistant.providers.ollama import OllamaEmbedder

            return OllamaEmbedder(model, address, choice.num_ctx, key, keep_alive=choice.keep_alive), entry
        from assistant.providers.openai_embedder import OpenAILikeEmbedder

        entry = replace(entry, max_texts=max_texts) if max_texts else entry
        return OpenAILikeEmbedder(entry, vendor, address, key), entry

    def models(self, choice: Choice, use: Literal["chat", "embedding"] = "chat") -> tuple[str, ...]:
        """Ask the provider which models it has; costs nothing, but leaves this machine unless the server is on it."""
        vendor = self.catalog.provider(choice.provider)
        if vendor.kind == "offline":
            return ()
        address = self.address(choice)
        other = "ASSISTANT_API_KEY" if use == "chat" else "ASSISTANT_EMBEDDING_API_KEY"
        key = self.key(vendor, address, other)
        if vendor.kind == "ollama":
            from assistant.providers.ollama import list_models

            return self.remember(vendor, address, list_models(address, key))
        from assistant.providers.openai_like import OpenAILikeModel

        asked = OpenAILikeModel(self.catalog.chat(vendor.name, "", address), vendor, address, key)
        return self.remember(vendor, address, asked.list_models())

    def remember(self, vendor: ProviderEntry, address: str, models: tuple[str, ...]) -> tuple[str, ...]:
        """Keep what a provider says that it has, for as long as the process lives."""
        with self._lock:
            self._listed[vendor.name, address] = models
        return models

    def listed(self, vendor: ProviderEntry, address: str) -> tuple[str, ...]:
        """Return the models that a provider named when it was last asked."""
        return self._listed.get((vendor.name, address), ())

    def may_look_at(self, address: str, pause: float) -> bool:
        """Tell whether a server may be asked unbidden: not where that was done less than ``pause`` seconds ago; counts as done."""
        now = time.monotonic()
        with self._lock:
            if now - self._looked.get(address, -pause) < pause:
                return False
            self._looked[address] = now
        return True

    @property
    def used(self) -> list[Choice]:
        """The chat model that the environment names, and those connected to at servers of the learner's own."""
        with self._lock:
            return [given_chat(self._settings), *self._own.values()]

    def usable(self, choice: Choice) -> bool:
        """Tell whether there is an address and, where one is needed, a key for it."""
        vendor = self.catalog.provider(choice.provider)
        try:
            address = self.address(choice)
            return not vendor.charges or self.key(vendor, address) is not None
        except SettingsError:
            return False

    def key(self, vendor: ProviderEntry, address: str, other: str = "ASSISTANT_API_KEY") -> Secret | None:
        """Return the key that may go to an address: the vendor's own to its hosts, ``other`` to any else."""
        home = self._settings.ollama_host and host_url(self._settings.ollama_host) if vendor.kind == "ollama" else ""
        return key_for(vendor, address, self._keys, other=other, home=home)

    def greet(self, choice: Choice) -> Greeting:
        """Say hello to a provider's server without a key; costs nothing."""
        from assistant.providers.greeting import greet

        vendor, address = self.catalog.provider(choice.provider), self.address(choice)
        if vendor.kind == "ollama":
            return greet(Call(vendor.name, "", address, vendor.dialect), "/api/version")
        return greet(Call(vendor.name, "", address, vendor.dialect), "/models")

    def library(self, choice: Choice) -> OllamaLibrary:
        """Return the models of an Ollama server: of the chosen one, else of the one that OLLAMA_HOST names or this machine's."""
        from assistant.providers.ollama_library import OllamaLibrary

        chosen = choice if choice.provider == "ollama" else Choice("ollama")
        address = self.address(chosen)
        return OllamaLibrary(address, self.key(self.catalog.provider("ollama"), address))


def _named(model: str, variable: str = "ASSISTANT_MODEL") -> str:
    if not model:
        raise SettingsError(name=variable, value="''", allowed="qwen-plus, deepseek-flash, qwen3:8b, …")
    return model
