"""The same actions for a terminal and for scripts: parse, call, print. Knows no Streamlit."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant import cli_print
from assistant.answers.turn import match_json
from assistant.bootstrap import Assistant, open_assistant
from assistant.errors import AssistantError, Language, NotFound
from assistant.knowledge.sync import Progress, SyncReport
from assistant.settings import Settings, read_settings

Command = Callable[[Assistant, argparse.Namespace], dict[str, Any]]


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit code: 0 done, 1 refused or failed, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # Windows defaults to a code page
    given = _parser().parse_args(arguments)
    language: Language = "zh"
    try:
        settings = read_settings(_choices(given))
        assistant = open_assistant(settings)
        language = assistant.settings.language or "zh"
        result: dict[str, Any] = given.run(assistant, given)
    except AssistantError as error:
        return _fail(error, language, given.json)
    except KeyboardInterrupt:
        return 1
    if given.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        given.show(result, language)
    return 0


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    shared.add_argument("--notes", metavar="DIR", help="the notes folder(s)")
    shared.add_argument("--data", metavar="DIR", help="the data folder")
    model = argparse.ArgumentParser(add_help=False)
    model.add_argument("--provider", metavar="P")
    model.add_argument("--model", metavar="M")
    model.add_argument("--yes", action="store_true", help="agree to the cost")

    parser = argparse.ArgumentParser(prog="python -m assistant", description="Ask your own study notes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, run: Command, show: Callable[[Any, Language], None], about: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about, parents=[shared, *parents])
        made.set_defaults(run=run, show=show)
        return made

    sync = command("sync", _sync, cli_print.sync, "Read what is new or changed in the notes folders.", model)
    sync.add_argument("--estimate", action="store_true", help="say what would be done, and do nothing")
    search = command("search", _search, cli_print.search, "Find passages.")
    search.add_argument("query", type=_words)
    search.add_argument("-k", type=_positive, default=6, metavar="N", help="how many passages")
    search.add_argument(
        "--in", dest="within", type=_text, action="append", metavar="PATH", help="only in this note or folder"
    )
    preview = command(
        "preview", _preview, cli_print.preview, "Show what a question would send, and what it would cost.", model
    )
    preview.add_argument("question", type=_words)
    ask = command("ask", _ask, cli_print.ask, "Answer a question from the notes.", model)
    ask.add_argument("question", type=_words)
    ask.add_argument("--conversation", type=_text, metavar="ID", help="go on with this conversation")
    evaluate = command("evaluate", _evaluate, cli_print.evaluate, "Measure retrieval on a folder in BEIR layout.")
    evaluate.add_argument("folder", type=Path)
    evaluate.add_argument("-k", type=_positive, default=10, metavar="N")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def _text(argument: str) -> str:
    """Read an argument as UTF-8: under another locale Python hands its bytes over as lone surrogates, which no file takes."""
    try:
        return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # surrogates that stand for no byte: Windows
        return argument.encode("utf-8", "replace").decode("utf-8")


def _words(argument: str) -> str:
    if not argument.strip():
        raise argparse.ArgumentTypeError("say what you want to know")
    return _text(argument)


def _choices(given: argparse.Namespace) -> dict[str, str]:
    names = {
        "notes": "ASSISTANT_NOTES_DIR",
        "data": "ASSISTANT_DATA_DIR",
        "provider": "ASSISTANT_PROVIDER",
        "model": "ASSISTANT_MODEL",
    }
    return {variable: value for name, variable in names.items() if (value := getattr(given, name, None))}


def _fail(error: AssistantError, language: Language, as_json: bool) -> int:
    if as_json:
        print(
            json.dumps(
                {"error": {"kind": error.kind, "message": error.message(language), "hint": error.hint(language)}},
                ensure_ascii=False,
            )
        )
    else:
        print(f"{error.message(language)}\n{error.hint(language)}", file=sys.stderr)
    return 1


def _sync(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    folders = assistant.settings.notes
    if not any(folder.is_dir() for folder in folders):
        raise NotFound(what=", ".join(str(folder) for folder in folders))
    sync = assistant.sync()
    report = sync.estimate() if given.estimate else sync.run(_say)
    return report_json(report, assistant.settings)


def _say(progress: Progress) -> None:
    pages = f"  {progress.page}/{progress.pages}" if progress.pages else ""
    print(f"[{progress.done + 1}/{progress.total}] {progress.path}{pages}", file=sys.stderr)


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
        "failed": [
            {"path": path, "kind": error.kind, "message": error.message(language)} for path, error in report.failed
        ],
        "missing_folders": report.missing_folders,
        "skipped": [{"path": skipped.path, "reason": skipped.reason} for skipped in report.skipped],
        "chunks": report.chunks,
        "embedded_chunks": report.embedded_chunks,
        "embedding_tokens": report.embedding_tokens,
        "cost": report.cost.as_json() if report.cost else None,
        "seconds": round(report.seconds, 3),
    }


def _search(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    from time import perf_counter

    started = perf_counter()
    findings = assistant.search.find(given.query, given.k, within=given.within)
    return {
        "matches": [match_json(match) for match in findings.matches],
        "relevant": findings.relevant,
        "seconds": round(perf_counter() - started, 4),
    }


def _preview(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    draft = assistant.prepare(given.question)
    messages = [{"role": message.role, "content": message.content} for message in draft.request.messages]
    return {**draft.preview.as_json(), "messages": messages}


def _ask(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    history = assistant.conversations.history(given.conversation) if given.conversation else []
    conversation, turn_id = assistant.conversations.ask(given.conversation, given.question)
    draft = assistant.prepare(given.question, history)
    turn = assistant.answer(conversation, turn_id, draft)
    turn.wait()
    if turn.answer is None:
        raise turn.error or AssistantError(detail=given.question)
    return {
        "answer": turn.answer.text,
        "citations": [citation.as_json() for citation in turn.answer.citations],
        "relevant": draft.relevant,
        **turn.answer.receipt.as_json(),
        "conversation": conversation,
    }


def _evaluate(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Measure in a data folder of its own: the learner's notes have nothing to do with a public set."""
    from assistant.evaluate.beir import read_collection
    from assistant.evaluate.run import evaluate

    collection = read_collection(given.folder)
    with tempfile.TemporaryDirectory(prefix="study-assistant-", ignore_cleanup_errors=True) as folder:
        own = open_assistant(replace(assistant.given, data=Path(folder)))
        try:
            return evaluate(collection, own.store, own.search, own.embedder, given.k)
        finally:
            own.database.close()
