"""The terminal's backlog: what the notes leave open, listed, settled, explained. Knows no parser."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from assistant.answers.ask import reconsider
from assistant.answers.booking import answered
from assistant.answers.export import printable
from assistant.bootstrap import Assistant
from assistant.cli_actions import chat_choice
from assistant.cli_agree import agree
from assistant.errors import Language
from assistant.study.backlog import Backlog, card_of, explanation, question_of

PURPOSE = "backlog"
_SAID: dict[str, dict[Language, str]] = {
    "none": {"zh": "笔记里没有找到待研究的内容。", "en": "The notes leave nothing open."},
    "not_in_notes": {"zh": "你的笔记里没有讲到这一点。", "en": "Your notes do not say anything about this."},
    "question": {"zh": "疑问", "en": "question"},
    "list": {"zh": "待研究", "en": "to study"},
    "definition": {"zh": "缺解释", "en": "no definition"},
    "box": {"zh": "未勾选", "en": "unticked"},
    "todo": {"zh": "待办", "en": "to do"},
    "heading": {"zh": "空标题", "en": "empty heading"},
}


def backlog(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """List the backlog; before that settle or reopen an item, or explain one from the notes."""
    kept = Backlog(assistant.store)
    if given.done:
        kept.mark(given.done, "done")
    if given.reopen:
        kept.mark(given.reopen, "open")
    if given.explain:
        return _explained(assistant, kept, given)
    return {"items": [item.as_json() for item in kept.items(None if given.all else "open")]}


def _explained(assistant: Assistant, kept: Backlog, given: argparse.Namespace) -> dict[str, Any]:
    item = kept.item(given.explain)
    draft = assistant.prepare(question_of(item))
    found = explanation(item, reconsider(draft, connection=assistant.connections.chat(chat_choice(assistant, given))))
    if found is None:
        card = card_of(item).as_json()
        return {"items": [item.as_json()], "in_notes": False, "answer": None, "citations": [], "card": card}
    agree(assistant, found.preview.cost, given.yes)
    answer = answered(found, assistant.ledger, PURPOSE)
    return {
        "items": [item.as_json()],
        "in_notes": True,
        "answer": answer.text,
        "citations": [citation.as_json() for citation in answer.citations],
        "card": card_of(item, answer).as_json(),
        **answer.receipt.as_json(),
    }


def show_backlog(result: dict[str, Any], language: Language) -> None:
    """Print an item a line, its place and id below it; after an explanation that."""
    lines = []
    for item in result["items"]:
        mark = "✓" if item["state"] == "done" else "·"
        lines += [
            f"{mark} [{_SAID[item['kind']][language]}] {item['text']}",
            f"    {item['note']}:{item['lines'][0]}  {item['id']}",
        ]
    lines = lines or [_SAID["none"][language]]
    if "answer" in result:
        lines += ["", *(result["answer"] or _SAID["not_in_notes"][language]).split("\n")]
        for citation in result["citations"]:
            lines.append(f"[{citation['marker']}] {citation['note']}:{citation['lines'][0]}")
    sys.stdout.writelines(f"{printable(line)}\n" for line in lines)
