"""Reads the questions out of what a model wrote, whatever stands around them or is broken in them. Knows no passage.

Nothing is guessed about what is right: an answer that names no option is left to the check, which refuses it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
# A backslash of LaTeX where JSON wants two; \f, \b, \t, \r and \n begin words of it too.
_LATEX = re.compile(
    r"(?<!\\)((?:\\\\)*)\\(?=(?:frac|forall|bar|begin|beta|big|bf|bot|binom|times|text|theta|tau|to\b|tilde|tfrac|top|tan|triangle"
    r"|rho|right|rangle|rVert|rvert|mathrm|nabla|neq?\b|nu\b|notin|not\b|nmid)|[^\"\\/bfnrtu]|u(?![0-9a-fA-F]{4}))"
)
_COMMA = re.compile(r",(\s*[}\]])")
_COMMENT = re.compile(r"(?m)^\s*//[^\n]*$|/\*.*?\*/", re.DOTALL)
_WORDS = {"True": "true", "False": "false", "None": "null", "NaN": "null", "undefined": "null"}
_LITERAL = re.compile(r"(?<=[:\[,\s])(?:True|False|None|NaN|undefined)(?=\s*[,}\]])")
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
    text = _THOUGHTS.sub("", text.lstrip("\ufeff")).strip()
    found = [_written(one) for value in _values(text) for one in _records(value)]
    unique = dict.fromkeys(one for one in found if one.question)
    return list(unique)


def verdict_in(text: str) -> tuple[bool, str] | None:
    """Return what a model says of a short answer: whether it is right, and why; None where it says no such thing."""
    for value in _values(_THOUGHTS.sub("", text.lstrip("\ufeff")).strip(), _VERDICT):
        if isinstance(value, Mapping):
            said = {str(key).lower(): one for key, one in value.items()}
            right = next((said[name] for name in _VERDICT if name in said), None)
            if _text(right).casefold() in ("true", "false"):
                return _text(right).casefold() == "true", _text(said.get("reason", said.get("explanation", "")))
    return None


def _values(text: str, holding: Sequence[str] = ()) -> Iterator[Any]:
    """Yield the JSON values of a text: the whole, else what stands in it, else each object that is whole."""
    for candidate in (text, *_fenced(text), text[min(_first(text, "["), _first(text, "{")) :]):
        value = _parsed(candidate)
        if isinstance(value, str):  # JSON inside a JSON string
            value = _parsed(value)
        if isinstance(value, Mapping | list):
            if isinstance(value, Mapping) and _field(value, "question") is not None:
                break  # one object, which more may follow
            yield value
            return
    for piece in _objects(text, holding or _NAMES["question"]):
        value = _parsed(piece)
        if isinstance(value, Mapping):
            yield value


def _first(text: str, sign: str) -> int:
    found = text.find(sign)
    return len(text) if found < 0 else found


def _fenced(text: str) -> list[str]:
    return [found[1] for found in re.finditer(r"```[\w-]*\s*\n(.*?)(?:```|\Z)", text, re.DOTALL)]


def _parsed(text: str) -> Any:
    """Parse as JSON, the second time with the usual faults mended; None where it is none."""
    for candidate in (_LATEX.sub(r"\1\\\\", text), _mended(text)):
        try:
            value, _ = json.JSONDecoder(strict=False).raw_decode(candidate.strip())
        except (ValueError, RecursionError):
            continue
        return value
    return None


def _mended(text: str) -> str:
    text = _COMMENT.sub("", text)
    text = re.sub(r"[“”](?=\s*[:：,，}\]\n])|(?<=[{\[,，:：\s])[“”]", '"', text)
    text = re.sub(r"(?<=[\"}\]])\s*，", ",", re.sub(r"(?<=\")\s*：", ":", text))
    if '"' not in text:  # Python's way of writing it
        text = re.sub(r"(?<![\w\\])'|'(?!\w)", '"', text)
    text = re.sub(r"(?<=[{,])(\s*)([A-Za-z_]\w*)(\s*:)", r'\1"\2"\3', text)
    text = _LITERAL.sub(lambda word: _WORDS[word[0]], text)
    return _LATEX.sub(r"\1\\\\", _COMMA.sub(r"\1", text))


def _objects(text: str, holding: Sequence[str]) -> Iterator[str]:
    """Yield the objects of a text that are whole and have one of these names, the innermost ones."""
    open_at: list[int] = []
    inside = escaped = False
    for at, sign in enumerate(text):
        if inside:
            inside, escaped = (sign != '"' or escaped), (sign == "\\" and not escaped)
        elif sign == '"':
            inside = bool(open_at)
        elif sign == "{":
            open_at.append(at)
        elif sign == "}" and open_at:
            piece = text[open_at.pop() : at + 1]
            if any(f'"{name}"' in piece or f"{name}:" in piece for name in holding):
                yield piece


def _records(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Find the objects that are questions, however deep they are wrapped."""
    if depth > 6:
        return
    if isinstance(value, Mapping):
        if isinstance(_field(value, "question"), str):
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _records(
                _parsed(one) if isinstance(one, str) and one.lstrip().startswith("{") else one, depth + 1
            )


def _field(record: Mapping[str, Any], name: str) -> Any:
    lowered = {str(key).strip().lower(): value for key, value in record.items()}
    return next((lowered[one] for one in _NAMES[name] if one in lowered), None)


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
