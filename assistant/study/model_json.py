"""Reads the objects out of what a model wrote as JSON, however badly: fenced, cut off, half quoted, between prose.

Knows no card and no question: the caller names the fields that an object must have, and judges their values itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.study.loose_json import loose_objects

LONGEST = 400_000  # characters; far more than any answer may have
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:(u[0-9a-fA-F]{4})|([a-zA-Z]+)|(.)|\Z)", re.DOTALL)
_DEEPER = 2  # times that a string of JSON inside JSON is opened

# Commands that begin with the letter of a JSON escape: a model that forgets to double the backslash means these, and not
# a tab followed by "imes".
_LATEX = re.compile(
    r"""(?x)bar|because|big[lr]?|bigg[lr]?|bigm|begin|beta|beth|between|bf|bigcap|bigcup|binom|blacksquare|bm|bmatrix|bmod|boldsymbol|bot|
    boxed|breve|bullet|fbox|flat|floor|forall|frac|frown|nabla|natural|ne|nearrow|neg|neq|newline|nexists|nmid|
    nolimits|norm|not|notin|nparallel|nu|nwarrow|rangle|rbrace|rbrack|rceil|rfloor|rho|right|rightarrow|
    rightleftharpoons|rm|root|rVert|rvert|tag|tan|tanh|tau|tbinom|text|textbf|textit|textrm|texttt|tfrac|therefore|theta|
    thickapprox|thinspace|tilde|times|to|top|triangle|triangleq|twoheadrightarrow|backslash|bigoplus|bigl|bigr|
    bigwedge|bigvee"""
)


@dataclass(frozen=True, slots=True)
class Found:
    """An object; ``whole``: its end was there."""

    values: Mapping[str, Any]
    whole: bool


@dataclass(frozen=True, slots=True)
class Items:
    """What was found: the whole ``objects``, and how many were ``broken`` or lacked a field."""

    objects: tuple[Mapping[str, Any], ...]
    broken: int


def read_items(text: str, fields: Collection[str]) -> Items:
    """Return every object that has all of these fields, wherever in the text it stands, in its order.

    Names of fields count without regard to case and the blanks around them. An object of which only some fields arrived
    is counted and not guessed at.
    """
    wanted = {field.lower() for field in fields}
    found = read_objects(text, lambda one: wanted <= one.keys())
    whole = tuple(one.values for one in found if wanted <= one.values.keys())
    partly = sum(1 for one in found if wanted & one.values.keys() and not wanted <= one.values.keys())
    return Items(whole, partly)


def read_objects(text: str, is_wanted: Callable[[Mapping[str, Any]], bool]) -> list[Found]:
    """Return every object of a text, inner ones before those around them, their names in small letters.

    Where none is wanted, strings that hold JSON themselves are opened, up to twice.
    """
    return _objects(_bare(text[:LONGEST]), is_wanted, _DEEPER)


def _objects(text: str, is_wanted: Callable[[Mapping[str, Any]], bool], deeper: int) -> list[Found]:
    objects = _strictly(text)
    found = [
        Found({str(name).strip().lower(): value for name, value in one.items()}, whole)
        for one, whole in (loose_objects(text) if objects is None else objects)
    ]
    if not deeper or any(is_wanted(one.values) for one in found):
        return found
    strings = [value for one in found for value in _strings(one.values)]
    strings += [text.strip()[1:-1].replace('\\"', '"')] if re.match(r'\s*"\s*[\[{]', text) else []
    inside = [one for value in strings for one in _objects(value, is_wanted, deeper - 1)]
    return inside or found


def _strings(values: Mapping[str, Any]) -> list[str]:
    """Return the values, also those of a list, that may be JSON themselves."""
    flat = [one for value in values.values() for one in (value if isinstance(value, list) else [value])]
    return [one for one in flat if isinstance(one, str) and "{" in one]


def _bare(text: str) -> str:
    """Take off what stands around the JSON, and double the backslashes of formulas that were forgotten."""
    text = _FENCE.sub("", _THOUGHTS.sub("", text.replace("\ufeff", "").replace("\u200b", "")))
    return _ESCAPE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code, letters, sign = found[1], found[2], found[3]
    if code or (sign is not None and sign in '"\\/'):
        return found[0]
    if letters and letters[0] in "bfnrt" and not _LATEX.fullmatch(letters):
        return found[0]
    return "\\" + found[0]


def _strictly(text: str) -> list[tuple[dict[str, Any], bool]] | None:
    """Return the objects of a text that is JSON from its first to its last character; None where it is not."""
    found: list[tuple[dict[str, Any], bool]] = []

    def keep(one: dict[str, Any]) -> dict[str, Any]:
        found.append((one, True))
        return one

    try:
        json.loads(text, object_hook=keep, strict=False)
    except (ValueError, RecursionError):
        return None
    return found
