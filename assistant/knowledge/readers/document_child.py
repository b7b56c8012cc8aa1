"""Reads documents in a process of its own, one after the other, so that a hostile file costs this process at most.

A request is a line of JSON on standard input, its answer one on standard output. Whatever a reader raises that is no
``NoteError`` ends the process: its parent calls the file damaged and starts another one.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast, get_args

from assistant.errors import MissingPackage, NoteError
from assistant.knowledge.kinds import registered
from assistant.knowledge.notes import Found
from assistant.knowledge.parts import Form, Part
from assistant.knowledge.readers.document import MAX_CHARACTERS, Document, Reader
from assistant.knowledge.readers.limits import limit_resources
from assistant.knowledge.readers.opening import digest, read_whole

MAX_BYTES = 200 << 20
# The packages that readers of ours import, as pip knows them.
_PACKAGES = {"python_calamine": "python-calamine", "selectolax": "selectolax"}


def main() -> int:
    """Answer requests until standard input ends."""
    limit_resources()
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", newline="\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()
    return 0


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Read one file and return the document, or the error of ours that stands for it."""
    found = Found(request["path"], Path(request["file"]), request["kind"], request["size"])
    try:
        data = read_whole(found, MAX_BYTES)
        return {"hash": digest(data), "document": asdict(_read(found, data))}
    except NoteError as error:
        return {"error": error.kind, "details": error.details}


def _read(found: Found, data: bytes) -> Document:
    try:
        document = reader_of(found.kind)(data, found.path)
    except ModuleNotFoundError as error:
        package = (error.name or "?").split(".")[0]
        name = _PACKAGES.get(package, package)
        raise MissingPackage(path=found.path, package=name, install=f"pip install {name}") from error
    return _sound(document)


def _sound(document: Document) -> Document:
    """Put right what a reader of somebody else may have got wrong, so that nothing behind it has to doubt it."""
    text = document.text[:MAX_CHARACTERS]
    parts = sorted((part for part in document.parts if 0 <= part.start < len(text)), key=lambda part: part.start)
    parts = [part if part.form in get_args(Form) else replace(part, form="plain") for part in parts]
    if not parts or parts[0].start > 0:
        parts.insert(0, Part(0, (), None, document.form if document.form in get_args(Form) else "plain"))
    marks = sorted((mark for mark in document.marks if 0 <= mark.start < len(text)), key=lambda mark: mark.start)
    return replace(document, text=text, parts=tuple(parts), marks=tuple(marks))


def reader_of(kind: str) -> Reader:
    """Return the reader of a kind: one of ours, imported only now, or the one another package registered."""
    match kind:
        case "html":
            from assistant.knowledge.readers.web_page import read_web_page as read
        case "word":
            from assistant.knowledge.readers.word import read_word as read
        case "slides":
            from assistant.knowledge.readers.slides import read_slides as read
        case "table":
            from assistant.knowledge.readers.spreadsheet import read_spreadsheet as read
        case "book":
            from assistant.knowledge.readers.book import read_book as read
        case "notebook":
            from assistant.knowledge.readers.notebook import read_notebook as read
        case "subtitles":
            from assistant.knowledge.readers.subtitles import read_subtitles as read
        case "code":
            from assistant.knowledge.readers.source_code import read_code as read
        case _:
            return cast("Reader", registered()[kind].load())
    return read


if __name__ == "__main__":
    sys.exit(main())
