"""Looks whether everything the learner has set up works, and says what to do where it does not. Changes nothing but the ledger."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant import cli_actions
from assistant.bootstrap import Assistant, open_assistant
from assistant.connections import Choice
from assistant.errors import AssistantError, Language, ModelError
from assistant.knowledge.consistency import contradictions
from assistant.knowledge.notes import Found, walk
from assistant.money.cost import Receipt, bill
from assistant.money.vocabularies import VOCABULARIES, encoding
from assistant.providers.base import Message, Request, Usage
from assistant.providers.catalog import host_of, is_local
from assistant.settings import Settings

TINY = Request((Message("user", "Say OK."),), "Say OK.", (), max_tokens=16)

_TEXTS: dict[str, dict[Language, str]] = {
    "free": {"zh": "{path}，剩余 {free} GB", "en": "{path}, {free} GB free"},
    "read_only": {"zh": "{path} 不可写", "en": "{path} is not writable"},
    "choose_data": {"zh": "用 ASSISTANT_DATA_DIR 换一个文件夹。", "en": "Choose another with ASSISTANT_DATA_DIR."},
    "files": {"zh": "{path}：{count} 个文件", "en": "{path}: {count} files"},
    "missing": {"zh": "找不到 {path}", "en": "{path} is not there"},
    "choose_notes": {
        "zh": "用 ASSISTANT_NOTES_DIR 指定笔记文件夹。",
        "en": "Name your notes folder with ASSISTANT_NOTES_DIR.",
    },
    "consistent": {"zh": "没有矛盾", "en": "no contradictions"},
    "sync": {
        "zh": "运行 sync：它会修复由笔记得出的数据。",
        "en": "Run sync: it repairs what is derived from the notes.",
    },
    "offline": {"zh": "离线：不会发送任何内容", "en": "offline: nothing is sent"},
    "key": {"zh": "{name} = {key}", "en": "{name} = {key}"},
    "no_key_needed": {"zh": "没有密钥，本机的服务不需要", "en": "no key; a server on this machine needs none"},
    "no_key": {"zh": "没有 {name}", "en": "{name} is not set"},
    "set_key": {
        "zh": "在侧栏里填写，或写进 .env：{name}=…",
        "en": "Type it in the sidebar, or write it into .env: {name}=…",
    },
    "listed": {"zh": "{count} 个模型，其中有 {model}", "en": "{count} models, {model} among them"},
    "not_listed": {"zh": "{count} 个模型，其中没有 {model}", "en": "{count} models, {model} not among them"},
    "choose_model": {"zh": "可以用：{names}", "en": "It has: {names}"},
    "answered": {"zh": "输入 {prompt}、输出 {completion} token", "en": "{prompt} tokens in, {completion} out"},
    "no_usage": {"zh": "回答了，但没有说明用量", "en": "it answered, but did not say its usage"},
    "no_bill": {
        "zh": "可以使用，但实际费用无法核对。",
        "en": "It can be used, but what it really cost cannot be checked.",
    },
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; ``hint`` is the next step, empty where none is needed."""

    ok: bool
    message: str
    hint: str = ""


def doctor(settings: Settings, given: argparse.Namespace) -> dict[str, Any]:
    """Check everything, one by one; only ``--yes`` asks a model something."""
    language: Language = settings.language or "zh"
    checks: list[dict[str, Any]] = []
    opened: list[Assistant] = []

    def check(name: str, look: Callable[[], Finding]) -> None:
        started = time.perf_counter()
        try:
            found = look()
        except AssistantError as error:
            found = Finding(False, error.message(language), error.hint(language))
        seconds = round(time.perf_counter() - started, 3)
        checks.append({"name": name, "ok": found.ok, "message": found.message, "hint": found.hint, "seconds": seconds})

    check("data_folder", lambda: _data_folder(settings, opened, language))
    check("vocabularies", _vocabularies)
    for assistant in opened:
        for folder in assistant.settings.notes:
            check("notes_folder", lambda folder=folder: _notes_folder(folder, language))  # type: ignore[misc]
        check("consistency", lambda: _consistency(assistant, language))  # noqa: B023
        _check_models(assistant, given, language, check)
        assistant.database.close()
    return {"checks": checks, "ok": all(one["ok"] for one in checks)}


def _check_models(
    assistant: Assistant,
    given: argparse.Namespace,
    language: Language,
    check: Callable[[str, Callable[[], Finding]], None],
) -> None:
    choice = assistant.chat_choice

    def named() -> Finding:
        nonlocal choice
        choice = cli_actions.chat_choice(assistant, given)
        return _key(assistant, choice, "ASSISTANT_API_KEY", language)

    check("chat_key", named)
    if choice.provider != "offline":
        check("chat_models", lambda: _models(assistant, choice, language))
        if given.yes:
            check("chat_answer", lambda: _answer(assistant, choice, language))
    embedding = cli_actions.embedding_choice(assistant, argparse.Namespace(provider=None, model=None))
    if embedding.provider != "offline":
        check("embedding_key", lambda: _key(assistant, embedding, "ASSISTANT_EMBEDDING_API_KEY", language))
        if given.yes:
            check("embedding_vector", lambda: _vector(assistant))


def _data_folder(settings: Settings, opened: list[Assistant], language: Language) -> Finding:
    import shutil

    assistant = open_assistant(settings)
    opened.append(assistant)
    path = settings.data.absolute()
    if not os.access(path, os.W_OK):
        return Finding(False, _say("read_only", language, path=path), _say("choose_data", language))
    return Finding(True, _say("free", language, path=path, free=f"{shutil.disk_usage(path).free / 1e9:.1f}"))


def _notes_folder(folder: Any, language: Language) -> Finding:
    if not folder.is_dir():
        return Finding(False, _say("missing", language, path=folder), _say("choose_notes", language))
    count = sum(isinstance(found, Found) for found in walk(folder))
    return Finding(True, _say("files", language, path=folder, count=count))


def _consistency(assistant: Assistant, language: Language) -> Finding:
    wrong = contradictions(assistant.database, assistant.embedder.key)
    if wrong:
        return Finding(False, "; ".join(wrong), _say("sync", language))
    return Finding(True, _say("consistent", language))


def _vocabularies() -> Finding:
    for name in VOCABULARIES:
        encoding(name)
    return Finding(True, ", ".join(VOCABULARIES))


def _key(assistant: Assistant, choice: Choice, other: str, language: Language) -> Finding:
    """Say whether there is a key that may go to the chosen address."""
    vendor = assistant.connections.catalog.provider(choice.provider)
    if vendor.kind == "offline":
        return Finding(True, _say("offline", language))
    address = assistant.connections.address(choice)
    own = vendor.key_name is not None and (vendor.owns(host_of(address)) or vendor.kind == "ollama")
    name = vendor.key_name if own and vendor.key_name else other
    masked = assistant.connections.masked_key(name)
    if masked:
        return Finding(True, _say("key", language, name=name, key=masked))
    if is_local(address) or vendor.kind == "ollama":
        return Finding(True, _say("no_key_needed", language))
    return Finding(False, _say("no_key", language, name=name), _say("set_key", language, name=name))


def _models(assistant: Assistant, choice: Choice, language: Language) -> Finding:
    live = assistant.connections.models(choice)
    listed = choice.model in live or f"{choice.model}:latest" in live
    said = _say("listed" if listed else "not_listed", language, count=len(live), model=choice.model or "?")
    return Finding(listed, said, "" if listed else _say("choose_model", language, names=", ".join(live[:8])))


def _answer(assistant: Assistant, choice: Choice, language: Language) -> Finding:
    """Ask for one word, and write the call into the ledger as every other one."""
    connection = assistant.connections.chat(choice)
    started = time.perf_counter()
    usage: Usage | None = None
    failure: ModelError | None = None
    try:
        for delta in connection.model.stream(TINY):
            usage = delta.usage or usage
    except ModelError as error:
        failure = error
    receipt = Receipt(
        provider=connection.model.provider,
        model=connection.model.name,
        predicted_prompt_tokens=connection.counter.prompt(TINY.messages),
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        cost=bill(connection.entry, usage or Usage(None, None), thinking=False),
        seconds=time.perf_counter() - started,
        seconds_to_first_token=None,
    )
    assistant.ledger.enter("test", receipt, "failed" if failure else "complete", failure.kind if failure else None)
    if failure is not None:
        raise failure
    if usage is None:
        return Finding(False, _say("no_usage", language), _say("no_bill", language))
    return Finding(True, _say("answered", language, prompt=usage.prompt_tokens, completion=usage.completion_tokens))


def _vector(assistant: Assistant) -> Finding:
    rows = assistant.embedder.embed(["ok"])
    return Finding(True, f"{assistant.embedder.key}: {rows.shape[1]}")


def _say(name: str, language: Language, /, **fields: object) -> str:
    return _TEXTS[name][language].format(**fields)
