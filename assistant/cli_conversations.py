"""Saved conversations for a terminal: listed, searched, written out and read back in. Knows no parser."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Literal

from assistant.answers.export import as_json, as_markdown, printable
from assistant.answers.export_html import as_html
from assistant.answers.importing import LARGEST, import_conversation
from assistant.bootstrap import Assistant
from assistant.errors import ImportRefused, Language

Format = Literal["md", "json", "html"]
FORMATS: tuple[Format, ...] = ("md", "json", "html")


def conversations(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """List the conversations, or write one out, or read one in."""
    if given.import_file:
        return _imported(assistant, given.import_file)
    if given.export:
        language = assistant.settings.language or "zh"
        text = exported(assistant, given.export, given.format, language)
        return {"conversation": given.export, "format": given.format, "text": text}
    if given.search:
        hits = assistant.conversation_search.find(given.search)
        return {
            "conversations": [
                {
                    "id": hit.conversation,
                    "title": hit.title,
                    "turn": hit.turn,
                    "found": hit.before + hit.found + hit.after,
                }
                for hit in hits
            ]
        }
    return {
        "conversations": [
            {"id": one.id, "title": one.title, "updated_at": one.updated_at, "pinned": one.pinned}
            for one in assistant.conversations.all()
        ]
    }


def show(result: dict[str, Any], language: Language) -> None:
    """Print the list of chats, an exported one as it is, or what became of an import."""
    lines = [result["text"].removesuffix("\n")] if "text" in result else []
    if "new" in result:
        done: dict[Language, str] = {"zh": "已导入", "en": "Imported"}
        before: dict[Language, str] = {"zh": "早已在这里", "en": "Here already"}
        lines.append(f"{(done if result['new'] else before)[language]}: {result['conversation']}  {result['title']}")
    for one in result.get("conversations", ()):
        lines.append(f"{one['id']}  {printable(one['title'])}")
        lines += [f"    {' '.join(printable(one['found']).split())}"] if one.get("found") else []
    sys.stdout.writelines(f"{line}\n" for line in lines)


def exported(assistant: Assistant, id_: str, format_: Format, language: Language) -> str:
    """Write a conversation in one of the formats: the branch that is shown, as JSON all of it; raise ``NotFound``."""
    saved = assistant.conversations
    conversation = saved.get(id_)
    if format_ == "json":
        return as_json(conversation, saved.every_turn(id_), saved.last_turn(id_))
    write = as_html if format_ == "html" else as_markdown
    return write(conversation, saved.turns(id_), language)


def _imported(assistant: Assistant, file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise ImportRefused(place=f"{file}: {error.strerror}") from error
    done = import_conversation(content, assistant.conversations)
    return {"conversation": done.conversation, "title": done.title, "turns": done.turns, "new": done.new}
