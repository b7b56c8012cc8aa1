"""The same actions for a terminal and for scripts: parse, call, print. Knows no Streamlit."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from assistant import (
    cli_actions,
    cli_backlog,
    cli_backups,
    cli_cards,
    cli_conversations,
    cli_doctor,
    cli_evaluate,
    cli_guide,
    cli_prices,
    cli_print,
    cli_quiz,
    cli_study,
    cli_usage,
)
from assistant.answers.refinement import Method
from assistant.bootstrap import Assistant, open_assistant
from assistant.cli_agree import error_json
from assistant.cli_arguments import positive, text, words
from assistant.cli_terminal import calm_terminal
from assistant.errors import AssistantError, Cancelled, Language
from assistant.settings import Settings, read_settings

Command = Callable[[Assistant, argparse.Namespace], dict[str, Any]]
Check = Callable[[Settings, argparse.Namespace], dict[str, Any]]

_UNOPENED = (cli_doctor.doctor, cli_backups.restore)  # open the data folder themselves: it may be what is wrong


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit code: 0 done, 1 refused or failed, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # Windows defaults to a code page
    given = _parser().parse_args(arguments)
    with calm_terminal(json=given.json):
        return _run(given)


def _run(given: argparse.Namespace) -> int:
    language: Language = "zh"
    try:
        settings = read_settings(_choices(given))
        language = settings.language or "zh"
        result: dict[str, Any]
        if given.run in _UNOPENED:
            result = given.run(settings, given)
        else:
            assistant = open_assistant(settings)
            language = assistant.settings.language or "zh"
            result = given.run(assistant, given)
    except AssistantError as error:
        return _fail(error, language, given.json)
    except KeyboardInterrupt:
        return _fail(Cancelled(), language, given.json)
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
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = _Commands(subparsers.add_parser, shared, model)
    _add_questions(command)
    _add_quiz(command)
    _add_cards(command)
    _add_study(command)
    _add_upkeep(command)
    cli_backups.add_commands(command.add)
    return parser


@dataclass(frozen=True, slots=True)
class _Commands:
    """Adds commands that all take the shared options; ``model`` are those of commands that use one."""

    new: Callable[..., argparse.ArgumentParser]
    shared: argparse.ArgumentParser
    model: argparse.ArgumentParser

    def add(
        self,
        name: str,
        run: Command | Check,
        show: Callable[[Any, Language], None],
        about: str,
        *parents: argparse.ArgumentParser,
    ) -> argparse.ArgumentParser:
        made = self.new(name, help=about, description=about, parents=[self.shared, *parents])
        made.set_defaults(run=run, show=show)
        return made


def _add_questions(command: _Commands) -> None:
    """Add what a learner does with notes and questions."""
    sync = command.add(
        "sync", cli_actions.sync, cli_print.sync, "Read what is new or changed in the notes folders.", command.model
    )
    sync.add_argument("--estimate", action="store_true", help="say what would be done, and do nothing")
    sync.add_argument("--ocr", action="store_true", help="then read scanned pages and pictures by OCR")
    search = command.add("search", cli_actions.search, cli_print.search, "Find passages.")
    search.add_argument("query", type=words)
    search.add_argument("-k", type=positive, default=6, metavar="N", help="how many passages")
    _add_scope(search)
    preview = command.add(
        "preview",
        cli_actions.preview,
        cli_print.preview,
        "Show what a question would send, and what it would cost.",
        command.model,
    )
    preview.add_argument("question", type=words)
    preview.add_argument("--compare", action="store_true", help="the same for every model that could be asked now")
    _add_scope(preview)
    ask = command.add("ask", cli_actions.ask, cli_print.ask, "Answer a question from the notes.", command.model)
    ask.add_argument("question", type=words)
    ask.add_argument(
        "--conversation", type=text, metavar="ID", help="go on with this conversation, within what it is kept to"
    )
    _add_scope(ask)
    ask.add_argument(
        "--rewrite", choices=get_args(Method), help="have the model word the question anew for the search first"
    )
    ask.add_argument(
        "--rerank", type=text, metavar="PROVIDER/MODEL", help="have this model put the passages in order first"
    )
    tokens = command.add("tokens", cli_actions.tokens, cli_print.tokens, "Cut a text into tokens.")
    tokens.add_argument("text", type=text)
    tokens.add_argument("--model", type=text, metavar="M", help="as this model counts")
    usage = command.add("usage", cli_usage.usage, cli_print.usage, "Sum up what was sent, and what it cost.")
    usage.add_argument("--by", choices=("day", "model", "provider", "purpose"), default="model")
    usage.add_argument("--since", type=cli_usage.day_of, metavar="YYYY-MM-DD", help="from this day on")
    usage.add_argument("--csv", type=Path, metavar="FILE", help="write every call into this file")
    chats = command.add(
        "conversations",
        cli_conversations.conversations,
        cli_conversations.show,
        "List, search, export or import chats.",
    )
    chats.add_argument("--search", type=text, metavar="TEXT", help="only those in which this was asked or answered")
    chats.add_argument("--export", type=text, metavar="ID", help="print this one")
    chats.add_argument("--format", choices=cli_conversations.FORMATS, default="md", help="how it is printed")
    chats.add_argument(
        "--import", type=Path, dest="import_file", metavar="FILE", help="add one that was exported as JSON"
    )


def _add_study(command: _Commands) -> None:
    """Add what turns notes into memory."""
    command.add(
        "glossary",
        cli_study.glossary,
        cli_study.show_glossary,
        "List the terms that the notes define, in both languages.",
    )
    backlog = command.add(
        "backlog", cli_backlog.backlog, cli_backlog.show_backlog, "List what the notes leave open.", command.model
    )
    backlog.add_argument("--all", action="store_true", help="also what is done")
    backlog.add_argument("--done", type=text, metavar="ID", help="settle this item")
    backlog.add_argument("--reopen", type=text, metavar="ID", help="open this item again")
    backlog.add_argument("--explain", type=text, metavar="ID", help="explain this item from the notes")
    guide = command.add(
        "guide", cli_guide.guide, cli_guide.show_guide, "Write a study guide of the notes, with sources.", command.model
    )
    guide.add_argument(
        "--in", dest="within", type=text, action="append", metavar="PATH", help="only of this note or folder"
    )
    guide.add_argument("--summary", action="store_true", help="a short summary instead")
    guide.add_argument("--map", choices=("md", "svg"), help="a mind map of the headings instead; costs nothing")


def _add_scope(command: argparse.ArgumentParser) -> None:
    """Add all that a search can be kept to; of each kind that is named, a note needs one."""
    command.add_argument(
        "--in", dest="within", type=text, action="append", metavar="PATH", help="only in this note or folder"
    )
    command.add_argument(
        "--tag", dest="tags", type=text, action="append", metavar="TAG", help="only notes with this tag"
    )
    command.add_argument(
        "--kind", dest="kinds", choices=cli_actions.NOTE_KINDS, action="append", help="only this kind of file"
    )
    command.add_argument(
        "--since", type=cli_usage.day_of, metavar="YYYY-MM-DD", help="only files changed since this day"
    )
    command.add_argument(
        "--until", type=cli_usage.day_of, metavar="YYYY-MM-DD", help="only files changed until this day"
    )


def _add_quiz(command: _Commands) -> None:
    quiz = command.add("quiz", cli_quiz.quiz, cli_quiz.show, "Be asked about the notes, and answer.", command.model)
    quiz.add_argument("action", choices=cli_quiz.ACTIONS, nargs="?", default="make")
    quiz.add_argument("id", type=text, nargs="?", metavar="ID", help="which quiz, as make and list name it")
    quiz.add_argument("-n", type=positive, dest="number", metavar="N", help="how many questions")
    quiz.add_argument("--kind", choices=cli_quiz.KINDS, action="append", help="only questions of this kind")
    quiz.add_argument(
        "--in", dest="within", type=text, action="append", metavar="PATH", help="only of this note or folder"
    )
    quiz.add_argument("--question", type=positive, metavar="N", help="which question; left out: the next")
    quiz.add_argument("--choice", type=positive, action="append", metavar="N", help="answer with this option")
    quiz.add_argument("--text", type=text, help="answer in words")
    marks = quiz.add_mutually_exclusive_group()
    marks.add_argument("--right", dest="as_right", action="store_true", default=None, help="mark: it was right")
    marks.add_argument("--not-right", dest="as_right", action="store_false", default=None, help="mark: it was not")


def _add_cards(command: _Commands) -> None:
    """Add what makes notes stay in mind."""
    cards = command.add(
        "cards", cli_cards.cards, cli_cards.show, "List, make, review, export or import cards.", command.model
    )
    cards.add_argument("action", nargs="?", choices=cli_cards.ACTIONS, default="list", metavar="ACTION",
                       help=", ".join(cli_cards.ACTIONS))  # fmt: skip
    cards.add_argument("ids", nargs="*", type=positive, metavar="ID", help="the cards that an action is about")
    cards.add_argument("--in", dest="within", type=text, action="append", metavar="PATH", help="make: only from here")
    cards.add_argument("--by-model", action="store_true", help="make: written by a model; says the price first")
    cards.add_argument("--front", type=text, metavar="TEXT", help="make: a card of your own; {{…}} hides words")
    cards.add_argument("--back", type=text, metavar="TEXT")
    cards.add_argument("--accept", action="store_true", help="make, import: straight into the deck")
    cards.add_argument("--new", action="store_true", help="list: those that wait to be looked over")
    cards.add_argument("--search", type=text, metavar="TEXT", help="list: only those with these words")
    cards.add_argument("--limit", type=positive, default=1_000, metavar="N", help="list: how many at most")
    cards.add_argument("--grade", type=int, choices=(1, 2, 3, 4), help="review: grade the card ID")
    cards.add_argument("--file", type=Path, metavar="FILE", help="export: to .apkg or .csv; import: from .csv or .txt")


def _add_upkeep(command: _Commands) -> None:
    """Add what keeps the app itself honest."""
    doctor = command.add(
        "doctor", cli_doctor.doctor, cli_print.doctor, "Check folders, data, keys and the chosen model.", command.model
    )
    doctor.add_argument(
        "--try-regions", action="store_true", help="ask the provider's other regions whether they take its key"
    )
    prices = command.add(
        "prices", cli_prices.prices, cli_print.prices, "Show where the catalogue differs from a public price file."
    )
    prices.add_argument("file", type=Path, metavar="FILE", help="litellm's price file, or the api.json of models.dev")
    evaluate = command.add(
        "evaluate",
        cli_evaluate.evaluate,
        cli_print.evaluate,
        "Measure retrieval on a BEIR folder, or on your own notes.",
    )
    what = evaluate.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", type=Path, nargs="?")
    what.add_argument("--own", action="store_true", help="ask your own notes questions made from their headings")
    evaluate.add_argument("-k", type=positive, default=10, metavar="N")
    evaluate.add_argument("--yes", action="store_true", help="agree to the cost")


def _choices(given: argparse.Namespace) -> dict[str, str]:
    names = {"notes": "ASSISTANT_NOTES_DIR", "data": "ASSISTANT_DATA_DIR"}
    return {variable: value for name, variable in names.items() if (value := getattr(given, name, None))}


def _fail(error: AssistantError, language: Language, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": error_json(error, language)}, ensure_ascii=False))
    else:
        print(f"{error.message(language)}\n{error.hint(language)}", file=sys.stderr)
    return 1
