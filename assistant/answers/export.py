"""Writes conversations as Markdown to keep elsewhere, and as JSON that can be read back in. Knows no screen and no file.

What was foreign stays text: pictures and HTML of an answer are broken, so that opening the file fetches and runs nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from assistant.answers.citations import MARKER, in_prose
from assistant.answers.conversations import Conversation, SavedTurn
from assistant.errors import Language
from assistant.money.cost import plain

FORMAT, VERSION = "study-assistant-conversation", 1
BESIDE_THE_NOTES = ("general", "picture")  # what else an answer may rest on

WORDS: dict[str, dict[Language, str]] = {
    "page": {"zh": "第 {} 页", "en": "page {}"},
    "slide": {"zh": "第 {} 张幻灯片", "en": "slide {}"},
    "lines": {"zh": "第 {}–{} 行", "en": "lines {}–{}"},
    "line": {"zh": "第 {} 行", "en": "line {}"},
    "verified": {"zh": "与原文一致", "en": "word for word in the source"},
    "unverified": {"zh": "原文中没有逐字出现", "en": "not word for word in the source"},
    "sources": {"zh": "出处", "en": "Sources"},
    "unknown": {"zh": "费用未知", "en": "cost unknown"},
    "tokens": {"zh": "输入 {} · 输出 {} token", "en": "in {} · out {} tokens"},
    "failed": {"zh": "没有答成：{}", "en": "No answer: {}"},
    "stopped": {"zh": "回答到此中断。", "en": "The answer was interrupted here."},
    "general": {
        "zh": "笔记里没有答案：这是模型的通识，不来自笔记，没有出处。",
        "en": "The notes hold no answer: this is general knowledge of the model, not from the notes, without a source.",
    },
    "picture": {
        "zh": "笔记里没有相关内容：模型是看图回答的。",
        "en": "The notes hold nothing on this: the model answered from the picture.",
    },
    "unsent": {"zh": "没有发送。", "en": "Not sent."},
    "total": {"zh": "合计", "en": "Total"},
    "uncounted": {"zh": "{} 次回答的费用未知，未计入", "en": "the cost of {} answers is unknown and not included"},
    "offline": {"zh": "离线 · 没有费用", "en": "offline · no cost"},
    "began": {"zh": "开始于 {}", "en": "begun {}"},
}

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ACTIVE = re.compile(r"([\\`*_\[\]<>#|~$!&])")
_FETCHES_OR_RUNS = re.compile(r"<(?=[A-Za-z/!?])|!(?=\[)")


def as_json(conversation: Conversation, turns: Sequence[SavedTurn], last_turn: int | None) -> str:
    """Write a whole conversation, all branches with their records; turns are numbered from 1 and name their parents."""
    numbers = {turn.id: number for number, turn in enumerate(turns, start=1)}
    written = {
        "format": FORMAT,
        "version": VERSION,
        "title": conversation.title,
        "named": conversation.named,
        "pinned": conversation.pinned,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "shown": None if last_turn is None else numbers.get(last_turn),
        "turns": [
            {
                "number": numbers[turn.id],
                "parent": None if turn.parent is None else numbers[turn.parent],
                "question": turn.question,
                "answer": turn.answer,
                "state": turn.state,
                "asked_at": turn.asked_at,
                "record": turn.record,
            }
            for turn in turns
        ],
    }
    return json.dumps(written, ensure_ascii=False, indent=1) + "\n"


def as_markdown(conversation: Conversation, turns: Sequence[SavedTurn], language: Language) -> str:
    """Write the turns of one branch with their citations as footnotes, their receipts, and what all of it has cost."""
    began = say("began", language, conversation.created_at[:16].replace("T", " ") + " UTC")
    parts = [f"# {escaped(conversation.title)}", f"*{began}*"]
    for number, turn in enumerate(turns, start=1):
        parts += [f"## {number}.", quoted(turn.question), turn_markdown(turn, language, f"{number}-")]
    parts += ["---", *(f"**{WORDS['total'][language]}**: {line}" for line in totals(turns, language))]
    return "\n\n".join(part for part in parts if part) + "\n"


def turn_markdown(turn: SavedTurn, language: Language, prefix: str = "") -> str:
    """Write one answer with its sources as footnotes, to be copied or kept as a note; ``prefix`` keeps their names apart."""
    cited = sources(turn)
    answer = in_prose(_harmless, printable(turn.answer))
    answer = in_prose(
        lambda prose: MARKER.sub(lambda mark: f"[^{prefix}{mark[1]}]" if int(mark[1]) in cited else mark[0], prose),
        answer,
    )
    notes = [
        f"[^{prefix}{marker}]: {source_line(citations, language, escaped, '**')}" for marker, citations in cited.items()
    ]
    receipt = receipt_line(turn, language)
    said = [
        answer,
        *(f"*{escaped(line)}*" for line in outcome(turn, language)),
        f"*{escaped(receipt)}*" if receipt else "",
    ]
    return "\n\n".join(part for part in [*said, "\n".join(notes)] if part)


def sources(turn: SavedTurn) -> dict[int, list[Mapping[str, Any]]]:
    """Return the citations of an answer by their marker, each with the kind of note it is from."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    kinds = {number: match.get("kind") for number, match in enumerate(turn.record.get("matches", ()), start=1)}
    for citation in turn.record.get("citations", ()):
        found.setdefault(citation["marker"], []).append({**citation, "kind": kinds.get(citation["marker"])})
    return dict(sorted(found.items()))


def source_line(citations: Sequence[Mapping[str, Any]], language: Language, write: Any, strong: str = "") -> str:
    """Say where a cited passage stands, what was quoted from it and whether it stands there word for word."""
    first = citations[0]
    place = " › ".join(write(part) for part in first["heading"])
    parts = [f"{strong}{write(first['note'])}{strong}", place, where(first, language)]
    quotes = dict.fromkeys((citation["quote"], citation["verified"]) for citation in citations if citation["quote"])
    said = [f"“{write(quote)}” ({say('verified' if true else 'unverified', language)})" for quote, true in quotes]
    return "; ".join([" · ".join(part for part in parts if part), *said])


def where(citation: Mapping[str, Any], language: Language) -> str:
    """Say page and lines of a passage."""
    first, last = citation["lines"]
    lines = say("line", language, first) if first == last else say("lines", language, first, last)
    unit = "slide" if citation.get("kind") == "slides" else "page"
    return lines if citation["page"] is None else f"{say(unit, language, citation['page'])} · {lines}"


def outcome(turn: SavedTurn, language: Language) -> list[str]:
    """Say what an answer rests on where it is not the notes, and what kept it from being whole; else nothing."""
    basis = turn.record.get("basis")
    beside = [say(basis, language)] if turn.answer and basis in BESIDE_THE_NOTES else []
    return [*beside, *_broken(turn, language)]


def _broken(turn: SavedTurn, language: Language) -> list[str]:
    error = turn.record.get("error")
    if "draft" in turn.record:
        return [say("unsent", language)]
    if error:
        return [say("failed", language, error[language])]
    return [say("stopped", language)] if turn.state in ("stopped", "running") else []


def receipt_line(turn: SavedTurn, language: Language) -> str:
    """Say which model answered, what it read and wrote, what it cost and how long it took."""
    receipt = turn.record.get("receipt")
    if not receipt:
        return ""
    seconds = f"{receipt['seconds']:.2f} s"
    if not was_sent(turn.record):
        return f"{say('offline', language)} · {seconds}"
    usage, cost = receipt["usage"], receipt["cost"]
    tokens = ["?" if usage[name] is None else str(usage[name]) for name in ("prompt_tokens", "completion_tokens")]
    money = say("unknown", language) if cost is None else f"{_mark(cost)}{cost['currency']} {cost['amount']}"
    model = f"{receipt['provider']} / {receipt['model']}"
    return " · ".join([model, say("tokens", language, *tokens), money, seconds])


def was_sent(record: Mapping[str, Any]) -> bool:
    """Tell whether a model was asked: over the notes, or where they held nothing, for what was allowed instead."""
    rests = record.get("relevant") or record.get("basis") in BESIDE_THE_NOTES
    return bool(rests) and not record.get("quotes", True)


def totals(turns: Sequence[SavedTurn], language: Language) -> list[str]:
    """Sum up what answers have cost, each currency by itself; what is unknown is counted and not taken for nothing."""
    receipts = [turn.record["receipt"] for turn in turns if turn.record.get("receipt")]
    costs = [receipt["cost"] for receipt in receipts]
    sums: dict[str, Decimal] = {}
    for cost in costs:
        if cost is not None:
            sums[cost["currency"]] = sums.get(cost["currency"], Decimal(0)) + Decimal(cost["amount"])
    lines = [
        f"{''.join(dict.fromkeys(_mark(one) for one in costs if one and one['currency'] == currency))}{currency} {plain(total)}"
        for currency, total in sorted(sums.items())
    ]
    unknown = sum(cost is None for cost in costs)
    return [*lines, say("uncounted", language, unknown)] if unknown else lines


def say(name: str, language: Language, *values: object) -> str:
    """Return one of the words of an export, filled in."""
    return WORDS[name][language].format(*values)


def escaped(text: str) -> str:
    """Write a foreign text as one line of Markdown that shows these very characters."""
    return _ACTIVE.sub(r"\\\1", " ".join(printable(text).split()))


def quoted(text: str) -> str:
    """Write a question as a block quotation."""
    return "\n".join(f"> {in_prose(_harmless, line)}".rstrip() for line in printable(text).splitlines())


def printable(text: str) -> str:
    """Spell out what a terminal or an editor would act upon: controls and marks of direction."""
    return _CONTROLS.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.replace("\r\n", "\n"))


def _harmless(prose: str) -> str:
    """Set a blank into what would start HTML or a picture: formulas look the same with it."""
    return _FETCHES_OR_RUNS.sub(r"\g<0> ", prose)


def _mark(cost: Mapping[str, Any]) -> str:
    return "≈ " if cost.get("about") else "≤ " if cost.get("at_most") else ""
