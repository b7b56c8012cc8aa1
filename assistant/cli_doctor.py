"""The checks for a terminal and for scripts: which ones, in order, and their JSON. The checks themselves are in doctor/."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from assistant import cli_actions
from assistant.bootstrap import Assistant, open_assistant
from assistant.connections import Choice
from assistant.doctor.checks import Check, Finding, Step, found, run
from assistant.doctor.embedding import embedding_steps, spend_of_embedding
from assistant.doctor.machine import data_folder, notes_steps, vocabularies
from assistant.doctor.model import chat_steps, spend_of_chat
from assistant.doctor.ollama import ollama_steps
from assistant.doctor.provider import Subject, provider_steps
from assistant.doctor.spend import Spend
from assistant.errors import AssistantError, Language
from assistant.settings import Settings


def doctor(settings: Settings, given: argparse.Namespace) -> dict[str, Any]:
    """Check everything, one by one; only ``--yes`` asks a model something, what it would cost is said without it."""
    language: Language = settings.language or "zh"
    checks: list[Check] = []
    spends: list[Spend] = []
    opened: list[Assistant] = []
    checks += run([Step("machine", "data_folder", lambda: _opened(settings, opened))])
    checks += run([Step("machine", "vocabularies", vocabularies)])
    for assistant in opened:
        language = assistant.settings.language or "zh"
        checks += run(notes_steps(assistant))
        checks += run(_model_steps(assistant, given, spends))
        assistant.database.close()
    return {
        "checks": [check.as_json(language) for check in checks],
        "ok": all(check.ok for check in checks),
        "spend": [spend.as_json() for spend in spends],
        "asked": bool(given.yes and spends),
    }


def _opened(settings: Settings, opened: list[Assistant]) -> Finding:
    assistant = open_assistant(settings)
    opened.append(assistant)
    return data_folder(settings.data)


def _model_steps(assistant: Assistant, given: argparse.Namespace, spends: list[Spend]) -> Iterator[Step]:
    try:
        chat = Subject(assistant, cli_actions.chat_choice(assistant, given), "chat")
    except AssistantError as error:
        finding = found(error)
        yield Step("chat", "chat_key", lambda: finding)
        return
    unnamed = argparse.Namespace(provider=None, model=None)
    embedding = Subject(assistant, cli_actions.embedding_choice(assistant, unnamed), "embedding")
    yield from provider_steps(chat, try_regions=given.try_regions)
    if spend := _known(spend_of_chat, chat, spends):
        yield from chat_steps(chat) if given.yes and spend else ()
    if embedding.vendor.kind != "offline":
        yield from provider_steps(embedding, try_regions=given.try_regions)
        if _known(spend_of_embedding, embedding, spends) and given.yes:
            yield from embedding_steps(embedding)
    yield from _ollama(assistant, chat.choice, embedding.choice)


def _known(ask: Any, subject: Subject, spends: list[Spend]) -> Spend | None:
    """Add what asking would cost; a choice that leads nowhere has its own check that says so."""
    try:
        spend: Spend | None = ask(subject)
    except AssistantError:
        return None
    spends += [spend] if spend else []
    return spend


def _ollama(assistant: Assistant, *choices: Choice) -> Iterator[Step]:
    chosen = next((choice for choice in choices if choice.provider == "ollama"), None)
    if chosen is not None:
        yield from ollama_steps(assistant.connections.library(chosen))
