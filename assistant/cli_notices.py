"""What the reader of a note should know of it, in the terminal: hidden text, unseen characters, what looks like a key."""

from __future__ import annotations

from typing import Any

from assistant.errors import Language, Said
from assistant.knowledge.report import SyncReport

_WORDS: dict[str, Said] = {
    "hidden_text": {"zh": "页面上有看不见的文字", "en": "text that nobody sees on the page"},
    "invisible_characters": {"zh": "有看不见的字符", "en": "characters that nobody sees"},
    "key_like": {"zh": "有像密钥的内容", "en": "something that looks like a key"},
}


def report_json(report: SyncReport) -> dict[str, Any]:
    """Return the notices of a sync for its JSON."""
    noticed = [{"path": path, "pages": list(one.pages), "reason": one.reason} for path, one in report.noticed]
    return {"noticed": noticed}


def show(report: dict[str, Any], language: Language) -> None:
    """Print one line for each notice."""
    for one in report["noticed"]:
        pages = f" ({', '.join(map(str, one['pages'][:8]))})" if one["pages"] else ""
        print(f"{one['path']}: {_WORDS[one['reason']][language]}{pages}")
