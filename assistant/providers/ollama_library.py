"""What an Ollama server has: its models, those in memory, fetching and deleting them. Asks no model anything.

``pull`` only reads what the server tells of a download; the server does it, and goes on where it was interrupted.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.errors import SettingsError
from assistant.providers.failures import Call
from assistant.providers.keys import Secret
from assistant.providers.ollama import ASKING, asked, client_over, guarded, host_url
from assistant.providers.reasons import because
from assistant.providers.wire import Patience, Wire

PULLING = Patience(first=300.0, between=300.0)  # comparing the hash of a large file says nothing for minutes
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:[:/][\w.-]+)*", re.ASCII)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class PulledModel:
    """A model on the server's disk; sizes in bytes."""

    name: str
    size: int
    parameters: str
    quantization: str


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model was trained for: ``context`` tokens at most (None: it does not say), and what it can do."""

    context: int | None
    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory: bytes in all and on the graphics card, the context it was loaded with, and until when."""

    name: str
    size: int
    on_card: int
    context: int | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PullProgress:
    """Where a download is: the server's word for it, and bytes of the file that is being fetched, where it has a size."""

    status: str
    completed: int = 0
    total: int = 0

    @property
    def share(self) -> float:
        """How much of the present file is there, from 0 to 1."""
        return min(1.0, self.completed / self.total) if self.total else 0.0


class OllamaLibrary:
    """The models of one Ollama server; ``key`` goes to its address only."""

    def __init__(self, host: str, key: Secret | None = None, *, patience: Patience = ASKING) -> None:
        self.address = host_url(host)
        self._key = key
        self._patience = patience

    def version(self) -> str:
        """Ask which Ollama is running."""
        with self._wire().client as client:
            reply = asked(lambda: client.get(f"{self.address}/api/version").json(), self._call())
        if not isinstance(reply, Mapping) or not isinstance(reply.get("version"), str):
            raise self._call().bad(because("no_version"))
        return self._call().clean(str(reply["version"]))

    def models(self) -> tuple[PulledModel, ...]:
        """List what was pulled, by name; each name once, whatever the server says."""
        with client_over(self._wire()) as client:
            found = asked(client.list, self._call()).models
        by_name = {model.model: _pulled(model) for model in found if model.model}
        return tuple(by_name[name] for name in sorted(by_name))

    def show(self, name: str) -> ModelFacts:
        """Ask what a model was trained for and what it can do."""
        with client_over(self._wire()) as client:
            shown = asked(lambda: client.show(name), self._call(name))
        facts: Mapping[str, Any] = shown.modelinfo or {}
        lengths = [value for key, value in facts.items() if key.endswith(".context_length") and isinstance(value, int)]
        return ModelFacts(lengths[0] if lengths else None, tuple(str(one) for one in shown.capabilities or ()))

    def running(self) -> tuple[LoadedModel, ...]:
        """List what is in memory, each name once."""
        with client_over(self._wire()) as client:
            found = asked(client.ps, self._call()).models
        return tuple({loaded.name: loaded for loaded in map(_loaded, found)}.values())

    def pull(self, name: str) -> Pulling:
        """Prepare to fetch a model; nothing is asked before the first line is read."""
        wanted = checked_name(name)
        return Pulling(wanted, Wire(self.address, self._key, PULLING, "OLLAMA_HOST"), self._call(wanted))

    def delete(self, name: str) -> None:
        """Take a model off the server's disk."""
        with client_over(self._wire()) as client:
            asked(lambda: client.delete(name), self._call(name))

    def unload(self, name: str) -> None:
        """Take a model out of memory now, instead of when its time is over."""
        with client_over(self._wire()) as client:
            asked(lambda: client.generate(model=name, keep_alive=0), self._call(name))

    def _wire(self) -> Wire:
        return Wire(self.address, self._key, self._patience, "OLLAMA_HOST")

    def _call(self, model: str = "") -> Call:
        return Call("ollama", model, self.address, "ollama", self._key)


class Pulling:
    """One download, read line by line; ``cut`` ends it from any thread, and pulling again goes on from there."""

    def __init__(self, name: str, wire: Wire, call: Call) -> None:
        self.name = name
        self._wire = wire
        self._call = call

    def __iter__(self) -> Iterator[PullProgress]:
        """Yield what the server tells until the model is there; an end without success is an error."""
        status = ""
        with client_over(self._wire) as client:
            for line in guarded(client.pull(self.name, stream=True), self._call):
                status = self._call.clean(line.status or "")
                yield PullProgress(status, line.completed or 0, line.total or 0)
        if status != "success":
            raise self._call.broke_off()

    def cut(self) -> None:
        """End the request now."""
        self._wire.cut()


def checked_name(name: str) -> str:
    """Return a name as Ollama can have it: namespace, model and tag, and nothing that could be an option or a path."""
    wanted = name.strip()
    if len(wanted) > _LONGEST or not _NAME.fullmatch(wanted):
        raise SettingsError(name="model", value=repr(wanted[:_LONGEST]), allowed="qwen3:4b, hf.co/user/model:Q4_K_M")
    return wanted


def has_program() -> bool:
    """Tell whether an ollama program is to be found on this machine, running or not."""
    return shutil.which("ollama") is not None


def _pulled(model: Any) -> PulledModel:
    details = model.details
    parameters = str(details.parameter_size or "") if details else ""
    return PulledModel(
        model.model, int(model.size or 0), parameters, str(details.quantization_level or "") if details else ""
    )


def _loaded(model: Any) -> LoadedModel:
    name = str(model.model or model.name or "?")
    return LoadedModel(name, int(model.size or 0), int(model.size_vram or 0), model.context_length, model.expires_at)
