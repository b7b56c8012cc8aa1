"""The terminal's glossary: calls the parts, returns the contract's JSON, and prints it. Knows no parser."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from assistant.answers.export import printable
from assistant.bootstrap import Assistant
from assistant.errors import Language
from assistant.study.glossary import glossary as terms_of

_NONE: dict[Language, str] = {
    "zh": "笔记里还没有找到术语。写成「术语（English）：解释」的，同步之后会列在这里。",
    "en": "No terms were found in the notes. What is written as “term: definition” is listed here after a sync.",
}
_DIFFERS: dict[Language, str] = {"zh": "说法不一", "en": "defined differently elsewhere"}


def glossary(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """List the terms that the notes define, as they were last read."""
    return {"terms": [term.as_json() for term in terms_of(assistant.store)]}


def show_glossary(result: dict[str, Any], language: Language) -> None:
    """Print a term a line, its place below it."""
    lines = []
    for term in result["terms"]:
        name = " · ".join(term[part] for part in ("zh", "en", "abbreviation") if term[part])
        said = f": {term['definition']}" if term["definition"] else ""
        mark = f" [{_DIFFERS[language]}]" if term["differs"] else ""
        lines += [f"{name}{said}{mark}", f"    {term['note']}:{term['lines'][0]}"]
    sys.stdout.writelines(f"{printable(line)}\n" for line in lines or [_NONE[language]])
