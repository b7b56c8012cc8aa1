"""Reads the questions out of what a model wrote, whatever stands around them or is broken in them. Knows no passage.

Nothing is guessed about what is right: an answer that names no option is left to the check, which refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.study.model_json import read_objects

_NAMES = {
    "question": ("question", "prompt", "stem", "statement", "q", "题目", "问题", "题干"),
    "options": ("options", "choices", "选项"),
    "answer": ("answer", "answers", "correct", "correct_answer", "key", "correct_option", "答案", "正确答案"),
    "quote": ("quote", "source", "evidence", "引文", "原文"),
    "explanation": ("explanation", "reason", "why", "解析", "解释"),
    "kind": ("kind", "type", "题型"),
    "passage": ("passage", "passage_number", "number", "段落"),
}
_VERDICT = ("right", "correct", "is_correct")
_LETTER = re.compile(r"\s*[（(]?([A-Ha-h])(?:[)）.、:：]\s*|\s+(?=\S)|\s*$)")


@dataclass(frozen=True, slots=True)
class Written:
    """A question as a model wrote it; ``right`` are the options that it calls right."""

    kind: str
    question: str
    options: tuple[str, ...]
    right: frozenset[int]
    answer: str
    quote: str
    explanation: str
    passage: int | None


def questions_in(text: str) -> list[Written]:
    """Return every question that can be read; of an output that was cut off, those that are whole."""
    found = [one for one in read_objects(text, _asks) if one.whole and _asks(one.values)]
    return [one for one in dict.fromkeys(_written(each.values) for each in found) if one.question]


def verdict_in(text: str) -> tuple[bool, str] | None:
    """Return what a model says of a short answer: whether it is right, and why; None where it says no such thing."""
    for one in read_objects(text, lambda values: any(name in values for name in _VERDICT)):
        right = next((_text(one.values[name]) for name in _VERDICT if name in one.values), "")
        if right.casefold() in ("true", "false"):
            return right.casefold() == "true", _text(one.values.get("reason", one.values.get("explanation", "")))
    return None


def _asks(values: Mapping[str, Any]) -> bool:
    return isinstance(_field(values, "question"), str)


def _field(record: Mapping[str, Any], name: str) -> Any:
    return next((record[one] for one in _NAMES[name] if one in record), None)


def _written(record: Mapping[str, Any]) -> Written:
    options, flagged = _options(_field(record, "options"))
    answer = _field(record, "answer")
    passage = _field(record, "passage")
    digits = re.search(r"\d{1,3}", str(passage)) if passage is not None and not isinstance(passage, bool) else None
    return Written(
        kind=_text(_field(record, "kind")).lower().replace("-", "_").replace("/", "_").replace(" ", "_"),
        question=_text(_field(record, "question")),
        options=options,
        right=flagged or _named(answer, options),
        answer=_text(answer),
        quote=_text(_field(record, "quote")),
        explanation=_text(_field(record, "explanation")),
        passage=int(digits[0]) if digits else None,
    )


def _options(value: Any) -> tuple[tuple[str, ...], frozenset[int]]:
    """Read options: texts, texts by letter, lines, or objects that say whether they are right."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, str):
        value = [line for line in value.split("\n") if line.strip()]
    if not isinstance(value, Sequence):
        return (), frozenset()
    texts: list[str] = []
    right: set[int] = set()
    for one in value:
        if isinstance(one, Mapping):
            text = next((one[name] for name in ("text", "option", "content", "value") if name in one), "")
            if any(one.get(name) is True for name in ("right", "correct", "is_correct", "isCorrect")):
                right.add(len(texts))
        else:
            text = one
        texts.append(_text(text))
    if len(texts) > 1 and all(_lettered(text, place) for place, text in enumerate(texts)):
        texts = [re.sub(r"^\s*[（(]?[A-Ha-h][)）.、:：]\s*", "", text) for text in texts]
    return tuple(texts), frozenset(right)


def _lettered(text: str, place: int) -> bool:
    found = re.match(r"\s*[（(]?([A-Ha-h])[)）.、:：]\s*\S", text)
    return found is not None and found[1].upper() == "ABCDEFGH"[place : place + 1]


def _named(answer: Any, options: Sequence[str]) -> frozenset[int]:
    """Find the options that an answer names by their text or their letter; a bare number may count from 0 or 1: it names none."""
    said = answer if isinstance(answer, list) else [answer]
    found: set[int] = set()
    for one in said:
        text = _text(one)
        if text in options:
            found.add(options.index(text))
        elif text and re.fullmatch(r"[A-Ha-h](?:\s*[,，、]?\s*[A-Ha-h])*", text):
            found |= {"ABCDEFGH".index(letter.upper()) for letter in re.findall(r"[A-Ha-h]", text)}
        elif letter := _LETTER.match(text):
            found.add("ABCDEFGH".index(letter[1].upper()))
        else:
            return frozenset()
    return frozenset(place for place in found if place < len(options))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " | ".join(_text(one) for one in value)
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)
