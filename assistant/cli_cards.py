"""Cards for a terminal and for scripts: list, make, look over, review, write out, read in. Knows no parser."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

from assistant.answers.export import printable
from assistant.bootstrap import Assistant
from assistant.cli_actions import chat_choice
from assistant.cli_agree import agree
from assistant.errors import CardsNotRead, DataFolderError, Language, NotFound, SettingsError
from assistant.study.card import GAP, Card
from assistant.study.card_export import cards_apkg, cards_csv
from assistant.study.card_import import LARGEST, read_cards
from assistant.study.cards import Proposed
from assistant.study.flashcards import by_hand, from_notes
from assistant.study.schedule import RATINGS, Rating, day_bounds

Action = Literal["list", "make", "accept", "drop", "review", "undo", "bury", "suspend", "resume", "export", "import"]
ACTIONS: tuple[Action, ...] = (
    *("list", "make", "accept", "drop", "review", "undo", "bury", "suspend", "resume", "export", "import"),
)


def cards(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Do what is asked; every action answers with the cards that it is about."""
    assistant.refresh_cards()
    actions: Mapping[Action, Callable[[Assistant, argparse.Namespace], dict[str, Any]]] = {
        "list": _list,
        "make": _make,
        "accept": _accept,
        "drop": _drop,
        "review": _review,
        "undo": _undo,
        "bury": _aside,
        "suspend": _aside,
        "resume": _aside,
        "export": _export,
        "import": _import,
    }
    return actions[given.action](assistant, given)


def _json(found: list[Card], **more: Any) -> dict[str, Any]:
    return {"cards": [card.as_json() for card in found], **more}


def _list(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    found, count = assistant.cards.find(given.search or "", accepted=not given.new, limit=given.limit)
    due = assistant.reviews.due(_now())
    waits = {"new": due.new, "learning": due.learning, "review": due.review, "total": due.total}
    return _json(found, count=count, due=waits, proposed=assistant.cards.waiting())


def _make(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Propose cards from the notes, or add one that is written on the command line."""
    if given.front is not None:
        return _json([assistant.cards.add(one) for one in by_hand(given.front, given.back or "")])
    if given.by_model:
        return _by_model(assistant, given)
    return _proposed(assistant, assistant.cards.propose(from_notes(assistant.store, given.within)), given.accept)


def _by_model(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Have a model write cards, once the cost of all its calls is agreed to."""
    draft = assistant.prepare_cards(given.within, chat_choice(assistant, given))
    if draft.batches[0].draft.connection.quotes:
        raise SettingsError(name="--provider", value="offline", allowed="--provider P --model M")
    if draft.refusal:
        raise draft.refusal
    agree(assistant, draft.cost, given.yes)
    newest = max((card.id for card in assistant.cards.rows("1 ORDER BY id DESC LIMIT 1")), default=0)
    job = assistant.write_cards(draft)
    try:
        job.wait()
    except KeyboardInterrupt:
        job.cancel()
        job.wait(5)
        raise
    if job.error is not None:
        raise job.error
    made = [card.id for card in assistant.cards.rows("id > ? AND origin = 'model'", newest)]
    return _proposed(assistant, Proposed(tuple(made), job.known, job.dropped), given.accept)


def _proposed(assistant: Assistant, proposed: Proposed, accept: bool) -> dict[str, Any]:
    if accept:
        assistant.cards.accept(proposed.ids)
    found = [assistant.cards.get(id_) for id_ in proposed.ids]
    return _json(found, known=proposed.known, refused=proposed.refused)


def _accept(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Take new cards into the deck: those named, or all that wait."""
    ids = given.ids or [card.id for card in assistant.cards.find(accepted=False, limit=1_000_000)[0]]
    found = [assistant.cards.get(id_) for id_ in ids]
    assistant.cards.accept([card.id for card in found])
    return _json([assistant.cards.get(card.id) for card in found])


def _drop(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    found = [assistant.cards.get(id_) for id_ in _named(given)]
    assistant.cards.drop([card.id for card in found])
    return _json(found)


def _aside(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    for id_ in _named(given):
        if given.action == "bury":
            assistant.cards.bury(id_, day_bounds(_now(), assistant.reviews.day_starts)[1])
        else:
            assistant.cards.suspend(id_, given.action == "suspend")
    return _json([assistant.cards.get(id_) for id_ in given.ids])


def _named(given: argparse.Namespace) -> list[int]:
    if not given.ids:
        raise NotFound(what="card ID")
    return list(given.ids)


def _undo(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    card = assistant.reviews.undo()
    return _json([card] if card else [])


def _review(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Grade the card that is named, or ask one card after the other at a terminal, or with --json say which is next."""
    if given.grade is not None:
        card = assistant.reviews.grade(assistant.cards.get(_named(given)[0]), given.grade, _now())
        return _json([card])
    if not given.json and sys.stdin.isatty():
        return _json(_session(assistant))
    card_now = assistant.reviews.next(_now())
    if card_now is None:
        return _json([])
    after = assistant.reviews.schedule.choices(card_now.memory, _now())
    choices = {str(rating): memory.due.isoformat(timespec="seconds") for rating, memory in after.items()}
    return _json([card_now], choices=choices)


def _session(assistant: Assistant) -> list[Card]:
    """Show, wait, turn, ask for 1 to 4; anything else at the grade, or an end of input, stops."""
    done: list[Card] = []
    while card := assistant.reviews.next(_now()):
        started = time.monotonic()
        sys.stdout.write(f"\n{printable(card.front)}\n")
        try:
            input("↵ ")
            sys.stdout.write(f"{printable(card.whole)}\n")
            answer = input("1 2 3 4? ").strip()
        except EOFError:
            break
        if answer not in map(str, RATINGS):
            break
        rating = cast("Rating", int(answer))
        done.append(assistant.reviews.grade(card, rating, _now(), min(600.0, time.monotonic() - started)))
    return done


def _export(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Write the deck into a file: .apkg for Anki, anything else as CSV."""
    file: Path = given.file or Path("cards.apkg")
    deck = assistant.cards.all()
    content = cards_apkg(deck, assistant.note_root) if file.suffix.lower() == ".apkg" else cards_csv(deck)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise DataFolderError(path=file, reason=error.strerror) from error
    return _json(deck, file=str(file))


def _import(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Propose the cards of a file."""
    if given.file is None:
        raise CardsNotRead(reason="FILE?")
    try:
        with given.file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise CardsNotRead(reason=f"{given.file}: {error.strerror}") from error
    return _proposed(assistant, assistant.cards.propose(read_cards(content)), given.accept)


def _now() -> datetime:
    return datetime.now().astimezone()


def show(result: dict[str, Any], language: Language) -> None:
    """Print the cards, one a line, and the sums below them."""
    for one in result["cards"]:
        front = " ".join(printable(one["front"]).replace(GAP, "[…]").split())
        sys.stdout.write(f"{one['id']:>6}  {one['state']:<10}  {front}\n")
    lines: list[tuple[str, dict[Language, str]]] = [
        ("file", {"zh": "已写入", "en": "Written to"}),
        ("known", {"zh": "早已有过或丢弃过", "en": "There already, or dropped before"}),
        ("refused", {"zh": "没有用的", "en": "Of no use"}),
        ("proposed", {"zh": "等你过目的新卡片", "en": "New cards to look over"}),
    ]
    for name, said in lines:
        if result.get(name):
            sys.stdout.write(f"{said[language]}: {result[name]}\n")
    if "due" in result:
        due: dict[Language, str] = {"zh": "今天到期", "en": "Due today"}
        sys.stdout.write(f"{due[language]}: {result['due']['total']}\n")
