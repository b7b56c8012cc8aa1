"""What each command does: calls the parts and returns the contract's JSON. Knows no parser and prints no result."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from assistant import cli_notices, cli_ocr
from assistant.answers import ask as asking
from assistant.answers.ask import Draft
from assistant.answers.compare import Compared, compare, in_groups
from assistant.answers.turn import Turn, match_json
from assistant.bootstrap import Assistant
from assistant.cli_agree import agree, error_json
from assistant.cli_refine import refine
from assistant.cli_scope import given_scope, reached
from assistant.connections import Choice, given_chat, given_embedding
from assistant.errors import AssistantError, Language, NotFound, SettingsError
from assistant.knowledge.notes import KINDS
from assistant.knowledge.search import Findings
from assistant.knowledge.sync import Progress, Sync, SyncReport
from assistant.money.cost import Paid
from assistant.money.tokens import USUAL, prompt_counter, tokens_of
from assistant.providers.catalog import Catalog, ChatEntry
from assistant.providers.entries import age_in_days
from assistant.settings import Settings

NOTE_KINDS = sorted(set(KINDS.values()))

_FIRST_SEEN = 1.0  # seconds between two lines about a wait
_EVERY = 5.0  # the same, where it may last for minutes


def chat_choice(assistant: Assistant, given: argparse.Namespace) -> Choice:
    """Return the chat model that the command line names, completed by what was chosen before."""
    settings = assistant.given
    kept = given_chat(settings)
    return _named(assistant, assistant.chat_choice, kept, "ASSISTANT_PROVIDER" in settings.fixed, given)


def embedding_choice(assistant: Assistant, given: argparse.Namespace) -> Choice:
    """Return the embedding model that the command line names, completed by what was chosen before."""
    settings = assistant.given
    kept = given_embedding(settings)
    return _named(assistant, assistant.embedding_choice, kept, "ASSISTANT_EMBEDDING_PROVIDER" in settings.fixed, given)


def _named(assistant: Assistant, chosen: Choice, kept: Choice, fixed: bool, given: argparse.Namespace) -> Choice:
    """Put the command line first; an address and a model that were set for one provider are not taken to another."""
    if given.provider and given.provider != chosen.provider:
        same = given.provider == kept.provider or not fixed
        chosen = replace(kept, provider=given.provider) if same else Choice(given.provider)
    if given.model:
        if assistant.connections.catalog.provider(chosen.provider).kind == "offline":
            raise SettingsError(name="--model", value=repr(given.model), allowed=f"--provider P --model {given.model}")
        chosen = replace(chosen, model=given.model)
    return chosen


def sync(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Read what is new; with another embedding model, build its vectors beside the old ones and switch at the end."""
    folders = assistant.settings.notes
    if not any(folder.is_dir() for folder in folders):
        raise NotFound(what=", ".join(str(folder) for folder in folders))
    choice = embedding_choice(assistant, given)
    embedder = assistant.meter(choice)
    work = Sync(assistant.store, assistant.uploads, embedder, folders)
    if given.estimate or not (embedder.offline or embedder.entry.local):
        estimate = work.estimate()
        if given.estimate:
            return report_json(estimate, assistant.settings)
        if estimate.embedded_chunks and not isinstance(estimate.cost, Paid):
            agree(assistant, estimate.cost, given.yes)
    assistant.database.backups.attempt()
    saying = Saying(assistant.settings.language or "zh")
    report = work.run(saying)
    if given.ocr and report.needs_ocr:
        free = embedder.offline or embedder.entry.local
        ask_first = None if free else partial(agree, assistant, yes=given.yes)
        report = report.followed_by(cli_ocr.recognise(assistant, work, saying, ask_first))
    if embedder.key != assistant.embedder.key:
        assistant.choose_embedding(choice)
    return report_json(report, assistant.settings)


class Saying:
    """Says on stderr where a sync stands: a line for each file and page, and one every few seconds of a wait."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._said: object = None

    def __call__(self, progress: Progress) -> None:
        """Say it, unless the same was said just now."""
        line = f"[{progress.done + 1}/{progress.total}] {progress.path}"
        line += f"  {progress.page}/{progress.pages}" if progress.pages else ""
        step: object = line
        if progress.waiting is not None:
            error, seconds = progress.waiting
            step = (line, error, int(seconds / _EVERY))
            line += f"  {error.message(self._language)} ({seconds:.0f} s)"
        if step != self._said:
            self._said = step
            sys.stderr.write(line + "\n")


def report_json(report: SyncReport, settings: Settings) -> dict[str, Any]:
    """Return the contract's form of a sync report."""
    language = settings.language or "zh"
    return {
        "notes": report.notes,
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "renamed": [{"from": old, "to": new} for old, new in report.renamed],
        "unchanged": report.unchanged,
        "partly": [
            {"path": note.place.path, "pages": list(problem.pages), "reason": problem.reason}
            for note in report.partly
            for problem in note.problems
        ],
        **cli_notices.report_json(report),
        "failed": [
            {"path": path, "kind": error.kind, "message": error.message(language)} for path, error in report.failed
        ],
        **cli_ocr.report_json(report),
        "missing_folders": report.missing_folders,
        "unsettled": report.unsettled,
        "skipped": [{"path": skipped.path, "reason": skipped.reason} for skipped in report.skipped],
        "chunks": report.chunks,
        "embedded_chunks": report.embedded_chunks,
        "embedding_tokens": report.embedding_tokens,
        "known_chunks": report.known_chunks,
        "minutes": None if report.minutes is None else round(report.minutes, 2),
        "cost": report.cost.as_json() if report.cost else None,
        "seconds": round(report.seconds, 3),
    }


def search(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Find passages."""
    started = time.perf_counter()
    scope = given_scope(given)
    findings = assistant.search.find(given.query, given.k, within=scope.within(assistant.store.notes()))
    return {
        "matches": [match_json(match) for match in findings.matches],
        "relevant": findings.relevant,
        **search_json(findings, assistant.settings.language or "zh"),
        "seconds": round(time.perf_counter() - started, 4),
    }


def preview(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Write the messages and count them; no chat model is asked."""
    draft = _draft(assistant, given)
    messages = [message.as_json() for message in draft.request.messages]
    language = assistant.settings.language or "zh"
    found = search_json(draft.findings, language)
    result = {**preview_json(draft), **found, "with_keys": draft.with_keys, "messages": messages}
    if given.compare:
        choices = assistant.choices_beside(chat_choice(assistant, given))
        first, *others = compare(draft, choices, assistant.connections.chat)
        rows = [first, *(row for group in in_groups(others) for row in group)]
        result["models"] = [_compared_json(row, draft, language) for row in rows]
    return result


def preview_json(draft: Draft) -> dict[str, Any]:
    """Return a preview with the age of its prices."""
    as_of = draft.connection.entry.as_of
    age = age_in_days(as_of, datetime.now(UTC).date())
    return {
        **draft.preview.as_json(),
        "price_as_of": as_of.isoformat() if as_of else None,
        "price_age_days": age,
    }


def _compared_json(row: Compared[Choice], draft: Draft, language: Language) -> dict[str, Any]:
    """Return one model of a comparison: the keys of a preview; where it failed all unknown, and an ``error`` beside them."""
    if row.error is None and row.draft is not None:
        return preview_json(row.draft)
    said = {"provider": row.choice.provider, "model": row.choice.model}
    error = {"error": error_json(row.error, language)} if row.error else {}
    return {**dict.fromkeys(preview_json(draft)), **said, **error}


def ask(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Answer a question, once its cost is agreed to; what is refused leaves nothing behind in the conversation."""
    if given.conversation:
        assistant.conversations.get(given.conversation)
    draft = refine(assistant, _draft(assistant, given, given.conversation), given)
    if draft.asks_a_model:
        if draft.refusal:
            raise draft.refusal
        agree(assistant, draft.preview.cost, given.yes)
    conversation, turn_id = assistant.conversations.ask(given.conversation, given.question)
    turn = assistant.answer(conversation, turn_id, draft)
    _wait_for(turn, assistant.settings.language or "zh")
    if turn.answer is None or turn.error is not None:
        raise turn.error or AssistantError(detail=given.question)
    return {
        "answer": turn.answer.text,
        "citations": [citation.as_json() for citation in turn.answer.citations],
        "verification": turn.answer.verdict.as_json(),
        "relevant": draft.relevant,
        "basis": draft.basis,
        "scope": draft.asked.reach.as_json(),
        **search_json(draft.findings, assistant.settings.language or "zh"),
        "refined": [step.as_json() for step in draft.asked.refined],
        **turn.answer.receipt.as_json(),
        "conversation": conversation,
    }


def search_json(findings: Findings, language: Language) -> dict[str, Any]:
    """Return what a search took: what was sent to the embedding model, its bill, and why there may be no vectors."""
    sent, failure = findings.sent, findings.without_vectors
    return {
        "search_cost": sent.cost.as_json() if sent and sent.cost else None,
        "searched": {
            "vectors": findings.with_vectors,
            "sent": sent.as_json() if sent else None,
            "without_vectors": error_json(failure, language) if failure else None,
        },
    }


def _draft(assistant: Assistant, given: argparse.Namespace, conversation: str | None = None) -> Draft:
    connection = assistant.connections.chat(chat_choice(assistant, given))
    history = assistant.conversations.history(conversation) if conversation else []
    question, reach = reached(assistant, given, conversation)
    return asking.prepare(
        question,
        search=assistant.search,
        connection=connection,
        history=history,
        answer_in=assistant.answer_language,
        reach=reach,
    )


def _wait_for(turn: Turn, language: Language) -> None:
    """Wait for the end, telling why it takes long; Ctrl-C stops the model and keeps what was said."""
    try:
        while turn.state == "running":
            turn.wait(_FIRST_SEEN)
            if turn.waiting is not None:
                error, seconds = turn.waiting
                sys.stderr.write(f"{error.message(language)} ({seconds:.0f} s)\n")
    except KeyboardInterrupt:
        turn.cancel()
        turn.wait(5)
        raise
    turn.wait()


def tokens(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Cut a text as a model's vocabulary does; without a model as OpenAI's newer ones do."""
    counter = prompt_counter(entry_of(given.model, assistant.connections.catalog)) if given.model else None
    vocabulary = counter.vocabulary if counter else USUAL
    pieces = list(tokens_of(given.text, vocabulary))
    return {
        "count": len(pieces),
        "exact": counter.exact if counter else True,
        "tokens": [{"id": id_, "text": piece.decode("utf-8", "backslashreplace")} for id_, piece in pieces],
        "vocabulary": vocabulary,
        "model": given.model,
    }


def entry_of(model: str, known: Catalog) -> ChatEntry:
    """Find a model in the catalogue whoever sells it; one that is not listed has at least its family's vocabulary."""
    for provider in known.providers:
        for entry in known.chats(provider.name):
            if model in (entry.name, *entry.aliases):
                return entry
    return known.chat("custom", model)
