"""The checks of a provider that cost nothing: key, host, clock, list of models, and the regions that its key may belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from assistant.bootstrap import Assistant
from assistant.connections import Choice
from assistant.doctor.checks import Finding, Step, failed, found, ok, skipped
from assistant.doctor.texts import hint_of, joined, message_of, said
from assistant.errors import AssistantError, KeyRefused, Said, SettingsError
from assistant.providers.catalog import ProviderEntry, host_of, is_local
from assistant.providers.greeting import Greeting

Use = Literal["chat", "embedding"]

MOST_AHEAD = 300.0  # seconds: signed requests of several vendors are refused beyond
_OTHER_KEYS = {"chat": "ASSISTANT_API_KEY", "embedding": "ASSISTANT_EMBEDDING_API_KEY"}
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined: a choice of provider and model, and what it is for."""

    assistant: Assistant
    choice: Choice
    use: Use

    @property
    def vendor(self) -> ProviderEntry:
        """The provider that was chosen."""
        return self.assistant.connections.catalog.provider(self.choice.provider)

    @property
    def address(self) -> str:
        """The address that the choice leads to."""
        return self.assistant.connections.address(self.choice)

    def step(self, name: str, look: Callable[[], Finding]) -> Step:
        """Name a check after what the model is for."""
        return Step(self.use, f"{self.use}_{name}", look)


def provider_steps(subject: Subject, *, try_regions: bool = False) -> Iterator[Step]:
    """Return the checks that cost nothing; other regions are asked only where that was wanted."""
    yield subject.step("key", lambda: _key(subject))
    if subject.vendor.kind == "offline":
        return
    greetings: list[Greeting] = []
    yield subject.step("host", lambda: _host(subject, greetings))
    yield subject.step("clock", lambda: _clock(greetings))
    yield subject.step("models", lambda: _models(subject))
    if try_regions:
        yield subject.step("regions", lambda: _regions(subject))


def has_regions(subject: Subject) -> bool:
    """Tell whether the provider has other regions that its key may be shown to."""
    return subject.vendor.kind != "offline" and bool(_elsewhere(subject))


def _key(subject: Subject) -> Finding:
    """Say whether there is a key that may go to the chosen address."""
    vendor = subject.vendor
    if vendor.kind == "offline":
        return ok(said("offline"))
    address = subject.address
    name = vendor.key_name if _is_own(subject) and vendor.key_name else _OTHER_KEYS[subject.use]
    masked = subject.assistant.connections.masked_key(name)
    if masked:
        return ok(said("key", name=name, key=masked))
    if is_local(address) or vendor.kind == "ollama":
        return ok(said("no_key_needed"))
    return failed(said("no_key", name=name), said("set_key", name=name))


def _is_own(subject: Subject) -> bool:
    vendor = subject.vendor
    return vendor.key_name is not None and (vendor.owns(host_of(subject.address)) or vendor.kind == "ollama")


def _host(subject: Subject, greetings: list[Greeting]) -> Finding:
    """Say hello without a key: what fails here is the network or the address, and no key is to blame."""
    address = subject.address
    greeting = subject.assistant.connections.greet(subject.choice)
    greetings.append(greeting)
    host = host_of(address)
    if 300 <= greeting.status < 400:
        return failed(said("redirects", host=host), said("final_address"))
    if greeting.status >= 500:
        return failed(said("host_down", host=host, status=greeting.status), said("later"))
    if address.startswith("http://") and not is_local(address):
        return failed(said("in_the_clear", host=host), said("use_https"))
    return ok(said("host", host=host, status=greeting.status))


def _clock(greetings: list[Greeting]) -> Finding:
    """Compare the server's time with ours: a wrong clock breaks signatures and prices by the hour."""
    ahead = next((greeting.ahead for greeting in greetings), None)
    if ahead is None:
        return skipped(said("no_time"))
    if abs(ahead) > MOST_AHEAD:
        minutes = f"{abs(ahead) / 60:.0f}"
        return failed(said("clock_slow" if ahead > 0 else "clock_fast", minutes=minutes), said("set_clock"))
    return ok(said("clock", seconds=f"{abs(ahead):.0f}"))


def _models(subject: Subject) -> Finding:
    model = subject.choice.model
    try:
        live = subject.assistant.connections.models(subject.choice, subject.use)
    except KeyRefused as error:
        return failed(message_of(error), joined(hint_of(error), _other_regions(subject)))
    if model in live or f"{model}:latest" in live:
        return ok(said("listed", count=len(live), model=model))
    if subject.vendor.kind == "ollama":
        return failed(said("not_pulled", count=len(live), model=model or "?"), said("pull", model=model or "…"))
    hint = said("choose_model", names=", ".join(live[:_SHOWN])) if live else said("activate")
    return failed(said("not_listed", count=len(live), model=model or "?"), hint)


def _elsewhere(subject: Subject) -> dict[str, str]:
    """Return the vendor's addresses in other regions, by their label; the key may go there, being the vendor's own hosts."""
    vendor = subject.vendor
    if not vendor.owns(host_of(subject.address)):
        return {}
    here = host_of(subject.address)
    presets = [preset for preset in vendor.presets if "{" not in preset.base_url]
    return {preset.label: preset.base_url for preset in presets if host_of(preset.base_url) != here}


def _other_regions(subject: Subject) -> Said:
    labels = _elsewhere(subject)
    return said("regions_hint", names="; ".join(labels)) if labels else said("plain", text="")


def _regions(subject: Subject) -> Finding:
    """Ask the vendor's other regions for their list of models: the one that answers is where the key belongs."""
    regions = _elsewhere(subject)
    if not regions:
        return skipped(said("no_regions"))
    taken: list[str] = []
    refused: list[str] = []
    silent: list[AssistantError] = []
    for label, address in regions.items():
        try:
            subject.assistant.connections.models(replace(subject.choice, base_url=address), subject.use)
        except KeyRefused:
            refused.append(label)
        except SettingsError:
            raise
        except AssistantError as error:
            silent.append(error)
        else:
            taken.append(label)
    if taken:
        return ok(said("region_takes", names="; ".join(taken)), said("choose_region"))
    if silent and not refused:
        return found(silent[0])
    return failed(said("region_none", names="; ".join(refused), silent=len(silent)), said("new_key"))
