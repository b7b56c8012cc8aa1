"""The terminal's study guide, summary and mind map of chosen notes, the price of all calls first. Knows no parser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from assistant.answers.export import printable
from assistant.answers.scope import covers
from assistant.bootstrap import Assistant
from assistant.cli_actions import chat_choice
from assistant.cli_agree import agree
from assistant.errors import Language, NotFound
from assistant.knowledge.stored import Stored
from assistant.language.tongue import language_of
from assistant.study.guide import as_markdown, carry_out, citations_json
from assistant.study.guide_parts import GuideParts
from assistant.study.guide_plan import plan
from assistant.study.mind_map import as_outline, mind_map, svg
from assistant.study.outline import outline

_COST: dict[Language, str] = {"zh": "费用", "en": "cost"}
_NOTHING: dict[Language, str] = {
    "zh": "这些笔记里没有可以整理的内容。",
    "en": "These notes hold nothing to make a guide of.",
}


def guide(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Write a guide or summary of notes, or draw their headings; what costs money is refused with its price unless agreed to."""
    notes = _chosen(assistant, given.within)
    if given.map:
        return _map(assistant, notes, given.map)
    chunks = [chunk for note in notes for chunk in assistant.store.chunks_of(note.place.path)]
    connection = assistant.connections.chat(chat_choice(assistant, given))
    known = GuideParts(assistant.database)
    language = assistant.answer_language or language_of(" ".join(chunk.text for chunk in chunks[:6]))
    made = plan(chunks, "summary" if given.summary else "guide", language, connection, known)
    if made.refusal is not None:
        raise made.refusal
    cost, calls = made.cost(known), made.calls(known)
    if calls:
        agree(assistant, cost, given.yes)
    written = carry_out(made, assistant.ledger, known, _say)
    return {
        "kind": made.form,
        "notes": [note.place.path for note in notes],
        "text": as_markdown(written, language) if written.parts else "",
        "parts": [{"title": part.title, "text": part.text} for part in written.parts],
        "overview": written.overview,
        "citations": citations_json(written),
        "provider": connection.model.provider,
        "model": connection.model.name,
        "calls": written.calls,
        "forecast": cost.as_json() if cost else None,
        "cost": written.paid.as_json() if written.paid else None,
    }


def show_guide(result: dict[str, Any], language: Language) -> None:
    """Print the text as it is, and what it has cost where a model was asked."""
    text = result["text"] or _NOTHING[language]
    sys.stdout.writelines(f"{printable(line)}\n" for line in text.rstrip("\n").split("\n"))
    if result.get("calls"):
        cost = result["cost"]
        sys.stdout.write(
            f"\n{_COST[language]}: {cost['currency']} {cost['amount']}\n" if cost else f"\n{_COST[language]}: ?\n"
        )


def _chosen(assistant: Assistant, within: Sequence[str] | None) -> list[Stored]:
    notes = [note for note in assistant.store.notes() if note.error is None]
    for path in within or ():
        if not any(covers([path], note.place.path) for note in notes):
            raise NotFound(what=path)
    return [note for note in notes if not within or covers(within, note.place.path)]


def _map(assistant: Assistant, notes: Sequence[Stored], form: str) -> dict[str, Any]:
    trees = [outline(note.title, assistant.store.note_text(note.place.path)[2]) for note in notes]
    tree = mind_map(trees)
    text = svg(tree) if form == "svg" else as_outline(tree)
    return {"kind": "map", "notes": [note.place.path for note in notes], "text": text, "headings": tree.count() - 1}


def _say(done: int, total: int) -> None:
    if done < total:
        sys.stderr.write(f"[{done + 1}/{total}]\n")
