"""The checks of an Ollama server: is it installed, does it run, what has it pulled, what is in its memory."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.doctor.checks import Finding, Step, failed, ok, skipped
from assistant.doctor.texts import said
from assistant.errors import Unreachable
from assistant.providers.entries import is_this_machine
from assistant.providers.ollama_library import OllamaLibrary, has_program


def ollama_steps(library: OllamaLibrary) -> Iterator[Step]:
    """Return the checks; what needs a running server is asked only of one that runs."""
    runs: list[bool] = []
    yield Step("ollama", "ollama_running", lambda: _running(library, runs))
    if runs:
        yield Step("ollama", "ollama_models", lambda: _models(library))
        yield Step("ollama", "ollama_loaded", lambda: _loaded(library))


def absence(library: OllamaLibrary) -> Finding:
    """Say as well as can be told why no Ollama answers: not started, not installed, or on another machine."""
    address = library.address
    if not is_this_machine(address):
        return failed(said("ollama_far", address=address), said("start_there"))
    if has_program():
        return failed(said("ollama_stopped", address=address), said("start_ollama"))
    return failed(said("ollama_absent", address=address), said("install_ollama"))


def _running(library: OllamaLibrary, runs: list[bool]) -> Finding:
    try:
        version = library.version()
    except Unreachable:
        return absence(library)
    runs.append(True)
    return ok(said("ollama_runs", version=version, address=library.address))


def _models(library: OllamaLibrary) -> Finding:
    models = library.models()
    if not models:
        return failed(said("none_pulled"), said("pull_one"))
    size = f"{sum(model.size for model in models) / 1e9:.1f}"
    return ok(said("pulled", count=len(models), size=size))


def _loaded(library: OllamaLibrary) -> Finding:
    loaded = library.running()
    if not loaded:
        return skipped(said("none_loaded"))
    return ok(said("loaded", names=", ".join(f"{model.name} ({model.size / 1e9:.1f} GB)" for model in loaded)))
